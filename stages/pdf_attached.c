/*
 * pdf_attached.c - the e-invoice inside a PDF: found by name, unpacked under a ceiling, read by einvoice.c.
 *
 * ISO 32000-1, 7.11.4 and 7.9.6: the name tree EmbeddedFiles of the catalog's Names, and (PDF/A-3) its AF array.
 * libqpdf would inflate a stream whole; so its packed bytes are taken, and inflated here, never beyond
 * XML_BYTES_MAX.  No other filter is undone: no writer of invoices uses one.
 */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "einvoice.h"

#define TREE_DEPTH 16
#define TREE_NODES 500
#define FILES_MAX 32
#define NAME_ROOM 128
#define CHUNK 65536

/* Names that the standards give the invoice; the best first.  Any other *.xml comes after them. */
static const char *const names[] = { "factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "cii.xml", "ubl.xml" };

struct attached {
    qpdf_oh stream;
    unsigned rank; /* 0: the first of names */
    int object;
};

struct search {
    qpdf_data q;
    struct attached files[FILES_MAX];
    unsigned count, nodes;
};

static unsigned
rank_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (unsigned i = 0; i < COUNT_OF(names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return i;
    return dot != NULL && strcasecmp(dot, ".xml") == 0 ? COUNT_OF(names) : COUNT_OF(names) + 1;
}

static bool
text_of(qpdf_data q, qpdf_oh spec, const char *key, char out[NAME_ROOM])
{
    qpdf_oh oh = qpdf_oh_get_key(q, spec, key);
    const char *text;

    if (!qpdf_oh_is_string(q, oh) || (text = qpdf_oh_get_utf8_value(q, oh)) == NULL || strlen(text) >= NAME_ROOM)
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static void
take_spec(struct search *s, qpdf_oh spec)
{
    char name[NAME_ROOM] = "";
    qpdf_oh ef, stream;
    unsigned rank;
    int object;

    if (s->count == FILES_MAX || !qpdf_oh_is_dictionary(s->q, spec))
        return;
    if (!text_of(s->q, spec, "/UF", name) && !text_of(s->q, spec, "/F", name))
        return;
    if ((rank = rank_of(name)) > COUNT_OF(names))
        return;
    ef = qpdf_oh_get_key(s->q, spec, "/EF");
    if (!qpdf_oh_is_dictionary(s->q, ef))
        return;
    stream = qpdf_oh_get_key(s->q, ef, "/F");
    if (!qpdf_oh_is_stream(s->q, stream))
        stream = qpdf_oh_get_key(s->q, ef, "/UF");
    if (!qpdf_oh_is_stream(s->q, stream))
        return;
    object = qpdf_oh_get_object_id(s->q, stream);
    for (unsigned i = 0; i < s->count; i++)
        if (s->files[i].object == object)
            return; /* in the tree and in AF */
    s->files[s->count++] = (struct attached){ stream, rank, object };
}

/* A node of the name tree; a ring of nodes ends at the limits. */
static void
take_tree(struct search *s, qpdf_oh node, unsigned depth)
{
    qpdf_oh list;
    int n;

    if (depth > TREE_DEPTH || ++s->nodes > TREE_NODES || !qpdf_oh_is_dictionary(s->q, node))
        return;
    list = qpdf_oh_get_key(s->q, node, "/Names");
    n = qpdf_oh_is_array(s->q, list) ? qpdf_oh_get_array_n_items(s->q, list) : 0;
    for (int i = 1; i < n && i < 2 * TREE_NODES; i += 2)
        take_spec(s, qpdf_oh_get_array_item(s->q, list, i));
    list = qpdf_oh_get_key(s->q, node, "/Kids");
    n = qpdf_oh_is_array(s->q, list) ? qpdf_oh_get_array_n_items(s->q, list) : 0;
    for (int i = 0; i < n && i < TREE_NODES; i++)
        take_tree(s, qpdf_oh_get_array_item(s->q, list, i), depth + 1);
}

static void
find_files(struct search *s)
{
    qpdf_oh root = qpdf_get_root(s->q), names_of_root, associated;
    int n;

    if (!qpdf_oh_is_dictionary(s->q, root))
        return;
    names_of_root = qpdf_oh_get_key(s->q, root, "/Names");
    if (qpdf_oh_is_dictionary(s->q, names_of_root))
        take_tree(s, qpdf_oh_get_key(s->q, names_of_root, "/EmbeddedFiles"), 0);
    associated = qpdf_oh_get_key(s->q, root, "/AF");
    n = qpdf_oh_is_array(s->q, associated) ? qpdf_oh_get_array_n_items(s->q, associated) : 0;
    for (int i = 0; i < n && i < TREE_NODES; i++)
        take_spec(s, qpdf_oh_get_array_item(s->q, associated, i));
}

enum filter { FILTER_NONE, FILTER_FLATE, FILTER_OTHER };

static enum filter
filter_of(qpdf_data q, qpdf_oh dict)
{
    qpdf_oh filter = qpdf_oh_get_key(q, dict, "/Filter"), parms = qpdf_oh_get_key(q, dict, "/DecodeParms");

    if (qpdf_oh_is_array(q, filter)) {
        int n = qpdf_oh_get_array_n_items(q, filter);

        if (n > 1)
            return FILTER_OTHER;
        filter = n == 1 ? qpdf_oh_get_array_item(q, filter, 0) : qpdf_oh_new_null(q);
    }
    if (qpdf_oh_is_null(q, filter))
        return FILTER_NONE;
    if (!qpdf_oh_is_name_and_equals(q, filter, "/FlateDecode") ||
        (qpdf_oh_is_dictionary(q, parms) && qpdf_oh_has_key(q, parms, "/Predictor")))
        return FILTER_OTHER;
    return FILTER_FLATE;
}

/* False for what is damaged or grows beyond the ceiling. */
static bool
inflate_whole(struct bytes packed, struct buffer *out)
{
    z_stream z;
    int status;

    memset(&z, 0, sizeof z);
    if (packed.size > UINT32_MAX || inflateInit(&z) != Z_OK)
        return false;
    z.next_in = (Bytef *)(uintptr_t)packed.data;
    z.avail_in = (uInt)packed.size;
    do {
        uint8_t *room = buffer_extend(out, CHUNK);

        if (room == NULL) { /* the ceiling */
            status = Z_MEM_ERROR;
            break;
        }
        z.next_out = room;
        z.avail_out = CHUNK;
        status = inflate(&z, Z_NO_FLUSH);
        out->size -= z.avail_out;
    } while (status == Z_OK && (z.avail_in > 0 || z.avail_out == 0));
    (void)inflateEnd(&z);
    return status == Z_STREAM_END;
}

/* The bytes of one attachment as an e-invoice; *why says why it is none. */
static enum rc
read_stream(const struct job *job, qpdf_data q, qpdf_oh stream, struct witness *out, enum reason *why)
{
    enum filter filter = filter_of(q, qpdf_oh_get_dict(q, stream));
    unsigned char *data = NULL;
    struct buffer plain;
    QPDF_BOOL filtered = 0;
    size_t size = 0;
    enum rc rc = RC_OK;

    *why = REASON_DAMAGED;
    buffer_init(&plain, XML_BYTES_MAX + CHUNK);
    if (filter == FILTER_OTHER ||
        (qpdf_oh_get_stream_data(q, stream, qpdf_dl_none, &filtered, &data, &size) & QPDF_ERRORS) != 0 || data == NULL)
        goto out;
    if (filter == FILTER_NONE)
        rc = einvoice_read(bytes_of(data, size), job->arena, out, why);
    else if (inflate_whole(bytes_of(data, size), &plain))
        rc = einvoice_read(buffer_bytes(&plain), job->arena, out, why);
out:
    free(data);
    buffer_done(&plain);
    return rc;
}

enum rc
pdf_attached(const struct job *job, qpdf_data q)
{
    struct search s = { .q = q };
    struct witness best = { .kind = "" }, w;
    unsigned found = 0;
    enum rc rc = RC_OK;

    find_files(&s);
    for (unsigned want = 0; rc == RC_OK && found == 0 && want <= COUNT_OF(names); want++)
        for (unsigned i = 0; rc == RC_OK && i < s.count; i++) {
            enum reason why;

            if (s.files[i].rank != want)
                continue;
            rc = read_stream(job, q, s.files[i].stream, &w, &why);
            if (rc != RC_OK || why != REASON_NONE)
                continue;
            best = w;
            found++;
        }
    qpdf_oh_release_all(q);
    /* several invoices, or several of no known name: nobody can say which is that of the pages */
    if (rc != RC_OK || found != 1)
        return rc;
    return einvoice_emit(job, &best);
}
