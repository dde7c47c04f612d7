#!/usr/bin/python3
"""codes_pages.py DIR - invoices with the codes of tax authorities and banks printed on them; e-invoices beside some.

Payloads are made here by their published rules, so that what Escriba reads was written by other code.
"""
import base64
import json
import os
import sys
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../fixtures'))
from gen import datamatrix, pdf417
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import qr
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen import canvas


def crc8(text):
    crc = 0
    for byte in text.encode():
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xff if crc & 0x80 else crc << 1
    return '%03d' % crc


def mod10(digits):
    table, carry = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5], 0
    for d in digits:
        carry = table[(carry + int(d)) % 10]
    return digits + str((10 - carry) % 10)


def cfdi(v):
    return ('https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC'
            '&re=EKU9003173C9&rr=XAXX010101000&tt=%s&fe=Ab3+/x==' % v['total'])


def afip(v):
    text = json.dumps({'ver': 1, 'fecha': '2024-09-01', 'cuit': 30000000007, 'ptoVta': 10, 'tipoCmp': 1, 'nroCmp': 94,
                       'importe': float(v['total']), 'moneda': 'PES', 'ctz': 1, 'tipoDocRec': 80,
                         'nroDocRec': 20000000001,
                       'tipoCodAut': 'E', 'codAut': 70417054367476}, separators=(',', ':'))
    return 'https://www.afip.gob.ar/fe/qr/?p=' + base64.b64encode(text.encode()).decode()


def verifactu(v):
    return ('https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR?nif=89890001K&numserie=%s&fecha=01-09-2024'
            '&importe=%s' % (v['number'], v['total']))


def ticketbai(v):
    name = 'TBAI-89890001K-010924-btFpwP8dcLGAF-'
    url = 'https://batuz.eus/QRTBAI/?id=%s&s=T&nf=%s&i=%s' % (name + crc8(name), v['number'], v['total'])
    return url + '&cr=' + crc8(url)


def epc(v):
    return ('BCD\n002\n1\nSCT\n\nSuministros Norte SL\nES9121000418450200051332\nEUR%s\n\n\nFactura %s'
            % (v['total'], v['number']))


def swiss(v):
    party = 'S\n%s\nRue du Lac\n1268\n2501\nBiel\nCH\n'
    return ('SPC\n0200\n1\nCH4431999123000889012\n' + party % 'Suministros Norte SL' + '\n' * 7 + v['total'] + '\nEUR\n'
            + party % 'Talleres Sur SA' + 'QRR\n' + mod10('21000000000313947143000901') + '\n\nEPD\n//S1/10/%s/11/240901'
            % v['number'])


# name: payload, number, tax id of the seller, IBAN
KINDS = {
    'mx_cfdi': (cfdi, 'A-500', 'RFC: EKU9003173C9', ''),
    'ar_afip': (afip, '00010-00000094', 'CUIT: 30-00000000-7', ''),
    'es_verifactu': (verifactu, 'V-2024-77', 'NIF: 89890001K', ''),
    'es_ticketbai': (ticketbai, '27174', 'NIF: 89890001K', ''),
    'epc': (epc, 'E-2024-12', 'NIF: 89890001K', 'ES91 2100 0418 4502 0005 1332'),
    'swiss_qr': (swiss, 'S-2024-31', 'NIF: 89890001K', 'CH44 3199 9123 0008 8901 2'),
}


def draw_matrix(c, payload, x, y, size):
    rows = datamatrix.modules(payload)
    side = size / len(rows)
    for r, row in enumerate(rows):
        for k, dark in enumerate(row):
            if dark:
                c.rect(x + k * side, y + size - (r + 1) * side, side, side, stroke=0, fill=1)


def draw(path, payload, number, tax_id, iban, total='241.40', matrix=False):
    c = canvas.Canvas(path, pagesize=(595, 842))
    c.setFont('Helvetica', 11)
    lines = ['Factura', 'Suministros Norte SL', tax_id, '', 'Número de factura: ' + number,
      'Fecha de factura: 01/09/2024',
             'Cliente: Talleres Sur SA', '', 'Base imponible: 199,50', 'IVA 21%: 41,90', 'Total factura: '
             + total.replace('.', ','), 'IBAN: ' + iban if iban else '']
    for i, line in enumerate(lines):
        c.drawString(60, 800 - 20 * i, line)
    if payload and matrix:
        draw_matrix(c, payload, 60, 400, 60)
    elif payload:
        w = 130
        code = qr.QrCodeWidget(payload, barLevel='M')
        x0, y0, x1, y1 = code.getBounds()
        d = Drawing(w, w, transform=[w / (x1 - x0), 0, 0, w / (y1 - y0), 0, 0])
        d.add(code)
        renderPDF.draw(d, c, 60, 380)
    c.save()


