#!/usr/bin/python3
"""engine_small.py DIR COUNT [SEED] - small files that are quick to read, all different: JPEG, PNG, TIFF of two pages, PDF,
ZIP with two images, and some that must be refused. Prints the files made, the files in archives, the pages, the refusals."""
import io
import os
import random
import sys
import zipfile

from PIL import Image, ImageDraw, ImageFont

where, count = sys.argv[1], int(sys.argv[2])
rnd = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
font = ImageFont.truetype('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', 22)
os.makedirs(where, exist_ok=True)
files = inside = pages = refused = 0


def page():
    image = Image.new('L', (420, 170), 255)
    draw = ImageDraw.Draw(image)
    draw.text((20, 20), 'Recibo %06d' % rnd.randrange(10**6), font=font, fill=0)
    draw.text((20, 60), 'Total %d.%02d EUR' % (rnd.randrange(1000), rnd.randrange(100)), font=font, fill=0)
    draw.text((20, 100), 'Fecha 2026-%02d-%02d' % (rnd.randrange(1, 13), rnd.randrange(1, 29)), font=font, fill=0)
    return image


def save(name, kind, **more):
    page().save(os.path.join(where, name), kind, dpi=(150, 150), **more)


for i in range(count):
    name = 'f%04d' % i
    kind = i % 7
    files += 1
    if kind in (0, 1):
        save(name + '.jpg', 'JPEG', quality=85)
        pages += 1
    elif kind == 2:
        save(name + '.png', 'PNG')
        pages += 1
    elif kind == 3:
        page().save(os.path.join(where, name + '.tif'), 'TIFF', dpi=(150, 150), compression='tiff_lzw', save_all=True,
                    append_images=[page()])
        pages += 2
    elif kind == 4:
        page().save(os.path.join(where, name + '.pdf'), 'PDF', resolution=150)
        pages += 1
    elif kind == 5:
        with zipfile.ZipFile(os.path.join(where, name + '.zip'), 'w', zipfile.ZIP_DEFLATED) as z:
            for k in range(2):
                raw = io.BytesIO()
                page().save(raw, 'JPEG', dpi=(150, 150))
                z.writestr('in%d.jpg' % k, raw.getvalue())
        inside += 2
        pages += 2
    else:
        with open(os.path.join(where, name + '.bin'), 'wb') as f:
            f.write(b'no format of ours %d' % rnd.randrange(10**9))
        refused += 1
print(files, inside, pages, refused)
