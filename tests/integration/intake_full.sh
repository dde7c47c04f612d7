#!/bin/bash
# intake_full.sh - the disk is full in the middle of the work: nothing is lost, it is said, and it goes on by itself.
#
# An installation of its own on a small file system in memory. Needs root and mount; skips without.
. "$(dirname "$0")/engine_lib.sh"
mkdir "$home"
if [ "$(id -u)" != 0 ] || ! mount -t tmpfs -o size=420m tmpfs "$home" 2>/dev/null; then
    echo "SKIP: a small file system cannot be mounted here"
    exit 77
fi
chmod 755 "$home"
full_leave() { escriba down >/dev/null 2>&1; umount "$home" 2>/dev/null || umount -l "$home"; rm -rf "$work"; }
trap full_leave EXIT
engine_up || { bad "an installation starts"; exit 1; }
engine_client acme mixed || { bad "a client is added"; exit 1; }
until_true 10 test -d "$hot"
/usr/bin/python3 "$root/tests/integration/engine_small.py" "$work/in" 4 8 >/dev/null
intake=$(programs escriba-intake)
kill -STOP "$intake"
cp "$work/in/f0000.jpg" "$hot/small.jpg"
head -c 40000000 /dev/urandom >"$hot/big.bin"
fallocate -l $(($(df -m --output=avail "$home" | tail -1) - 12))M "$home/fill"
kill -CONT "$intake"
waits() { grep -q '"event":"intake.waits"' "$home/log/escribad.log"; }
check "a full disk is said" until_true 30 waits
sleep 2
check "the file that does not fit stays in its folder" test "$(stat -c %s "$hot/big.bin" 2>/dev/null)" = 40000000
check "the programs live" test -n "$(programs escriba-intake)"
rm "$home/fill"
two() { taken_is 2 && is_idle && hot_empty; }
check "when there is room again it goes on by itself" until_true 60 two
check "the balance holds" escriba balance --quiet
[ $failed = 0 ]
