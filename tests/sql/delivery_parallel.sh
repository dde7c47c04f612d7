#!/bin/bash
# Eight sessions publish for two clients at once: numbers without gaps, in the order of the commits, each document once.
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/attempt.sh"
pg_folder=$1
admin() { pg_sql escriba_delivery -At -c "$1"; }
for c in c d; do
    PGUSER=escriba_operator pg_sql escriba_delivery -At -c "SELECT delivery.client_add('${c}0000000-0000-4000-8000-000000000001',
        'SCRAM-SHA-256\$4096:AAAA\$AAAA:AAAA', 30)" >/dev/null
done
role=$(admin "SELECT role FROM delivery.client WHERE client_id::text LIKE 'c%'")
# Each session publishes 60 documents of its own and 40 that all eight publish; every tenth transaction is rolled back.
session() { # number
    local i document client
    for ((i = 0; i < 100; i++)); do
        document="md5('own $1 $i')"
        [ $i -ge 60 ] && document="md5('shared $i')"
        client=c; [ $((i % 4)) = 3 ] && client=d
        echo "BEGIN; SELECT seq FROM delivery.publish('${client}0000000-0000-4000-8000-000000000001', $document::uuid, 1, NULL, 'result', 'f',
            convert_to($document, 'UTF8'), sha256(convert_to($document, 'UTF8')));"
        if [ $((i % 10)) = 5 ] && [ $i -lt 60 ]; then echo 'ROLLBACK;'; else echo 'COMMIT;'; fi
    done | PGUSER=escriba_publisher pg_sql escriba_delivery -At >"$pg_folder/published.$1" 2>&1
}
# A reader who asks for what comes after the last number it saw must in the end have seen them all.
reader() {
    local last=0 seen=0 rows
    while [ ! -e "$pg_folder/published.done" ] || [ "$rows" != 0 ]; do
        rows=0
        while read -r seq; do
            rows=$((rows + 1)) seen=$((seen + 1))
            [ "$seq" = $((last + 1)) ] || echo "after $last came $seq"
            last=$seq
        done < <(PGUSER=$role pg_sql escriba_delivery -At -c "SELECT seq FROM delivery.results WHERE seq > $last ORDER BY seq")
    done
    echo "seen $seen"
}
reader >"$pg_folder/reader" &
waiting=$!
sessions=
for n in 1 2 3 4 5 6 7 8; do session $n & sessions="$sessions $!"; done
for p in $sessions; do wait "$p"; done
touch "$pg_folder/published.done"
wait $waiting
is "$(cat "$pg_folder"/published.[1-8] | grep -c ERROR)" 0 'nothing fails'
is "$(admin "SELECT string_agg(format('%s %s %s', count, min, max), ', ' ORDER BY client_id) FROM (SELECT client_id, count(*), min(seq), max(seq) FROM delivery.result
    WHERE client_id::text ~ '^[cd]0' GROUP BY 1) x")" "$(admin "SELECT string_agg(format('%s 1 %s', n, n), ', ' ORDER BY client_id) FROM (SELECT client_id, last_seq AS n FROM delivery.client WHERE client_id::text ~ '^[cd]0') x")" 'numbers have no gaps'
is "$(admin "SELECT count(*) FROM delivery.result WHERE client_id::text ~ '^[cd]0'")" $((8 * 54 + 40)) 'what was rolled back took no number, and what all published is there once'
is "$(cat "$pg_folder"/published.[1-8] | grep -c '^[0-9]')" 800 'everybody got an answer'
is "$(admin "SELECT count(*) FROM (SELECT lag(created_at) OVER (PARTITION BY client_id ORDER BY seq) > created_at + interval '5 s' AS w FROM delivery.result) x WHERE w")" 0 'numbers are in order of time'
is "$(cat "$pg_folder/reader")" "seen $(admin "SELECT last_seq FROM delivery.client WHERE role = '$role'")" 'who reads on from the last number misses nothing'
echo "1..$attempt_n"
