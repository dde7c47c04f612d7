#!/bin/bash
# Six sessions walk through the work database at once: whatever meets whatever, nobody waits in a circle, nothing fails
# that ought not to, the balance holds and the chains are whole.  ESCRIBA_WALK=N: so many operations each.
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/attempt.sh"
pg_folder=$1
steps=${ESCRIBA_WALK:-150}
seed=${ESCRIBA_SEED:-$RANDOM}
echo "# seed $seed, $steps operations in each of 6 sessions (what meets what is up to the machine)"
admin() { pg_sql escriba_work -At -c 'SET search_path = t' -c "$1"; }
pg_sql escriba_work >/dev/null <<'END'
SET search_path = t;
SELECT t.client('wa', '{mixed,invoice:invoice:}'), t.client('lk', p_quiet => 30);
END
ana=$(admin "SELECT t.one('escriba_operator', \$\$SELECT ops.person_add('walker', 'W', 'senior', 9, '', NULL)\$\$)")
deadlocks=$(admin "SELECT deadlocks FROM pg_stat_database WHERE datname = 'escriba_work'")
session() { # number
    {
        echo "SET search_path = t; SELECT setseed($(((seed + $1) % 1000)) / 1000.0);"
        yes "SELECT 'did ' || t.operation('$ana');" | head -"$steps"
    } | pg_sql escriba_work -At -v ON_ERROR_STOP=0 >"$pg_folder/walk.$1" 2>&1
}
pids=
for n in 1 2 3 4 5 6; do session $n & pids="$pids $!"; done
for p in $pids; do wait "$p"; done
# Two that admit the same identifier or retry what another just retried are told so, not broken.
is "$(grep -h -e ERROR -e FATAL "$pg_folder"/walk.? | sort | uniq -c)" '' 'nothing fails'
is "$(grep -ho 'did .* [0-9A-Z]\{5\}$' "$pg_folder"/walk.? | grep -v -e ES001 -e ES400 -e ES409 -e ES403 -e ES404 | sort | uniq -c)" '' 'but what ought to'
is "$(($(admin "SELECT pg_sleep(0.6)" >/dev/null; admin "SELECT deadlocks FROM pg_stat_database WHERE datname = 'escriba_work'") - deadlocks))" 0 'nobody waited in a circle'
is "$(cat "$pg_folder"/walk.? | grep -c '^did')" $((6 * steps)) 'every operation came to its end'
is "$(admin 'SELECT t.balance()')" '' 'the balance holds'
is "$(admin "SELECT count(*) FROM work.audit a LEFT JOIN work.audit b ON b.client_id = a.client_id AND b.n = a.n - 1 WHERE a.n > 1 AND a.prev IS DISTINCT FROM b.hash")" 0 'every chain is whole'
grep -hv -e '^did step -' "$pg_folder"/walk.? | sed -n 's/^did \([a-z_]*\).*/\1/p' | sort | uniq -c | sed 's/^ */# /'
echo "1..$attempt_n"
