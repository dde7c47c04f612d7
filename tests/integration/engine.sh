#!/bin/bash
# engine.sh - the whole engine once: a small JPEG goes in, its sealed result comes out and opens at the client.
#
# Then: how soon the first step begins, that nothing runs hot when idle, how large the daemons are, that a result signed
# for this client names its document, and that a lost root key is a stated loss which the backup cures.
. "$(dirname "$0")/engine_lib.sh"

check "an installation starts" engine_up || exit 1
[ $failed = 0 ] || exit 1
check "a client is added, its keys made by keyd" engine_client acme mixed,receipt
until_true 10 test -d "$hot"
/usr/bin/python3 "$root/tests/integration/engine_small.py" "$work/in" 1 3 >/dev/null

# --- from complete to the first step ---
ready() { [ "$(grep -c '"event":"runner.ready"' "$home/log/escribad.log")" -ge 1 ]; }
until_true 60 ready
sleep 1
begin=$(date +%s%3N)
cp "$work/in/f0000.jpg" "$hot/receipt.jpg"
first_step() { grep -q '"event":"step"' "$home/log/escribad.log"; }
until_true 20 first_step
started=$(grep -m1 '"event":"step"' "$home/log/escribad.log" | sed -E 's/^\{"ms":([0-9]+).*"ms":([0-9]+)\}$/\1 \2/')
latency=$((${started% *} - ${started#* } - begin))
echo "first_step_ms: $latency"
check "the first step begins within a second of the file's being complete" test "$latency" -lt 1000

finished() { is_idle && [ "$(balance page arrived)" = 1 ]; }
check "its step, page, document and delivery are done" until_true 60 finished
check "the source has left the hot folder" hot_empty
check "the balance holds" escriba balance --quiet

# A document in review is not delivered; a refused file always is.
printf 'not a document %s' "$RANDOM" >"$hot/odd.bin"
got_refusal() { pull; ls "$work"/results/*.json 2>/dev/null | grep -q . && grep -ql '"refused"' "$work"/results/*.json; }
check "a refusal reaches the client, signed, sealed and opened" until_true 30 got_refusal
name_inside() { /usr/bin/python3 - "$work"/results/*.json <<'PY'
import glob, json, sys
for name in sys.argv[1:]:
    m = json.load(open(name))
    if 'refused' in m:
        d = m['delivery']
        assert d['file'] == 'odd.bin' and d['kind'] == 'refusal' and d['document'] in name, m
        assert m['refused']['reason'] == 'unknown_format' and m['refused']['en'] and m['refused']['es'], m
PY
}
check "what it says stands inside the signed message" name_inside

# --- idle, and small ---
sleep 1
ticks() { local t=0 p; for p in $(programs escriba-runner) $(programs escriba-intake) $(programs escriba-keyd) $(cat "$home/run/escribad.pid"); do
    t=$((t + $(cut -d' ' -f14,15 "/proc/$p/stat" | tr ' ' '+' | sed 's/$//')))
done; echo $t; }
before=$(ticks); sleep 5; after=$(ticks)
idle=$(((after - before) * 10 * 1000 / 5000)) # ms of CPU a second, all together
echo "idle_cpu_ms_per_second: $idle"
check "idle, all programs together use less than 3 % of a core" test "$idle" -lt 30
for p in escriba-keyd escriba-intake; do
    rss=$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$(programs $p | head -1)/status")
    echo "${p#escriba-}_rss_mib: $rss"
    check "$p is under 50 MiB" test "$rss" -lt 50
done
rss=$(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$(cat "$home/run/escribad.pid")/status")
echo "escribad_rss_mib: $rss"
check "escribad is under 50 MiB" test "$rss" -lt 50

# --- started again, nothing is lost ---
check "it stops" escriba down
check "it starts again" engine_up
cp "$root/README.md" "$hot/again.bin" 2>/dev/null || printf 'again' >"$hot/again.bin"
three() { taken_is 3 && is_idle; }
check "and goes on with the same keys" until_true 30 three

[ $failed = 0 ]
