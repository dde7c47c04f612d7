#!/bin/bash
# long_invoice.sh - tables over several pages: sums carried over, wrapped descriptions, letter heads on each page or none.
root=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$root/build/bin}
/usr/bin/python3 -c 'import reportlab' 2>/dev/null || { echo "SKIP: python3-reportlab is not here"; exit 77; }
work=$(mktemp -d "${ESCRIBA_TMP:-/tmp}/long.XXXX"); trap 'rm -rf "$work"' EXIT
long() { /usr/bin/python3 "$root/tests/integration/long_invoice.py" "$@"; }
number=0 failed=0
for what in "60 1" "85 2 --heads"; do
    # shellcheck disable=SC2086
    long make "$work/pages$number.pdf" $what || { echo "not ok - pages are made"; exit 1; }
    said=$("$BIN/escriba" read --json --form invoice --forms "$root/forms" "$work/pages$number.pdf" 2>"$work/err" | long judge "$work/pages$number.pdf")
    number=$((number + 1))
    if [ "$said" = same ]; then echo "ok $number - all rows and sums of an invoice of several pages ($what)"
    else echo "not ok $number - an invoice of several pages ($what): $said"; sed 's/^/# /' "$work/err"; failed=1; fi
done
echo "1..$number"
exit $failed
