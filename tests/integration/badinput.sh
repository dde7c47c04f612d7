#!/bin/bash
# badinput.sh - pages that are none of ours, or that lie: each waits for a person with a reason, none gives a sure wrong value.
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
export OMP_THREAD_LIMIT=1 ESCRIBA_FORMS=$root/forms
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/bad.XXXX"); chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 "$root/tests/integration/badinput.py" "$work" || exit 1
"$BIN/escriba" codes reasons >"$work/en" && "$BIN/escriba" codes reasons --lang es >"$work/es" || exit 1
for page in desk letter well lines struck; do
    "$BIN/escriba" read --json "$work/$page.png" >"$work/$page.json" 2>/dev/null || { echo "not ok 1 - $page.png is read"; exit 1; }
done
# A filled form on which a pen went through four values, where the form itself was read.
form=$root/fixtures/documents/cms1500/clean_red.jpg
"$BIN/escriba" read --json "$form" >"$work/form.json" 2>/dev/null &&
    /usr/bin/python3 "$root/tests/integration/badinput.py" --cross "$form" "$work" &&
    "$BIN/escriba" read --json "$work/crossed.png" >"$work/crossed.json" 2>/dev/null || { echo 'not ok 1 - the form is read'; exit 1; }
/usr/bin/python3 - "$work" <<'PY'
import json, sys
work = sys.argv[1]
page = {n: json.loads(open('%s/%s.json' % (work, n)).readline()) for n in ('desk', 'letter', 'well', 'lines', 'struck')}
field = {n: {f['name']: f for f in d['fields']} for n, d in page.items()}
rows = {n: [r for t in d['tables'].values() for r in t] for n, d in page.items()}
truth = {'invoice_number': 'F-2026-0107', 'net_total': '200.00', 'tax_total': '42.00', 'grand_total': '242.00'}
number = failed = 0


def check(words, well):
    global number, failed
    number += 1
    failed += not well
    print('%sok %d - %s' % ('' if well else 'not ', number, words))


check('a photograph of a desk is no blank page: it waits', page['desk'].get('verdict') == 'review')
check('as unreadable, or as no document', page['desk'].get('reason') in ('unreadable', 'no_document'))
check('a letter in a language that is not read here waits as such', page['letter'].get('reason') == 'language')
check('and gives no value', not any(f['verdict'] == 'auto' and f['value'] for f in page['letter']['fields']))
check('an invoice that adds up gives its totals', all(field['well'][k]['value'] == v for k, v in truth.items()))
check('and nobody says that its sum differs', not any('sum_differs' in c['reasons'] for r in rows['well'] for c in r.values()))
check('one whose lines do not add up waits', page['lines'].get('verdict') == 'review')
check('with the lines marked', all('sum_differs' in r['amount']['reasons'] for r in rows['lines'] if 'amount' in r) and rows['lines'])
check('an amount struck through is not sure', field['struck']['grand_total']['verdict'] == 'review')
for n in ('well', 'lines', 'struck'):
    wrong = [k for k, v in truth.items() if field[n].get(k, {}).get('verdict') == 'auto' and field[n][k]['value'] not in ('', v)]
    check('%s: nothing is sure and wrong' % n, not wrong)
form, crossed = ({f['name']: f for f in json.loads(open('%s/%s.json' % (work, n)).readline())['fields']} for n in ('form', 'crossed'))
gone = open(work + '/crossed.txt').read().split()
check('a form: four values are crossed out', len(gone) == 4 and all(form[n]['verdict'] == 'auto' and form[n]['value'] for n in gone))
check('none of them is sure', all(crossed[n]['verdict'] == 'review' for n in gone))
check('as each of them says', all('crossed_out' in crossed[n]['reasons'] for n in gone))
check('and the others do not', not any('crossed_out' in f['reasons'] for n, f in crossed.items() if n not in gone))
en, es = open(work + '/en').read(), open(work + '/es').read()
for r in ('unreadable', 'no_document', 'language', 'sum_differs', 'list_outdated', 'duplicate_of', 'not_for_this_client', 'crossed_out'):
    said = [[x for x in t.splitlines() if r in x] for t in (en, es)]
    check('%s is said in English and in Spanish' % r, all(said) and said[0] != said[1])
sys.exit(failed > 0)
PY
