#!/usr/bin/python3
"""policy.py - is the design still true?  Includes, linkage, banned functions, sizes, the documented tree, secrets.

    policy.py [--build DIR]     run the checks, as TAP
    policy.py --write-tree      rewrite the tree in ARCHITECTURE.md from the files' own first lines
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.chdir(ROOT)
BUILD = 'build'
LAYERS = {  # folder: what it may include of ours
    'lib/base': ('base/',),
    'lib/doc': ('base/', 'doc/'),
    'stages': ('base/', 'doc/', 'stage.h'),
    'lib/sys': ('base/', 'doc/', 'stage.h', 'sys/'),
    'include/base': ('base/',),
    'include/doc': ('base/', 'doc/'),
    'include/sys': ('base/', 'doc/', 'stage.h', 'sys/'),
    'pipeline': ('base/', 'doc/', 'stage.h', 'sys/'),
}
# What of the second wall each program must do without: it is not linked, so it cannot be called.
NEVER_LINKED = {
    'escribad': ('pq', 'tesseract', 'lept', 'archive', 'qpdf', 'expat', 'ncurses', 'chafa', 'sodium'),
    'escriba-keyd': ('pq', 'tesseract', 'lept', 'archive', 'qpdf', 'expat', 'ncurses', 'chafa', 'cyaml', 'zbar', 'dmtx', 'ZXing'),
    'escriba-intake': ('tesseract', 'lept', 'archive', 'qpdf', 'expat', 'ncurses', 'chafa', 'zbar', 'dmtx', 'ZXing'),
    'escriba-runner': ('tesseract', 'lept', 'archive', 'qpdf', 'expat', 'ncurses', 'chafa', 'zbar', 'dmtx', 'ZXing'),
    'escriba-cell': ('pq', 'sodium', 'ncurses', 'chafa', 'curl', 'ssl'),
    'escriba-desk': ('tesseract', 'lept', 'archive', 'qpdf', 'expat', 'ncurses', 'chafa', 'zbar', 'dmtx', 'ZXing'),
    'escriba-review': ('pq', 'sodium', 'tesseract', 'lept', 'archive', 'qpdf', 'expat', 'zbar', 'dmtx', 'ZXing', 'cyaml'),
    'escriba-client': ('tesseract', 'lept', 'archive', 'qpdf', 'expat', 'ncurses', 'chafa', 'zbar', 'dmtx', 'ZXing'),
    'escriba': ('tesseract', 'lept', 'archive', 'qpdf', 'expat', 'ncurses', 'chafa', 'zbar', 'dmtx', 'ZXing'),
}
BANNED = ('strcpy', 'strcat', 'sprintf', 'vsprintf', 'gets', 'system', 'popen', 'strtok', 'atoi', 'atol', 'atof', 'tmpnam',
          'tempnam', 'mktemp', 'alloca', 'rand', 'srand', 'PQexec', 'PQescapeLiteral', 'PQescapeString')
BANNED_BUT = {'PQexec': ('lib/sys/db',)}  # literal statements only: begin, commit, rollback, migrations
FILE_LINES, FUNCTION_LINES, COLUMNS = 600, 100, 120

results = []


def check(name, bad):
    results.append(not bad)
    print('%s - %s' % ('ok' if not bad else 'not ok', name))
    for line in list(bad)[:20]:
        print('#   ' + line)


def tracked(*ends):
    out = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], stdout=subprocess.PIPE, check=True)
    names = [n for n in out.stdout.decode('utf-8', 'surrogateescape').split('\0') if n and os.path.isfile(n)]
    return sorted({n for n in names if not ends or n.endswith(ends)})


def text(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        return f.read()


def bare(source):
    """Source without comments and string contents; newlines are kept."""
    keep_lines = lambda m: ('""' if m.group(0)[0] == '"' else "' '" if m.group(0)[0] == "'" else ' ') + '\n' * m.group(0).count('\n')
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', keep_lines, source, flags=re.S)


def code():
    return [p for p in tracked('.c', '.cc', '.h') if not p.startswith(('tests/', 'fixtures/', 'bench/', 'docs/'))]


def layer(path):
    for folder in sorted(LAYERS, key=len, reverse=True):
        if path.startswith(folder + '/'):
            return folder
    return None


def includes():
    bad = []
    for path in code():
        allowed = LAYERS.get(layer(path), ('base/', 'doc/'))
        for line, name in enumerate(text(path).splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+"([^"]+)"', name)
            if not m or os.path.exists(os.path.join(os.path.dirname(path), m.group(1))):
                continue
            # the cell's own program sets the stages up before the cage shuts
            if path.startswith('pipeline/cell_') and os.path.exists(os.path.join('stages', m.group(1))):
                continue
            if not m.group(1).startswith(allowed):
                bad.append('%s:%d includes %s' % (path, line, m.group(1)))
    check('includes point down', bad)


def needed(program):
    out = subprocess.run(['readelf', '-d', program], stdout=subprocess.PIPE, check=True).stdout.decode()
    return re.findall(r'NEEDED.*\[(.*)\]', out)


def linkage():
    bad, seen = [], set()
    for program, never in NEVER_LINKED.items():
        path = os.path.join(BUILD, 'bin', program)
        if not os.path.exists(path):
            bad.append(path + ' is not built')
            continue
        for lib in needed(path):
            seen.add(lib)
            if any(lib.startswith('lib' + n) for n in never):
                bad.append('%s is linked with %s' % (program, lib))
    check('programs are linked with what their row allows', bad)
    notice = text('NOTICE') if os.path.exists('NOTICE') else ''
    plain = ('libc.so', 'libm.so', 'ld-linux', 'libpthread', 'libgcc_s', 'libstdc++')
    check('what is linked is named in NOTICE', ['%s is not in NOTICE' % l for l in sorted(seen)
                                                 if not l.startswith(plain) and l.split('.so')[0] not in notice])


def banned():
    bad = []
    for path in code():
        for n, line in enumerate(bare(text(path)).splitlines(), 1):
            for word in re.findall(r'\b(%s)\s*\(' % '|'.join(BANNED), line):
                if not path.startswith(BANNED_BUT.get(word, ('\0',))):
                    bad.append('%s:%d calls %s' % (path, n, word))
    check('banned functions are not called', bad)


def sizes():
    long_files, long_functions, wide = [], [], []
    for path in tracked('.c', '.cc', '.h'):
        source = text(path)
        lines = source.splitlines()
        if len(lines) > FILE_LINES:
            long_files.append('%s has %d lines' % (path, len(lines)))
        begin = None
        for n, line in enumerate(bare(source).splitlines(), 1):
            if line.startswith('{'):
                begin = n
            elif line.startswith('}') and begin:
                if n - begin - 1 > FUNCTION_LINES:
                    long_functions.append('%s:%d is a function of %d lines' % (path, begin, n - begin - 1))
                begin = None
        wide += ['%s:%d has %d columns' % (path, n, len(l)) for n, l in enumerate(lines, 1)
                 if len(l) > COLUMNS and path != 'stages/table.c' and not path.startswith('tests/')]
    check('no file is over %d lines' % FILE_LINES, long_files)
    check('no function is over %d lines' % FUNCTION_LINES, long_functions)
    check('no line is over %d columns' % COLUMNS, wide)


def words():
    bad = []
    for path in tracked():
        if path.startswith(('LICENSE', 'tests/policy/')) or not path.endswith(
                ('.c', '.cc', '.h', '.md', '.sh', '.sql', '.yaml', '.txt', '.py', '.scd', '.js', '.mjs', '.php', '.service', '.timer')) \
                and os.path.basename(path) not in ('demo', 'check', 'run', 'Dockerfile', 'NOTICE', 'kill', 'queue', 'accuracy'):
            continue
        for n, line in enumerate(text(path).splitlines(), 1):
            if re.search(r'/wor' r'k/(main|shared|steering)|https?://(deb|security|registry)\.', line):
                bad.append('%s:%d names a machine path or a package host' % (path, n))
            if re.search(r'\b(TODO|FIXME|XXX|HACK)[:(]', line):
                bad.append('%s:%d says something is unfinished' % (path, n))
    check('no machine paths, package hosts or unfinished notes', bad)


def logs():
    bad = []
    for path in code():
        source = text(path)
        if path.startswith('lib/base/log') or path.startswith('include/base/log'):
            continue
        for m in re.finditer(r'LOG_WORD\(\s*"[^"]*"\s*,\s*([^;{}]*?)\)\s*[,)]', source):
            if not re.match(r'"|(?:rc_name|db_sqlstate\(|reason_row|reason_class_name|.*stage->name|.*\bstage_name|.*->word|.*\.word|.*_name\(|\w+->name|.*row->name|unit_names\[)', m.group(1).strip()):
                bad.append('%s logs the word %s' % (path, m.group(1).strip()[:60]))
        if re.search(r'\bsyslog\s*\(', bare(source)):
            bad.append(path + ' calls syslog')
    check('the log gets words of our own tables only', bad)


def first_lines():
    check('every C file says first what it is', ['%s does not begin with /* or its name' % p for p in tracked('.c', '.cc')
          if not re.match(r'/\*\s*(\n \*\s*)?%s\b' % re.escape(os.path.basename(p)), text(p)) and not p.startswith('docs/')])


def said(path):
    head = text(path)[:600]
    name = re.escape(os.path.basename(path))
    m = re.match(r'(?:#![^\n]*\n)?(?:/\*|#|--|"""|<\?php\s*//|//)?\s*(?:\n?\s*\*\s*)?%s(?:\s[^-\n]*?)? - (.+)' % name, head)
    return re.sub(r'\s*(\*/|""")?\s*$', '', m.group(1)) if m else ''


