#!/bin/bash
# run.sh - the clients of docs/clients against a real installation: Node, Python and PHP print what escriba-client
# prints; each refuses a wrong key, a forged signature, changed bytes and exchanged rows.
#
# Node's packages come from npm into a temporary folder; without them Node's rows are skipped.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
export ESCRIBA_FORMS=$root/forms
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/cli.XXXX"); chmod 755 "$work"
home=$work/h
client=$BIN/escriba-client
escriba() { "$BIN/escriba" "$@" --home "$home"; }
trap 'escriba down >/dev/null 2>&1; rm -rf "$work"' EXIT
bad=0
ok() { echo "ok - $1"; }
not() { echo "not ok - $1"; bad=1; }
check() { local what=$1; shift; if "$@" >"$work/out" 2>&1; then ok "$what"; else not "$what"; sed 's/^/#   /' "$work/out" | head -n 8; fi; }
refuses() { local what=$1; shift; if "$@" >"$work/out" 2>&1; then not "$what"; sed 's/^/#   /' "$work/out" | head -n 8; else ok "$what"; fi; }
code() { local want=$1 what=$2 rc; shift 2; "$@" >"$work/out" 2>&1; rc=$?; if [ $rc = "$want" ]; then ok "$what"; else not "$what (exit code $rc, not $want)"; sed 's/^/#   /' "$work/out" | head -n 8; fi; }

cd "$work" || exit 1
escriba up >up.log 2>&1 || { cat up.log "$home/log/escribad.log" 2>/dev/null | tail -n 20; not "up"; exit 1; }
for c in acme other; do
    "$client" keygen $c.key >/dev/null
    escriba client add $c --name "$c" --key $c.key.pub --streams mixed --quiet-seconds 2 >/dev/null || { not "client add $c"; exit 1; }
done
give=$home/handover/acme
signer=$give/signer.pub

# Results of the real pipeline: a page that is read, and files that are refused.
cp "$root"/fixtures/documents/invoice/*.pdf "$home/hot/acme/mixed/" 2>/dev/null
printf 'not a scan' >"$home/hot/acme/mixed/letter.txt"
printf '' >"$home/hot/acme/mixed/empty.pdf"; touch "$home/hot/acme/mixed/.done"
printf 'not a scan either' >"$home/hot/other/mixed/letter.txt"
timeout 120 "$BIN/escriba" status --follow --until-idle --home "$home" >follow.log 2>&1 || { not "the work comes to rest"; tail -n 3 follow.log; }

"$client" pull --handover "$give" --key acme.key --to results --no-ack >pull.log 2>&1 || { not "escriba-client pulls"; cat pull.log; }
count=$(ls results/*.json 2>/dev/null | wc -l)
if [ "$count" -ge 2 ]; then ok "escriba-client pulls ($count results)"; else not "escriba-client pulls ($count results)"; exit 1; fi
check "each result lies alone in a file that nobody else can read" bash -c '! find results -type f ! -perm 0600 | grep -q .'
check "receipts hold, for the files too" "$client" verify results/receipts.jsonl --signer "$signer" --dir results
"$client" pull --handover "$give" --key acme.key --to - --no-ack >want.txt 2>/dev/null || not "escriba-client prints"
check "printed and written are the same" bash -c 'for f in results/*.json; do cat $f; echo; done | cmp - want.txt'

# Tampering afterwards shows.
cp -r results changed; first=$(ls changed/*.json | head -n 1); chmod 600 "$first"; printf ' ' >>"$first"
code 65 "a result changed after its receipt is named" "$client" verify changed/receipts.jsonl --signer "$signer" --dir changed
sed -i '1{s/"digest":"[0-7]/"digest":"8/;t;s/"digest":"./"digest":"0/}' changed/receipts.jsonl
code 65 "a changed receipt does not hold" "$client" verify changed/receipts.jsonl --signer "$signer"
code 65 "another installation's key does not sign these receipts" "$client" verify results/receipts.jsonl --signer other.key.pub

code 65 "a wrong key is refused" "$client" pull --handover "$give" --key other.key --to wrong
check "and writes nothing" bash -c '! ls wrong/*.json'
chmod 644 other.key; code 77 "a key that others can read is refused" "$client" pull --handover "$give" --key other.key --to wrong; chmod 600 other.key
code 69 "an unreachable server is said" "$client" pull --conninfo "host=$work dbname=x user=y" --signer "$signer" --key acme.key --to wrong
code 2 "an unknown option is wrong usage" "$client" pull --bogus

# The three languages.
export PGHOST=$home/run/pg PGDATABASE=escriba_delivery PGPASSFILE=$give/delivery.pgpass
PGUSER=$(sed 's/.*user=\([^ ]*\) .*/\1/' "$give/connect.txt"); export PGUSER
admin() { PGPASSFILE=$home/secret/escriba_admin.pgpass psql -qAtX -v ON_ERROR_STOP=1 -U escriba_admin "$@"; }
unack() { admin -c "UPDATE delivery.result SET acked_at = NULL; UPDATE delivery.client SET acked_seq = 0" >/dev/null; }
run_client() { case $1 in
    node) node "$work/node/client.mjs" "$2" "$3" ;;
    python) /usr/bin/python3 "$root/docs/clients/python/client.py" "$2" "$3" ;;
    php) php "$root/docs/clients/php/client.php" "$2" "$3" ;;
    ours) "$client" pull --conninfo "" --key "$2" --signer "$3" --to - ;;
    esac; }
