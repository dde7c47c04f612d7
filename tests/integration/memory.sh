#!/bin/bash
# memory.sh - what a person teaches about a sender's layout, through the whole engine: the next page of that sender goes
# right, at this client and at no other, and forgetting works.
#
# Documents of an invented sender whose labels no form knows. Each is put into the folders of two clients; a person corrects
# the first one of client acme at the desk.
. "$(dirname "$0")/engine_lib.sh"
/usr/bin/python3 -c 'import PIL, numpy, reportlab' 2>/dev/null || { echo "python3-pil, -numpy and -reportlab are not installed"; exit 77; }

/usr/bin/python3 - "$root" "$work" <<'PY' || exit 1
import os, random, sys
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(sys.argv[1], 'fixtures'))
from gen import save, senders
for n in (0, 1, 2):
    doc = senders.invoice('1/invoice_minimal_gb_strange', n, 'gb', 'minimal', True)
    save.write(doc, os.path.join(sys.argv[2], 'd%d' % n), 'pristine', 'memory/%d' % n, random.Random(n), 'png')
PY
check "an installation starts" engine_up || exit 1
[ $failed = 0 ] || exit 1
check "client acme" engine_client acme invoice
check "client beta" engine_client beta invoice
escriba person add 'Ana Ruiz' --user "$(id -un)" --clearance 9 --clients all >>"$work/client.log" 2>&1
acme=$home/hot/acme/invoice beta=$home/hot/beta/invoice
until_true 20 test -d "$beta"
until_true 20 test -S "$home/run/desk.sock"
desk() { /usr/bin/python3 "$root/tests/integration/memory_desk.py" "$home/run/desk.sock" "$@"; }
in_review() { [ "$(escriba document list --state review --json 2>/dev/null | grep -c '"document_id"')" = "$1" ] && is_idle; }
layouts() { escriba memory show "$1" --json 2>/dev/null | grep -c '"layout"'; }
knows() { [ "$(layouts "$1")" = "$2" ]; }

cp "$work/d0.png" "$acme/d0.png"
check "the first document waits for a person" until_true 120 in_review 1
check "nothing is remembered before anybody spoke" knows acme 0
for _ in 1 2 3; do desk "$work/d0.json" >"$work/said" 2>&1 || break; done # a second look where a rule asks for one
grep -h corrected "$work/said" | sed 's/^/# /'
check "the person corrected it, and a layout is remembered" until_true 60 knows acme 1
check "the document went on" until_true 60 in_review 0
escriba memory show acme 1 | sed 's/^/# /'

# the second document: in clients acme and beta, with the same labels and other values
fields=$(escriba memory show acme 1 --json | /usr/bin/python3 -c 'import json,sys
print(*[r["field"] for r in map(json.loads, sys.stdin) if r.get("field") and r["corrected"] > 0])')
echo "# corrected on the first page: $fields"
check "some fields had to be corrected" [ -n "$fields" ]
right() { # what was shown, truth: how many of the fields
    /usr/bin/python3 - "$1" "$2" <<'PY'
import json, sys
gold = json.load(open(sys.argv[2]))['gold']
got = dict((l.split(' ', 2)[0], l.rstrip('\n').split(' ', 2)[2]) for l in open(sys.argv[1]) if len(l.split(' ', 2)) == 3)
print(sum(got.get(n) == g['value'] for n, g in gold.items() if n in got), sum(n in got for n in gold))
PY
}
check "nothing of it is known at the other client" knows beta 0
cp "$work/d1.png" "$beta/d1.png"
check "the second document at the other client waits for a person" until_true 120 in_review 1
# shellcheck disable=SC2086
desk "$work/d1.json" $fields >"$work/beta" 2>&1
read -r there of < <(right "$work/beta" "$work/d1.json")
for _ in 1 2 3; do in_review 0 && break; desk "$work/d1.json" >/dev/null 2>&1; is_idle; done
cp "$work/d1.png" "$acme/d1.png"
went() { [ "$(escriba document list --client acme --json 2>/dev/null | grep -c '"document_id"')" = 2 ] && is_idle; }
check "the second document at the client who taught is read" until_true 120 went
if in_review 1; then
    # shellcheck disable=SC2086
    desk "$work/d1.json" $fields >"$work/acme" 2>&1
    read -r here of < <(right "$work/acme" "$work/d1.json")
else
    here=$of # nobody was asked
fi
echo "right_with_memory: $here of $of"
echo "right_without_memory: $there of $of"
# one that must be typed unseen is not shown, and counts as wrong
check "more of what was corrected is right on the second page than at a client whom nobody taught" [ "$here" -gt "$there" ]
check "most of it" [ $((here * 2)) -gt "$of" ]
for _ in 1 2 3; do in_review 0 && break; desk "$work/d1.json" >"$work/said" 2>&1; done
check "one sender stays one layout" until_true 30 knows acme 1

escriba memory list | sed 's/^/# /'

# looking back at the second document: today's run is told the layout as it was then, though people taught it more since
admin() { psql "host=$home/run/pg user=escriba_admin dbname=escriba_work passfile=$home/secret/escriba_admin.pgpass" -XqAt -c "$1" 2>&1; }
taught=$(admin "SELECT document_id FROM work.told WHERE memory_slot > 0 LIMIT 1")
check "which layout a document was told is written down" [ ${#taught} = 36 ]
escriba person close "$(id -un)" --quiet >/dev/null 2>&1
escriba person add Aud --user "$(id -un)" --role auditor --clearance 9 --clients all --quiet >/dev/null
back() { escriba replay "$taught" "$1" --json 2>"$work/replay.err" >"$work/story"; }
story() { /usr/bin/python3 -c 'import json,sys; o = json.load(open(sys.argv[1])); print(eval(sys.argv[2], {"o": o}))' "$work/story" "$1" 2>&1; }
helped=
for f in $fields; do
    escriba replay "$taught" "$f" --json --stored 2>/dev/null >"$work/story"
    [ "$(story 'any(r["rule"].startswith("memory") for r in o["rules"]) and o["hands"][0]["value"] is not None')" = True ] && helped=$f && break
done
echo "# looked back at: $helped"
check "memory chose one of its values" [ -n "$helped" ]
check "it is run again" back "$helped"
check "and told the memory of then" [ "$(story 'o["today"]["told"]["memory"]')" = then ]
check "the machine says the same" [ "$(story 'o["today"]["same"]')" = True ]

check "one layout can be forgotten" escriba memory forget acme 1 --quiet
check "and is" knows acme 0
check "looked back at again, it is not told" back "$helped"
check "and that is said" [ "$(story 'o["today"]["told"]["memory"]')" = gone ]
check "so the machine says something else" [ "$(story 'o["today"]["same"]')" = False ]
check "forgetting what is not there says so" bash -c '! "$0" memory forget acme 7 --quiet --home "$1" 2>/dev/null' "$BIN/escriba" "$home"
check "all of a client can be forgotten" escriba memory forget beta --quiet
check "the audit has what was learnt and forgotten" bash -c '"$0" audit --limit 200 --home "$1" | grep -q memory.learnt && "$0" audit --limit 200 --home "$1" | grep -q memory.forgotten' "$BIN/escriba" "$home"
check "the audit's chains hold" escriba audit verify --quiet
[ $failed = 0 ]
