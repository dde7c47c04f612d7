/*
 * keywire.h - what goes over a socket to escriba-keyd and back: packets of fixed size.
 *
 * The sockets are SOCK_SEQPACKET: the kernel keeps packets apart, so keyd never waits for
 * the second half of anything.  Fields that a request does not use are zero.
 */
#ifndef SYS_KEYWIRE_H
#define SYS_KEYWIRE_H

#include "sys/keyclient.h"

#define KEYWIRE_PAYLOAD 208
#define KEYWIRE_MAGIC 0x314b5345u /* "ESK1" */

enum key_request {
    KEY_NEW = 1,        /* client, object            -> key 32, wrapped      */
    KEY_OPEN = 2,       /* client, object, wrapped   -> key 32               */
    KEY_INDEX = 3,      /* client                    -> key 32               */
    KEY_BOX = 4,        /* client                    -> delivery public key  */
    KEY_SIGN = 5,       /* client, digest 64         -> signature 64         */
    KEY_SIGN_KEY = 6,   /*                           -> our public key       */
    KEY_ADD_CLIENT = 7, /* client, delivery public key                       */
    KEY_OWN = 8,        /* client                    -> key 32: of what is known of the client itself */
    KEY_REQUESTS
};

struct key_ask {
    uint32_t magic;
    uint16_t request;
    uint16_t size; /* of payload */
    uint64_t serial;
    struct id client;
    struct id object;
    uint8_t payload[KEYWIRE_PAYLOAD];
};

struct key_answer {
    uint32_t magic;
    uint16_t rc;
    uint16_t size;
    uint64_t serial; /* that of the question */
    uint8_t payload[KEYWIRE_PAYLOAD];
};

_Static_assert(sizeof(struct key_ask) == 48 + KEYWIRE_PAYLOAD, "no padding");
_Static_assert(sizeof(struct key_answer) == 16 + KEYWIRE_PAYLOAD, "no padding");
_Static_assert(KEY_SIZE + WRAPPED_KEY_MAX <= KEYWIRE_PAYLOAD, "an answer fits");

#endif