languages=
mkdir node && cp "$root/docs/clients/node/client.mjs" node/
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then echo "ok - node # SKIP node and npm are not installed"
elif ! (cd node && timeout 120 npm install --silent --no-fund --no-audit pg libsodium-wrappers) >npm.log 2>&1; then echo "ok - node # SKIP npm's registry is not reachable"
else languages="$languages node"; fi
if /usr/bin/python3 -c 'import psycopg2, nacl.public' 2>/dev/null; then languages="$languages python"; else echo "ok - python # SKIP python3-psycopg2 and python3-nacl are not installed"; fi
if php -m 2>/dev/null | grep -qx pgsql; then languages="$languages php"; else echo "ok - php # SKIP php-cli and php-pgsql are not installed"; fi
for l in $languages; do
    lines=$(grep -vc '^$' "$root"/docs/clients/"$l"/client.*)
    if [ "$lines" -le 20 ]; then ok "$l: $lines lines"; else not "$l: $lines lines, over 20"; fi
    unack
    run_client "$l" acme.key "$signer" >got.txt 2>err.txt
    if cmp -s got.txt want.txt; then ok "$l prints what escriba-client prints"; else not "$l prints what escriba-client prints"; head -n 3 err.txt; fi
    waiting=$(admin -c "SELECT count(*) FROM delivery.result WHERE acked_at IS NULL AND client_id = (SELECT client_id FROM delivery.client WHERE role = '$PGUSER')")
    if [ "$waiting" = 0 ]; then ok "$l acknowledges"; else not "$l acknowledges ($waiting wait)"; fi
done

# A result that anybody with the public key could plant, and one whose bytes were changed.
cat >plant.py <<'PY'
import hashlib, sys, nacl.public, nacl.signing
own = nacl.public.PrivateKey(open(sys.argv[1], 'rb').read()).public_key
message = b'{"delivery":{"document":"00000000-0000-4000-8000-000000000000","version":1,"kind":"result"}}'
signed = b"escriba result v1\n" + bytes(own) + hashlib.blake2b(message).digest()
print(nacl.public.SealedBox(own).encrypt(nacl.signing.SigningKey.generate().sign(signed).signature + message).hex())
PY
if /usr/bin/python3 plant.py acme.key >forged.hex 2>/dev/null; then
    honest=$(admin -c "SELECT encode(payload, 'hex') FROM delivery.result WHERE seq = 1 AND client_id = (SELECT client_id FROM delivery.client WHERE role = '$PGUSER')")
    put() { unack; admin -c "UPDATE delivery.result SET payload = decode('$1', 'hex') WHERE seq = 1 AND client_id = (SELECT client_id FROM delivery.client WHERE role = '$PGUSER')" >/dev/null; }
    changed=${honest%??}$(printf '%02x' $((0x${honest: -2} ^ 1)))
    for l in ours $languages; do
        unack; refuses "$l refuses a wrong key" run_client "$l" other.key "$signer"
        put "$(cat forged.hex)"; refuses "$l refuses a forged signature" run_client "$l" acme.key "$signer"
        put "$changed"; refuses "$l refuses changed bytes" run_client "$l" acme.key "$signer"
        put "$honest"; check "$l takes the honest one again" run_client "$l" acme.key "$signer"
    done
    # Two rows whose payloads were exchanged by the database's owner: both open, neither is what its row says.
    unack
    admin -c "WITH a AS (SELECT client_id, seq, payload FROM delivery.result WHERE seq IN (1, 2) AND client_id = (SELECT client_id FROM delivery.client WHERE role = '$PGUSER'))
        UPDATE delivery.result r SET payload = a.payload FROM a WHERE a.client_id = r.client_id AND a.seq = 3 - r.seq AND r.seq IN (1, 2)" >/dev/null
    code 65 "exchanged results are noticed" "$client" pull --conninfo "" --key acme.key --signer "$signer" --to swapped
    for l in $languages; do refuses "$l notices exchanged results" run_client "$l" acme.key "$signer"; done
else
    echo "ok - forged and changed results # SKIP python3-nacl is not installed"
fi

# Feed: what comes while we follow, and what we refuse.
unset PGHOST PGDATABASE PGPASSFILE PGUSER
"$client" pull --handover "$home/handover/other" --key other.key --to followed --follow >follow2.log 2>&1 &
follower=$!
printf 'one more letter' >"$home/hot/other/mixed/more.txt"
for _ in $(seq 150); do [ "$(ls followed/*.json 2>/dev/null | wc -l)" -ge 2 ] && break; sleep 0.1; done
kill "$follower"; wait "$follower"; rc=$?
if [ "$(ls followed/*.json 2>/dev/null | wc -l)" = 2 ] && [ $rc = 0 ]; then ok "what comes while following is fetched"; else not "what comes while following is fetched (exit $rc)"; cat follow2.log; fi
check "nack is recorded" "$client" nack 1 --reason "not ours" --handover "$home/handover/other"
check "and the operator sees it" bash -c "'$BIN/escriba' client show other --json --home '$home' | grep -q '\"nacked\":1'"
code 4 "nack of what is not there" "$client" nack 999 --reason "not ours" --handover "$home/handover/other"
check "ack of everything" "$client" ack 2 --handover "$home/handover/other"
[ $bad = 0 ]