# Invoices of three countries as they are laid out there: lines at (x, y from the top); a code, and where it stands.
LATIN = {
    'cl': ([(60, 40, 'Suministros Norte SpA'), (60, 56, 'Giro: Venta de repuestos'), (60, 72, 'Av. Apoquindo 4501, Las Condes'),
            (360, 40, 'R.U.T.: 76.086.428-5'), (360, 56, 'FACTURA ELECTRONICA'), (360, 72, 'Nº 4711'), (360, 96, 'S.I.I. - Las Condes'),
            (60, 130, 'Fecha de emisión: 01-09-2024'), (60, 146, 'Señores: Talleres Ñuble Limitada'), (60, 162, 'R.U.T.: 96.790.240-3'),
            (60, 178, 'Giro: Taller mecánico'), (60, 220, 'Descripción'), (300, 220, 'Cantidad'), (380, 220, 'Precio'),
            (470, 220, 'Valor'), (60, 238, 'Filtro de aceite'), (300, 238, '10'), (380, 238, '20.286'), (470, 238, '202.860'),
            (360, 290, 'Monto neto'), (470, 290, '$ 202.860'), (360, 306, 'IVA 19%'), (470, 306, '$ 38.543'),
            (360, 322, 'Monto total'), (470, 322, '$ 241.403')], 'stamp'),
    'mx': ([(60, 40, 'Suministros Norte SA de CV'), (60, 56, 'RFC: EKU9003173C9'), (60, 72, 'Régimen fiscal: 601'),
            (360, 40, 'FACTURA'), (360, 56, 'Folio: A-500'), (360, 72, 'Fecha de emisión: 01/09/2024'),
            (60, 100, 'Folio fiscal: CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC'), (60, 130, 'Receptor: Talleres Sur SA de CV'),
            (60, 146, 'RFC: URE180429TM6'), (60, 162, 'Uso CFDI: G03'), (60, 220, 'Descripción'), (300, 220, 'Cantidad'),
            (380, 220, 'Precio unitario'), (470, 220, 'Importe'), (60, 238, 'Filtro de aceite'), (300, 238, '10'),
            (380, 238, '100.00'), (470, 238, '1,000.00'), (360, 290, 'Subtotal'), (470, 290, '$ 1,000.00'), (360, 306, 'IVA 16%'),
            (470, 306, '$ 160.00'), (360, 322, 'Total'), (470, 322, '$ 1,160.00')], ''),
    'ar': ([(60, 40, 'Suministros Norte S.A.'), (60, 56, 'Condición frente al IVA: Responsable Inscripto'), (360, 40, 'FACTURA A'),
            (360, 56, 'Comprobante Nº: 00010-00000094'), (360, 72, 'Fecha de Emisión: 01/09/2024'), (360, 88, 'CUIT: 30-70123456-8'),
            (360, 104, 'Fecha de Inicio de Actividades: 01/03/2010'), (60, 130, 'CUIT: 20-12345678-6'),
            (60, 146, 'Apellido y Nombre / Razón Social: Talleres Sur S.A.'), (60, 220, 'Descripción'), (300, 220, 'Cantidad'),
            (380, 220, 'Precio unitario'), (470, 220, 'Importe'), (60, 238, 'Filtro de aceite'), (300, 238, '10'),
            (380, 238, '1.995,00'), (470, 238, '19.950,00'), (360, 290, 'Importe neto gravado'), (470, 290, '$ 19.950,00'),
            (360, 306, 'IVA 21%'), (470, 306, '$ 4.189,50'), (360, 322, 'Importe total'), (470, 322, '$ 24.139,50')], ''),
}


