#!/usr/bin/python3
"""long_invoice.py - an invoice whose table goes over several pages, and whether it was read whole.

    long_invoice.py make FILE.pdf ROWS SEED [--heads]   and FILE.json with what it says; --heads: the letter head on each page
    long_invoice.py judge FILE.pdf < RESULT.jsonl       "same" or what differs
"""
import json
import random
import sys

ITEMS = ('Tornillo M8 galvanizado', 'Tuerca hexagonal', 'Arandela plana', 'Broca 6 mm', 'Cinta aislante negra', 'Interruptor doble',
         'Caja estanca IP55', 'Tubo corrugado 20', 'Bridas nylon 200')


def spanish(cents):
    whole = '{:,}'.format(cents // 100).replace(',', '.')
    return '%s,%02d' % (whole, cents % 100)


def make(name, count, seed, heads):
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen import canvas

    chance = random.Random(seed)
    page = canvas.Canvas(name, pagesize=A4, invariant=1)
    rows = []
    for _ in range(count):
        quantity, price = chance.randint(1, 40), chance.randint(20, 9000)
        more = 'modelo reforzado para exteriores' if chance.random() < 0.15 else ''
        rows.append((str(chance.randint(1000, 9999)), chance.choice(ITEMS), more, quantity, price, quantity * price))

    def right(x, y, text):
        page.drawRightString(x, y, text)

    def letter_head():
        page.setFont('Helvetica-Bold', 14)
        page.drawString(50, 790, 'FERRETERIA INDUSTRIAL LLORET, S.L.')
        page.setFont('Helvetica', 9)
        page.drawString(50, 775, 'CIF: B12345674')
        page.drawString(370, 775, 'Factura nº: F-2026/0451')
        page.drawString(370, 763, 'Fecha: 14/05/2026')
        return 700

    def table_head(y):
        page.setFont('Helvetica-Bold', 9)
        page.drawString(50, y, 'Código')
        page.drawString(110, y, 'Descripción')
        for x, title in ((370, 'Cantidad'), (450, 'Precio'), (545, 'Importe')):
            right(x, y, title)
        page.line(50, y - 4, 545, y - 4)
        page.setFont('Helvetica', 9)
        return y - 16

    y = letter_head()
    page.drawString(50, 735, 'Cliente: CONSTRUCCIONES DUERO, S.A.')
    page.drawString(50, 723, 'CIF: A58818501')
    y, run = table_head(y), 0
    for code, item, more, quantity, price, amount in rows:
        if y < 104:
            right(450, 70, 'Suma y sigue')
            right(545, 70, spanish(run))
            page.showPage()
            y = table_head(letter_head()) if heads else 780
            page.setFont('Helvetica', 9)
            right(450, y, 'Suma anterior')
            right(545, y, spanish(run))
            y -= 16
        page.drawString(50, y, code)
        page.drawString(110, y, item)
        right(370, y, str(quantity))
        right(450, y, spanish(price))
        right(545, y, spanish(amount))
        y -= 14
        if more:
            page.drawString(110, y, more)
            y -= 14
        run += amount
    tax = (run * 21 + 50) // 100
    y -= 20
    for title, amount in (('Base imponible', run), ('IVA 21%', tax), ('TOTAL FACTURA', run + tax)):
        right(450, y, title)
        right(545, y, spanish(amount))
        y -= 14
    page.save()
    with open(name[:-4] + '.json', 'w') as f:
        json.dump({'rows': [[r[0], (r[1] + ' ' + r[2]).strip(), r[5]] for r in rows], 'net_total': run, 'grand_total': run + tax}, f)


def judge(name):
    with open(name[:-4] + '.json') as f:
        truth = json.load(f)
    found = [d for d in map(json.loads, sys.stdin) if d['file'] == name]
    if len(found) != 1:
        return '%d documents' % len(found)
    values = {f['name']: f['value'] for f in found[0]['fields']}
    for field in ('net_total', 'grand_total'):
        if values.get(field) != '%d.%02d' % divmod(truth[field], 100):
            return '%s is %s' % (field, values.get(field))
    rows = [{k: c['value'] for k, c in r.items() if isinstance(c, dict)} for table in found[0]['tables'].values() for r in table]
    if len(rows) != len(truth['rows']):
        return '%d rows of %d' % (len(rows), len(truth['rows']))
    wrong = sum(r.get('article_number') != t[0] or r.get('description', '').lower() != t[1].lower() or
                r.get('amount') != '%d.%02d' % divmod(t[2], 100) for r, t in zip(rows, truth['rows']))
    return 'same' if wrong == 0 else '%d rows differ' % wrong


if sys.argv[1] == 'make':
    make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), '--heads' in sys.argv)
else:
    print(judge(sys.argv[2]))