def tree():
    out = []
    for folder in ('include', 'include/base', 'include/doc', 'include/sys', 'lib/base', 'lib/doc', 'stages', 'lib/sys', 'pipeline'):
        files = [p for p in tracked('.c', '.cc', '.h') if os.path.dirname(p) == folder]
        if files:
            out.append(folder + '/')
            out += ['  %-24s %s' % (os.path.basename(p), said(p)) for p in files]
    return [l.rstrip() for l in out]


def documented_tree():
    page = text('ARCHITECTURE.md') if os.path.exists('ARCHITECTURE.md') else ''
    m = re.search(r'<!-- tree -->\n```\n(.*?)```\n<!-- end -->', page, re.S)
    want = tree()
    if '--write-tree' in sys.argv and m:
        with open('ARCHITECTURE.md', 'w', encoding='utf-8') as f:
            f.write(page[:m.start(1)] + '\n'.join(want) + '\n' + page[m.end(1):])
        return
    have = m.group(1).splitlines() if m else []
    check('the tree in ARCHITECTURE.md is the tree',
          ['only in the tree: ' + l for l in want if l not in have] + ['only in the page: ' + l for l in have if l not in want])


def top_level():
    allowed = {'pipeline', 'stages', 'include', 'sql', 'fixtures', 'tests', 'docker', 'lib', 'forms', 'docs', 'bench', 'demo', 'check',
               'CMakeLists.txt', 'README.md', 'ARCHITECTURE.md', 'STYLE.md', 'LICENSE', 'NOTICE', '.ci', '.gitignore', '.clang-format'}
    check('the top level holds what it should', sorted({p.split('/')[0] for p in tracked()} - allowed))


def main():
    global BUILD
    if '--build' in sys.argv:
        BUILD = sys.argv[sys.argv.index('--build') + 1]
    if '--write-tree' in sys.argv:
        documented_tree()
        return 0
    for f in (includes, linkage, banned, sizes, words, logs, first_lines, documented_tree, top_level):
        f()
    return 0 if all(results) else 1


sys.exit(main())
