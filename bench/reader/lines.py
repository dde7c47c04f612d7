"""lines.py - line images with their text for the line recogniser: real ones with truth, and any number that we print.

A sample is (pixels, text, folded, doc): pixels uint8 [52, w], where the true box is the band of rows 10 to 42 and the
margin around it is what really stood there; folded: the truth knows capitals only. Real lines come from a set with
boxes (sroie, CC BY 4.0); printed ones use the fonts of the machine and words of our own forms and fixtures.
"""
import glob
import io
import json
import os
import random
import re
import subprocess

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from folds import fold_of  # noqa: F401

BAND, MARGIN = 32, 10
HEIGHT = BAND + 2 * MARGIN
WIDEST = 1100
# index 0 of the network is the blank; the order is part of the weights' file
CHARS = ''.join(chr(c) for c in range(32, 127)) + 'áéíóúüñçàèâêîôûëïäößÁÉÍÓÚÜÑÇÀÈÄÖ¿¡€£§°ºª«»–’·½©®'


def band(img, box):
    """The box and its margin, the box 32 rows high."""
    x0, y0, x1, y1 = box
    scale = BAND / (y1 - y0)
    m = MARGIN / scale
    w = int(round((x1 - x0 + 2 * m) * scale))
    if w > WIDEST or w < 12:
        return None
    return np.asarray(img.transform((w, HEIGHT), Image.AFFINE, (1 / scale, 0, x0 - m, 0, 1 / scale, y0 - m), Image.BILINEAR,
                                    fillcolor=255))


def real(folder):
    out = []
    for name in sorted(glob.glob(os.path.join(folder, '*.ocr.json'))):
        doc = os.path.basename(name)[:-9]
        img = Image.open(name.replace('.ocr.json', '.jpg')).convert('L')
        for line in json.load(open(name, encoding='utf-8')):
            text = ' '.join(line['text'].split()).upper()
            x0, y0, x1, y1 = line['box']
            if not text or x1 - x0 < 4 or y1 - y0 < 5 or any(c not in CHARS for c in text):
                continue
            if y1 - y0 > 40:  # large scans are not needed in full
                f = 40 / (y1 - y0)
                m = int((y1 - y0) * .4)
                cut = img.crop((x0 - m, y0 - m, x1 + m, y1 + m)) if x0 >= m and y0 >= m else None
                if cut is not None:
                    cut = cut.resize((max(1, round(cut.width * f)), max(1, round(cut.height * f))), Image.BOX)
                    pixels = band(cut, (m * f, m * f, (m + x1 - x0) * f, (m + y1 - y0) * f))
                else:
                    pixels = band(img, (x0, y0, x1, y1))
            else:
                pixels = band(img, (x0, y0, x1, y1))
            if pixels is not None:
                out.append((pixels, text, True, doc))
    return out


def joined(found, truth):
    """The text of the labels that a found line holds, or None when they do not lie in each other cleanly."""
    x0, y0, x1, y1 = found
    high = y1 - y0
    inside = []
    for line in truth:
        a0, b0, a1, b1 = line['box']
        middle, tall = (b0 + b1) / 2, b1 - b0
        across, down = min(x1, a1) - max(x0, a0), min(y1, b1) - max(y0, b0)
        if across <= .1 * (a1 - a0) or down < .25 * min(tall, high):
            continue
        # a label half in the line, of another row, or wider than the line: its letters are not all here
        if not y0 < middle < y1 or down < .6 * min(tall, high) or a0 < x0 - .7 * high or a1 > x1 + .7 * high:
            return None
        inside.append(line)
    inside.sort(key=lambda line: line['box'][0])
    if not inside or min(line['box'][0] for line in inside) > x0 + .7 * high or max(line['box'][2] for line in inside) < x1 - .7 * high:
        return None
    for a, b in zip(inside, inside[1:]):
        if b['box'][0] < a['box'][2] - .5 * high:
            return None
    return ' '.join(' '.join(line['text'] for line in inside).split()).upper()


