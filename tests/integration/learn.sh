#!/bin/bash
# learn.sh - a made-up form is learnt from a blank page and a marked one by the real command in the real cage, and filled
# pages of it, degraded by scanners, a fax and a telephone, are read at once; what cannot be learnt is refused with what, where and a cure.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
export ESCRIBA_FORMS=$root/forms NO_COLOR=1 OMP_THREAD_LIMIT=1
unset LC_ALL LC_MESSAGES LANG
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/learn.XXXX")
trap 'rm -rf "$work"' EXIT
bad=0
ok() { echo "ok - $1"; }
not() { echo "not ok - $1"; bad=1; sed 's/^/#   /' "$work/out" 2>/dev/null | head -n 8; }
refused() { local what=$1 text=$2; shift 2; if "$@" >"$work/out" 2>&1; then not "$what: it was taken"; elif grep -qF -- "$text" "$work/out" && grep -q "do:" "$work/out"; then ok "$what"; else not "$what"; fi; }
cd "$work" || exit 1
/usr/bin/python3 "$root/fixtures/make.py" learn l --seed 7 --count "${LEARN_PAGES:-5}" || exit 1
cp -r "$root/forms" f && rm -f f/rsc7.yaml
E=$BIN/escriba
learn() { "$E" forms learn rsc7 --into "$work/f" "$@"; }

if learn --blank l/blank.jpg --marked l/marked.jpg --fields l/fields.csv --title "Swimming club" >out 2>&1; then ok "the form is learnt"; else not "the form is learnt"; fi
if grep -q "recognised with 0.9" out; then ok "and known again"; else not "and known again"; fi
refused "a name that is taken" "already" learn --blank l/blank.jpg --marked l/marked.jpg
refused "a page without marks" "nothing is marked" learn --replace --blank l/blank.jpg --marked l/blank.jpg
printf 'Bad Name,date\n' >b.csv
refused "a name that is none" "line 1" learn --replace --blank l/blank.jpg --marked l/marked.jpg --fields b.csv
printf 'hello\n' >no.png
refused "no picture" "where" learn --replace --blank no.png --marked l/marked.jpg
"$E" read --form rsc7 --forms "$work/f" --jobs 1 --json $(ls l/filled/* | grep -v json) >read.jsonl 2>out
/usr/bin/python3 - read.jsonl >out 2>&1 <<'P' && ok "filled pages are read: $(tail -n 1 out)" || not "filled pages are read"
import json, os, re, sys
def norm(kind, v):
    """As the neutral judge compares: money to the cent, dates as they are, the rest in letters and digits."""
    if kind == 'money':
        return '%.2f' % float(v) if re.fullmatch(r'-?\d+(\.\d{1,2})?', v) else None
    return v if kind == 'date' else ''.join(c for c in v.upper() if c.isalnum())
right = gold = 0
for line in open(sys.argv[1]):
    r = json.loads(line)
    t = json.load(open(os.path.splitext(r['file'])[0] + '.json'))
    got = {f['name']: f.get('value') for f in r.get('fields', [])}
    rows = list((r.get('tables') or {}).values())
    rows = rows[0] if rows else []
    for n, g in t['gold'].items():
        gold += 1
        right += bool(got.get(n)) and norm(g['type'], got[n]) == norm(g['type'], g['value'])
    for i, row in enumerate(t.get('gold_lines', [])):
        for n, g in row.items():
            v = (rows[i].get(n) or {}).get('value') if i < len(rows) else None
            gold += 1
            right += bool(v) and norm(g['type'], v) == norm(g['type'], g['value'])
print('%d of %d values' % (right, gold))
sys.exit(gold < 60 or right < 0.95 * gold)
P
exit $bad
