#!/bin/bash
# guard.sh - the guard of a client's folder, with the real engine: whose paper it is, and whether it came before.
#
# A client's names and numbers are sealed before they reach the database.  A paper that names another buyer waits for a
# senior and is not delivered; the same invoice as another file waits with the first one's id; without identities the
# guard is off, and the doctor says so.
. "$(dirname "$0")/engine_lib.sh"

made=$root/fixtures/documents/invoice
ours='Gómez e Hijos' nif=F43619329 # the buyer of es_boxes_vector.pdf; es_boxes_clean.jpg has another
work_sql() { psql "host=$home/run/pg user=escriba_admin dbname=escriba_work passfile=$home/secret/escriba_admin.pgpass" -XAtq -c "$1"; }
documents() { escriba document list --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys
rows = [json.loads(x) for x in sys.stdin]
print(sum(1 for r in rows if eval(sys.argv[1], {}, r)))' "$1"; }
count_is() { [ "$(documents "$1")" = "$2" ]; }
reason_is() { [ "$(escriba document show "$1" --json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["reason"])')" = "$2" ]; }
newest() { work_sql 'SELECT document_id FROM work.document ORDER BY created_at DESC LIMIT 1'; }
settled() { [ "$(work_sql "SELECT count(*) FROM work.document WHERE state IN ('review', 'passed', 'delivered')")" = "$1" ]; }

check "an installation starts" engine_up || exit 1
check "a client is added" engine_client acme invoice || exit 1
hot=$home/hot/acme/invoice
until_true 20 test -d "$hot"
off() { escriba doctor --json 2>/dev/null | grep -q '"check":"misdelivery","finding":"warning"'; }
on() { escriba doctor --all --json 2>/dev/null | grep -q '"check":"misdelivery","finding":"ok"'; }
check "the doctor says that the guard is off" until_true 20 off

# --- identities ---
check "a name is added" escriba client identity add acme name "$ours" --quiet
check "a number comes through standard input" sh -c "echo 'tax-id $nif' | '$BIN/escriba' client identity add acme - --quiet --home '$home'"
lists() { escriba client identity list acme | grep -q "name *$ours" && escriba client identity list acme | grep -q "tax-id *$nif"; }
check "both are listed" lists
check "the doctor says that the guard is on" on
clear_of() { [ "$(work_sql "SELECT count(*) FROM work.parties WHERE position(convert_to('$1', 'UTF8') IN sealed) > 0")" = 0 ] &&
    [ "$(work_sql 'SELECT count(*) FROM work.parties WHERE length(sealed) > 100')" = 1 ]; }
check "the name does not stand in the database" clear_of "$ours"
check "nor does the number" clear_of "$nif"
wrong() { ! escriba client identity add acme npi 1234567890 --quiet 2>/dev/null; }
check "a number whose check digit does not hold is not taken" wrong
check "one that is there twice is there once" escriba client identity add acme tax-id "ES-$nif" --quiet
twice() { [ "$(escriba client identity list acme --json | wc -l)" = 2 ]; }
check "and the list says so" twice

# --- whose it is ---
cp "$made/es_boxes_vector.pdf" "$hot/one.pdf"
check "the client's own invoice is worked on" until_true 120 settled 1
first=$(newest)
ours_passed() { ! reason_is "$first" not_for_this_client && ! reason_is "$first" duplicate_of; }
check "and is not taken for somebody else's" ours_passed
cp "$made/es_boxes_clean.jpg" "$hot/other.jpg"
check "another client's invoice is worked on" until_true 120 settled 2
check "it waits for a person as not_for_this_client" reason_is "$(newest)" not_for_this_client
stranger=$(newest)
not_delivered() { [ "$(work_sql "SELECT count(*) FROM work.step WHERE unit = 4 AND object_id = '$stranger'")" = 0 ]; }
check "and is not on its way to anybody" not_delivered
seniors() { [ "$(work_sql "SELECT work.may_take(p, r.reason) FROM work.review r, (SELECT ROW(NULL, '', '', '$1', 0, '', true, NULL, NULL)::work.person AS p) x WHERE r.document_id = '$stranger'")" = "$2" ]; }
check "a reviewer is not offered it" seniors reviewer f
check "a senior is" seniors senior t

# --- twice ---
pdftoppm -r 200 -png -singlefile "$made/es_boxes_vector.pdf" "$work/again"
cp "$work/again.png" "$hot/again.png"
check "the same invoice as another file is worked on" until_true 120 settled 3
twin=$(newest)
check "it waits for a person as duplicate_of" reason_is "$twin" duplicate_of
names_first() { escriba document show "$twin" --json | grep -q "\"duplicate_of\": *\"$first\""; }
check "with the id of the one that came before" names_first
only_hashes() { [ "$(work_sql 'SELECT count(*) FROM work.twin WHERE length(tag) <> 32')" = 0 ] && [ "$(work_sql "SELECT count(*) FROM work.twin WHERE document_id = '$first'")" -ge 1 ]; }
check "the database has keyed hashes of what it said, and nothing else" only_hashes

# --- off again ---
check "identities are removed" escriba client identity remove acme name "$ours" --quiet
check "one by one" escriba client identity remove acme tax-id "$nif" --quiet
check "then the guard is off again" off
check "the stranger's paper is tried again" sh -c "'$BIN/escriba' set-aside '$stranger' --home '$home' --quiet >/dev/null && '$BIN/escriba' retry '$stranger' --home '$home' --quiet >/dev/null"
passes() { settled 3 && ! reason_is "$stranger" not_for_this_client; }
check "and is taken as any other" until_true 120 passes
check "the balance holds" escriba balance --quiet

[ $failed = 0 ]