def found(folder, program):
    """The same documents' lines as our own line finder cuts them (tests/tools/linecuts.c): what the reader really gets."""
    names = sorted(glob.glob(os.path.join(folder, '*.ocr.json')))
    run = subprocess.Popen([program, str(HEIGHT), str(MARGIN / BAND)] + [n.replace('.ocr.json', '.jpg') for n in names], stdout=subprocess.PIPE)
    out, last, truth = [], -1, []
    while True:
        head = run.stdout.readline().split()
        if not head:
            break
        index, w = int(head[1]), int(head[6])
        pixels = np.frombuffer(run.stdout.read(w * HEIGHT + 1)[:-1], np.uint8).reshape(HEIGHT, w)
        if index != last:
            last, truth = index, json.load(open(names[index], encoding='utf-8'))
        text = joined([float(v) for v in head[2:6]], truth)
        if text and 12 <= w <= WIDEST and all(c in CHARS for c in text):
            out.append((pixels.copy(), text, True, os.path.basename(names[index])[:-9]))
    if run.wait() != 0:
        raise OSError('%s failed' % program)
    return out


# ---- what is printed -------------------------------------------------------------------

class Words:
    """Words of the forms' labels, of our fixtures and of the real lines of the training part."""

    def __init__(self, root, texts, rng):
        self.rng = rng
        words = set()
        for name in glob.glob(os.path.join(root, 'forms', '*.yaml')) + glob.glob(os.path.join(root, 'fixtures', 'gen', '*.py')):
            words.update(re.findall(r"[^\W\d_]{2,18}", open(name, encoding='utf-8').read()))
        self.words = sorted(w for w in words if all(c in CHARS for c in w))
        self.real = sorted({w for t in texts for w in t.split()})
        self.texts = texts

    def case(self, w):
        return self.rng.choice((w.upper(), w.capitalize(), w.capitalize(), w.lower(), w.lower(), w))

    def amount(self):
        r = self.rng
        n = '%.2f' % (10 ** r.uniform(-1, 6) * r.choice((1, 1, 1, -1)) if r.random() < .9 else r.randint(0, 99999))
        whole, cents = n.split('.')
        sign = '-' if whole.startswith('-') else ''
        whole = whole.lstrip('-')
        sep = r.choice(('', '', ',', '.', ' ', "’"))
        if sep and len(whole) > 3:
            whole = re.sub(r'(?<=\d)(?=(\d{3})+$)', sep, whole)
        text = sign + whole + (',' if sep == '.' else r.choice('.,') if sep == '' else '.' if sep != ' ' else ',') + cents
        return r.choice(('%s', '%s', '%s', '$%s', '€ %s', '%s €', 'RM %s', 'RM%s', '%s EUR', 'USD %s', '£%s', '(%s)', '%s%%', '*%s')) % text

    def date(self):
        r = self.rng
        d, m, y = r.randint(1, 31), r.randint(1, 12), r.randint(1990, 2029)
        name = r.choice(('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec', 'ENE FEB MAR ABR MAY JUN JUL AGO SEP OCT NOV DIC',
                         'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre')).split()[m - 1]
        s = r.choice('//--. ')
        text = r.choice(('%02d%s%02d%s%04d', '%d%s%d%s%04d', '%02d%s%02d%s%02d')) % (d, s, m, s, y if r.random() < .7 else y % 100)
        text = r.choice((text, text, '%d %s %d' % (d, name, y), '%s %d, %d' % (name, d, y), '%d-%s-%02d' % (d, name, y % 100),
                         '%d de %s de %d' % (d, name, y), '%04d-%02d-%02d' % (y, m, d)))
        if r.random() < .35:
            text += ' %02d:%02d' % (r.randint(0, 23), r.randint(0, 59)) + r.choice(('', ':%02d' % r.randint(0, 59), ' AM', ' PM'))
        return text

    def code(self):
        r = self.rng
        if r.random() < .5:
            return ''.join(r.choice('0123456789') for _ in range(r.randint(3, 14)))
        kinds = r.choice(('A9999', 'AA-9999', '9999-99', 'A99.9', 'A-99999999', '99999999A', '999-99-9999', '99-9999999', 'ES99 9999 9999 9999 9999 9999',
                          '(999) 999-9999', '99-999 9999', '999999-A', 'AAA/99/9999', '99.999.999-9', '#999999', 'A9A 9A9', '99999-9999',
                          'GST ID : 999999999999', 'xx-9999', '9x99', '99:99:99', '999 x 9.99', '9 @ 99.99'))
        return ''.join(r.choice('0123456789') if c == '9' else r.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ') if c == 'A' else
                       r.choice('abcdefghjkmnpqrstuvwxyz') if c == 'x' else c for c in kinds)

    def word(self):
        r = self.rng
        x = r.random()
        if x < .45:
            return self.case(r.choice(self.words))
        if x < .85 and self.real:
            return self.case(r.choice(self.real))
        if x < .93:
            a, b = r.choice(self.words), r.choice(self.words)  # words that no list has
            return self.case(a[:r.randint(1, len(a))] + b[r.randint(0, len(b) - 1):])
        return ''.join(r.choice(CHARS[1:]) for _ in range(r.randint(1, 7)))

    def line(self):
        r = self.rng
        x = r.random()
        if x < .2 and self.texts:
            t = r.choice(self.texts)
            return r.choice((t, t.title(), t.lower(), t.capitalize()))
        if x < .3:
            return self.amount()
        if x < .38:
            return self.date()
        if x < .5:
            return self.code()
        if x < .62:
            return self.word() + r.choice((' ', ': ', ' : ', ' .', ' - ')) + r.choice((self.amount, self.date, self.code))()
        parts = [self.word() for _ in range(r.choice((1, 1, 2, 2, 3, 4, 5, 6)))]
        if r.random() < .25:
            parts.insert(r.randint(0, len(parts)), r.choice((self.amount, self.date, self.code))())
        text = ' '.join(parts)
        if r.random() < .3:
            k = r.randint(1, len(text))
            text = text[:k] + r.choice(',.:;-/()&\'"#*+_') + r.choice(('', ' ')) + text[k:]
        return ' '.join(text.split())


