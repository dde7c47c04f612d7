#!/bin/bash
# cli.sh - the operator's command against a real installation: verbs, JSON, exit codes, help, completion, doctor,
# audit; up twice, down, nothing left running; the same as an ordinary user when we are root.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
export ESCRIBA_FORMS=$root/forms NO_COLOR=1
unset ESCRIBA_HOME LC_ALL LC_MESSAGES LANG
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/ctl.XXXX"); chmod 755 "$work"
home=$work/h
E=$BIN/escriba
escriba() { "$E" "$@" --home "$home"; }
trap 'escriba down >/dev/null 2>&1; "$E" down --home "$work/u/h" >/dev/null 2>&1; rm -rf "$work"' EXIT
bad=0
ok() { echo "ok - $1"; }
not() { echo "not ok - $1"; bad=1; sed 's/^/#   /' "$work/out" 2>/dev/null | head -n 8; }
check() { local what=$1; shift; if "$@" >"$work/out" 2>&1; then ok "$what"; else not "$what"; fi; }
code() { local want=$1 what=$2 rc; shift 2; "$@" >"$work/out" 2>&1; rc=$?; if [ $rc = "$want" ]; then ok "$what"; else not "$what (exit code $rc, not $want)"; fi; }
has() { local what=$1 text=$2; shift 2; "$@" >"$work/out" 2>&1; if grep -qF -- "$text" "$work/out"; then ok "$what"; else not "$what"; fi; }
json() { local what=$1; shift; if "$@" --json 2>"$work/err" | /usr/bin/python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' >"$work/out" 2>&1; then ok "$what: each line is JSON"; else not "$what: each line is JSON"; fi; }
cd "$work" || exit 1

# Help and usage, before there is any installation.
has "help begins with examples" "Examples:" "$E" --help
code 2 "no verb is wrong usage" "$E"
code 2 "an unknown verb is wrong usage" "$E" bacth
has "and the nearest are named" "escriba batch list" "$E" batc
code 2 "a group needs its verb" "$E" client
code 2 "an unknown option is wrong usage" "$E" status --bogus
code 2 "a missing value is wrong usage" "$E" up --workers
code 2 "a number out of limits is wrong usage" "$E" up --workers 0
code 2 "a word that is not offered is wrong usage" "$E" doctor --profile x
code 2 "a missing argument is wrong usage" "$E" batch show
code 2 "an argument too many is wrong usage" "$E" queue x
missing=
while read -r v; do
    "$E" help $v >"$work/out" 2>&1 && grep -q '^Examples:' "$work/out" && grep -q "  escriba $v" "$work/out" || missing="$missing [$v]"
done < <("$E" help --scdoc | sed -n 's/^## escriba \([a-z-]*\( [a-z]*\)\?\).*/\1/p' | sed 's/^completion .*/completion/' | grep -v '^read')
if [ -z "$missing" ]; then ok "every verb's help has examples"; else not "every verb's help has examples: $missing"; fi
check "bash takes the completion" bash -c "'$E' completion bash > c.bash && bash -n c.bash"
complete_to() { bash -c 'source ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _escriba; echo "${COMPREPLY[@]}"' _ "$@" 2>&1; }
has "completion of a verb" "status" complete_to escriba sta
has "completion of a second word" "show" complete_to escriba client sh
has "completion of an option" "--sla-hours" complete_to escriba client add --sl
has "completion of a choice" "production" complete_to escriba up --profile pro
has "completion of an option of read" "--pages" complete_to escriba read --pa
has "help read has its options" "--jobs N" "$E" help read
for p in escribad escriba-keyd escriba-intake escriba-runner escriba-desk escriba-review escriba-client escriba; do
    "$BIN/$p" --help >"$work/out" 2>"$work/err" && grep -q -- --home "$work/out" && ! [ -s "$work/err" ] &&
        "$BIN/$p" --version | grep -qE "^$p [0-9]+\.[0-9]+\.[0-9]+$" && ok "$p --help, --version" || not "$p --help, --version"
done
if command -v zsh >/dev/null; then check "zsh takes the completion" bash -c "'$E' completion zsh > _c && zsh -n _c"; else echo "ok - zsh takes the completion # SKIP zsh is not installed"; fi
if command -v scdoc >/dev/null; then check "the manual page is made" bash -c "'$E' help --scdoc | scdoc > escriba.1"; else echo "ok - the manual page is made # SKIP scdoc is not installed"; fi
code 69 "status of nothing" "$E" status --home "$work/none"
code 69 "a list without a server" "$E" queue --home "$work/none"
json "codes reasons" "$E" codes reasons
has "reasons in Spanish" "contraseña" "$E" codes reasons --lang es
json "doctor" "$E" doctor --machine
check "the document types of the checkout are well" "$E" forms check --dir "$root/forms"
printf 'form: x\n  bogus\n' >bad.yaml
has "a bad one has its line" "bad.yaml" "$E" forms check bad.yaml

# Up, twice; what was made; and the settings.
has "up" "Escriba is up" escriba up --workers 1
cp "$work/out" up.txt
has "the first up prints how to back up the keys" "escriba keys backup" cat up.txt
before=$(cat "$home/run/escribad.pid")
has "up again changes nothing" "Escriba is up" escriba up
if [ "$before" = "$(cat "$home/run/escribad.pid")" ] && ! grep -q "key store was made" "$work/out"; then ok "and starts nothing twice"; else not "and starts nothing twice"; fi
if [ "$(stat -c %a "$home/keys")" = 700 ] && ! find "$home/secret" -type f -perm /077 | grep -q .; then ok "keys and passwords are closed to others"; else not "keys and passwords are closed to others"; fi
has "a setting" '"value":1' escriba config workers --json
check "is changed" escriba config workers 2
has "and kept" "workers: 2" cat "$home/escriba.yaml"
code 78 "a setting out of limits is refused" escriba config workers 9999
code 2 "an unknown setting is refused" escriba config wrkers 2
printf 'wrokers: 2\n' >"$work/keep"; cp "$home/escriba.yaml" "$work/was"; cat "$work/keep" >>"$home/escriba.yaml"
code 78 "an unknown setting in the file stops" escriba status
has "with its line" "escriba.yaml, line" escriba status
cp "$work/was" "$home/escriba.yaml"
json "config" escriba config

# Lists of codes.
printf 'code\tbillable\tdescription\nA00\t0\tCholera\nA00.0\t1\tCholera, classical\n' >dx.tsv
check "a list of codes is taken in" escriba codes import icd10cm dx.tsv --valid-from 2020-10-01 --valid-until 2021-09-30
check "and its file can be read by all, whole" bash -c "[ \"\$(stat -c %a '$home'/codes/icd10cm.*)\" = 644 ] && ! ls '$home/codes' | grep -q new"
has "and listed" "2020-10-01  2021-09-30        2" escriba codes list
json "codes list" escriba codes list
has "a code in it" "A000 is in the list (icd10cm, 2021-03-01): Cholera, classical" escriba codes check icd10cm A000 --on 2021-03-01
code 4 "a code not in it" escriba codes check icd10cm A00.9 --on 2021-03-01
code 4 "a heading" escriba codes check icd10cm A00 --on 2021-03-01
code 78 "a day without a list" escriba codes check icd10cm A00.0 --on 2022-03-01
has "has its cure" "escriba codes import icd10cm FILE" escriba codes check icd10cm A00.0 --on 2022-03-01
has "the doctor says that it is out of date" "the list icd10cm is out of date" escriba doctor
printf 'Dear Sir,\nno codes today.\n' >prose.txt
code 1 "prose is no list" escriba codes import icd10cm prose.txt
has "the line is named" "prose.txt, line 1" escriba codes import icd10cm prose.txt
code 1 "a program is no list" escriba codes import icd10cm "$E"
code 4 "a file that is not there" escriba codes import icd10cm none.tsv
code 2 "a list's name names files" escriba codes import ../x dx.tsv
code 2 "a day that is none" escriba codes import icd10cm dx.tsv --valid-from 2021-02-30
code 2 "an end before the beginning" escriba codes import icd10cm dx.tsv --valid-from 2021-02-03 --valid-until 2020-01-01
if [ -r /usr/share/iso-codes/json/iso_4217.json ]; then
    mv "$home/codes/iso4217.codes" "$work/"; head -c 300 "$work/iso4217.codes" >"$home/codes/iso4217.codes"
    code 78 "a damaged list is found" escriba doctor
    has "and named with its cure" "import the official file again" escriba doctor
    mv "$work/iso4217.codes" "$home/codes/"
    check "currencies came with up" escriba codes check iso4217 EUR
    check "and countries" escriba codes check iso3166 ES
else
    echo "ok - currencies came with up # SKIP iso-codes is not installed"
fi

# Clients and people.
"$BIN/escriba-client" keygen a.key >/dev/null
code 2 "a client's code names folders" escriba client add '../x' --name X --key a.key.pub
code 4 "a key that is not there" escriba client add acme --name Acme --key none.pub
code 1 "a file that is no key" escriba client add acme --name Acme --key c.bash
code 2 "a stream that is no document type" escriba client add acme --name Acme --key a.key.pub --streams invioce
has "client add" "hot folders:" escriba client add acme --name 'Acme Ltd' --key a.key.pub --streams invoice,mixed --quiet-seconds 1
code 1 "the same code again" escriba client add acme --name Acme --key a.key.pub
if [ "$(stat -c %a "$home/hot/acme/invoice")" = 2770 ]; then ok "hot folders are open to their group alone"; else not "hot folders are open to their group alone"; fi
has "client streams adds one" "receipt" escriba client streams acme receipt
[ -d "$home/hot/acme/receipt" ] && ok "with its folder" || not "with its folder"
fp=$("$BIN/escriba-client" fingerprint a.key.pub)
has "client show has the key's fingerprint" "$fp" escriba client show acme
json "client show" escriba client show acme
escriba client add slow --name Slow --key a.key.pub --quiet-seconds 900 >/dev/null
json "client list" escriba client list
code 4 "a client that is not there" escriba client show nobody
check "person add" escriba person add "Ana Ruiz" --user "$(id -un)" --language es --clearance 2 --clients acme
json "person list" escriba person list
code 1 "the same person again" escriba person add "Ana" --user "$(id -un)"
code 4 "a client of a person that is not there" escriba person add "Eva" --user eva --clients nobody
check "person close" escriba person close "$(id -un)"
for role in reviewer senior auditor; do check "a $role" escriba person add "$role" --user "no-$role" --role $role; done
code 2 "a role that there is not" escriba person add "Eva" --user eva --role operator

# Work: one page, one file that is refused, one that will not be taken.
cp "$(ls "$root"/fixtures/documents/invoice/*.pdf | head -n 1)" "$home/hot/acme/invoice/one.pdf"
printf 'not a scan' >"$home/hot/acme/mixed/letter.txt"
printf 'not a scan' >"$home/hot/slow/mixed/letter.txt"
ln -s /etc/passwd "$home/hot/acme/mixed/link.pdf"
code 0 "status follows until machines rest" timeout 100 "$E" status --follow --until-idle --home "$home"
code 3 "what is left in a hot folder needs a person" escriba intake
has "and is named with its reason" "not a plain file" escriba intake
has "the refused file is there" "unknown_format" escriba intake
rm -f "$home/hot/acme/mixed/link.pdf"
for v in status intake queue "batch list" "document list" balance audit forms doctor; do json "$v" escriba $v; done
batch=$(escriba batch list --json | sed -n 's/.*"batch_id":"\([^"]*\)".*/\1/p' | head -n 1)
open=$(escriba batch list --client slow --state open --json | sed -n 's/.*"batch_id":"\([^"]*\)".*/\1/p' | head -n 1)
document=$(escriba document list --json | sed -n 's/.*"document_id":"\([^"]*\)".*/\1/p' | head -n 1)
check "a batch by the beginning of its id" escriba batch show "${batch:0:8}"
json "batch show" escriba batch show "$batch"
check "its balance" escriba balance --batch "$batch"
check "batch close" escriba batch close "$open"
code 1 "but once" escriba batch close "$open"
if [ -n "$document" ]; then
    has "document show has its history" "What happened:" escriba document show "${document:0:8}"
    json "document show" escriba document show "$document"
else not "there is a document"; fi
code 4 "a batch that is not there" escriba batch show 00000000-0000-4000-8000-000000000000
code 2 "something that is no id" escriba document show xyz
code 2 "a reason that is no reason" escriba set-aside "${document:-0000}" --reason bogus
refused=$(escriba intake --json | sed -n 's/.*"file_id":"\([^"]*\)".*"state":"refused".*/\1/p' | head -n 1)
check "retry of a refused file" escriba retry "$refused"
timeout 60 "$E" status --follow --until-idle --home "$home" >/dev/null 2>&1
check "the balance holds" escriba balance
has "in Spanish, too" "El balance cuadra" escriba balance --lang es
code 4 "nothing is reopened that is not there" escriba document reopen 00000000-0000-4000-8000-000000000000
has "a client that refused nothing" "it refused nothing" escriba client refused acme
code 4 "refusals of nobody" escriba client refused nobody
check "retention" escriba retention
check "metrics are written whole" bash -c "'$E' metrics --home '$home' && grep -q '^escriba_program_running' '$home/metrics/escriba.prom' && ! ls '$home/metrics/' | grep -q new"
before=$(stat -c %Y.%i "$home/metrics/escriba.prom")
written_again() { for _ in $(seq 40); do [ "$(stat -c %Y.%i "$home/metrics/escriba.prom")" != "$before" ] && return; sleep 1; done; false; }
check "and written again by themselves" written_again
check "metrics have a type for each name" /usr/bin/python3 - "$home/metrics/escriba.prom" <<'PY'
import re, sys
types = {}
for line in open(sys.argv[1]):
    if line.startswith('# TYPE '): types[line.split()[2]] = line.split()[3]; continue
    m = re.fullmatch(r'([a-z_]+)(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (-?[0-9.e+-]+|NaN)\n', line)
    assert m, line
    assert m[1] in types, line
assert len(types) >= 4, types
PY

# The audit log: whole; kept heads; and what an edit by the database's owner looks like.
check "the audit log holds" escriba audit verify
escriba audit verify --json >heads.jsonl
check "and agrees with heads kept before" escriba audit verify --against heads.jsonl
admin() { PGPASSFILE=$home/secret/escriba_admin.pgpass psql -qAtX -h "$home/run/pg" -U escriba_admin -d escriba_work -c "$1" >"$work/out" 2>&1; }
admin "ALTER TABLE work.audit DISABLE TRIGGER ALL; UPDATE work.audit SET amount = amount + 1 WHERE n = 2 AND client_id <> '00000000-0000-0000-0000-000000000000'"
code 1 "an edited entry is found" escriba audit verify
has "and named" "entry 2: a row was edited" escriba audit verify
admin "UPDATE work.audit SET amount = amount - 1 WHERE n = 2 AND client_id <> '00000000-0000-0000-0000-000000000000'"
check "put back, it holds" escriba audit verify
admin "DELETE FROM work.audit a WHERE n = (SELECT max(n) FROM work.audit b WHERE b.client_id = a.client_id)"
code 1 "a tail that was cut off is found" escriba audit verify
admin "UPDATE work.audit_head h SET n = a.n, hash = a.hash FROM work.audit a WHERE a.client_id = h.client_id AND a.n = h.n - 1"
check "with its head rewritten the chain alone looks whole" escriba audit verify
code 1 "and the kept heads show it" escriba audit verify --against heads.jsonl

# The doctor.
has "the doctor is content with keys" "ok       keys" escriba doctor --all
chmod 777 "$home/hot/acme/invoice"
has "a hot folder open to everybody is found" "hot folders: $home/hot/acme/invoice can be written by others" escriba doctor
code 78 "and production refuses it" escriba doctor --profile production
chmod 2770 "$home/hot/acme/invoice"
mv "$home/hot/acme/receipt" "$work/receipt"; ln -s "$work/receipt" "$home/hot/acme/receipt"
has "a hot folder that is a link is found" "is a symbolic link" escriba doctor
rm "$home/hot/acme/receipt"; mv "$work/receipt" "$home/hot/acme/receipt"
f=$(ls "$home"/secret/*.pgpass | head -n 1); chmod 644 "$f"
code 78 "a password that others can read is refused" escriba doctor
chmod 600 "$f"
has "without Tesseract's models their package is named" "apt-get install tesseract-ocr-eng" env TESSDATA_PREFIX="$work" "$E" doctor --machine
has "core dumps are found" "core dumps are on" bash -c "ulimit -c unlimited; '$E' doctor --machine"
has "too little lockable memory is found" "keys cannot be locked" bash -c "ulimit -l 64; '$E' doctor --machine"
has "keys backup prints a recovery code" "recovery code" escriba keys backup "$work/keys.backup"
check "and writes a file that others cannot read" bash -c "[ -s '$work/keys.backup' ] && ! find '$work/keys.backup' -perm /077 | grep -q ."

# Down: nothing is left; up brings everything back.
pids=$(cat "$home/run/escribad.pid" "$home/pg/postmaster.pid" 2>/dev/null | grep -E '^[0-9]+$' | head -n 2)
check "down" escriba down
left=$( { for p in /proc/[0-9]*; do tr '\0' ' ' <"$p/cmdline" | grep -F "$home" | grep -v "cli.sh"; done; } 2>/dev/null)
if [ -z "$left" ]; then ok "nothing is left running"; else echo "$left" >"$work/out"; not "nothing is left running"; fi
check "down again" escriba down
code 69 "a look back without a desk" escriba replay 7d0be5b4
has "up again" "Escriba is up" escriba up
code 77 "and the desk answers at once, if only that it does not know us" escriba replay 7d0be5b4
check "and the balance still holds" escriba balance
kill -9 "$(cat "$home/run/escribad.pid")"; sleep 0.5
code 0 "up after escribad was killed" escriba up
check "all programs run" escriba status
check "down for good" escriba down

# As an ordinary user.
if [ "$(id -u)" = 0 ]; then
    mkdir "$work/u"; chown nobody "$work/u"
    cp -r "$BIN" "$work/bin" && cp -r "$root/forms" "$work/forms" && chmod -R a+rX "$work/bin" "$work/forms"
    as_user() { setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$work/u" ESCRIBA_FORMS="$work/forms" "$@"; }
    has "an ordinary user brings up an installation" "Escriba is up" as_user "$work/bin/escriba" up --home "$work/u/h" --workers 1
    as_user "$work/bin/escriba-client" keygen "$work/u/a.key" >/dev/null
    has "adds a client" "hot folders:" as_user "$work/bin/escriba" client add acme --name Acme --key "$work/u/a.key.pub" --quiet-seconds 1 --home "$work/u/h"
    as_user sh -c "printf 'not a scan' > '$work/u/h/hot/acme/mixed/letter.txt'"
    check "sees its work rest" as_user timeout 60 "$work/bin/escriba" status --follow --until-idle --home "$work/u/h"
    has "pulls its result" "1 result received" as_user "$work/bin/escriba-client" pull --home "$work/u/h" --client acme --key "$work/u/a.key" --to "$work/u/results"
    check "and takes it down" as_user "$work/bin/escriba" down --home "$work/u/h"
fi
[ $bad = 0 ]
