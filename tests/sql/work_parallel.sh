#!/bin/bash
# Several sessions at once: the same bytes are taken once, a step is given to one, chains stay whole, nothing deadlocks.
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/attempt.sh"
pg_folder=$1
admin() { pg_sql escriba_work -At -c "$1"; }
pg_sql escriba_work -c "SELECT t.client('para'), t.client('llel')" >/dev/null
id() { admin "SELECT client_id FROM work.client WHERE name = '$1'"; }
para=$(id para) llel=$(id llel)

# ---- eight doors bring the same 20 files, each in a transaction; the batches are one
door() { # number
    local i
    for ((i = 0; i < 20; i++)); do
        cat <<END
BEGIN;
SELECT gen_random_uuid() AS f \\gset
SELECT answer FROM work.admit('$para', :'f', 'mixed', '', sha256('same $i'), sha256('name'), NULL, '\\x00', 1, 1, false, '\\x00') \\gset
\\echo answer :answer
SELECT :answer = 0 AS taken \\gset
\\if :taken
SELECT work.admit_part('$para', :'f', 0, '\\x01'), work.admit_done('$para', :'f', 1);
\\endif
COMMIT;
END
    done | PGUSER=escriba_intake pg_sql escriba_work -At >"$pg_folder/door.$1" 2>&1
}
all() { # function, count: so many at once
    local pids= n
    for ((n = 1; n <= $2; n++)); do "$1" $n & pids="$pids $!"; done
    for n in $pids; do wait "$n"; done
}
all door 8
is "$(cat "$pg_folder"/door.* | grep -c ERROR)" 0 'eight doors at once: nothing fails'
is "$(cat "$pg_folder"/door.* | grep -c 'answer 0')" 20 'the same bytes are taken once'
is "$(cat "$pg_folder"/door.* | grep -c 'answer 1')" 140 'and are duplicates seven times'
is "$(admin "SELECT count(*) FROM work.batch WHERE client_id = '$para'")" 1 'in one batch'

# ---- 2,000 pages of two clients, eight runners; some are slow and lose their lease
pg_sql escriba_work >/dev/null <<END
SET search_path = t;
DO \$x\$
DECLARE f uuid;
BEGIN
    FOR i IN 1 .. 40 LOOP
        f := t.admit(CASE WHEN i % 2 = 0 THEN '$para' ELSE '$llel' END::uuid, 'file ' || i);
    END LOOP;
    PERFORM t.take('{1}');
    PERFORM t.runner(t.decode_sql(object_id, 50)) FROM t.lease WHERE unit = 1;
