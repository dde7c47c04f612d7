#!/bin/bash
# canary.sh - nothing of a client's document lies in clear anywhere: files, WAL, logs, arguments, environments, temp.
#
# Runs the main job on documents whose truth is known (and on hostile ones, for the error paths), then looks for every
# value of nine characters or more, as it is, without blanks, in UTF-16, hexadecimal, base64 and backwards, in every file
# of the installation (PostgreSQL's data, WAL and log included), in the temp folder, in core files, and while it runs in
# /proc/*/cmdline and /proc/*/environ. The search is shown to find first: a planted file must be found.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/can.XXXX"); chmod 755 "$work"
home=$work/home
escriba() { "$BIN/escriba" "$@" --home "$home"; }
trap 'escriba down >/dev/null 2>&1; rm -rf "$work"' EXIT
fail() { echo "not ok - $1"; exit 1; }

mkdir -p "$work/in" "$work/site"
docs=()
for f in "$root"/fixtures/documents/invoice/*.pdf "$root"/fixtures/documents/receipt/*.jpg "$root"/fixtures/documents/cms1500/*.jpg; do
    [ -e "${f%.*}.json" ] && docs+=("$f")
done
[ ${#docs[@]} -ge 2 ] || fail "the fixtures are there"
docs=("${docs[@]:0:6}")
for f in "${docs[@]}"; do cp "$f" "$work/in/Kanarienvogel-77421-$(basename "$f")"; done

/usr/bin/python3 - "$work/patterns" "${docs[@]}" <<'PY' || fail "patterns are made"
import base64, json, os, sys
values = {'Kanarienvogel-77421'}
for f in sys.argv[2:]:
    truth = json.load(open(os.path.splitext(f)[0] + '.json', encoding='utf-8'))
    cells = list(truth['gold'].values()) + [c for row in truth.get('gold_lines', []) for c in row.values()]
    values |= {str(c['value']) for c in cells if c['type'] in ('text', 'id') and len(str(c['value'])) >= 9}
out = set()
for v in values:
    for s in {v, v.replace(' ', ''), v.upper(), v[::-1]}:
        raw = s.encode()
        out |= {raw, s.encode('utf-16-le'), raw.hex().encode()}
        out |= {base64.b64encode(b'x' * k + raw)[4:-4] for k in range(3)}
with open(sys.argv[1], 'wb') as f:
    f.write(b'\n'.join(p for p in sorted(out) if len(p) >= 9 and b'\n' not in p and b'\0' not in p) + b'\n')
print('# %d values, %d patterns' % (len(values), len(out)))
PY

escriba up >"$work/up.log" 2>&1 || { cat "$work/up.log"; fail "up"; }
"$BIN/escriba-client" keygen "$work/site/a.key" >/dev/null
escriba client add acme --name "Acme" --key "$work/site/a.key.pub" --streams mixed --quiet-seconds 2 >/dev/null || fail "client add"
hits=0
looking() {
    while [ ! -e "$work/done" ]; do
        for p in /proc/[0-9]*; do
            [ "$(basename "$p")" = $$ ] && continue
            if cat "$p/cmdline" "$p/environ" 2>/dev/null | tr '\0' '\n' | grep -v "$work/in" | grep -aqFf "$work/patterns"; then
                tr '\0' ' ' <"$p/cmdline" >>"$work/proc-hits" 2>/dev/null
            fi
        done
        sleep 0.3
    done
}
looking 2>/dev/null &
looker=$!
cp "$work"/in/* "$home/hot/acme/mixed/"
head -c 3000 "${docs[0]}" >"$home/hot/acme/mixed/Kanarienvogel-77421-cut.pdf"
printf 'not a scan: Kanarienvogel-77421' >"$home/hot/acme/mixed/Kanarienvogel-77421.exe"
timeout 150 "$BIN/escriba" status --follow --until-idle --home "$home" >/dev/null 2>&1 || fail "the work comes to rest"
touch "$work/done"; wait $looker
for verb in "document list" "queue" "balance" "batch list --all" "intake" "audit verify"; do
    # shellcheck disable=SC2086
    escriba $verb >>"$work/said.txt" 2>&1
done
passfile=$home/secret/escriba_admin.pgpass
for db in escriba_work escriba_delivery; do
    psql "host=$home/run/pg user=escriba_admin dbname=$db passfile=$passfile" -Xq -c CHECKPOINT >/dev/null 2>&1
done
documents=$("$BIN/escriba" document list --json --home "$home" 2>/dev/null | grep -c document_id)
[ "$documents" -ge 2 ] && echo "ok - documents went through ($documents)" || echo "not ok - documents went through ($documents)"

mkdir -p "$work/planted" && printf 'xx%sxx' "$(head -n 3 "$work/patterns" | tail -n 1)" >"$work/planted/file"
grep -rlaFf "$work/patterns" "$work/planted" >/dev/null && echo "ok - a planted canary is found" || echo "not ok - a planted canary is found"
found=$(grep -rlaFf "$work/patterns" "$home" 2>/dev/null)
if [ -z "$found" ]; then echo "ok - no value lies in clear in the installation"; else echo "not ok - no value lies in clear in the installation"; printf '#   %s\n' $found; hits=1; fi
if [ ! -s "$work/proc-hits" ]; then echo "ok - no value was in an argument or environment"; else echo "not ok - no value was in an argument or environment"; sed 's/^/#   /' "$work/proc-hits" | head; hits=1; fi
if grep -aqFf "$work/patterns" "$work/said.txt" "$work/up.log"; then echo "not ok - the operator's command shows no value"; hits=1; else echo "ok - the operator's command shows no value"; fi
left=$(find "${TMPDIR:-/tmp}" -newer "$work/patterns" -type f ! -path "$work/*" -size -50M -exec grep -laFf "$work/patterns" {} + 2>/dev/null | grep -v '/build' | head)
if [ -z "$left" ]; then echo "ok - no value is left in a temporary file"; else echo "not ok - no value is left in a temporary file"; printf '#   %s\n' $left; hits=1; fi
if find "$work" -name 'core*' -type f | grep -q .; then echo "not ok - no core dump"; hits=1; else echo "ok - no core dump"; fi
[ $hits = 0 ]
