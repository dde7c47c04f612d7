#!/bin/sh
# The fixture generator: same seed, same bytes; the truth can be read; check digits are valid.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
make="/usr/bin/python3 $top/fixtures/make.py"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
failed=0

check() { # name, command...
    n=$((n + 1))
    name=$1
    shift
    if "$@" >"$dir/out" 2>&1; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        sed 's/^/# /' "$dir/out" | head -20
        failed=1
    fi
}

if ! /usr/bin/python3 -c 'import PIL, numpy, reportlab' 2>/dev/null; then
    echo "1..0 # SKIP python3-pil, python3-numpy or python3-reportlab is not installed"
    exit 0
fi

check "a set is made" $make set "$dir/a" --seed 7 --count 1
check "a set is made again" $make set "$dir/b" --seed 7 --count 1
check "the same seed gives the same bytes" diff -r "$dir/a" "$dir/b"
check "an image set is made" $make set "$dir/c" --seed 7 --count 1 --types cms1500,receipt --tiers fax
check "another seed gives other bytes" sh -c "! diff -rq '$dir/c/cms1500' '$dir/a/cms1500'"
check "truth, check digits and sums" /usr/bin/python3 - "$dir/a" "$top/fixtures" <<'PY'
import json, os, re, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[2])
import random
from gen import ids, invoice_draw, sets
def cents(v): return int(v.replace('.', ''))
seen = 0
def judge(name, t):
    g = t['gold']
    for k, f in g.items():
        v = f['value']
        if f['type'] == 'money': assert re.fullmatch(r'-?\d+\.\d\d', v), (name, k, v)
        elif f['type'] == 'date': assert re.fullmatch(r'\d{4}-\d\d-\d\d', v), (name, k, v)
        elif f['type'] not in ('id', 'text', 'code', 'mark'): raise AssertionError((name, k, f))
        if k.endswith('npi'): assert ids.npi_ok(v), (name, k, v)
        if k == 'iban': assert ids.iban_ok(v), (name, v)
        if k in ('employer_ccc', 'employee_social_security'): assert ids.ss_ok(v), (name, k, v)
        if k in ('employee_ssn',): assert ids.ssn_ok(v), (name, v)
        if k in ('employer_ein', 'fl_05_federal_tax_id'): assert ids.ein_ok(v), (name, v)
        if k in ('seller_tax_id', 'buyer_tax_id', 'employee_tax_id', 'employer_tax_id'): assert ids.any_tax_id_ok(v if v[:2].isdigit() else v.replace('-', '')), (name, k, v)
    for row in t.get('gold_lines', ()):
        for k, f in row.items():
            if f['type'] == 'money': assert re.fullmatch(r'-?\d+\.\d\d', f['value']), (name, k, f)
    if t['type'] == 'payslip': assert cents(g['gross_pay']['value']) - cents(g['total_deductions']['value']) == cents(g['net_pay']['value']), name
    if t['type'] == 'cms1500': assert sum(cents(r['charges']['value']) for r in t['gold_lines']) == cents(g['box_28_total_charge']['value']), name
    if t['type'] == 'ub04': assert sum(cents(r['total_charges']['value']) for r in t['gold_lines']) == cents(g['fl_47_total_charges']['value']), name
    if t['type'] == 'timesheet': assert sum(cents(r['hours']['value']) for r in t['gold_lines']) == cents(g['total_hours']['value']), name
for where, _, names in list(os.walk(sys.argv[1])) + list(os.walk(os.path.join(sys.argv[2], 'documents'))):
    for n in names:
        if n.endswith('.json'):
            t = json.load(open(os.path.join(where, n)))
            if 'file' in t: assert os.path.exists(os.path.join(where, t['file'])), t['file']
            for d in [t] + t.get('documents', []) + t.get('entries', []):
                if d['gold']:
                    judge(n, dict(d, gold_lines=d.get('gold_lines', []))); seen += 1
for kind in sets.TYPES:                                    # without drawing: many more
    for i in range(25):
        d = sets.TYPES[kind](random.Random('%s%d' % (kind, i)))
        judge('%s %d' % (kind, i), {'type': d.type, 'gold': d.gold, 'gold_lines': d.lines}); seen += 1
        if kind == 'invoice':
            x = d.data
            assert x['net'] + x['tax'] + x['shipping'] - x['withholding'] == x['total'] and sum(b for _, b, _ in x['breakdown']) == x['net'] and len(d.gold) >= 7, i
assert seen > 200, seen
PY
check "the hostile files are made" $make hostile "$dir/h"
check "the manifest names them all" sh -c "cd '$dir/h' && tail -n +2 MANIFEST.tsv | cut -f1 | sort >../names && ls | grep -v -e '^MANIFEST.tsv\$' -e '^README\$' | LC_ALL=C sort >../there && LC_ALL=C sort ../names | diff - ../there"
echo "1..$n"
exit $failed
