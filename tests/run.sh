#!/bin/bash
# run.sh - the runner behind ./check: setup, two builds, and the rows of suite.tsv.
#
# Two lanes run beside each other: "first" has the rows in which programs wait for each other, "beside" (nice) those that
# only compute; then the rows of "alone", which measure time or look at everything that is on the machine.
# A row's command prints "ok ..." / "not ok ..." lines (TAP; "# SKIP why" marks a skip), or only an exit code,
# which then counts as one test: 0 passed, 77 skipped (its last line says why), anything else failed.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
only='*'
keep=
while [ $# -gt 0 ]; do
    case $1 in
    --only) only=$2; shift ;;
    --list) cut -f1,2 tests/suite.tsv | grep -v '^#'; exit 0 ;;
    --keep) keep=1 ;;
    *) echo "check: unknown argument '$1' (--only PATTERN, --list, --keep)" >&2; exit 2 ;;
    esac
    shift
done

passed=0 failed=0 skipped=0
note() { printf '%s\n' "$*"; }
finish() {
    [ "$failed" = 0 ] || note "failed:$failures"
    note "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit
}
failures=

sh docker/install.sh run build test || { failed=1; failures=" setup"; finish; }
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin LC_ALL=C.UTF-8 OMP_THREAD_LIMIT=1 ESCRIBA_CHECK=1
unset ESCRIBA_HOME ESCRIBA_NOW

build() { # folder, options...
    local dir=$1 log; shift
    mkdir -p "$dir/log"
    log=$dir/log/build.log
    if ! { cmake -S . -B "$dir" "$@" && cmake --build "$dir" -j "$(nproc)"; } >"$log" 2>&1; then
        tail -n 40 "$log"
        failed=1; failures=" build:$dir"
        finish
    fi
}
start=$SECONDS
note "# building: build (release), build-sanitize (address, undefined)"
build build -DCMAKE_BUILD_TYPE=Release
build build-sanitize -DCMAKE_BUILD_TYPE=Debug -DESCRIBA_SANITIZE=ON -DESCRIBA_FAULTS=ON
note "# built after $((SECONDS - start)) s"
export BIN=$root/build/bin
logs=$root/build/log
rm -rf "$logs/tests"; mkdir -p "$logs/tests"

# One folder for everything the tests make; short, because socket paths are.
ESCRIBA_TMP=$(mktemp -d /tmp/esc.XXXXXX); export ESCRIBA_TMP TMPDIR=$ESCRIBA_TMP
chmod 755 "$ESCRIBA_TMP"
clean() {
    for pidfile in "$ESCRIBA_TMP"/*/pg/postmaster.pid "$ESCRIBA_TMP"/*/*/pg/postmaster.pid; do
        [ -s "$pidfile" ] && kill -QUIT "$(head -1 "$pidfile")" 2>/dev/null
    done
    for run in "$ESCRIBA_TMP"/*/run/*.pid "$ESCRIBA_TMP"/*/*/run/*.pid; do
        [ -s "$run" ] && kill -TERM "$(cat "$run")" 2>/dev/null
    done
    rm -rf "$ESCRIBA_TMP"
}
trap 'kill ${beside:-} 2>/dev/null; clean' EXIT
trap 'exit 130' INT TERM

row() { # name, seconds, command
    local name=$1 limit=$2 command=$3 log rc begin ok bad skip
    log=$logs/tests/$(printf '%s' "$name" | tr '/ ' '__').log
    begin=$SECONDS
    timeout -k 10 "$limit" bash -c "$command" >"$log" 2>&1
    rc=$?
    ok=$(grep -acE '^ok( |$)' "$log"); skip=$(grep -acE '^ok .*# ?(SKIP|skip)' "$log"); bad=$(grep -acE '^not ok( |$)' "$log")
    ok=$((ok - skip))
    if [ $rc = 77 ]; then
        printf '%s\t%d\t0\t1\n' "$name" "$ok" >>"$counts"
        note "skip   $name: $(tail -n 1 "$log")"
        return
    fi
    if [ $((ok + bad + skip)) = 0 ]; then [ $rc = 0 ] && ok=1 || bad=1; fi
    [ $rc = 0 ] || [ "$bad" -gt 0 ] || bad=1
    printf '%s\t%d\t%d\t%d\n' "$name" "$ok" "$bad" "$skip" >>"$counts"
    if [ "$bad" -gt 0 ]; then
        note "FAILED $name ($ok passed, $bad failed, exit $rc, $((SECONDS - begin)) s); the end of its log:"
        { grep -aE '^not ok' "$log"; tail -n 25 "$log"; } | cut -c1-300 | sed 's/^/    /'
    else
        note "passed $name ($ok passed$( [ "$skip" -gt 0 ] && echo ", $skip skipped"), $((SECONDS - begin)) s)"
    fi
}

lane() { # first | beside | alone
    local name where limit command
    while IFS=$'\t' read -r name where limit command; do
        case $name in ''|\#*) continue ;; esac
        [ "$where" = "$1" ] || continue
        # shellcheck disable=SC2254
        case $name in $only) row "$name" "$limit" "$command" </dev/null ;; esac
    done < tests/suite.tsv
}

counts=$logs/tests/counts
: >"$counts"
rows=$(grep -cvE '^(#|$)' tests/suite.tsv)
( renice -n 10 -p "$BASHPID" >/dev/null; lane beside ) & beside=$!
lane first
wait "$beside"; beside=
lane alone
# A row that left no count would be a test nobody missed.
[ "$only" != '*' ] || [ "$(wc -l <"$counts")" = "$rows" ] || printf 'rows\t0\t1\t0\n' >>"$counts"
read -r passed failed skipped < <(awk -F'\t' '{ p += $2; f += $3; s += $4 } END { print p + 0, f + 0, s + 0 }' "$counts")
failures=$(awk -F'\t' '$3 > 0 { printf " %s", $1 }' "$counts")
note "# all after $((SECONDS - start)) s"
[ -n "$keep" ] || rm -rf "$logs/tests/"*.tmp
finish
