#!/bin/bash
# run.sh - the evil decoder, as whoever we are and, when that is root, as an ordinary user too.
set -u
bin=${BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build/bin}
escape=$bin/../tests/escape
[ -x "$escape" ] || { echo "SKIP: $escape is not built"; exit 77; }
"$escape" 2>/dev/null
rc=$?
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    copy=$(mktemp -d "${TMPDIR:-/tmp}/escape.XXXXXX") && chmod 755 "$copy" && install -m 755 "$escape" "$copy/escape" || exit 1
    echo "# the same as an ordinary user"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$copy/escape" 2>/dev/null | sed -E 's/^(ok|not ok) - /\1 - user: /; s/^escapes_/user_escapes_/'
    [ "${PIPESTATUS[0]}" = 0 ] || rc=1
    rm -rf "$copy"
fi
exit $rc
