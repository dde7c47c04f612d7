#!/bin/bash
# confidence.sh - what persons say of one client's values changes what that client's next document asks, and no other's.
#
# The same page three times for one client, every accepted value drawn by lot; a person corrects one field each time. The
# fourth page asks for that field because it is not sure enough; for another client it is accepted as before. Beside it:
# the lots, what is expected of a batch, what a budget asks of persons.
. "$(dirname "$0")/engine_lib.sh"

check "an installation starts" engine_up || exit 1
[ $failed = 0 ] || exit 1
check "two clients are added" eval 'engine_client acme mixed && engine_client beta mixed' || exit 1
escriba person add Ana --user "$(id -un)" --clearance 9 --clients all >/dev/null || exit 1
check "with one of them it is agreed that a person looks at everything" eval "escriba client set acme --sample 100% >/dev/null"
escriba client set acme --json | grep -q '"sample": *1' && ok "which stands in its terms" || bad "which stands in its terms"
check "no share is more than all" eval '! escriba client set acme --sample 101% 2>/dev/null'

# The same picture in other bytes: a comment after the start of the JPEG.
variant() { # number, to
    /usr/bin/python3 - "$root/fixtures/documents/w2/single_clean.jpg" "$1" "$2" <<'PY'
import sys
data = open(sys.argv[1], 'rb').read()
note = b'copy %s' % sys.argv[2].encode()
open(sys.argv[3], 'wb').write(data[:2] + b'\xff\xfe' + (len(note) + 2).to_bytes(2, 'big') + note + data[2:])
PY
}
give() { # client, batch, number
    mkdir -p "$work/in"
    variant "$1$3" "$work/in/$2.jpg"
    mkdir -p "$home/hot/$1/mixed/$2" && cp "$work/in/$2.jpg" "$home/hot/$1/mixed/$2/w2.jpg"
    chmod 777 "$home/hot/$1/mixed/$2"
}
batch() { # client, folder
    escriba batch list --client "$1" --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys
print(next((r["batch_id"] for r in map(json.loads, sys.stdin) if r["folder"] == sys.argv[1]), ""))' "$2"
}
# A number of the batch's "expected", of one field or of all.
expected() { # batch, key, field
    escriba batch show "$1" --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys
e = json.load(sys.stdin)["expected"]
if len(sys.argv) > 2: e = next((f for f in e["fields"] if f["field"] == sys.argv[2]), {})
print(e.get(sys.argv[1], 0))' "${@:2}"
}
stated() { local b; b=$(batch "$1" "$2"); [ -n "$b" ] && [ "$(escriba document list --batch "$b" --json | grep -cE '"state": *"(review|delivered)"')" = 1 ]; }

give acme one 1
check "the first page waits for a person" until_true 120 stated acme one
field=$(escriba batch show "$(batch acme one)" --json | /usr/bin/python3 -c 'import json,sys
e = json.load(sys.stdin)["expected"]
print(next((f["field"] for f in e["fields"] if f["sampled"] == 1 and f["field"].endswith("_wages")), ""))')
check "an amount of it was accepted, and drawn by lot ($field)" test -n "$field"
check "of what a person decides nothing is expected to be wrong" test "$(expected "$(batch acme one)" accepted)" = 0

desk=$home/run/desk.sock
until_true 20 test -S "$desk"
key() { "${DESKKEY:-$BIN/../tests/deskkey}" "$desk" "$@"; }
key next "$field=1.11" >"$work/key1" || bad "a person goes through it"
check "a person corrects it" grep -q "^$field corrected" "$work/key1"
check "and accepts the others" grep -q ' accepted' "$work/key1"
for n in two three; do
    give acme $n $n
    until_true 120 stated acme $n || bad "page $n waits for a person"
    key next "$field=1.11" >"$work/key$n" || bad "a person goes through page $n"
done
record() { escriba client record "$1" --json | /usr/bin/python3 -c 'import json,sys
print(next((r[sys.argv[2]] for r in map(json.loads, sys.stdin) if r["field"] == sys.argv[1]), 0))' "$2" "$3"; }
check "the record says so: drawn by lot three times or asked for after, wrong each time" eval \
    '[ "$(/usr/bin/python3 -c "print(int(float(\"$(record acme "$field" sampled_wrong)\") + float(\"$(record acme "$field" asked_wrong)\")))")" = 3 ]'

give acme four 4
give beta four 4
check "the fourth page comes to both clients" until_true 120 eval 'stated acme four && stated beta four'
check "for the one the field is no longer sure enough" test "$(expected "$(batch acme four)" confirm "$field")-$(expected "$(batch acme four)" sampled "$field")" = 1-0
check "for the other it is accepted as before" test "$(expected "$(batch beta four)" accepted "$field")-$(expected "$(batch beta four)" confirm "$field")" = 1-0
wrong() { /usr/bin/python3 -c "import sys; sys.exit(not 0 < float('$(expected "$(batch beta four)" expected_wrong)') < float('$(expected "$(batch beta four)" accepted)'))"; }
check "of what is accepted some are expected to be wrong" wrong
check "a person reads the same" eval 'escriba batch show "$(batch beta four)" | grep -q "expected wrong, at most"'

check "a budget is agreed" escriba client set beta --wrong-critical 0.01% --wrong-major 0.01% --wrong-minor 0.01% --json
give beta five 5
check "a page under a budget" until_true 120 stated beta five
check "asks for more than a look" test "$(($(expected "$(batch beta five)" single) + $(expected "$(batch beta five)" double)))" -gt 0
exit $failed
