"""own_fixtures - F1 over fields and rows of documents made by a seed, by kind and degradation."""
import glob
import json
import os
import subprocess

KINDS = ('ub04', 'timesheet', 'paystub')
LEAST = 95.0


def make(root, to, seed, count):
    """count documents of each kind, other ones for every seed."""
    subprocess.run(['/usr/bin/python3', os.path.join(root, 'fixtures', 'make.py'), 'set', to, '--seed', str(seed),
                    '--count', str(count), '--types', ','.join(KINDS)], stdin=subprocess.DEVNULL, check=True)


def pair(want, got, hits):
    """Rows in order, so that the most cells are right: [(row of the truth, row given or None)]."""
    n, m = len(want), len(got)
    hit = [[hits(w, g) for g in got] for w in want]
    best = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            both = hit[i][j] + best[i + 1][j + 1] + 0.001
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    out, i, j = [], 0, 0
    while i < n:
        if j < m and best[i][j] == hit[i][j] + best[i + 1][j + 1] + 0.001:
            out.append((want[i], got[j]))
            i, j = i + 1, j + 1
        elif j < m and best[i][j] == best[i][j + 1] and best[i][j] != best[i + 1][j]:
            j += 1
        else:
            out.append((want[i], None))
            i += 1
    return out


def judge(truth, record, norm):
    """[(field, or lines.column; given; right)] of one document."""
    def right(g, f):
        v = (f or {}).get('value')
        return v not in (None, '') and norm(g['type'], v) is not None and norm(g['type'], v) == norm(g['type'], g['value'])

    got, out = {f['name']: f for f in reversed(record.get('fields', []))}, []
    for name, g in truth['gold'].items():
        out.append((name, got.get(name, {}).get('value') not in (None, ''), right(g, got.get(name))))
    rows = next(iter((record.get('tables') or {}).values()), [])
    for want, mine in pair(truth.get('gold_lines') or [], rows, lambda w, r: sum(right(w[k], r.get(k)) for k in w)):
        for k, g in want.items():
            c = (mine or {}).get(k)
            out.append(('lines.' + k, (c or {}).get('value') not in (None, ''), right(g, c)))
    return out


def f1(rows):
    given, right = sum(r[1] for r in rows), sum(r[2] for r in rows)
    return 200.0 * right / max(1, given + len(rows))


def judged(files, results, norm):
    """[(stem, truth, the rows of judge() of the best record)] of every document."""
    records, out = {}, []
    for line in open(results, encoding='utf-8'):
        r = json.loads(line)
        records.setdefault(os.path.splitext(r['file'])[0], []).append(r)
    for stem in sorted({os.path.splitext(f)[0] for f in files}):
        truth = json.load(open(stem + '.json', encoding='utf-8'))
        out.append((stem, truth, max((judge(truth, r, norm) for r in records.get(stem, [{}])), key=lambda rows: sum(x[2] for x in rows))))
    return out


def whole(files, results, norm):
    return f1([x for _, _, rows in judged(files, results, norm) for x in rows])


def report(files, results, norm, fields=False, errors=0):
    """Print `own_KIND_f1` and its parts; returns {kind: F1 of everything}."""
    kinds, missed = {}, []
    for stem, truth, best in judged(files, results, norm):
        kinds.setdefault(os.path.basename(os.path.dirname(stem)), []).append((truth['tier'], best))
        missed += ['%s %s' % (os.path.basename(stem), x[0]) for x in best if not x[2]]
    all_of = {}
    for kind, docs in sorted(kinds.items()):
        rows = [x for _, d in docs for x in d]
        all_of[kind] = f1(rows)
        print('own_%s_gold: %d' % (kind, len(rows)))
        print('own_%s_f1: %.1f' % (kind, all_of[kind]))
        cells = [x for x in rows if x[0].startswith('lines.')]
        if cells:
            print('own_%s_rows_f1: %.1f' % (kind, f1(cells)))
        for tier in sorted({t for t, _ in docs}):
            print('own_%s_%s_f1: %.1f' % (kind, tier, f1([x for t, d in docs if t == tier for x in d])))
        for name in sorted({x[0] for x in rows}) if fields else ():
            print('own_%s.%s_f1: %.1f' % (kind, name, f1([x for x in rows if x[0] == name])))
    for line in missed[:errors]:
        print('# missed: ' + line)
    return all_of


def documents(folder):
    """Every made file that has a truth beside it."""
    return [f for k in KINDS for f in sorted(glob.glob(os.path.join(folder, k, '*'))) if not f.endswith('.json')]