BAD_FONT = re.compile(r'Z003|D050|StandardSymbols|chorus|Hairline|Thin|Black|terminus|Math|\.pfb|\.t1|Smallcaps|Display', re.I)
MONO = re.compile(r'mono|courier|cursor|ocr|hack|code|inconsolata|anonymous|go-mono|fira', re.I)


def fonts():
    out = []
    for base in ('/usr/share/fonts', '/usr/share/texmf/fonts'):
        for path, _, names in os.walk(base):
            out += [os.path.join(path, n) for n in names if n.endswith(('.ttf', '.otf')) and not BAD_FONT.search(n)]
    good = []
    for f in sorted(out):
        if re.search(r'noto(?!sans-|serif-|mono)', os.path.basename(f), re.I):
            continue
        try:
            font = ImageFont.truetype(f, 30)
            if font.getlength('ñ') > 0 and font.getmask('A').getbbox() and font.getmask('g').getbbox():
                good.append(f)
        except OSError:
            pass
    mono = [f for f in good if MONO.search(os.path.basename(f))]
    return good, mono


class Printer:
    def __init__(self, words, rng):
        self.words, self.rng = words, rng
        self.all, self.mono = fonts()
        self.cache = {}

    def font(self, dots):
        r = self.rng
        name = r.choice(self.mono if dots or r.random() < .4 else self.all)
        size = r.choice((24, 30, 38)) if not dots else r.choice((10, 11, 12))
        if (name, size) not in self.cache:
            if len(self.cache) > 300:
                self.cache.clear()
            self.cache[name, size] = ImageFont.truetype(name, size)
        return self.cache[name, size]

    def dot_matrix(self, img):
        """Every pixel of a small print becomes a dot."""
        r = self.rng
        a = np.asarray(img) < 140
        cell = 5
        big = np.zeros((a.shape[0] * cell, a.shape[1] * cell), bool)
        yy, xx = np.mgrid[0:cell, 0:cell]
        dot = (yy - 2) ** 2 + (xx - 2) ** 2 <= r.uniform(2, 7)
        ys, xs = np.nonzero(a)
        for y, x in zip(ys, xs):
            if r.random() < .985:
                big[y * cell:(y + 1) * cell, x * cell:(x + 1) * cell] |= dot
        return Image.fromarray(np.where(big, 0, 255).astype(np.uint8)), cell

    def sample(self):
        r = self.rng
        text = self.words.line()
        if r.random() < .12:  # two pieces far apart, as in a row
            text = text[:40]
        dots = r.random() < .12
        font = self.font(dots)
        space = r.uniform(-.5, 2.5) if not dots and r.random() < .25 else 0
        pad = int(font.size * .8) + 2
        width = int(font.getlength(text) + space * len(text)) + 2 * pad
        if width > 60 * font.size:
            return None
        img = Image.new('L', (width, font.size * 2 + 2 * pad), 255)
        draw = ImageDraw.Draw(img)
        if space:
            x = pad
            for c in text:
                draw.text((x, pad), c, font=font, fill=0)
                x += font.getlength(c) + space
        else:
            draw.text((pad, pad), text, font=font, fill=0)
        box = Image.eval(img, lambda v: 255 - v).getbbox()
        if box is None:
            return None
        if r.random() < .5:  # the font's full height instead of the marks alone
            top, end = font.getbbox('Ág')[1] + pad, font.getbbox('Ág')[3] + pad
            box = (box[0], min(box[1], top + r.randint(0, 2)), box[2], max(box[3], end - r.randint(0, 3)))
        # what stands above and below a line, and rules
        gap = int(font.size * r.uniform(.15, .8))
        for side in (0, 1):
            if r.random() < .3:
                other = self.words.line()[:len(text) + 4]
                h = font.size
                y = box[1] - gap - int(h * 1.1) if side == 0 else box[3] + gap - int(h * .1)
                draw.text((pad + r.randint(-5, 30), y), other, font=font, fill=0)
            elif r.random() < .12:
                y = box[1] - gap // 2 - 2 if side == 0 else box[3] + gap // 2 + 1
                draw.line((0, y, width, y), fill=r.randint(0, 90), width=r.choice((1, 2, 3)))
        cell = 1
        if dots:
            img, cell = self.dot_matrix(img)
            box = tuple(v * cell for v in box)
        out = band(img, box)
        return None if out is None else (self.wear(out), text, False, '')

    def wear(self, a):
        r = self.rng
        np_rng = np.random.default_rng(r.getrandbits(32))
        img = Image.fromarray(a)
        x = r.random()
        if x < .3:  # low resolution
            f = r.uniform(.35, .8)
            img = img.resize((max(4, int(img.width * f)), max(8, int(img.height * f))), Image.BOX if r.random() < .5 else Image.BILINEAR)
            img = img.resize((a.shape[1], HEIGHT), Image.BICUBIC)
        elif x < .5:
            img = img.filter(ImageFilter.GaussianBlur(r.uniform(.3, 1.3)))
        a = np.asarray(img).astype(np.float32)
        x = r.random()
        if x < .2:  # fax
            a = np.where(a + np_rng.normal(0, 25, a.shape) < r.uniform(110, 170), 0, 255).astype(np.float32)
        elif x < .45:  # thermal: faint in bands, grain
            fade = np.interp(np.arange(a.shape[1]), np.sort(np_rng.uniform(0, a.shape[1], 5)), np_rng.uniform(.35, 1, 5))
            a = 255 - (255 - a) * fade
            a = 255 - (255 - a) * (np_rng.random(a.shape) > r.uniform(0, .25))
        elif x < .55:  # broken strokes: dropped rows
            for _ in range(r.randint(1, 2)):
                y = r.randint(12, 40)
                a[y:y + r.randint(1, 2)] = 255
        elif x < .62:  # stamp or pen across
            x0 = r.randint(0, a.shape[1])
            pen = Image.fromarray(a.astype(np.uint8))
            ImageDraw.Draw(pen).line((x0, 0, x0 + r.randint(-60, 60), HEIGHT), fill=r.randint(90, 190), width=r.randint(1, 3))
            a = np.asarray(pen).astype(np.float32)
        low, high = r.uniform(0, 110), r.uniform(180, 255)
        a = low + a / 255 * (high - low)
        if r.random() < .3:  # uneven ground
            a = a * np.interp(np.arange(a.shape[1]), [0, a.shape[1]], np_rng.uniform(.75, 1, 2))
        a = a + np_rng.normal(0, r.uniform(0, 12), a.shape)
        a = np.clip(a, 0, 255).astype(np.uint8)
        if r.random() < .4:
            b = io.BytesIO()
            Image.fromarray(a).save(b, 'JPEG', quality=r.randint(15, 70))
            a = np.asarray(Image.open(b))
        return a


def printed(root, texts, count, seed):
    rng = random.Random(seed)
    press = Printer(Words(root, texts, rng), rng)
    out = []
    while len(out) < count:
        s = press.sample()
        if s is not None and s[1] and all(c in CHARS for c in s[1]):
            out.append(s)
    return out
