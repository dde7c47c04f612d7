# shellcheck shell=bash
# attempt.sh - try statements in a session of a role's own, and say what came of each as TAP; to be sourced.
#
# attempt ROLE DATABASE NAME < lines of EXPECTED<tab>STATEMENT
#   EXPECTED: an SQLSTATE, or rows=N, or a SQLSTATE list a|b.  Everything that the session printed is left in
#   $attempt_out, for looking at what leaked.
attempt_n=0
attempt_out=
ok() { # truth (0 is good), what
    attempt_n=$((attempt_n + 1))
    [ "$1" = 0 ] || printf 'not '
    printf 'ok %d - %s\n' "$attempt_n" "$2"
}
is() { # have, want, what
    if [ "$1" = "$2" ]; then ok 0 "$3"; else ok 1 "$3"; printf '# have: %s\n# want: %s\n' "$1" "$2"; fi
}
attempt() { # role, database, name
    local role=$1 database=$2 name=$3 script expected statement n=0 said answer
    local -a wants=() what=()
    script=$pg_folder/attempt.psql attempt_out=$pg_folder/attempt.out
    : >"$script"
    while IFS=$'\t' read -r expected statement; do
        [ -n "$statement" ] || continue
        n=$((n + 1)) wants[n]=$expected what[n]=$statement
        # The answer is noted before the clean-up. (RESET ALL would leave a SET ROLE as it is.)
        printf '%s;\n\\echo @%d :SQLSTATE :ROW_COUNT\n' "$statement" "$n" >>"$script"
        printf '%s\n' 'ROLLBACK;' 'DISCARD ALL;' >>"$script"
    done
    PGUSER=$role pg_sql "$database" -At -v ON_ERROR_STOP=0 -f "$script" >"$attempt_out" 2>&1
    for ((n = 1; n <= ${#wants[@]}; n++)); do
        answer=$(sed -n "s/^@$n //p" "$attempt_out" | tail -1)
        case ${wants[n]} in
        rows=*) said=rows=${answer#* }; [ "${answer%% *}" = 00000 ] || said=${answer%% *} ;;
        *) said=${answer%% *}; case "|${wants[n]}|" in *"|$said|"*) said=${wants[n]} ;; esac ;;
        esac
        is "$said" "${wants[n]}" "$name: ${what[n]}"
    done
}
