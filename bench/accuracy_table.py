"""accuracy_table - figures per set and per field, the previous release's beside them, in docs/accuracy.tsv and docs/ACCURACY.md.

Everything is judged by ../shared/tools/score.py, one set at a time (so that sets that were not read do not count as
missing), once as it is and once with --strict, by tier where a set has tiers.  Part of bench/accuracy.
"""
import json
import os
import re
import subprocess
import tempfile

COLUMNS = ('set', 'field', 'gold', 'f1', 'strict_f1', 'auto', 'wrong', 'release')
ROW = re.compile(r'(.{34}) +(\d*) +(\d+)  P +\S+  R +\S+  F1 +(\S+)  auto +(\S+)%  wrong +(\S+)%')
BEGIN, END = '<!-- figures: written by bench/accuracy --record -->', '<!-- end of figures -->'


def tiers(folder):
    """Does a truth of this set name its tier?"""
    for name in sorted(os.listdir(folder)):
        if name.endswith('.json') and not name.endswith('.ocr.json'):
            with open(os.path.join(folder, name), encoding='utf-8') as f:
                return 'tier' in json.load(f)
    return False


def score(judge, folder, results, strict):
    """{field: (gold, F1, auto %, wrong %)} of one set; field '' is the whole set, 'tier=fax' a part of it."""
    out, name = {}, os.path.basename(folder)
    with tempfile.TemporaryDirectory() as alone:
        os.symlink(os.path.abspath(folder), os.path.join(alone, name))
        args = ['/usr/bin/python3', judge, alone, results, '--fields'] + (['--by', 'tier'] if tiers(folder) else [])
        text = subprocess.run(args + (['--strict'] if strict else []), stdout=subprocess.PIPE, check=True).stdout.decode()
    for line in text.splitlines():
        m = ROW.match(line)
        if not m or m.group(1).strip() == 'ALL':
            continue
        field = m.group(1).strip()
        out['' if field == name and not line.startswith(' ') else field] = (int(m.group(3)),) + tuple(map(float, m.groups()[3:]))
    return out


def measure(judge, data, results, sets, release):
    """Rows as of COLUMNS, of each set."""
    rows = []
    for name in sets:
        plain = score(judge, os.path.join(data, name), results, False)
        strict = score(judge, os.path.join(data, name), results, True)
        for field in sorted(plain, key=lambda f: (f != '', not f.startswith('tier='), f)):
            gold, f1, auto, wrong = plain[field]
            rows.append((name, field, str(gold), '%.1f' % f1, '%.1f' % strict.get(field, (0, 0.0))[1], '%.1f' % auto,
                         '%.2f' % wrong, release))
    return rows


def load(path):
    """{(set, field): row}; empty when nothing was recorded yet."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding='utf-8') as f:
        lines = [l.rstrip('\n').split('\t') for l in f if l.strip() and not l.startswith('#')]
    return {(r[0], r[1]): tuple(r) for r in lines if r[0] != 'set' and len(r) == len(COLUMNS)}


def store(path, rows, before):
    """The rows measured now take the place of those of their sets; other sets keep what was recorded of them."""
    sets = {r[0] for r in rows}
    kept = [r for r in before.values() if r[0] not in sets]
    with open(path, 'w', encoding='utf-8') as f:
        f.write('# written by bench/accuracy --record; percent; field empty: the whole set\n' + '\t'.join(COLUMNS) + '\n')
        for r in sorted(kept + list(rows), key=lambda r: r[0]):
            f.write('\t'.join(r) + '\n')


def change(now, then):
    return '' if then is None else '%+.1f' % (float(now) - float(then))


def show(rows, before, fields):
    """The table for people, a comment line each: what is now, and what the release before had."""
    print('# %-44s %6s %6s %6s %7s %6s %6s   %s' % ('set / field', 'gold', 'F1', 'strict', 'before', 'auto%', 'wrong%', 'release before'))
    for r in rows:
        old = before.get((r[0], r[1]))
        if r[1] and not fields and not r[1].startswith('tier='):
            continue
        print('# %-44s %6s %6s %6s %7s %6s %6s   %s' % (r[0] if not r[1] else '   ' + r[1], r[2], r[3], r[4],
              change(r[3], old[3] if old else None), r[5], r[6], old[7] if old else '-'))


def page(path, rows):
    """Rewrite the tables of docs/ACCURACY.md between its markers."""
    with open(path, encoding='utf-8') as f:
        text = f.read()
    a, b = text.index(BEGIN), text.index(END)
    out = [BEGIN, '', '### By set', '', '| set | gold fields | F1 | strict F1 | auto % | wrong % | release |', '|---|---|---|---|---|---|---|']
    ordered = sorted(rows.values(), key=lambda r: (r[0], r[1] != '', not r[1].startswith('tier='), r[1]))
    for r in ordered:
        if not r[1] or r[1].startswith('tier='):
            name = '**%s**' % r[0] if not r[1] else '&nbsp;&nbsp;' + r[1].replace('=', ' ')
            out.append('| %s | %s | %s | %s | %s | %s | %s |' % ((name,) + r[2:]))
    for name in sorted({r[0] for r in ordered if r[1] and not r[1].startswith('tier=')}):
        out += ['', '### ' + name, '', '| field | gold | F1 | strict F1 | auto % | wrong % |', '|---|---|---|---|---|---|']
        out += ['| %s | %s | %s | %s | %s | %s |' % r[1:7] for r in ordered if r[0] == name and r[1] and not r[1].startswith('tier=')]
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text[:a] + '\n'.join(out) + '\n\n' + text[b:])
