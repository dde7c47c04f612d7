#!/usr/bin/python3
"""badinput.py DIR - pages that must never give a confident wrong value: a desk, a foreign letter, and invoices with a
line that does not add up or an amount struck through. Drawn here, the same bytes each time.

badinput.py --cross FORM DIR - DIR/crossed.png: the form FORM with a pen through four of its values, where DIR/form.json says
that they stand; DIR/crossed.txt names them."""
import json
import os
import random
import sys

from PIL import Image, ImageDraw, ImageFont


def cross(form, where):
    fields = json.loads(open(os.path.join(where, 'form.json')).readline())['fields']
    image = Image.open(form).convert('RGB')
    draw = ImageDraw.Draw(image)
    gone = []
    for f in fields:
        x0, y0, x1, y1 = f['box']
        h = y1 - y0
        if len(gone) == 4 or f['verdict'] != 'auto' or len(f['value']) < 5 or x1 - x0 < 4 * h or not 15 <= h < 34 or ' ' in f['value']:
            continue
        if gone and y0 < gone[-1][1] + 3 * h:
            continue
        # by hand: never level, beginning before and ending behind
        tilt = (-0.15, 0.12, 0.2, -0.08)[len(gone)] * h
        draw.line((x0 - 0.4 * h, y0 + 0.5 * h - tilt, x1 + 0.3 * h, y0 + 0.5 * h + tilt), fill=(30, 40, 110), width=max(3, h // 9))
        gone.append((f['name'], y0))
    image.save(os.path.join(where, 'crossed.png'))
    with open(os.path.join(where, 'crossed.txt'), 'w') as out:
        out.write(' '.join(n for n, _ in gone) + '\n')


if sys.argv[1] == '--cross':
    cross(*sys.argv[2:4])
    sys.exit(0)
where = sys.argv[1]
os.makedirs(where, exist_ok=True)
plain = ImageFont.truetype('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', 30)
large = ImageFont.truetype('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', 48)
rnd = random.Random(7)


def sheet():
    image = Image.new('L', (1240, 1100), 255)
    return image, ImageDraw.Draw(image)


def save(image, name):
    image.save(os.path.join(where, name), 'PNG', dpi=(150, 150))


# a desk: wood, a cup, a pen, shadows, no print
image = Image.new('L', (1240, 1100), 150)
draw = ImageDraw.Draw(image)
for y in range(0, 1100, 7):
    draw.line((0, y, 1240, y + rnd.randrange(-20, 20)), fill=120 + rnd.randrange(50), width=4)
draw.ellipse((700, 300, 1050, 650), fill=210, outline=60, width=14)
draw.ellipse((760, 360, 990, 590), fill=70)
draw.line((150, 900, 640, 620), fill=40, width=22)
save(image, 'desk.png')

# a letter in a language that is not read here
image, draw = sheet()
polish = ('Szanowni Panstwo, uprzejmie informujemy, ze zamowione towary|zostaly wyslane dnia wczorajszego kurierem. Prosimy '
          'sprawdzic|zawartosc przesylki przy odbiorze oraz podpisac protokol.|Wszelkie uwagi dotyczace jakosci wyrobow '
          'nalezy zglaszac|pisemnie naszemu biuru obslugi, ktore czynne jest codziennie|miedzy godzina osma rano, szesnasta '
          'popoludniu. Gwarancja|obejmuje wady materialowe, produkcyjne przez dwanascie|miesiecy. Reklamacji nie podlegaja '
          'uszkodzenia mechaniczne|powstale wskutek niewlasciwego uzytkowania wyrobow przez|nabywce. Zyczymy udanych zakupow '
          'oraz milego dnia. Zarzad|spolki pozdrawia wszystkich swoich stalych odbiorcow.')
for i, line in enumerate(polish.split('|')):
    draw.text((90, 90 + 62 * i), line, font=plain, fill=0)
save(image, 'letter.png')


def invoice(name, second, strike=False):
    image, draw = sheet()
    draw.text((90, 50), 'FACTURA', font=large, fill=0)
    rows = ['Suministros Ejemplo S.L.', 'CIF: A58818501', '', 'Factura Nº: F-2026-0107', 'Fecha: 15/01/2026', '',
            'Cliente: Talleres Prueba S.L.', 'NIF: B58378431', '']
    for i, row in enumerate(rows):
        draw.text((90, 130 + 44 * i), row, font=plain, fill=0)
    y = 560
    for row in (('Descripción', 'Cantidad', 'Precio', 'Importe'), ('Tornillos', '10', '10,00', '100,00'),
                ('Tuercas', '20', '5,00', second)):
        for x, cell in zip((90, 520, 760, 1000), row):
            draw.text((x, y), cell, font=plain, fill=0)
        y += 52
    y += 40
    for label, amount in (('Base imponible', '200,00'), ('IVA 21 %', '42,00'), ('Total factura', '242,00 €')):
        draw.text((640, y), label, font=plain, fill=0)
        draw.text((1000, y), amount, font=plain, fill=0)
        if strike and label.startswith('Total'):
            for d in (-5, 3, 9):
                draw.line((985, y + 20 + d, 1170, y + 12 + d), fill=0, width=5)
        y += 56
    save(image, name)


invoice('well.png', '100,00')
invoice('lines.png', '140,00')
invoice('struck.png', '100,00', True)
