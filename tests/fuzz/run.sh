#!/bin/bash
# run.sh - build the fuzzers with clang and let each run for a while. A finding is a failure and its input is kept.
#
#   tests/fuzz/run.sh [--quick | --seconds N] [--only NAME] [--build DIR] [--keep DIR]
#
# Prints fuzz_targets, fuzz_runs, fuzz_findings. Exit 77 without clang's fuzzer runtime.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
seconds=5 only='*' build=$top/build-fuzz keep=
while [ $# -gt 0 ]; do
    case $1 in
    --quick) seconds=3; shift; continue ;;
    --seconds) seconds=$2 ;;
    --only) only=$2 ;;
    --build) build=$2 ;;
    --keep) keep=$2 ;;
    *) echo "run.sh: unknown argument '$1'" >&2; exit 2 ;;
    esac
    shift 2
done
work=$(mktemp -d "${TMPDIR:-/tmp}/fuzz.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d != 0 && n > 9; }' >"$work/x.c"
if ! clang -fsanitize=fuzzer,address "$work/x.c" -o "$work/x" 2>/dev/null; then
    echo "SKIP: clang with its fuzzer runtime is not here (clang, libclang-rt-14-dev)"
    exit 77
fi
# Everything of ours is watched; the distribution's libraries run as they are.
flags="-g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
CC=clang CXX=clang++ CFLAGS=$flags CXXFLAGS=$flags cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DESCRIBA_FUZZ=ON >"$work/log" 2>&1 &&
    ninja -C "$build" fuzzers >>"$work/log" 2>&1 || { tail -n 30 "$work/log"; exit 1; }

# Seeds: real files of every kind, small ones first.
mkdir -p "$work/seeds"
find "$top/fixtures/documents" "$top/forms" -type f -size -20k \( -name '*.tif' -o -name '*.png' -o -name '*.jpg' -o -name '*.pdf' -o -name '*.zip' -o -name '*.yaml' \) -exec cp -t "$work/seeds" {} + 2>/dev/null
/usr/bin/python3 "$top/fixtures/make.py" hostile "$work/hostile" >/dev/null 2>&1 && find "$work/hostile" -type f -size -20k -exec cp -t "$work/seeds" {} + 2>/dev/null
targets=0 runs=0 findings=0
for program in "$build"/tests/fuzz_*; do
    name=$(basename "$program")
    # shellcheck disable=SC2254
    [ -x "$program" ] && case $name in $only|fuzz_$only) ;; *) continue ;; esac
    targets=$((targets + 1))
    mkdir -p "$work/$name"
    seeds=$work/seeds
    case $name in fuzz_recipe|fuzz_reading|fuzz_fields|fuzz_terms|fuzz_ipc|fuzz_desk|fuzz_vault|fuzz_raster|fuzz_codes|fuzz_clean) seeds= ;; esac
    length=20000
    case $name in fuzz_value) length=200 ;; fuzz_vault|fuzz_recipe|fuzz_raster|fuzz_codes|fuzz_clean) length=2000 ;; esac
    [ -d "$top/tests/fuzz/found/$name" ] && seeds="$seeds $top/tests/fuzz/found/$name" # what was found once
    # a limit of one input's time and memory: a slow input is a finding as well
    if ASAN_OPTIONS=detect_leaks=1 "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=$length \
        -artifact_prefix="$work/found-$name-" -print_final_stats=1 "$work/$name" $seeds >"$work/out" 2>&1; then
        n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/out")
        runs=$((runs + ${n:-0}))
        echo "ok - $name: ${n:-0} runs"
    else
        findings=$((findings + 1))
        echo "not ok - $name"
        tail -n 40 "$work/out" | sed 's/^/# /'
        [ -n "$keep" ] && mkdir -p "$keep" && cp "$work"/found-"$name"-* "$keep/" 2>/dev/null
    fi
done
echo "fuzz_targets: $targets"
echo "fuzz_runs: $runs"
echo "fuzz_findings: $findings"
[ "$findings" = 0 ] && [ "$targets" -gt 0 ]
