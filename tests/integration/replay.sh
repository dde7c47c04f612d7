#!/bin/bash
# replay.sh - the same page and the same versions give the same result; and for a delivered value all is told.
#
# Part one reads documents twice, in another order, with one worker and with two, and compares bytes. Part two delivers an
# invoice that a person corrected, and looks back at it: as a reviewer (refused), as an auditor, after the client refused
# it, after a second version, and after retention took it.
. "$(dirname "$0")/engine_lib.sh"
is() { # words, what it is, what it ought to be
    if [ "$2" = "$3" ]; then ok "$1"; else bad "$1 (it is '$2', not '$3')"; fi
}

# --- the same twice ---
papers=("$root/fixtures/documents/invoice/en_minimal_fax.tif" "$root/fixtures/documents/receipt/malaysia_worn.jpg"
    "$root/fixtures/documents/invoice/fr_classic_vector.pdf")
for p in "${papers[@]}"; do [ -e "$p" ] || { echo "not ok - $p is not there"; exit 1; }; done
strip() { sed -E 's/"seconds":[0-9.]+/"seconds":0/g' | sort; }
"$BIN/escriba" read --json --jobs 1 "${papers[@]}" 2>/dev/null | strip >"$work/one"
"$BIN/escriba" read --json --jobs 2 "${papers[2]}" "${papers[0]}" "${papers[1]}" 2>/dev/null | strip >"$work/two"
"$BIN/escriba" read --json --jobs 1 "${papers[@]}" 2>/dev/null | strip >"$work/three"
check "three documents are read" test "$(grep -c '"fields":\[{' "$work/one")" -ge 3
check "in another order and with two workers they are read the same" cmp -s "$work/one" "$work/two"
check "and again the same" cmp -s "$work/one" "$work/three"
check "each says what made it" test "$(grep -c '"tesseract":"[0-9].*"eng":"[0-9a-f]\{16\}"' "$work/one")" -ge 3
model=$(find /usr/share/tesseract-ocr -name eng.traineddata 2>/dev/null | head -1)
if [ -z "${TESSDATA_PREFIX:-}" ] && [ -n "$model" ]; then
    check "the model's hash is that of sha256sum" grep -q "\"eng\":\"$(sha256sum "$model" | cut -c1-16)\"" "$work/one"
fi

# --- one invoice, corrected ---
admin() { psql "host=$home/run/pg user=escriba_admin dbname=escriba_$1 passfile=$home/secret/escriba_admin.pgpass" -XqAt -c "$2" 2>&1; }
check "an installation starts" engine_up || exit 1
mkdir -p "$work/site"; chmod 700 "$work/site"
"$BIN/escriba-client" keygen "$work/site/acme.key" >/dev/null
check "a client is added" escriba client add acme --name acme --key "$work/site/acme.key.pub" --streams mixed \
    --quiet-seconds 2 --retention-days 0
until_true 20 test -d "$hot"
until_true 20 test -S "$home/run/desk.sock"
me=$(id -un)
check "a reviewer" escriba person add Ana --user "$me" --clearance 9 --quiet
cp "${papers[0]}" "$hot/one.tif"
waits() { [ "$(escriba document list --state review --json 2>/dev/null | grep -c .)" -ge 1 ]; }
check "the invoice waits for a person" until_true 120 waits
document=$(escriba document list --json | sed -n 's/.*"document_id": *"\([^"]*\)".*/\1/p' | head -1)
desk() { "$(dirname "$0")/desk_person.py" "$home/run/desk.sock" "$@"; }
desk "$document" invoice_number=CANARY-7712 >"$work/flagged" 2>"$work/desk.err"
check "a person corrects the number" test -s "$work/flagged"
delivered() { escriba document list --json | grep -q '"delivered"'; }
check "it is delivered" until_true 60 delivered

