#!/bin/bash
# codes.sh - codes on pages and e-invoices beside them, through the running system: what agrees passes, what differs waits
# for a person, what came alone is refused, and every file is counted.
. "$(dirname "$0")/engine_lib.sh"

# Programs of our own: one of them will be taken away for a while.
mkdir "$work/bin"; cp "$BIN"/escriba* "$work/bin/"; BIN=$work/bin
/usr/bin/python3 -c 'import reportlab' 2>/dev/null || { echo "SKIP: python3-reportlab is not here"; exit 77; }
/usr/bin/python3 "$root/tests/integration/codes_pages.py" "$work/in" || { bad "pages are made"; exit 1; }

# --- every kind of code, printed and read back, without the database ---
"$BIN/escriba" read --json --form invoice "$work/in"/{mx_cfdi,ar_afip,es_verifactu,es_ticketbai,epc,swiss_qr,differs,other,matrix,matrix_differs,cl_ted,cl_differs,cl_printed,mx_printed,ar_printed}.pdf \
    >"$work/read.jsonl" 2>"$work/read.err" || sed 's/^/# /' "$work/read.err"
total() { # file, what: agrees or reasons
    /usr/bin/python3 -c 'import json,sys
for line in open(sys.argv[1]):
    d = json.loads(line)
    if d["file"].endswith("/" + sys.argv[2] + ".pdf"):
        f = next(f for f in d["fields"] if f["name"] == "grand_total")
        print(f["value"], f["verdict"], *f.get(sys.argv[3], []))' "$work/read.jsonl" "$1" "$2"
}
for kind in mx_cfdi ar_afip es_verifactu es_ticketbai epc swiss_qr; do
    check "$kind: the total on the page agrees with the code" test "$(total $kind agrees)" = "241.40 auto code"
done
check "a Data Matrix is read as a QR code is" test "$(total matrix agrees)" = "241.40 auto code"
differs() { case "$(total "$1" reasons)" in "${2:-241.40} review "*code_differs*) true ;; *) false ;; esac; }
check "a code that states another total sends the printed one to a person" differs differs
check "a Data Matrix that states another total does as well" differs matrix_differs
check "and so does an e-invoice beside its pages" differs other
command -v zint >/dev/null || { bad "zint is here (tests/integration/codes_pages.py)"; exit 1; }
check "Chile: a PDF417 is read, its stamp agrees with the printed total" test "$(total cl_ted agrees)" = "241403.00 auto code"
check "Chile: a stamp that states another total sends the printed one to a person" differs cl_differs 241403.00
values() { # file, field...: what was read of each
    /usr/bin/python3 -c 'import json,sys
for line in open(sys.argv[1]):
    d = json.loads(line)
    if d["file"].endswith("/" + sys.argv[2] + ".pdf"):
        f = {f["name"]: f["value"] for f in d["fields"]}
        print(*[f[n] for n in sys.argv[3:]])' "$work/read.jsonl" "$@"
}
printed() { values "$1" invoice_number issue_date seller_tax_id buyer_tax_id currency grand_total; }
check "Chile as printed: folio, day first, both RUT, pesos, thousands" \
    test "$(printed cl_printed)" = "4711 2024-09-01 76.086.428-5 96.790.240-3 CLP 241403.00"
check "Mexico as printed: folio and not the fiscal one, both RFC, pesos" \
    test "$(printed mx_printed)" = "A-500 2024-09-01 EKU9003173C9 URE180429TM6 MXN 1160.00"
check "Argentina as printed: the issuer's CUIT above the buyer's, pesos" \
    test "$(printed ar_printed)" = "00010-00000094 2024-09-01 30-70123456-8 20-12345678-6 ARS 24139.50"

# --- the running system ---
engine_up || { bad "an installation starts"; exit 1; }
engine_client acme invoice || { bad "a client is added"; exit 1; }
hot=$home/hot/acme/invoice
until_true 20 test -d "$hot"
mkdir "$work/batch"
cp "$work/in"/{equal.pdf,equal.xml,other.pdf,other.xml,inside.zip,alone.xml} "$work/batch/"
chmod -R a+rwX "$work/batch"
mv "$work/batch" "$hot/lote"
# 4 pages files and e-invoices, the archive with its two, the one that is alone
check "pages, e-invoices and an archive of both are taken" until_true 60 taken_is 8
: >"$hot/lote/.done"
gone() { [ ! -e "$hot/lote" ]; }
check "the batch closes" until_true 30 gone
check "everything is done" until_true 300 is_idle
check "what agrees in all fields passes by itself, twice" test "$(balance page delivered)" = 2
check "the total that differs waits for a person" test "$(balance page in_review)" = 1
check "e-invoices are counted as containers, with the archive, not as pages" test "$(balance file containers)" = 4
check "the one that came alone is refused" test "$(balance file rejected)" = 1
check "the pages are those that came" test "$(balance page arrived)" = 3
holds() { escriba balance >/dev/null 2>&1; }
check "and the balance holds" holds
pull || sed 's/^/# /' "$work/pull.log"
check "the client is told why" grep -rqs companion_alone "$work/results"
check "and which values an e-invoice confirms" grep -rqs '"agrees": *\["einvoice"\]' "$work/results"
# --- looked back at: today's run is told the e-invoice, too ---
confirmed=$(psql "host=$home/run/pg user=escriba_admin dbname=escriba_work passfile=$home/secret/escriba_admin.pgpass" -XqAt -c "SELECT t.document_id
    FROM work.told t JOIN work.document d USING (client_id, document_id) WHERE cardinality(t.witnesses) = 1 AND d.state = 'delivered' LIMIT 1")
escriba person add Aud --user "$(id -un)" --role auditor --clearance 9 --clients all --quiet >/dev/null
until_true 20 test -S "$home/run/desk.sock"
told() { escriba replay "$confirmed" grand_total --json 2>"$work/replay.err" | /usr/bin/python3 -c 'import json,sys; o = json.load(sys.stdin); t = o["today"]
print(t["told"]["e-invoices"], t["same"], abs(o["confidence"] - t["confidence"]) < 0.002)'; }
check "a look back tells the stages the same e-invoice as then, and they say the same" test "$(told)" = "then True True"
sed 's/^/# /' "$work/replay.err"
# --- the desk has no cage: it says so, and lives ---
desk=$(programs escriba-desk)
run_again() { escriba replay "$confirmed" grand_total --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["today"])'; }
alive() { [ "$(programs escriba-desk)" = "$desk" ]; }
at_rest() { ! pgrep -P "$desk" -x escriba-cell >/dev/null; }
cell=$BIN/escriba-cell; [ -e "$home/bin/escriba-cell" ] && cell=$home/bin/escriba-cell
until_true 20 at_rest
mv "$cell" "$cell.away"
said=$(run_again)
check "where no cage can be started a look back has no run of today" test "$said" = "{'failed': True}"
check "and the desk lives" alive
mv "$cell.away" "$cell"
until_true 20 at_rest
check "and looks back as before when one can" test "$(told)" = "then True True"
# --- the same pair again: the pages are a duplicate, the e-invoice comes with them ---
mkdir "$work/again"; cp "$work/in"/equal.{pdf,xml} "$work/again/"; chmod -R a+rwX "$work/again"; mv "$work/again" "$hot/again"
check "the same pair again is taken" until_true 60 taken_is 10
: >"$hot/again/.done"
test_duplicate() { is_idle && [ "$(balance page duplicate)" = 1 ] && [ "$(balance file containers)" = 5 ]; }
check "and is a duplicate" until_true 60 test_duplicate
check "that leaves the balance" holds
echo "1..$number"
exit $((failed > 0))
