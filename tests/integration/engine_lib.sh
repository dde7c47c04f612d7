# engine_lib.sh - for the tests of the engine: an installation of their own, a client, files, waiting. Sourced.
#
# BIN: the programs; ESCRIBA_TMP: where temporary things go. Gives $home, $work, $hot (stream mixed of client acme).
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
[ -d "$root/forms" ] && [ -z "${ESCRIBA_FORMS:-}" ] && export ESCRIBA_FORMS=$root/forms
export OMP_THREAD_LIMIT=1
unset ESCRIBA_HOME
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/eng.XXXX"); chmod 755 "$work"
home=$work/home hot=$work/home/hot/acme/mixed
failed=0 number=0
escriba() { "$BIN/escriba" "$@" --home "$home"; }
ok() { number=$((number + 1)); echo "ok $number - $1"; }
bad() {
    number=$((number + 1)); failed=$((failed + 1)); echo "not ok $number - $1"
    tail -n 12 "$home/log/escribad.log" 2>/dev/null | sed 's/^/# /'
}
check() { # words, command...
    local words=$1; shift
    if "$@"; then ok "$words"; else bad "$words"; fi
}
leave() {
    escriba down >/dev/null 2>&1
    if [ -n "${KEEP:-}" ]; then echo "# kept: $work"; else rm -rf "$work"; fi
}
trap leave EXIT
trap 'exit 130' INT TERM

engine_up() { escriba up >"$work/up.log" 2>&1 || { sed 's/^/# /' "$work/up.log"; tail -n 20 "$home/log/escribad.log" | sed 's/^/# /'; return 1; }; }
engine_client() { # name, streams
    mkdir -p "$work/site"; chmod 700 "$work/site"
    "$BIN/escriba-client" keygen "$work/site/$1.key" >/dev/null &&
        escriba client add "$1" --name "$1" --key "$work/site/$1.key.pub" --streams "$2" --quiet-seconds "${3:-900}" >"$work/client.log" 2>&1 ||
        { sed 's/^/# /' "$work/client.log"; return 1; }
}
# A number out of `escriba status --json`: queue.NAME.
queue() { escriba status --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["queue"][sys.argv[1]])' "$1" 2>/dev/null || echo -1; }
# A number out of the balance: unit, column.
balance() { escriba balance --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys
print(sum(int(r[sys.argv[2]]) for r in map(json.loads, sys.stdin) if r["unit"] == sys.argv[1]))' "$1" "$2" 2>/dev/null || echo -1; }
# Until a command succeeds: seconds, command...
until_true() {
    local end=$(($(date +%s) + $1)); shift
    until "$@"; do [ "$(date +%s)" -lt $end ] || return 1; sleep 0.1; done
}
is_idle() {
    escriba status --json 2>/dev/null | /usr/bin/python3 -c 'import json,sys
q = json.load(sys.stdin)["queue"]
sys.exit(any(q[k] for k in ("files_waiting", "pages_waiting", "documents_waiting", "deliveries_waiting", "leased")))' 2>/dev/null
}
# Nothing that could be taken lies in the hot folder.
hot_empty() { [ -z "$(find "$home/hot" -type f ! -name '*.refused' | head -1)" ]; }
taken_is() { [ "$(balance file arrived)" = "$1" ]; }
programs() { pgrep -P "$(cat "$home/run/escribad.pid")" -x "$1"; }
pull() { "$BIN/escriba-client" pull --handover "$home/handover/acme" --key "$work/site/acme.key" --to "$work/results" >"$work/pull.log" 2>&1; }
