/* words_en_es.c - the table of sentences. */
#include "words_en_es.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *en, *es;
} words[W_COUNT] = {
    [W_APP] = { "Escriba", "Escriba" },
    [W_TITLE_QUEUE] = { "Documents waiting", "Documentos en espera" },
    [W_TITLE_DOCUMENT] = { "Document", "Documento" },
    [W_TITLE_FIELD] = { "Field", "Campo" },
    [W_TITLE_TYPE] = { "What kind of document is it?", "¿Qué tipo de documento es?" },
    [W_TITLE_REJECT] = { "Why is it rejected?", "¿Por qué se rechaza?" },
    [W_TITLE_HELP] = { "Keys", "Teclas" },
    [W_TITLE_LOCKED] = { "Locked", "Bloqueado" },

    [W_QUEUE_EMPTY] = { "Nothing waits for you.", "No hay nada esperando por usted." },
    [W_QUEUE_EMPTY_HINT] = { "This list looks again by itself; F10 leaves.",
                             "Esta lista se renueva sola; F10 sale." },
    [W_QUEUE_COUNT] = { "%1 waiting", "%1 en espera" },
    [W_COL_TYPE] = { "Type", "Tipo" },
    [W_COL_WHY] = { "Why", "Motivo" },
    [W_COL_WAITING] = { "Waits", "Espera" },
    [W_COL_DEADLINE] = { "Due", "Vence" },
    [W_COL_PAGES] = { "Pages", "Págs." },
    [W_TYPE_UNKNOWN] = { "(type unknown)", "(tipo desconocido)" },
    [W_TAKEN] = { "somebody has it", "alguien lo tiene" },
    [W_LATE] = { "late", "vencido" },

    [W_LEFT] = { "%1 to look at", "%1 por revisar" },
    [W_NONE_LEFT] = { "all looked at", "todo revisado" },
    [W_PAGE_OF] = { "page %1 of %2", "página %1 de %2" },
    [W_REASON] = { "Why", "Motivo" },
    [W_MARK_QUIET] = { "accepted by machine", "aceptado por la máquina" },
    [W_MARK_FLAGGED] = { "look at it", "por revisar" },
    [W_MARK_ACCEPTED] = { "accepted", "aceptado" },
    [W_MARK_CORRECTED] = { "corrected", "corregido" },
    [W_MARK_BLANK] = { "blank", "en blanco" },
    [W_MARK_UNREADABLE] = { "unreadable", "ilegible" },
    [W_MUST] = { "required", "obligatorio" },
    [W_FINISH_HINT] = { "Everything is looked at. Enter sends the document on.",
                        "Todo está revisado. Intro envía el documento." },
    [W_FINISH_REFUSED] = { "%1 fields still need a look: Enter goes to the next one.",
                           "Faltan %1 campos por revisar: Intro va al siguiente." },
    [W_TYPE_FIRST] = { "No type fits this document. F7 chooses one; F3 shows the page.",
                       "Ningún tipo encaja con este documento. F7 elige uno; F3 muestra la página." },

    [W_VALUE] = { "Value", "Valor" },
    [W_PRINTED] = { "Read as", "Leído como" },
    [W_SURE] = { "sure %1 %", "seguro %1 %" },
    [W_HIDDEN] = { "What was read is not shown here: type what stands in the picture.",
                   "Lo leído no se muestra aquí: teclee lo que está en la imagen." },
    [W_NOT_FOUND] = { "not found by the machine", "no encontrado por la máquina" },
    [W_NO_PICTURE] = { "No place on the page is known for it. F3 shows the page.",
                       "No se conoce su lugar en la página. F3 muestra la página." },
    [W_CHOICES] = { "Choices", "Opciones" },
    [W_EMPTY_VALUE] = { "There is no value. Type it; Ctrl+B if it is blank on the paper, Ctrl+U if nobody can read it.",
                        "No hay valor. Escríbalo; Ctrl+B si está en blanco en el papel, Ctrl+U si es ilegible." },
    [W_ESCAPE] = { "Escape changes nothing. Ctrl+R brings back the value as read; F10 leaves.",
                   "Escape no cambia nada. Ctrl+R recupera el valor leído; F10 sale." },
    [W_INSIST] = { "Enter again keeps it all the same.", "Intro otra vez lo guarda de todos modos." },
    [W_UNDONE] = { "Taken back.", "Deshecho." },
    [W_NOTHING_TO_UNDO] = { "There is nothing to take back in this document.",
                            "No hay nada que deshacer en este documento." },
    [W_NO_CHOICES] = { "There is no other reading.", "No hay otra lectura." },
    [W_PICTURE_MORE] = { "more below: PgDn", "sigue abajo: AvPág" },
    [W_PICTURE_PAGE] = { "Page: PgUp/PgDn and Shift+arrows move, F4 zooms, F3 goes back to the field.",
                         "Página: RePág/AvPág y Mayús+flechas mueven, F4 amplía, F3 vuelve al campo." },
    [W_KIND_TEXT] = { "text", "texto" },
    [W_KIND_MONEY] = { "amount", "importe" },
    [W_KIND_DATE] = { "date", "fecha" },
    [W_KIND_ID] = { "number or code", "número o código" },
    [W_KIND_CODE] = { "one of a list", "uno de una lista" },
    [W_KIND_MARK] = { "check box", "casilla" },
    [W_KIND_NUMBER] = { "number", "número" },

    [W_BAD_MONEY] = { "This is not an amount. Write it like 1234.56 or 1.234,56.",
                      "Esto no es un importe. Escríbalo como 1234.56 o 1.234,56." },
    [W_BAD_NUMBER] = { "This is not a number. Write it like 40 or 37.5.",
                       "Esto no es un número. Escríbalo como 40 o 37,5." },
    [W_BAD_DATE] = { "There is no such date. Write year-month-day, like 2026-11-21.",
                     "Esa fecha no existe. Escriba año-mes-día, como 2026-11-21." },
    [W_DATE_UNSURE] = { "Day and month could be either way round. Write year-month-day, like 2026-11-21.",
                        "Día y mes podrían ser al revés. Escriba año-mes-día, como 2026-11-21." },
    [W_BAD_CODE] = { "This is not in the list. F2 goes through the choices.",
                     "Esto no está en la lista. F2 recorre las opciones." },
    [W_TOO_LONG] = { "The value is too long.", "El valor es demasiado largo." },
    [W_BAD_CHARACTER] = { "This character cannot be part of a value.",
                          "Ese carácter no puede formar parte de un valor." },

    [W_TYPE_HINT] = { "Enter: the machine reads it again as this type.  F5: I type it in myself.",
                      "Intro: la máquina lo lee otra vez como este tipo.  F5: lo escribo yo." },
    [W_REJECT_HINT] = { "The client is told this reason. Enter chooses.",
                        "El cliente recibe este motivo. Intro elige." },
    [W_REJECT_AGAIN] = { "Reject the whole document? Enter again rejects it; any other key does not.",
                         "¿Rechazar todo el documento? Intro otra vez lo rechaza; otra tecla no." },
    [W_REJECT_ILLEGIBLE] = { "Nobody can read it", "Nadie puede leerlo" },
    [W_REJECT_NOT_OURS] = { "It is not for this client", "No es para este cliente" },
    [W_REJECT_DUPLICATE] = { "The same document came before", "El mismo documento llegó antes" },
    [W_REJECT_WRONG_KIND] = { "A kind of document that is not agreed", "Un tipo de documento no convenido" },
    [W_REJECT_INCOMPLETE] = { "Pages are missing", "Faltan páginas" },
    [W_REJECT_OTHER] = { "Another reason", "Otro motivo" },

    [W_WAIT] = { "Fetching it ...", "Trayéndolo ..." },
    [W_DONE] = { "Sent on: %1 accepted, %2 corrected.", "Enviado: %1 aceptados, %2 corregidos." },
    [W_REJECTED] = { "Rejected; the client will be told.", "Rechazado; se avisará al cliente." },
    [W_GIVEN_BACK] = { "Given back to the queue.", "Devuelto a la cola." },
    [W_RETYPED] = { "The machine reads it again as the chosen type.",
                    "La máquina lo lee otra vez como el tipo elegido." },
    [W_ROW_ADDED] = { "A row was added at the end.", "Se añadió una fila al final." },

    [W_LOCKED] = { "The station is locked. Press any key.", "El puesto está bloqueado. Pulse cualquier tecla." },
    [W_LOCKED_CONTINUE] = { "Press Enter to go on.", "Pulse Intro para continuar." },

    [W_DESK_ABSENT] = { "the review desk does not answer at this socket",
                        "la mesa de revisión no responde en este socket" },
    [W_DESK_ABSENT_CURE] = { "start it with 'escriba up', or name the installation with --home DIR",
                             "arránquela con 'escriba up', o indique la instalación con --home DIR" },
    [W_DESK_FORBIDDEN] = { "you may not open the desk's socket", "no tiene permiso para abrir el socket de la mesa" },
    [W_DESK_FORBIDDEN_CURE] = { "ask the operator: escriba person add --user %1",
                                "pida al operador: escriba person add --user %1" },
    [W_DESK_GONE] = { "The desk has gone away; nothing you sent was lost. Start escriba-review again.",
                      "La mesa se ha ido; nada de lo enviado se perdió. Vuelva a arrancar escriba-review." },
    [W_DESK_ODD] = { "The desk answered something else than asked. Is it another version?",
                     "La mesa respondió otra cosa que lo pedido. ¿Es otra versión?" },
    [W_NO_TERMINAL] = { "the review station needs a terminal", "el puesto de revisión necesita un terminal" },
    [W_NO_TERMINAL_CURE] = { "run it in a terminal window, tmux or ssh -t", "ejecútelo en un terminal, tmux o ssh -t" },
    [W_BAD_TERM] = { "the terminal type in TERM is not known here", "no se conoce aquí el tipo de terminal de TERM" },
    [W_BAD_TERM_CURE] = { "try: TERM=xterm escriba-review", "pruebe: TERM=xterm escriba-review" },
    [W_TOO_SMALL] = { "Make the window larger: 60 x 18 at least.", "Agrande la ventana: al menos 60 x 18." },
    [W_LOST] = { "The document went back to the queue: you were away too long.",
                 "El documento volvió a la cola: estuvo ausente demasiado tiempo." },

    [W_D_UNKNOWN] = { "The desk does not know you. Ask the operator: escriba person add",
                      "La mesa no le conoce. Pida al operador: escriba person add" },
    [W_D_NOT_ALLOWED] = { "You may not see this.", "Usted no puede ver esto." },
    [W_D_VERSION] = { "Station and desk are of different versions. Ask the operator to update.",
                      "El puesto y la mesa son de versiones distintas. Pida al operador que actualice." },
    [W_R_NONE] = { "There is no such document that you may see.", "No hay tal documento que usted pueda ver." },
    [W_R_MORE] = { "More than one document begins so: give more of its identifier.",
                   "Más de un documento empieza así: dé más de su identificador." },
    [W_R_ERASED] = { "What this document held was erased: its retention is over. Only what happened to it is left: "
                     "'escriba document show'.",
                     "Lo que contenía este documento se borró: venció su conservación. Solo queda lo que le pasó: "
                     "'escriba document show'." },
    [W_R_APART] = { "You have seen a field of this document that one person must not see together with this one.",
                    "Usted ya vio un campo de este documento que una misma persona no debe ver junto con este." },
    [W_D_NONE_WAITING] = { "Nothing waits for you.", "No hay nada esperando por usted." },
    [W_D_NOT_WAITING] = { "This document no longer waits: somebody else has it.",
                          "Este documento ya no espera: lo tiene otra persona." },
    [W_D_NO_DOCUMENT] = { "You hold no document: take one first.", "No tiene ningún documento: tome uno primero." },
    [W_D_NO_ITEM] = { "There is no such field in this document.", "No hay tal campo en este documento." },
    [W_D_DATABASE] = { "The database does not answer. Try again in a moment.",
                       "La base de datos no responde. Inténtelo de nuevo en un momento." },
    [W_D_KEYS] = { "The document cannot be opened. Tell the operator: 'escriba doctor' says why.",
                   "El documento no se puede abrir. Avise al operador: 'escriba doctor' dice por qué." },
    [W_D_SLOWER] = { "Too many at once. Wait a few seconds.", "Demasiadas a la vez. Espere unos segundos." },
    [W_D_NO_PICTURE] = { "The picture cannot be had.", "No se puede obtener la imagen." },
    [W_D_LEASE] = { "The document went back to the queue: you were away too long.",
                    "El documento volvió a la cola: estuvo ausente demasiado tiempo." },
    [W_D_LEFT_FLAGGED] = { "Some fields still need a look.", "Quedan campos por revisar." },
    [W_D_NO_FORM] = { "There is no such type of document.", "No existe ese tipo de documento." },
    [W_D_NO_ROWS] = { "This type of document has no table, or it is full.",
                      "Este tipo de documento no tiene tabla, o está llena." },
    [W_D_BROKEN] = { "That question was not understood.", "No se entendió la pregunta." },
    [W_D_CHECK] = { "The check digit or rule of this field says no.",
                    "El dígito de control o la regla de este campo dice que no." },
    [W_D_PATTERN] = { "This is not how such a value is written.", "Así no se escribe un valor de este tipo." },
    [W_D_CODE] = { "This is not in the list.", "Esto no está en la lista." },
    [W_D_INSIST] = { "%1 Enter again keeps it all the same.", "%1 Intro otra vez lo guarda de todos modos." },
    [W_D_TYPE_IT] = { "This one is typed without being shown: type what stands in the picture.",
                      "Este se teclea sin mostrarlo: teclee lo que está en la imagen." },
    [W_D_DIFFERS] = { "The machine read something else. Look again; Enter once more keeps what you typed.",
                      "La máquina leyó otra cosa. Mire otra vez; Intro de nuevo conserva lo tecleado." },
    [W_D_UNFIT] = { "This is not a value of this kind.", "Esto no es un valor de este tipo." },
    [W_D_FULL] = { "The document has too many fields to show.", "El documento tiene demasiados campos." },

    [W_K_ACCEPT] = { "accept, next", "aceptar, siguiente" },
    [W_K_OPEN] = { "open", "abrir" },
    [W_K_TAKE] = { "take", "tomar" },
    [W_K_CHOOSE] = { "choose", "elegir" },
    [W_K_NEXT] = { "next field", "campo siguiente" },
    [W_K_BACK] = { "previous field", "campo anterior" },
    [W_K_BLANK] = { "blank", "en blanco" },
    [W_K_UNREADABLE] = { "unreadable", "ilegible" },
    [W_K_UNDO] = { "undo", "deshacer" },
    [W_K_HELP] = { "help", "ayuda" },
    [W_K_CHOICE] = { "next choice", "otra opción" },
    [W_K_PAGE] = { "page", "página" },
    [W_K_ZOOM] = { "zoom", "ampliar" },
    [W_K_ADD_ROW] = { "add a row", "añadir fila" },
    [W_K_SKIP] = { "another document", "otro documento" },
    [W_K_SKIP_FIELD] = { "decide later", "decidir luego" },
    [W_K_TYPE] = { "another type", "otro tipo" },
    [W_K_REJECT] = { "reject document", "rechazar documento" },
    [W_K_LEAVE] = { "give back", "devolver" },
    [W_K_CLOSE] = { "close", "cerrar" },
    [W_K_QUIT] = { "leave", "salir" },
    [W_K_LOCK] = { "lock now", "bloquear ya" },
    [W_K_REDRAW] = { "draw again", "redibujar" },
    [W_K_MOVE] = { "move", "mover" },
    [W_K_PAN] = { "move the picture", "mover la imagen" },
    [W_K_FINISH] = { "open / send on", "abrir / enviar" },
    [W_K_TYPE_IN] = { "type it in", "escribirlo yo" },
    [W_K_REFRESH] = { "look again", "renovar" },
    [W_K_RESTORE] = { "value as read", "valor leído" },
    [W_K_DELETE_END] = { "delete to the end", "borrar hasta el final" },
};

const char *
word(bool spanish, enum word_id id)
{
    const char *text = id < W_COUNT ? (spanish ? words[id].es : words[id].en) : NULL;

    return text == NULL ? "" : text;
}

void
word_with(bool spanish, enum word_id id, const char *const given[2], char *out, size_t room)
{
    const char *text = word(spanish, id);
    size_t size = 0;

    while (*text != '\0' && size + 1 < room) {
        if (text[0] == '%' && (text[1] == '1' || text[1] == '2')) {
            const char *a = given[text[1] - '1'];
            size_t n = a == NULL ? 0 : strnlen(a, room - size - 1);

            memcpy(out + size, a == NULL ? "" : a, n);
            size += n;
            text += 2;
        } else {
            out[size++] = *text++;
        }
    }
    out[size < room ? size : room - 1] = '\0';
}

void
word_count(bool spanish, enum word_id id, unsigned a, unsigned b, char *out, size_t room)
{
    char first[16];
    char second[16];

    snprintf(first, sizeof first, "%u", a);
    snprintf(second, sizeof second, "%u", b);
    word_with(spanish, id, (const char *const[2]){ first, second }, out, room);
}
