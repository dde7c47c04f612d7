/* reason.c - every reason once: its word, class, and sentence in two languages. */
#include "doc/reason.h"

#include <stddef.h>

#include "base/rc.h"

static const struct reason_row rows[] = {
    { REASON_NONE, "none", CLASS_NONE, "Nothing is wrong.", "Todo en orden." },
    { REASON_EMPTY_FILE, "empty_file", CLASS_REJECT, "The file is empty: send it again.",
      "El fichero está vacío: envíelo de nuevo." },
    { REASON_UNKNOWN_FORMAT, "unknown_format", CLASS_REJECT,
      "The file is none of PDF, TIFF, PNG, JPEG, ZIP, TAR or gzip: send one of these.",
      "El fichero no es PDF, TIFF, PNG, JPEG, ZIP, TAR ni gzip: envíe uno de estos." },
    { REASON_FORMAT_REFUSED, "format_refused", CLASS_REJECT,
      "This format is not taken: send PDF, TIFF, PNG or JPEG, or these in ZIP, TAR or gzip.",
      "Este formato no se admite: envíe PDF, TIFF, PNG o JPEG, o estos en ZIP, TAR o gzip." },
    { REASON_DAMAGED, "damaged", CLASS_REJECT, "The file is damaged: scan or send it again.",
      "El fichero está dañado: escanéelo o envíelo de nuevo." },
    { REASON_TRUNCATED, "truncated", CLASS_REJECT, "The end of the file is missing: send it again.",
      "Falta el final del fichero: envíelo de nuevo." },
    { REASON_NO_PAGES, "no_pages", CLASS_REJECT, "The file holds no page.", "El fichero no contiene páginas." },
    { REASON_NO_INK, "no_ink", CLASS_REJECT, "The page should show something but came out empty: send an image of it.",
      "La página debería mostrar algo pero sale vacía: envíe una imagen." },
    { REASON_PAGE_COUNT, "page_count", CLASS_REJECT, "Fewer pages came out than the file announces: send it again.",
      "Salen menos páginas de las que el fichero anuncia: envíelo de nuevo." },
    { REASON_CELL_DIED, "reader_died", CLASS_REJECT,
      "The reader could not live through this file: send an image of it.",
      "El lector no pudo terminar con este fichero: envíe una imagen." },
    { REASON_DIMENSIONS, "dimensions", CLASS_REJECT, "The size of the image is impossible: scan it again.",
      "El tamaño de la imagen es imposible: escanéela de nuevo." },
    { REASON_EXTERNAL_PARTS, "external_parts", CLASS_REJECT, "The file needs parts outside itself: send it complete.",
      "El fichero necesita partes externas: envíelo completo." },
    { REASON_FILE_TOO_LARGE, "file_too_large", CLASS_LIMIT, "The file is larger than the limit: split it.",
      "El fichero supera el límite de tamaño: divídalo." },
    { REASON_SIDE_TOO_LONG, "side_too_long", CLASS_LIMIT, "A side of the page has too many pixels: scan at 300 dpi.",
      "Un lado de la página tiene demasiados píxeles: escanee a 300 ppp." },
    { REASON_TOO_MANY_PIXELS, "too_many_pixels", CLASS_LIMIT, "The page has too many pixels: scan at 300 dpi.",
      "La página tiene demasiados píxeles: escanee a 300 ppp." },
    { REASON_TOO_MANY_PAGES, "too_many_pages", CLASS_LIMIT, "The file has too many pages: split it.",
      "El fichero tiene demasiadas páginas: divídalo." },
    { REASON_TOO_MANY_ENTRIES, "too_many_entries", CLASS_LIMIT, "The archive has too many entries: split it.",
      "El archivo comprimido tiene demasiadas entradas: divídalo." },
    { REASON_ARCHIVE_TOO_LARGE, "archive_too_large", CLASS_LIMIT,
      "The archive unpacks to more than the limit: split it.",
      "El archivo comprimido ocupa demasiado al abrirlo: divídalo." },
    { REASON_ARCHIVE_RATIO, "archive_ratio", CLASS_LIMIT,
      "The archive grows beyond belief when unpacked: send the files.",
      "El archivo comprimido crece de forma imposible al abrirlo: envíe los ficheros." },
    { REASON_ARCHIVE_DEPTH, "archive_depth", CLASS_LIMIT, "Archives inside archives go too deep: unpack them first.",
      "Hay demasiados archivos comprimidos unos dentro de otros: ábralos antes." },
    { REASON_TIME, "time", CLASS_LIMIT, "Reading the file takes longer than the limit: send an image of it.",
      "Leer el fichero tarda más del límite: envíe una imagen." },
    { REASON_MEMORY, "memory", CLASS_LIMIT, "Reading the file takes more memory than the limit: send an image of it.",
      "Leer el fichero necesita más memoria que el límite: envíe una imagen." },
    { REASON_PASSWORD, "password", CLASS_LOCKED, "The file is locked with a password: send it without one.",
      "El fichero está protegido con contraseña: envíelo sin ella." },
    { REASON_ENTRIES_DROPPED, "entries_dropped", CLASS_SANITIZE,
      "Links, devices or folders in the archive were left out.",
      "Se omitieron enlaces, dispositivos o carpetas del archivo comprimido." },
    { REASON_UNREADABLE, "unreadable", CLASS_REVIEW, "No text could be read: look at the page and type it in.",
      "No se pudo leer texto: mire la página y escríbalo." },
    { REASON_UNKNOWN_TYPE, "unknown_type", CLASS_REVIEW, "No document type fits: choose one.",
      "Ningún tipo de documento encaja: elija uno." },
    { REASON_LOW_CONFIDENCE, "low_confidence", CLASS_REVIEW, "The reading is not sure: compare it with the image.",
      "La lectura no es segura: compárela con la imagen." },
    { REASON_FIELD_MISSING, "field_missing", CLASS_REVIEW, "A field that must be there was not found.",
      "No se encontró un campo obligatorio." },
    { REASON_RULE_BROKEN, "rule_broken", CLASS_REVIEW, "A rule of this form is broken.",
      "No se cumple una regla de este formulario." },
    { REASON_CHECK_DIGIT, "check_digit", CLASS_REVIEW, "The check digit does not fit.",
      "El dígito de control no corresponde." },
    { REASON_SUM_DIFFERS, "sum_differs", CLASS_REVIEW, "The amounts do not add up.", "Los importes no cuadran." },
    { REASON_HANDWRITING, "handwriting", CLASS_REVIEW, "This looks written by hand: a person must read it.",
      "Parece escrito a mano: debe leerlo una persona." },
    { REASON_DOUBTFUL_MARK, "doubtful_mark", CLASS_REVIEW, "It is not sure which box is marked.",
      "No está claro qué casilla está marcada." },
    { REASON_CODE_UNKNOWN, "code_unknown", CLASS_REVIEW,
      "The code is not in its list.", "El código no está en su lista." },
    { REASON_DATE_IMPOSSIBLE, "date_impossible", CLASS_REVIEW, "The date cannot be, or its order is wrong.",
      "La fecha no es posible o su orden es incorrecto." },
    { REASON_REPAIRED, "repaired", CLASS_REVIEW, "The reading was changed so that a rule holds: confirm it.",
      "La lectura se cambió para cumplir una regla: confírmela." },
    { REASON_TEXT_LAYER_DIFFERS, "text_layer_differs", CLASS_REVIEW,
      "The hidden text of the PDF differs from the image.",
      "El texto oculto del PDF difiere de la imagen." },
    { REASON_FORMAT_WRONG, "format_wrong", CLASS_REVIEW, "The value does not have the shape of its field.",
      "El valor no tiene la forma de su campo." },
    { REASON_CONFLICT, "conflict", CLASS_REVIEW, "Two readings of the same value differ.",
      "Dos lecturas del mismo valor difieren." },
    { REASON_PAGES_UNSURE, "pages_unsure", CLASS_REVIEW, "It is not sure where one document ends.",
      "No está claro dónde termina el documento." },
    { REASON_LIST_OUTDATED, "list_outdated", CLASS_REVIEW,
      "No list of codes of that date is here: check the code by hand, or have the list in force imported.",
      "No hay lista de códigos de esa fecha: compruebe el código a mano o pida que se importe la vigente." },
    { REASON_SAMPLED, "sampled", CLASS_REVIEW, "Drawn by lot to check our work: nothing speaks against it.",
      "Elegido al azar para comprobar nuestro trabajo: nada indica un error." },
    { REASON_SECOND_KEY, "second_key", CLASS_REVIEW, "One person has typed it: another one must type it too.",
      "Una persona ya lo tecleó: otra debe teclearlo también." },
    { REASON_KEYS_DIFFER, "keys_differ", CLASS_REVIEW, "Two persons typed different values: decide.",
      "Dos personas teclearon valores distintos: decida." },
    { REASON_PERSON_ILLEGIBLE, "person_illegible", CLASS_PERSON, "A person could not read it: scan it again.",
      "Una persona no pudo leerlo: escanéelo de nuevo." },
    { REASON_PERSON_NOT_OURS, "person_not_ours", CLASS_PERSON, "The document does not belong to this client.",
      "El documento no es de este cliente." },
    { REASON_PERSON_DUPLICATE, "person_duplicate", CLASS_PERSON, "The document was already delivered.",
      "El documento ya se entregó." },
    { REASON_PERSON_WRONG_KIND, "person_wrong_kind", CLASS_PERSON, "This kind of document is not part of the contract.",
      "Este tipo de documento no entra en el contrato." },
    { REASON_PERSON_INCOMPLETE, "person_incomplete", CLASS_PERSON, "Pages are missing: send the whole document.",
      "Faltan páginas: envíe el documento completo." },
    { REASON_PERSON_OTHER, "person_other", CLASS_PERSON, "A person refused the document.",
      "Una persona rechazó el documento." },
};

static const char *const class_names[] = {
    [CLASS_NONE] = "ok",         [CLASS_REJECT] = "reject",     [CLASS_LIMIT] = "limit",   [CLASS_LOCKED] = "locked",
    [CLASS_SANITIZE] = "sanitize", [CLASS_REVIEW] = "review", [CLASS_PERSON] = "person",
};

const struct reason_row *
reason_row(unsigned reason)
{
    for (unsigned i = 0; i < COUNT_OF(rows); i++)
        if ((unsigned)rows[i].reason == reason)
            return &rows[i];
    return &rows[0];
}

const struct reason_row *
reason_at(unsigned i)
{
    return i < COUNT_OF(rows) ? &rows[i] : NULL;
}

const char *
reason_class_name(enum reason_class class)
{
    return (unsigned)class < COUNT_OF(class_names) ? class_names[class] : "ok";
}