def draw_stamp(c, payload, x, y, module):
    """Bars three times as high as the thinnest is wide, as the tax office asks."""
    for r, row in enumerate(pdf417.modules(payload, 14)):
        at = 0
        while at < len(row):
            wide = 1
            while at + wide < len(row) and row[at + wide] == row[at]:
                wide += 1
            if row[at]:
                c.rect(x + at * module, y - (r + 1) * 3 * module, wide * module, 3 * module, stroke=0, fill=1)
            at += wide


def draw_latin(path, country, total=None):
    lines, code = LATIN[country]
    c = canvas.Canvas(path, pagesize=(595, 842))
    c.setFont('Helvetica', 10)
    for x, y, text in lines:
        c.drawString(x, 842 - y, text)
    if code and total:
        stamp = pdf417.stamp('76086428-5', 33, '4711', '2024-09-01', '96790240-3', 'Talleres Ñuble Limitada', total)
        draw_stamp(c, stamp, 60, 380, 0.85)
        c.drawString(120, 290, 'Timbre Electrónico SII')
    c.save()


UBL = '''<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:b="urn:b" xmlns:a="urn:a">
<b:ID>%(number)s</b:ID><b:IssueDate>2024-09-01</b:IssueDate>
<a:AccountingSupplierParty><a:Party><a:PartyTaxScheme><b:CompanyID>ES89890001K</b:CompanyID></a:PartyTaxScheme>
<a:PartyLegalEntity>
<b:RegistrationName>Suministros Norte SL</b:RegistrationName>
</a:PartyLegalEntity>
</a:Party>
</a:AccountingSupplierParty>
<a:AccountingCustomerParty>
<a:Party>
<a:PartyLegalEntity>
<b:RegistrationName>Talleres Sur SA</b:RegistrationName>
</a:PartyLegalEntity>
</a:Party>
</a:AccountingCustomerParty>
<a:TaxTotal><b:TaxAmount>41.90</b:TaxAmount></a:TaxTotal>
<a:LegalMonetaryTotal>
<b:TaxExclusiveAmount>199.50</b:TaxExclusiveAmount>
<b:TaxInclusiveAmount>%(total)s</b:TaxInclusiveAmount>
</a:LegalMonetaryTotal>
</Invoice>
'''


def main():
    where = sys.argv[1]
    os.makedirs(where, exist_ok=True)
    for name, (payload, number, tax_id, iban) in KINDS.items():
        draw(os.path.join(where, name + '.pdf'), payload({'number': number, 'total': '241.40'}), number, tax_id, iban)
    # code and print differ
    draw(os.path.join(where, 'differs.pdf'), verifactu({'number': 'V-9', 'total': '341.40'}), 'V-9',
      'NIF: 89890001K', '')
    # the same code as Data Matrix, 21 mm: equal and not
    draw(os.path.join(where, 'matrix.pdf'), verifactu({'number': 'V-11', 'total': '241.40'}), 'V-11', 'NIF: 89890001K', '',
         matrix=True)
    draw(os.path.join(where, 'matrix_differs.pdf'), verifactu({'number': 'V-12', 'total': '341.40'}), 'V-12',
         'NIF: 89890001K', '', matrix=True)
    # as three countries print them; Chile's with its stamp, equal and not
    for country in ('mx', 'ar', 'cl'):
        draw_latin(os.path.join(where, country + '_printed.pdf'), country)
    draw_latin(os.path.join(where, 'cl_ted.pdf'), 'cl', '241403')
    draw_latin(os.path.join(where, 'cl_differs.pdf'), 'cl', '341403')
    # e-invoices beside their pages: the same, another total, in an archive, alone
    for name, number, total in (('equal', 'X-2024-1', '241.40'), ('other', 'X-2024-2', '341.40'), ('inside',
      'X-2024-3', '241.40')):
        draw(os.path.join(where, name + '.pdf'), '', number, 'NIF: 89890001K', '')
        with open(os.path.join(where, name + '.xml'), 'w') as f:
            f.write(UBL % {'number': number, 'total': total})
    with zipfile.ZipFile(os.path.join(where, 'inside.zip'), 'w') as z:
        for ending in ('xml', 'pdf'):
            z.write(os.path.join(where, 'inside.' + ending), 'inside.' + ending)
            os.unlink(os.path.join(where, 'inside.' + ending))
    with open(os.path.join(where, 'alone.xml'), 'w') as f:
        f.write(UBL % {'number': 'X-2024-4', 'total': '241.40'})


if __name__ == '__main__':
    main()
