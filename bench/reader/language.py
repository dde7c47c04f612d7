"""language.py - character n-grams for the decoder of the second reader: texts, Kneser-Ney, and the table as C reads it.

The numbers of the symbols, the hash and the order of bytes are those of stages/second_language.c.
"""
import ast
import collections
import glob
import json
import math
import os
import re
import struct
import zlib

from folds import fold_of

NONE, BLANK, DIGIT, OTHER, FIRST = range(5)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÁÉÍÓÚÜÑÇÀÈÂÊÎÔÛËÏÄÖß.,&'-/():"
STEP, BITS, SPREAD = 16, 6, 0x9e3779b97f4a7c15
SYMBOL = {c: FIRST + i for i, c in enumerate(LETTERS)}


def symbols(text):
    """Both cases one, a run of digits one."""
    out = [BLANK]
    for c in text:
        c = c.upper() if len(c.upper()) == 1 else c
        s = BLANK if c == ' ' else DIGIT if c.isdigit() else SYMBOL.get(c, OTHER)
        if s in (BLANK, DIGIT) and s == out[-1]:
            continue
        out.append(s)
    return bytes(out if out[-1] == BLANK else out + [BLANK])


# ---- texts ------------------------------------------------------------------------------

def receipts(folder, without):
    """The lines of the labelled receipts whose part is not in without, with their document."""
    out = []
    for name in sorted(glob.glob(os.path.join(folder, '*.ocr.json'))):
        if fold_of(os.path.basename(name)[:-9]) not in without:
            out += [' '.join(line['text'].split()) for line in json.load(open(name, encoding='utf-8'))]
    return out


def labels(root):
    """What our forms call things."""
    out = set()
    for name in sorted(glob.glob(os.path.join(root, 'forms', '*.yaml'))):
        for line in open(name, encoding='utf-8'):
            for piece in re.split(r'[\[\]{}"|,;#]|: |- ', line):
                piece = ' '.join(piece.split())
                if 3 <= len(piece) <= 40 and re.fullmatch(r"[^\W\d_][^\d_\\^$*+?=<>]*", piece):
                    out.add(piece)
    return sorted(out)