END \$x\$;
END
pages=$(admin "SELECT count(*) FROM work.step WHERE unit = 2")
runner() { # number; each sleeps over one of its leases
    # Each round: claim some, keep their tokens in this session's memory, complete them together.
    local i
    for ((i = 0; i < 400; i++)); do
        cat <<END
SELECT coalesce(array_agg(client_id), '{}') AS c, coalesce(array_agg(file_id), '{}') AS f, coalesce(array_agg(page), '{}') AS p, coalesce(array_agg(token), '{}') AS t, count(*) AS n, count(*) > 0 AS any,
       coalesce(array_agg(0), '{}') AS z, coalesce(array_agg(''::text), '{}') AS s, coalesce(array_agg('\\x01'::bytea), '{}') AS b
  FROM work.claim(gen_random_uuid(), ARRAY[2], 7, $([ $i = $((4 + 3 * $1)) ] && echo 1 || echo 60)) \\gset
\\if :any
$([ $i = $((4 + 3 * $1)) ] && echo 'SELECT pg_sleep(1.1);')
SELECT work.commit_pages(:'c', :'f', :'p', :'t', :'z', :'z', :'z', :'z', :'z', :'z', :'z', :'z', :'z', :'s', :'z', :'b');
\\echo did :n :SQLSTATE
\\else
SELECT count(*) = 0 AS over FROM work.claim(gen_random_uuid(), ARRAY[1], 1, 1) \\gset
\\echo idle
\\if :over
\\q
\\endif
\\endif
END
    done | PGUSER=escriba_runner pg_sql escriba_work -At -v ON_ERROR_STOP=0 >"$pg_folder/runner.$1" 2>&1
}
all runner 8
# whatever lapsed in the hands of the last ones
pg_sql escriba_work -c "SET search_path = t" -c "SELECT t.lapse()" >/dev/null; runner 9
is "$(grep -h ERROR "$pg_folder"/runner.* | grep -vc 'lease is lost')" 0 'eight runners at once: nothing fails but lost leases'
is "$(cat "$pg_folder"/runner.* | awk '/^did/ && $3 == "00000" { n += $2 } END { print n }')" "$pages" 'every page is completed once'
is "$(admin "SELECT count(*) FROM work.audit WHERE event = 'page.read' AND client_id IN ('$para', '$llel')")" "$pages" 'and told once'
is "$(admin "SELECT count(*) FROM work.file WHERE state = 'reading'")" 0 'every file is read to its end'
is "$(admin "SELECT count(*) FROM work.document WHERE client_id IN ('$para', '$llel')")" 60 'once'
is "$(admin "SELECT deadlocks FROM pg_stat_database WHERE datname = 'escriba_work'")" 0 'nobody waited in a circle'
is "$(pg_sql escriba_work -At -c 'SET search_path = t' -c 'SELECT t.balance()')" '' 'the balance holds'
is "$(admin "SELECT count(*) FROM work.audit a LEFT JOIN work.audit b ON b.client_id = a.client_id AND b.n = a.n - 1 WHERE a.n > 1 AND a.prev IS DISTINCT FROM b.hash")" 0 'each row of every chain follows the one before'
is "$(admin "SELECT count(*) FROM work.audit_head h WHERE h.n > 0 AND (h.n, h.hash) IS DISTINCT FROM (SELECT (a.n, a.hash) FROM work.audit a WHERE a.client_id = h.client_id ORDER BY n DESC LIMIT 1)")" 0 'and every head is the last'

# ---- two that take several rows: they must take them in one order.  The first stops in the middle of its transaction
# while the second begins; a circle is an error after a second (deadlock_timeout).
clash() { # what, role of the first, its statements before, after; the second's statements (as the runner)
    { echo 'BEGIN;'; printf '%s\n' "$3"; echo 'SELECT pg_sleep(0.7);'; printf '%s\n' "$4"; echo 'COMMIT;'; } |
        PGUSER=$2 pg_sql escriba_work -At -v ON_ERROR_STOP=0 >"$pg_folder/clash.1" 2>&1 &
    local first=$!
    sleep 0.3
    { echo 'BEGIN;'; printf '%s\n' "$5"; echo 'COMMIT;'; } |
        PGUSER=escriba_runner pg_sql escriba_work -At -v ON_ERROR_STOP=0 >"$pg_folder/clash.2" 2>&1
    wait $first
    is "$(grep -h ERROR "$pg_folder/clash.1" "$pg_folder/clash.2")" '' "$1"
}
told() { pg_sql escriba_work -At -c 'SET search_path = t' -c "$1" | tail -1; }
admit() { # file, content: the statements of intake
    echo "SELECT * FROM work.admit('$para', '$1', 'mixed', 'clash', sha256('$2'), sha256('$2'), NULL, '\\x00', 1, 1, false, '\\x00');"
}
admit_end() { echo "SELECT work.admit_part('$para', '$1', 0, '\\x01'), work.admit_done('$para', '$1', 1);"; }
f1=$(told "SELECT t.admit('$para', 'clash 1', p_folder => 'clash')") zip=$(told "SELECT t.admit('$para', 'clash zip', p_folder => 'clash')")
told "SELECT t.take()" >/dev/null
told "SELECT t.runner(t.decode_sql('$f1', 1))" >/dev/null
told "SELECT t.take()" >/dev/null
new=$(admin 'SELECT gen_random_uuid()')
clash 'a file comes into a batch while another of it is read to its end' escriba_intake "$(admit "$new" 'clash 2')" "$(admit_end "$new")" \
    "$(told "SELECT t.page_sql('$f1', '{0}')");"
