#!/bin/bash
# retention.sh - what the client acknowledged goes, in both databases; what it did not, or refused, stays.
#
# A client that keeps nothing (retention of 0 days) delivers one invoice, the same bytes again, and a file that is refused.
. "$(dirname "$0")/engine_lib.sh"

admin() { psql "host=$home/run/pg user=escriba_admin dbname=escriba_$1 passfile=$home/secret/escriba_admin.pgpass" -XqAt -c "$2" 2>&1; }
# A number out of what `escriba retention` says.
said() { escriba retention "${@:2}" --json --client acme | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
# What could still be opened: parts of originals, artifacts, keys; packages for the client.
kept() { admin work "SELECT concat_ws(' ', (SELECT count(*) FROM work.blob_part), (SELECT count(*) FROM work.artifact),
    (SELECT count(*) FROM work.file WHERE length(wrapped) + length(name) > 0) + (SELECT count(wrapped) FROM work.document))"; }
packages() { admin delivery 'SELECT count(payload) FROM delivery.result'; }
is() { # words, what it is, what it ought to be
    if [ "$2" = "$3" ]; then ok "$1"; else bad "$1 (it is $2, not $3)"; fi
}
balance_holds() { escriba balance >/dev/null; }
audit_holds() { escriba audit verify >/dev/null; }
mark() { admin work "SELECT sum(n) FROM work.audit_head"; }

check "an installation starts" engine_up || exit 1
[ $failed = 0 ] || exit 1
mkdir -p "$work/site"; chmod 700 "$work/site"
"$BIN/escriba-client" keygen "$work/site/acme.key" >/dev/null
add() { escriba client add acme --name acme --key "$work/site/acme.key.pub" --streams mixed --quiet-seconds 2 \
    --retention-days 0 >"$work/client.log"; }
check "a client that keeps nothing is added" add
until_true 10 test -d "$hot"
cp "$root/fixtures/documents/invoice/fr_classic_vector.pdf" "$hot/one.pdf"
printf 'not a document' >"$hot/odd.bin"
came() { is_idle && [ "$(balance file arrived)" = "$1" ]; }
until_true 90 came 2
cp "$root/fixtures/documents/invoice/fr_classic_vector.pdf" "$hot/again.pdf"
check "an invoice, its duplicate and a refused file came through" until_true 60 came 3
# Whatever this reader thinks of it, a document has to be answered: a person rejects what waits.
if [ "$(balance page in_review)" != 0 ]; then
    escriba person add Test --user nobody --clearance 9 --quiet >/dev/null
    admin work "SET SESSION AUTHORIZATION escriba_desk; SELECT work.review_reject(p.person_id, t.client_id, t.document_id, t.token, 100)
        FROM work.person_of('nobody') p, work.review_take(p.person_id, NULL, 60) t" >/dev/null
    until_true 30 is_idle
fi
is "two answers wait for the client" "$(packages)" 2

# --- before anything is acknowledged ---
escriba retention --lang en >"$work/first.log"
check "it says what it did, and what waits" grep -q '2 older files wait' "$work/first.log"
before=$(kept) row=$(mark)
is "the duplicate, for which nobody waits, is gone" "$(balance file erased)" 1
is "what was not acknowledged stays" "$(packages)" 2
check "with its original and all that was read" test "${before%% *}" -ge 2
is "the balance holds" "$(escriba balance --json --client acme | grep -c '"holds":true\|"holds": true')" 2

# --- a trial, and a refusal by the client ---
odd=$(admin work "SELECT file_id FROM work.file WHERE state = 'refused'")
refused=$(admin delivery "SELECT seq FROM delivery.result WHERE document = '$odd'")
check "the client pulls and acknowledges" pull
check "and refuses one answer" "$BIN/escriba-client" nack "$refused" --reason "it was a document" --handover "$home/handover/acme" --key "$work/site/acme.key"
is "a trial says that one file would go" "$(said files --dry-run)" 1
is "and a result" "$(said results --dry-run)" 1
is "and erases nothing" "$(kept) $(packages) $(mark)" "$before 2 $row"

# --- the run ---
escriba retention --json >"$work/run.json"
is "one file is erased, another disputed" "$(/usr/bin/python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print(r["files"], r["documents"], r["pages"] > 0, r["bytes"] > 30000, r["results"], r["files_disputed"], r["files_unacknowledged"])' "$work/run.json")" "1 1 True True 1 1 0"
is "the package is gone from the delivery database" "$(packages)" 1
is "what is left is the disputed file" "$(admin work "SELECT string_agg(DISTINCT file_id::text, ' ') FROM work.blob_part")" "$odd"
is "no artifact of the document is left" "$(admin work 'SELECT count(*) FROM work.artifact a JOIN work.document d ON d.document_id = a.object_id')" 0
is "nor of its pages" "$(admin work "SELECT count(*) FROM work.artifact WHERE object_id <> '$odd'")" 0
is "nor its keys and its name" "$(admin work "SELECT coalesce(sum(length(f.wrapped) + length(f.name)), 0) + (SELECT count(wrapped) FROM work.document) FROM work.file f WHERE f.file_id <> '$odd'")" 0
check "the balance holds" balance_holds
is "its page is erased, and the duplicate's" "$(balance page erased)" "$(balance page arrived)"
check "the audit log is whole" audit_holds
check "and tells it" bash -c "'$BIN/escriba' audit --home '$home' --limit 20 | grep -q file.erased"
row=$(mark)
is "a second run erases nothing" "$(said files) $(said results)" "0 0"
is "and writes nothing" "$(mark)" "$row"

# --- the answer is given again, and accepted ---
check "the refused file is tried again" escriba retry "$odd" --quiet
until_true 30 is_idle
is "its new answer alone sets nothing free" "$(said files) $(said results)" "0 0"
check "the client pulls again" pull
is "now it goes" "$(said files)" 1
is "nothing is left that could be opened" "$(kept) $(packages)" "0 0 0 0"
check "the balance holds" balance_holds
check "the audit log is whole" audit_holds
is "and the same bytes may come again" "$(cp "$root/fixtures/documents/invoice/fr_classic_vector.pdf" "$hot/new.pdf"; until_true 60 came 4; balance file duplicate)" 0
escriba retention --client nobody >/dev/null 2>&1
is "an unknown client is not found" $? 4

[ $failed = 0 ]
