#!/bin/bash
# corpus.sh - every broken and hostile file ends in exactly one terminal state, as its manifest says.
#
#   tests/corpus.sh [--quick] [--keep FILE]     BIN: the programs (default build/bin)
#
# Runs ../shared/corpus (or $ESCRIBA_CORPUS), and our own fixtures/make.py hostile, through `escriba read`, in a
# world where nothing can be written when the machine allows that. Prints corpus_files, corpus_agree, and each
# file that disagrees. Exit 77 when there is no corpus.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
bin=${BIN:-$top/build/bin}
corpus=${ESCRIBA_CORPUS:-$top/../shared/corpus}
quick= keep=
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=1 ;;
    --keep) keep=$2; shift ;;
    *) echo "corpus.sh: unknown argument '$1'" >&2; exit 2 ;;
    esac
    shift
done
work=$(mktemp -d "${TMPDIR:-/tmp}/corpus.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
lists=$work/lists
: >"$lists"
[ -f "$corpus/MANIFEST.tsv" ] && printf '%s\n' "$corpus" >>"$lists"
if /usr/bin/python3 -c 'import PIL, numpy, reportlab' 2>/dev/null &&
    /usr/bin/python3 "$top/fixtures/make.py" hostile "$work/hostile" >/dev/null 2>&1; then
    printf '%s\n' "$work/hostile" >>"$lists"
fi
if [ ! -s "$lists" ]; then
    echo "SKIP: no corpus: neither ../shared/corpus nor the fixtures' hostile files can be had here"
    exit 77
fi

# A world in which nothing can be written: whatever tries to, fails, and the result differs. Output goes to files that
# were opened before.
world=(unshare --mount)
[ "$(id -u)" = 0 ] || world=(unshare --mount --map-root-user)
cat >"$work/world" <<'SH'
mount --make-rprivate / || exit 9
cut -d' ' -f5 /proc/self/mountinfo | sort -r | while read -r m; do mount -o remount,bind,ro "$(printf '%b' "$m")" 2>/dev/null; done
for d in / /tmp /var/tmp "$HOME" "$1"; do (: >"$d/.written.$$") 2>/dev/null && { rm -f "$d/.written.$$"; exit 9; }; done
shift
exec "$@"
SH
if "${world[@]}" bash "$work/world" "$work" true 2>/dev/null; then
    world+=(bash "$work/world" "$work")
    echo "# nothing can be written while the corpus is read"
else
    world=()
    echo "# this machine gives no read-only world: that nothing is written is not shown here"
fi

/usr/bin/python3 - "$lists" "$work/files" "${quick:-0}" <<'PY'
import csv, os, sys
out = open(sys.argv[2], 'w', encoding='utf-8', errors='surrogateescape')
for folder in open(sys.argv[1]).read().split('\n'):
    if not folder: continue
    rows = list(csv.DictReader(open(os.path.join(folder, 'MANIFEST.tsv'), encoding='utf-8', errors='surrogateescape'), delimiter='\t', quoting=csv.QUOTE_NONE))
    if sys.argv[3] != '0':  # every definite one but the slowest, and each twelfth of the others
        rows = [r for i, r in enumerate(rows) if (r['expected'] != 'either' and 'CPU bomb' not in (r.get('what_is_wrong') or r.get('what') or '')) or i % 12 == 0]
    for r in rows: out.write('%s\t%s\n' % (os.path.join(folder, r['file']), r['expected']))
PY
cut -f1 "$work/files" | tr '\n' '\0' >"$work/names"
begin=$(date +%s)
xargs -0 -n 100 "${world[@]}" "$bin/escriba" read --json --forms "$top/forms" <"$work/names" >"$work/out" 2>"$work/err"
echo "corpus_seconds: $(($(date +%s) - begin))"
[ -n "$keep" ] && cp "$work/out" "$keep"

/usr/bin/python3 - "$work/files" "$work/out" "$work/err" <<'PY'
import collections, json, re, sys
files = [l.rstrip('\n').split('\t') for l in open(sys.argv[1], encoding='utf-8', errors='surrogateescape')]
names = {f for f, _ in files}
got = collections.defaultdict(list)
stray = 0
for line in open(sys.argv[2], encoding='utf-8', errors='surrogateescape'):
    r = json.loads(line)
    name = r['file']
    while name and name not in names: name = name.rpartition('/')[0]  # ARCHIVE/ENTRY belongs to its archive
    if name: got[name].append(r)
    else: stray += 1
def judge(name, expected, rows):
    top = [r for r in rows if r['file'] == name and 'refused' in r]
    classes = {r['refused']['class'] for r in rows if 'refused' in r}
    if not rows: return 'no terminal state'
    if len(top) > 1 or (top and len(rows) > 1): return 'more than one terminal state'
    if classes - {'reject', 'limit', 'locked'}: return 'refused with ' + ','.join(classes)
    if any(float(r.get('seconds') or 0) > 100 for r in rows): return 'took too long'
    results = [r for r in rows if 'fields' in r]
    if expected == 'either': return None
    for word in re.split(r'\||-or-', expected):
        if word == 'ok' and results and not classes: return None
        if word == 'sanitize' and not top and any('sanitized' in r for r in rows): return None
        if word in ('reject', 'limit', 'locked') and not results and classes == {word}: return None
    return 'ended as %s' % (','.join(sorted(classes)) or 'sanitized' if any('sanitized' in r for r in rows) else ','.join(sorted(classes)) or 'ok')
agree, slow, bad = 0, 0.0, []
state = collections.Counter()
for name, expected in files:
    why = judge(name, expected, got[name])
    slow = max([slow] + [float(r.get('seconds') or 0) for r in got[name]])
    for r in got[name]: state[r['refused']['reason'] if 'refused' in r else 'sanitized' if 'sanitized' in r else 'read'] += 1
    if why: bad.append('%s: expected %s, %s' % (name, expected, why))
    else: agree += 1
errors = [l for l in open(sys.argv[3], encoding='utf-8', errors='replace').read().split('\n') if l.strip() and 'warning:' not in l]
for b in bad[:50]: print('# disagrees: ' + b)
for e in errors[:20]: print('# said: ' + e)
print('# states: ' + ', '.join('%s %d' % x for x in state.most_common()))
print('corpus_files: %d' % len(files))
print('corpus_agree: %d' % agree)
print('corpus_slowest_seconds: %.1f' % slow)
ok = not bad and not errors and not stray
print(('ok' if ok else 'not ok') + ' - every file of the corpus ends in one terminal state, as its manifest says')
sys.exit(0 if ok else 1)
PY
