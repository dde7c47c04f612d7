#!/bin/bash
# threats.sh - every test that docs/THREATS.md and the README name exists, and runs in the suite.
set -u
cd "$(dirname "$0")/.." || exit 1
rc=0
for name in $(grep -o '`tests/[^`]*`' docs/THREATS.md | tr -d '`' | sort -u); do
    if [ ! -e "$name" ]; then echo "not ok - $name is named in docs/THREATS.md and does not exist"; rc=1
    else case $name in
        tests/unit/*) echo "ok - $name exists (all of tests/unit runs)" ;;
        *) if grep -q "$name" tests/suite.tsv; then echo "ok - $name runs in the suite"; else echo "not ok - $name is not in tests/suite.tsv"; rc=1; fi ;;
        esac
    fi
done
for page in $(grep -o '](\(docs\|[A-Z]*\.md\)[^)]*)' README.md | tr -d '()]'); do
    [ -e "$page" ] && echo "ok - the README's $page exists" || { echo "not ok - the README names $page"; rc=1; }
done
exit $rc