replay() { escriba replay "$@" 2>"$work/replay.err"; }
replay "$document" invoice_number >/dev/null; is "a reviewer does not look back" $? 77
escriba person close "$me" --quiet >/dev/null 2>&1
escriba person add Aud --user "$me" --role auditor --clearance 9 --quiet >/dev/null
check "an auditor sees which fields there are" test "$(replay "${document%%-*}" | grep -c '^grand_total')" = 1
get() { /usr/bin/python3 -c 'import json,sys
o = json.load(open(sys.argv[1]))
print(eval(sys.argv[2], {"o": o}))' "$work/story" "$1" 2>&1; }
replay "$document" invoice_number --json >"$work/story"; is "and looks at one" $? 0
is "its value" "$(get 'o["value"]')" CANARY-7712
is "the machine's hand came first" "$(get 'o["hands"][0]["by"]')" machine
is "the person's last, by name" "$(get 'o["hands"][-1]["who"] + " " + o["hands"][-1]["value"]')" "$me CANARY-7712"
check "with the time" test -n "$(get 'o["hands"][-1]["at"] or ""')"
is "what made it is named" "$(get '"tesseract" in o["versions"] and "eng" in o["versions"] and o["versions"]["form"].split()[0]')" invoice
is "run again today the machine says the same" "$(get 'o["today"]["same"]')" True
is "its page is read exactly as then" "$(get 'o["today"]["pages_same"]')" 1
is "with the same versions" "$(get '[v["name"] for v in o["today"]["versions_differ"] if v["name"] != "day"]')" "[]"
is "it was delivered once" "$(get 'len(o["delivered"])')" 1
check "what the machine said was wrong, and the cause is told" test "$(get 'o["cause"]')" != none
check "the cause is one of those that a program can act on" grep -qE 'misread|wrong_candidate|not_found|wrong_rule' <<<"$(get 'o["cause"]')"
replay "$document" grand_total --json --stored >"$work/story"
is "a look at what is stored runs nothing" "$(get 'o["today"]')" None
check "rules that spoke are named" test "$(get 'len(o["rules"])')" -ge 1
replay "$document" no_such_field >/dev/null; is "a field that is not there" $? 4
replay ffffffff grand_total >/dev/null; is "a document that is not there" $? 4
replay xyz >/dev/null; is "what is no identifier" $? 2

# At a terminal: the picture, and nothing of it anywhere else.
script -qec "$BIN/escriba replay $document grand_total --stored --home $home" /dev/null >"$work/screen" 2>&1 </dev/null
check "at a terminal the picture is shown in braille" grep -qP '[\x{2801}-\x{28ff}]{3}' "$work/screen"
replay "$document" grand_total --stored --lang es >"$work/plain"
check "elsewhere there is no picture" bash -c '! grep -qP "[\x{2801}-\x{28ff}]" "$1"' _ "$work/plain"
check "it speaks Spanish" grep -q 'Qué manos' "$work/plain"

# Every look is written down.
escriba document show "$document" --json >"$work/shown"
check "each look is in the list of who saw what" grep -q 'replay:invoice_number' "$work/shown"
check "and in the audit" grep -q 'replay.saw' "$work/shown"
check "the operator sees what made it, without keys" grep -q '"made".*"tesseract"' "$work/shown"
check "the audit holds" bash -c '"$1" audit verify --home "$2" >/dev/null' _ "$BIN/escriba" "$home"

# Less clearance sees less.
escriba person close "$me" --quiet >/dev/null 2>&1
escriba person add Aud --user "$me" --role auditor --clearance 1 --quiet >/dev/null
hidden=$(/usr/bin/python3 - "$root/forms/invoice.yaml" <<'PY'
import re, sys
name = None
for line in open(sys.argv[1], encoding='utf-8'):
    m = re.match(r'\s*- name: (\w+)', line) or re.match(r'\s*- \{name: (\w+)', line)
    name = m.group(1) if m else name
    if re.search(r'sensitivity: (personal|medical|secret|high)', line) and name:
        print(name)
        break
PY
)
if [ -n "$hidden" ]; then
    replay "$document" "$hidden" >/dev/null; is "a sensitive field is not shown to who may not see it ($hidden)" $? 77
fi
escriba person close "$me" --quiet >/dev/null 2>&1
escriba person add Aud --user "$me" --role auditor --clearance 9 --quiet >/dev/null

# --- the client refuses it; a person mends it; the first person had keyed it wrong ---
check "the client pulls" pull
check "and refuses it" "$BIN/escriba-client" nack 1 --reason "not our number" --handover "$home/handover/acme" --key "$work/site/acme.key"
replay "$document" invoice_number --json --stored >"$work/story"
is "the refusal is shown" "$(get 'o["delivered"][0]["refused"]["reason"]')" "not our number"
echo F-2026-19 | escriba replay "$document" invoice_number --json --stored --right >"$work/story" 2>/dev/null
is "told what is right, the person is to blame" "$(get 'o["cause"]')" keyed_wrong
refused() { escriba client refused acme --json | grep -q "\"document\": *\"$document\".*not our number"; }
check "and the operator is told which and why" refused
check "a delivered document is reopened" escriba document reopen "$document"
escriba document reopen "$document" >/dev/null 2>&1; is "once" $? 1
check "it waits again" until_true 60 waits
escriba person close "$me" --quiet >/dev/null 2>&1
escriba person add Bea --user "$me" --clearance 9 --quiet >/dev/null
desk "$document" invoice_number=F-2026-19 >/dev/null 2>>"$work/desk.err"
second() { [ "$(admin work "SELECT count(*) FROM work.receipt WHERE kind = 'result'")" = 2 ]; }
check "a second version is delivered" until_true 60 second
escriba person close "$me" --quiet >/dev/null 2>&1
escriba person add Aud --user "$me" --role auditor --clearance 9 --quiet >/dev/null
replay "$document" invoice_number --json --stored >"$work/story"
is "both versions are told" "$(get '[h["version"] for h in o["hands"] if h["by"] == "person"]')" "[1, 2]"
is "the cause is told without being asked" "$(get 'o["cause"] + " " + o["wrong"] + " " + o["right"]')" "keyed_wrong CANARY-7712 F-2026-19"

# Today's run is told what the stages were told then: here a layout that people have taught more since.
replay "$document" invoice_number --json >"$work/story"
taught=$(admin work "SELECT memory_slot > 0 FROM work.told WHERE document_id = '$document' ORDER BY version DESC LIMIT 1")
is "the layout of then" "$(get 'o["today"]["told"]["memory"]')" "$([ "$taught" = t ] && echo then || echo nothing)"
is "the terms of then" "$(get 'o["today"]["told"]["terms"]')" then
is "and no parties and e-invoices, as then" "$(get 'o["today"]["told"]["parties"] + " " + o["today"]["told"]["e-invoices"]')" "nothing nothing"
is "so the machine says what it said" "$(get 'o["today"]["same"]')" True

# --- nothing of it lies about ---
check "no value in a log" bash -c '! grep -rqs "CANARY-7712\|F-2026-19" "$1/log" "$1/run"' _ "$home"

# --- and when retention took it ---
pull
escriba retention --client acme >/dev/null 2>&1
erased() { escriba document list --json | grep -q '"erased"'; }
check "retention takes it" until_true 20 erased
replay "$document" invoice_number >/dev/null; is "then there is nothing to look at" $? 4
check "and that is said" grep -q 'was erased' "$work/replay.err"

echo "1..$number"
exit $((failed > 0))
