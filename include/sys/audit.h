/*
 * audit.h - check the audit chains: recompute every hash in C, from the columns alone.
 *
 * There is one chain for each client and one for the house (the zero identifier, shown as "-").  A row's hash is
 *
 *   SHA-256( prev 32 | client 16 | n i64 | at i64 | actor | person 16 | event | batch 16 | file 16 | document 16
 *            | page i32 | code i32 | amount i64 | sealed_hash )
 *
 * integers big-endian, at in microseconds since 2000-01-01 UTC, an absent identifier as zeros, texts and
 * sealed_hash after their length as i32.  prev of the first row is 32 zeros.  A head row tells how many rows there
 * are and the last hash, so a cut tail is seen.  The chain shows careless or partial tampering; who rewrites rows,
 * hashes and head together is found out only by heads that were kept elsewhere (audit_heads prints them).
 */
#ifndef SYS_AUDIT_H
#define SYS_AUDIT_H

#include "sys/db.h"

enum audit_fault {
    AUDIT_SOUND = 0,
    AUDIT_NO_HEAD,    /* the chain is gone altogether                                    */
    AUDIT_EDITED,     /* a row's hash is not that of its columns                         */
    AUDIT_BROKEN,     /* a row does not follow its predecessor: inserted, edited, moved  */
    AUDIT_GAP,        /* a row is missing                                                */
    AUDIT_CUT,        /* rows at the end are missing                                     */
    AUDIT_TOO_LONG,   /* there are rows after the head                                   */
    AUDIT_HEAD,       /* the head's hash is not that of the last row                     */
    AUDIT_TIME,       /* a row is older than its predecessor                             */
    AUDIT_UNKNOWN,    /* a chain of a client that does not exist                         */
    AUDIT_REWRITTEN   /* not the row that was there when the head was kept               */
};

struct audit_chain {
    struct id client;
    char name[64];       /* short name, "-" for the house            */
    int64_t rows;        /* checked                                  */
    uint8_t head[32];    /* to be kept elsewhere and compared later  */
    enum audit_fault fault;
    int64_t at;          /* the first row that is wrong, 0 for none  */
};

/* A head that was kept elsewhere: what the chain was when it had n rows. */
struct audit_kept {
    struct id client;
    int64_t n;
    uint8_t hash[32];
};

/* Told once for each chain; return RC_OK to go on. */
typedef enum rc audit_told(void *to, const struct audit_chain *chain);

/*
 * Verify one client's chain (short name or identifier) or, with NULL, all of them.  Reads one consistent snapshot.
 * RC_OK when all are sound, RC_SEAL when one is not (the callback says which), RC_NOT_FOUND for an unknown client.
 * db: as escriba_audit or escriba_operator.  kept may be NULL when kept_count is 0; told may be NULL.
 */
MUST_USE enum rc audit_verify(struct db *db, const char *client, const struct audit_kept *kept, size_t kept_count,
                              audit_told *told, void *to);
/* A sentence for a person. */
const char *audit_fault_text(enum audit_fault fault);

#endif
