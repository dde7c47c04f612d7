#!/bin/bash
# image.sh - a bare Debian 12 from the distribution's packages, our Dockerfile built on it, the main job run inside.
#
# Needs root, mmdebstrap, buildah and the distribution's mirror; skips with a clear word otherwise.
# Prints TAP. The base is kept in $ESCRIBA_BARE_CACHE (default /var/tmp/escriba-bare) for the next run.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
skip() { echo "ok - the image is built and runs the main job # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip "needs root"
for tool in buildah mmdebstrap crun; do command -v $tool >/dev/null || skip "needs $tool"; done
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)
[ -n "$mirror" ] || mirror=$(awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) { print $i; exit } }' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null)
[ -n "$mirror" ] || skip "no mirror is configured"
cache=${ESCRIBA_BARE_CACHE:-/var/tmp/escriba-bare}
mkdir -p "$cache"
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=$cache/storage.conf TMPDIR=$cache
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/graph"\nrunroot = "%s/run"\n' "$cache" "$cache" >"$cache/storage.conf"
log=$cache/image.log
: >"$log"
ctr=
clean() {
    [ -z "$ctr" ] || buildah rm "$ctr" >/dev/null 2>&1
    buildah rmi -f localhost/escriba-test >/dev/null 2>&1
    rm -rf "$cache/graph" "$cache/run" "$cache/context" "$cache"/buildah*
}
trap clean EXIT
bad() { tail -n 30 "$log"; echo "not ok - $1"; exit 1; }

if [ ! -s "$cache/base.tar" ]; then
    mmdebstrap --variant=minbase --include=ca-certificates bookworm "$cache/base.tar.new" "$mirror" >>"$log" 2>&1 &&
        mv "$cache/base.tar.new" "$cache/base.tar" || { rm -f "$cache/base.tar.new"; skip "the mirror is not reached"; }
fi
# The working tree as git would clone it, uncommitted changes included.
rm -rf "$cache/context"; mkdir -p "$cache/context"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar cf - --ignore-failed-read 2>/dev/null) | tar xf - -C "$cache/context"

base=$(buildah from scratch) && buildah add -q "$base" "$cache/base.tar" / >>"$log" 2>&1 &&
    cp /etc/apt/sources.list.d/*.sources "$cache/context/.sources" 2>/dev/null
[ -e "$cache/context/.sources" ] && buildah add -q "$base" "$cache/context/.sources" /etc/apt/sources.list.d/distribution.sources >>"$log" 2>&1 && buildah run "$base" -- sh -c ': >/etc/apt/sources.list' >>"$log" 2>&1
rm -f "$cache/context/.sources"
for conf in /etc/apt/apt.conf.d/*proxy*; do [ -e "$conf" ] && buildah add -q "$base" "$conf" /etc/apt/apt.conf.d/ >>"$log" 2>&1; done
buildah commit -q "$base" localhost/bare-debian >>"$log" 2>&1 || bad "the bare base"
buildah rm "$base" >/dev/null 2>&1
begin=$SECONDS
buildah bud --isolation chroot --pull-never --build-arg BASE=localhost/bare-debian -f "$cache/context/docker/Dockerfile" \
    -t localhost/escriba-test "$cache/context" >>"$log" 2>&1 || bad "the image is built from docker/Dockerfile on a bare Debian 12"
echo "ok - the image is built from docker/Dockerfile on a bare Debian 12"
echo "# image_build_seconds: $((SECONDS - begin))"
ctr=$(buildah from --pull-never localhost/escriba-test)
buildah add -q "$ctr" "$root/tests/bare/job.sh" /job.sh >>"$log" 2>&1
buildah add -q "$ctr" "$root/fixtures/documents" /fixtures >>"$log" 2>&1
if buildah run --isolation chroot --user escriba "$ctr" -- bash /job.sh >>"$log" 2>&1; then
    echo "ok - the main job runs in the image, from hot folder to an opened result"
else
    bad "the main job runs in the image"
fi
