/* payload_kinds.h - what the kinds of payloads share: addresses taken apart, amounts, dates, lines. */
#ifndef DOC_PAYLOAD_KINDS_H
#define DOC_PAYLOAD_KINDS_H

#include <stdbool.h>

#include "doc/payload.h"

/* The functions of the table's rows, a file each. */
enum rc payload_cfdi(const char *text, struct arena *arena, struct witness *out);
enum rc payload_afip(const char *text, struct arena *arena, struct witness *out);
enum rc payload_verifactu(const char *text, struct arena *arena, struct witness *out);
enum rc payload_ticketbai(const char *text, struct arena *arena, struct witness *out);
enum rc payload_ted(const char *text, struct arena *arena, struct witness *out);
enum rc payload_epc(const char *text, struct arena *arena, struct witness *out);
enum rc payload_swiss(const char *text, struct arena *arena, struct witness *out);

/* ---- payload_url.c: https://HOST/PATH?NAME=VALUE&... */

#define URL_PARAMS_MAX 16

struct url {
    const char *host; /* lower case */
    const char *path; /* as it stands, "" or from its slash on */
    struct {
        const char *name, *value; /* decoded */
    } params[URL_PARAMS_MAX];
    unsigned count;
};

/*
 * Take an address apart.  RC_NOT_FOUND when it is no http address with a query; RC_INPUT (host and path are
 * set, so that the caller can say whether it is his) for a name that comes twice, a broken escape, a control
 * character or bytes that are no UTF-8.
 */
MUST_USE enum rc url_split(const char *text, struct arena *arena, struct url *out);
/* The value of a parameter, or NULL. */
const char *url_get(const struct url *url, const char *name);
/* Is it one of the hosts of a NULL-terminated list, with this path? A NULL path is any. */
bool url_is(const struct url *url, const char *const *hosts, const char *path);

/* ---- payload_values.c */

/*
 * A plain decimal as an amount of ours: at most "whole" digits before the point and "decimals" after it.
 * False when it has another shape.  *out is NULL when it is finer than a hundredth: then it states nothing.
 */
bool payload_amount(const char *text, unsigned whole, unsigned decimals, struct arena *arena, const char **out);
/* A date by its pattern of D, M, Y and other characters as they stand: "DD-MM-YYYY", "DDMMYY". */
bool payload_date(const char *text, const char *pattern, struct arena *arena, const char **out);
/* Only digits, from..to of them. */
bool payload_digits(const char *text, size_t from, size_t to);
/* The lines of a text, with LF or CRLF between; RC_INPUT for more than max. */
MUST_USE enum rc payload_lines(const char *text, struct arena *arena, const char **lines, unsigned max,
                               unsigned *count);
/* Characters, not bytes. */
size_t payload_length(const char *text);

#endif
