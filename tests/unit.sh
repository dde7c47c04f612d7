#!/bin/bash
# unit.sh BUILD PATTERN... - run the cmocka programs of a build as TAP; a program that dies fails as one test.
# PATTERN: test names to take, or !name to leave out.
set -u
build=$1; shift
export CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
rc=0
for program in "$build"/tests/test_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    name=$(basename "$program"); take=
    for pattern in "$@"; do
        # shellcheck disable=SC2254
        case $pattern in
        !*) case $name in ${pattern#!}) take=; esac ;;
        *) case $name in $pattern) take=1; esac ;;
        esac
    done
    [ -n "$take" ] || continue
    timeout 180 "$program" >"$ESCRIBA_TMP/$name.out" 2>&1
    code=$?
    # cmocka says "not ok N # SKIP test" of a test that skips, as those do whose files in ../shared are not here.
    sed -E "s/^not ok [0-9]+ # SKIP (.*)/ok - $name: \1 # SKIP what it reads is not here/; s/^(ok|not ok) [0-9]+ - /\1 - $name: /" \
        "$ESCRIBA_TMP/$name.out"
    if [ $code != 0 ]; then
        rc=1
        grep -aE '^not ok' "$ESCRIBA_TMP/$name.out" | grep -avq '# SKIP' || echo "not ok - $name: ended with $code"
    fi
    rm -f "$ESCRIBA_TMP/$name.out"
done
exit $rc