new=$(admin 'SELECT gen_random_uuid()') dup=$(admin 'SELECT gen_random_uuid()') child=$(admin 'SELECT gen_random_uuid()')
clash 'an archive comes again while it is unpacked' escriba_intake "$(admit "$new" 'clash 3'; admit_end "$new")" "$(admit "$dup" 'clash zip')" \
    "$(told "SELECT t.child_sql('$zip', '$child', 'clash child')"); $(admit_end "$child" | sed 's/;$//'); $(told "SELECT t.unpack_sql('$zip')");"
# The audit is the last that a transaction holds: what it has said does not keep others from their files.
f2=$(told "SELECT t.admit('$para', 'clash 4', p_folder => 'clash')")
told "SELECT t.take()" >/dev/null
new=$(admin 'SELECT gen_random_uuid()') child=$(admin 'SELECT gen_random_uuid()')
clash 'a batch opens with bytes that somebody gives up' escriba_intake "$(admit "$child" 'clash 6' | sed "s/'clash', sha/'anew', sha/")" \
    "$(admit_end "$child"); $(admit "$new" 'clash 4')" "$(told "SELECT t.refuse_sql('$f2', 1, 0, 13)");"
new=$(admin 'SELECT gen_random_uuid()') dup=$(admin 'SELECT gen_random_uuid()') zip=$(told "SELECT t.admit('$llel', 'clash zip 2')")
f4=$(told "SELECT t.admit('$llel', 'clash 7', p_folder => 'other')")
told "SELECT t.take()" >/dev/null
clash 'the second child of an archive has bytes that somebody gives up' escriba_runner \
    "$(told "SELECT t.child_sql('$zip', '$new', 'clash 8')"); $(admit_end "$new" | sed "s/$para/$llel/g")" \
    "$(told "SELECT t.child_sql('$zip', '$dup', 'clash 7')"); $(told "SELECT t.unpack_sql('$zip')");" \
    "$(told "SELECT t.refuse_sql('$f4', 1, 0, 13)");"
is "$(admin 'SELECT count(*) FROM work.audit_said')" 0 'and all that was said is in the chains'
is "$(pg_sql escriba_work -At -c 'SET search_path = t' -c 'SELECT t.balance()')" '' 'and the balance holds'

# ---- two persons and an operator at one document
pg_sql escriba_work >/dev/null <<END
SET search_path = t;
SELECT t.one('escriba_operator', format('SELECT ops.person_add(%L, %L, ''senior'', 9, '''', NULL)', 'p' || g, 'P')) FROM generate_series(1, 8) g;
SELECT t.take('{3}');
SELECT t.runner(t.document_sql(object_id, 1, 72, NULL)) FROM t.lease WHERE unit = 3 AND client_id IN ('$para', '$llel');
END
person() { # number: takes until nothing is left
    local who
    who=$(admin "SELECT person_id FROM work.person WHERE system_user = 'p$1'")
    yes "SELECT document_id FROM work.review_take('$who', NULL, 600);" | head -20 | PGUSER=escriba_desk pg_sql escriba_work -At >"$pg_folder/person.$1" 2>&1
}
waiting=$(admin 'SELECT count(*) FROM work.review')
all person 8
is "$(cat "$pg_folder"/person.* | sort | uniq -d | wc -l)" 0 'no document is given to two persons'
is "$(cat "$pg_folder"/person.* | grep -c '^[0-9a-f-]\{36\}$')" "$waiting" 'and every one to one'
echo "1..$attempt_n"
