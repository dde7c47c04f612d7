#!/bin/sh
# install.sh GROUP... - install what is missing of these groups of packages.txt, from the distribution.
#
# Works as root, or as a user with sudo; says what to do when it can do neither.  Asks for nothing when
# everything is there, so a machine without network but with the packages passes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
missing=
for group in "$@"; do
    for package in $(sed -n "s/^$group \([a-z0-9.+-]*\)$/\1/p" "$here/packages.txt"); do
        # nodejs brought by hand (a newer one, say) is as good as the package
        case $package in
        nodejs) command -v node >/dev/null 2>&1 && continue ;;
        npm) command -v npm >/dev/null 2>&1 && continue ;;
        esac
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then as=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as="sudo -n"
elif command -v sudo >/dev/null 2>&1 && [ -t 0 ]; then as=sudo
else
    echo "These packages are missing:$missing" >&2
    echo "  do: as root, apt-get install$missing" >&2
    exit 69
fi
echo "Installing:$missing" >&2
# Installing the server would start a cluster of the host's own on port 5432; ours is private.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | $as tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as apt-get update && $as env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } \
        >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install:$missing" >&2
    exit 69
fi
