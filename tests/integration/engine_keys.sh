#!/bin/bash
# engine_keys.sh - the key store lost and restored, with the real programs: what is lost is said, nothing is pretended.
. "$(dirname "$0")/engine_lib.sh"

check "an installation starts and prints how to back its keys up" engine_up
grep -q "backup" "$work/up.log" && ok "the first start names the command" || bad "the first start names the command"
engine_client acme mixed || { bad "a client is added"; exit 1; }
keyd() { "$BIN/escriba-keyd" --home "$home" "$@"; }
keyd --status >"$work/status"; rc=$?
check "a client that is in no backup is said (exit 3)" test $rc = 3
check "a backup is made" keyd --backup "$work/keys.backup" --code-file "$work/code"
check "now all clients are in a backup" keyd --status
check "a second backup does not overwrite the first" bash -c "! '$BIN/escriba-keyd' --home '$home' --backup '$work/keys.backup' 2>/dev/null"
check "the backup is for its owner only" test "$(stat -c %a "$work/keys.backup")" = 400
reads() { head -1 "$work/keys.backup" | grep -q "Backup of an Escriba key store" && grep -q -- "--restore" "$work/keys.backup"; }
check "and tells a person what it is and how to use it" reads

# A document that is sealed and waits, then the loss.
until_true 20 test -d "$hot"
/usr/bin/python3 "$root/tests/integration/engine_small.py" "$work/in" 2 5 >/dev/null
for p in $(programs escriba-runner); do kill -STOP "$p"; done
cp "$work/in/f0000.jpg" "$hot/one.jpg"
check "a document is sealed and waits" until_true 15 taken_is 1
for p in $(programs escriba-runner); do kill -CONT "$p"; kill -9 "$p"; done
escriba down >/dev/null
mv "$home/keys/root.key" "$work/root.lost"
escriba up >"$work/up2.log" 2>&1; rc=$?
check "without its root key the installation does not come up" test $rc != 0
said() { grep -q "the root key of this key store is lost" "$home/log/escribad.log" && grep -q "\-\-restore" "$home/log/escribad.log"; }
check "and says what is lost and what to do" said
check "no new root key is made in its place" test ! -e "$home/keys/root.key"
cp "$work/in/f0001.jpg" "$hot/two.jpg"; sleep 2
check "meanwhile a new file stays in its folder" test -e "$hot/two.jpg"
escriba down >/dev/null 2>&1

sed 's/^./#/' "$work/code" >"$work/wrong"
check "a mistyped code is refused" bash -c "! '$BIN/escriba-keyd' --home '$home' --restore '$work/keys.backup' --code-file '$work/wrong' 2>/dev/null"
check "with the code it is restored" keyd --restore "$work/keys.backup" --code-file "$work/code"
cmp -s "$home/keys/root.key" "$work/root.lost" && ok "to the same root key" || bad "to the same root key"
check "the installation comes up" engine_up
both() { taken_is 2 && is_idle; }
check "and reads the document that was sealed before, and the new one" until_true 90 both
check "the balance holds" escriba balance --quiet

# The whole folder and every backup gone: an installation that knows nothing of the old keys.
for p in $(programs escriba-runner); do kill -STOP "$p"; done
/usr/bin/python3 "$root/tests/integration/engine_small.py" "$work/in" 3 9 >/dev/null
cp "$work/in/f0002.png" "$hot/three.png"; until_true 15 taken_is 3
for p in $(programs escriba-runner); do kill -CONT "$p"; kill -9 "$p"; done
escriba down >/dev/null
mv "$home/keys" "$work/keys.gone"
engine_up >/dev/null
missing() { grep -q '"event":"keys.missing"' "$home/log/escribad.log"; }
check "with everything lost the step says that the client's keys are missing" until_true 60 missing
waits() { [ "$(balance file in_work)" = 1 ] || [ "$(queue leased)" != 0 ] || ! is_idle; }
check "no document is blamed for it: the file waits" waits
check "nothing is delivered in its place" test "$(balance file quarantined):$(balance file rejected)" = 0:0
[ $failed = 0 ]