def invented(root):
    """The names, towns and streets of our own made documents, as the literals of their programs have them."""
    out = set()
    for name in sorted(glob.glob(os.path.join(root, 'fixtures', 'gen', '*.py'))):
        for node in ast.walk(ast.parse(open(name, encoding='utf-8').read())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and '\n' not in node.value:
                for piece in re.split(r'[|{}%]', node.value):
                    words = piece.split()
                    if words and len(words) <= 8 and re.fullmatch(r"[^\W\d_][^\d_\\^$*+?=<>]*", piece.strip()):
                        out.add(' '.join(words))
                    elif len(words) > 8:
                        out.update(w for w in words if re.fullmatch(r"[^\W\d_]{3,}", w))
    return sorted(out)


def typed(name):
    """Our own list: entries between commas or at a line's end; # begins a remark."""
    out = []
    for line in open(name, encoding='utf-8'):
        out += [' '.join(p.split()) for p in line.split('#')[0].split(',') if p.strip()]
    return out


# ---- Kneser-Ney -------------------------------------------------------------------------

def counts_of(weighted, order):
    """[n] -> {n-gram: count}; below the longest, of how many different symbols stand before."""
    full = [None] + [collections.Counter() for _ in range(order)]
    begins = [None] + [collections.Counter() for _ in range(order)]
    for text, times in weighted:
        s = symbols(text)
        for i in range(1, len(s)):
            for n in range(1, min(order, i + 1) + 1):
                full[n][s[i + 1 - n:i + 1]] += times
                if i + 1 - n == 0:
                    begins[n][s[:n]] = 1
    used = [None] * (order + 1)
    used[order] = full[order]
    for n in range(1, order):
        used[n] = collections.Counter(begins[n])
        for gram in full[n + 1]:
            used[n][gram[1:]] += 1
    return used


def discounts(counts):
    n = [0] * 5
    for v in counts.values():
        if v <= 4:
            n[v] += 1
    if min(n[1:]) == 0:
        return [0, .5, .5, .5]
    y = n[1] / (n[1] + 2 * n[2])
    return [0] + [min(k * .95, max(.05, k - (k + 1) * y * n[k + 1] / n[k])) for k in (1, 2, 3)]


def estimate(used, order):
    """[n] -> {n-gram: p}, interpolated."""
    size = FIRST + len(LETTERS) - 1
    p = [{b'': 1 / size}]
    for n in range(1, order + 1):
        d = discounts(used[n])
        total, taken = collections.Counter(), collections.Counter()
        for gram, c in used[n].items():
            total[gram[:-1]] += c
            taken[gram[:-1]] += d[min(3, c)]
        here = {}
        for gram, c in used[n].items():
            h = gram[:-1]
            here[gram] = (c - d[min(3, c)]) / total[h] + taken[h] / total[h] * p[n - 1].get(gram[1:], 1 / size)
        if n == 1:
            for s in range(BLANK, size + 1):
                here.setdefault(bytes([s]), taken[b''] / total[b''] / size)
        p.append(here)
    return p


def prune(p, used, order, room):
    """The n-grams that say most, weighed by how often they are seen; what they begin with stays."""
    gains = []
    for n in range(2, order + 1):
        for gram, v in p[n].items():
            lower = p[n - 1].get(gram[1:])
            gain = used[n][gram] * abs(math.log(v / lower)) if lower else 1e9
            gains.append((gain, n, gram))
    gains.sort(key=lambda g: (-g[0], g[1], g[2]))
    kept = set(p[1])
    for _, n, gram in gains:
        chain = [gram[:k] for k in range(1, n + 1)] + [gram[n - k:] for k in range(1, n)]
        if len(kept) + n > room:
            break
        kept.update(g for g in chain if g in p[len(g)])
    return kept


def back_off(p, kept, order):
    """{n-gram: (p, what is left for the shorter ones)}"""
    sums = collections.defaultdict(lambda: [0, 0])
    for gram in kept:
        if len(gram) > 1:
            sums[gram[:-1]][0] += p[len(gram)][gram]
            sums[gram[:-1]][1] += p[len(gram) - 1][gram[1:]] if gram[1:] in p[len(gram) - 1] else 0
    out = {}
    for gram in kept:
        a, b = sums.get(gram, (0, 0))
        out[gram] = (p[len(gram)][gram], min(1, max(1e-4, 1 - a) / max(1e-4, 1 - b)))
    return out


def number(gram):
    v = 0
    for s in gram:
        v = v << BITS | s
    return v


def cost(p):
    return max(0, min(255, round(-STEP * math.log(p))))


def table(grams, order):
    slots = 16
    while slots < len(grams) * 1.2:
        slots *= 2
    entries = [0] * slots
    shift = 64 - (slots.bit_length() - 1)
    for gram in sorted(grams, key=lambda g: (len(g), g)):
        v = number(gram)
        mixed = (v ^ v >> 23) * SPREAD & (1 << 64) - 1
        check, at = mixed & 0xffff | 1, mixed >> shift
        while entries[at]:
            if entries[at] & 0xffff == check:
                break  # two that look alike: the shorter stays
            at = (at + 1) % slots
        if not entries[at]:
            p, left = grams[gram]
            entries[at] = check | cost(p) << 16 | cost(left) << 24
    out = b'ESCRLM1\n' + struct.pack('<I', len(LETTERS)) + b''.join(struct.pack('<I', ord(c)) for c in LETTERS)
    out += struct.pack('<II', order, slots) + b''.join(struct.pack('<I', e) for e in entries)
    return out + struct.pack('<I', zlib.crc32(out))


def score(grams, order, texts):
    """Natural logarithms a character that is no digit, and how many there are."""
    sum_, count = 0, 0
    for text in texts:
        s = symbols(text)
        for i in range(1, len(s)):
            if s[i] == DIGIT:
                continue
            left = 0
            for n in range(min(order, i + 1), 0, -1):
                if s[i + 1 - n:i + 1] in grams:
                    left -= math.log(grams[s[i + 1 - n:i + 1]][0])
                    break
                if n > 1 and s[i + 1 - n:i] in grams:
                    left -= math.log(grams[s[i + 1 - n:i]][1])
            sum_ += left
            count += 1
    return sum_ / max(1, count), count
