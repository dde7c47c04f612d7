/* ctl_replay_out.c - how a value came about, for people and as JSON; every text of a document made harmless first. */
#include <string.h>

#include "ctl_replay.h"

static const char *const by_words[][2] = {
    { "machine", "máquina" }, { "person", "persona" }, { "repair", "reparación" }
};
static const char *const state_words[][2] = {
    { "value", "valor" }, { "blank", "en blanco" }, { "unreadable", "ilegible" }, { "missing", "no está" }
};
static const char *const how_words[][2] = {
    { "held", "se cumple" }, { "failed", "no se cumple" }, { "chose", "decidió" }, { "repaired", "reparó" }
};
/* By enum desk_cause: the word for programs, and the sentence for people. */
static const struct {
    const char *word, *en, *es;
} causes[] = {
    { "none", "Nothing says that it is wrong.", "Nada indica que esté mal." },
    { "unknown", "The client refused it, and nobody has said what is right (--right asks for it).",
      "El cliente lo rechazó y nadie ha dicho qué es lo correcto (--right lo pregunta)." },
    { "not_found", "Not found on the page: what is right was not read anywhere, and nothing was given.",
      "No se encontró en la página: lo correcto no se leyó en ninguna parte y no se dio nada." },
    { "misread", "Misread: something else was read where it stands.", "Mal leído: donde está se leyó otra cosa." },
    { "wrong_candidate", "Wrong candidate: what is right was read, and something else was taken for it.",
      "Candidato equivocado: lo correcto se leyó, pero se tomó otra cosa." },
    { "wrong_rule", "Wrong rule: what is right was there, and a rule or a repair changed it.",
      "Regla equivocada: lo correcto estaba y una regla o una reparación lo cambió." },
    { "keyed_wrong", "Keyed wrong by a person.", "Una persona lo tecleó mal." },
    { "source_wrong", "The source itself is wrong: it is what the paper says.",
      "La fuente misma está mal: es lo que dice el papel." },
};

/* What the stages are told beside the pages, by enum desk_told; and how it stands with it, by enum desk_told_how. */
static const char *const told_words[DESK_TOLD_KINDS][2] = {
    [DESK_TOLD_TERMS] = { "terms", "contrato" },
    [DESK_TOLD_MEMORY] = { "memory", "memoria" },
    [DESK_TOLD_PARTIES] = { "parties", "identidades" },
    [DESK_TOLD_WITNESSES] = { "e-invoices", "facturas electrónicas" },
};
static const struct {
    const char *word, *en, *es;
} told_how[] = {
    [DESK_TOLD_NOTHING] = { "nothing", NULL, NULL },
    [DESK_TOLD_THEN] = { "then", "told the same as then", "se le dijo lo mismo que entonces" },
    [DESK_TOLD_TODAY] = { "today", "told what there is today", "se le dijo lo que hay hoy" },
    [DESK_TOLD_GONE] = { "gone", "not told, as it was not kept or is gone",
                         "no se le dijo, porque no se guardó o ya no está" },
};

static const char *
word_of(const struct ctl *ctl, const char *const words[2])
{
    return ctl_tr(ctl, words[0], words[1]);
}

static const char *
version_of(const struct desk_made *made, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(made[i].name, name) == 0)
            return made[i].value;
    return NULL;
}

/* ---- JSON ---- */

static json_t *
text_of(const char *text)
{
    json_t *s = json_string(text != NULL ? text : "");

    return s != NULL ? s : json_string("");
}

static json_t *
value_json(uint8_t state, const char *value)
{
    return state == DESK_HAS_VALUE ? text_of(value) : json_null();
}

static json_t *
when_json(int64_t at)
{
    char text[32];

    if (at == 0)
        return json_null();
    ctl_time(at, text, sizeof text);
    return json_string(text);
}

static json_t *
hands_json(const struct desk_replay *r)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < r->hand_count; i++) {
        const struct desk_hand *h = &r->hands[i];

        json_array_append_new(list, json_pack("{s:i,s:s,s:o,s:o,s:s,s:o}", "version", (int)h->version, "by",
                                              by_words[h->by][0], "who", text_of(h->who), "at", when_json(h->at),
                                              "state", state_words[h->state][0], "value",
                                              value_json(h->state, h->value)));
    }
    return list;
}

static json_t *
made_json(const struct desk_made *made, uint32_t count)
{
    json_t *o = json_object();

    for (uint32_t i = 0; i < count; i++)
        json_object_set_new(o, made[i].name, text_of(made[i].value));
    return o;
}

static json_t *
sent_json(const struct replay_shown *shown)
{
    const struct desk_replay *r = &shown->story;
    json_t *list = json_array();

    for (uint32_t i = 0; i < r->sent_count; i++) {
        json_t *o = json_pack("{s:i,s:s,s:I,s:o}", "version", (int)r->sent[i].version, "kind",
                              r->sent[i].refusal ? "refusal" : "result", "seq", (json_int_t)r->sent[i].seq, "at",
                              when_json(r->sent[i].at));

        for (uint32_t k = 0; k < shown->nack_count; k++)
            if (shown->nacks[k].version == r->sent[i].version)
                json_object_set_new(o, "refused", json_pack("{s:o,s:o}", "at", when_json(shown->nacks[k].at), "reason",
                                                            text_of(shown->nacks[k].reason)));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *
today_json(const struct replay_shown *shown)
{
    const struct desk_rerun *t = &shown->today;
    json_t *o, *differs;

    if (!shown->ran)
        return json_null();
    if (t->failed)
        return json_pack("{s:b}", "failed", 1);
    differs = json_array();
    for (uint32_t i = 0; i < t->made_count; i++) {
        const char *then = version_of(shown->story.made, shown->story.made_count, t->made[i].name);

        if (then == NULL || strcmp(then, t->made[i].value) != 0)
            json_array_append_new(differs, json_pack("{s:o,s:o,s:o}", "name", text_of(t->made[i].name), "then",
                                                     then != NULL ? text_of(then) : json_null(), "now",
                                                     text_of(t->made[i].value)));
    }
    o = json_pack("{s:b,s:o,s:o,s:s,s:f,s:s,s:i,s:i}", "same", (int)t->same, "value", value_json(t->state, t->value),
                  "text", text_of(t->text), "form", t->form, "confidence", t->sure / 1000.0, "verdict",
                  t->verdict == 0 ? "auto" : "review", "pages_again", (int)t->of, "pages_same", (int)t->pages_same);
    json_object_set_new(o, "versions_differ", differs);
    differs = json_object();
    for (int i = 0; i < DESK_TOLD_KINDS; i++)
        json_object_set_new(differs, told_words[i][0], json_string(told_how[t->told[i]].word));
    json_object_set_new(o, "told", differs);
    return o;
}

void
replay_json(struct ctl *ctl, const struct replay_shown *shown)
{
    const struct desk_replay *r = &shown->story;
    json_t *o = json_object(), *others = json_array(), *rules = json_array(), *reasons = json_array();
    char id[ID_TEXT];

    (void)ctl;
    id_text(&r->document, id);
    for (uint32_t i = 0; i < r->other_count; i++)
        json_array_append_new(others, json_pack("{s:o,s:o,s:f}", "value", text_of(r->others[i].value), "text",
                                                text_of(r->others[i].text), "score", r->others[i].score / 1000.0));
    for (uint32_t i = 0; i < r->rule_count; i++)
        json_array_append_new(rules, json_pack("{s:o,s:s}", "rule", text_of(r->rules[i].rule), "how",
                                               how_words[r->rules[i].how][0]));
    for (uint32_t i = 0; i < r->reason_count; i++)
        json_array_append_new(reasons, text_of(r->reasons[i]));
    json_object_set_new(o, "document", json_string(id));
    json_object_set_new(o, "form", text_of(r->form));
    json_object_set_new(o, "state", text_of(r->standing));
    json_object_set_new(o, "version", json_integer(r->version));
    json_object_set_new(o, "field", text_of(r->name));
    json_object_set_new(o, "value", value_json(r->state, r->value));
    json_object_set_new(o, "text", text_of(r->text));
    json_object_set_new(o, "second_reader", text_of(r->second));
    json_object_set_new(o, "origin", json_string(by_words[r->origin][0]));
    json_object_set_new(o, "verdict", json_string(r->verdict == 0 ? "auto" : "review"));
    json_object_set_new(o, "confidence", json_real(r->sure / 1000.0));
    json_object_set_new(o, "needed", r->needed == 0 ? json_null() : json_real(r->needed / 1000.0));
    json_object_set_new(o, "page", json_integer(r->page + 1));
    json_object_set_new(o, "reasons", reasons);
    json_object_set_new(o, "alternatives", others);
    json_object_set_new(o, "rules", rules);
    json_object_set_new(o, "hands", hands_json(r));
    json_object_set_new(o, "delivered", sent_json(shown));
    json_object_set_new(o, "refusals_known", json_boolean(shown->knows_nacks));
    json_object_set_new(o, "cause", json_string(causes[r->cause].word));
    json_object_set_new(o, "wrong", r->cause == DESK_CAUSE_NONE ? json_null() : text_of(r->wrong));
    json_object_set_new(o, "right", r->right[0] == '\0' ? json_null() : text_of(r->right));
    json_object_set_new(o, "versions", made_json(r->made, r->made_count));
    json_object_set_new(o, "today", today_json(shown));
    ctl_json(o);
}

/* ---- for people ---- */

static void
title(struct ctl *ctl, const char *en, const char *es)
{
    printf("\n%s%s%s\n", ctl_bold(ctl), ctl_tr(ctl, en, es), ctl_plain(ctl));
}

static void
put_value(struct ctl *ctl, uint8_t state, const char *value)
{
    if (state == DESK_HAS_VALUE)
        fputs(ctl_safe(ctl, value), stdout);
    else
        printf("(%s)", word_of(ctl, state_words[state]));
}

static void
print_value(struct ctl *ctl, const struct replay_shown *shown)
{
    const struct desk_replay *r = &shown->story;
    char id[ID_TEXT];

    id_text(&r->document, id);
    printf("%s%s%s (%s), %s %s, %s %u, %s, %s %u/%u\n", ctl_bold(ctl), ctl_safe(ctl, r->title), ctl_plain(ctl),
           ctl_safe(ctl, r->name), ctl_safe(ctl, r->form), id, ctl_tr(ctl, "version", "versión"), r->version,
           ctl_safe(ctl, r->standing), ctl_tr(ctl, "page", "página"), r->page + 1, r->pages);
    if (shown->has_crop)
        replay_picture(&shown->crop, 76, stdout);
    printf("%-14s ", ctl_tr(ctl, "value", "valor"));
    put_value(ctl, r->state, r->value);
    printf("\n%-14s %s\n", ctl_tr(ctl, "printed", "impreso"), ctl_safe(ctl, r->text));
    if (r->second[0] != '\0')
        printf("%-14s %s\n", ctl_tr(ctl, "second reader", "segundo lector"), ctl_safe(ctl, r->second));
    printf("%-14s %.1f %%", ctl_tr(ctl, "how sure", "certeza"), r->sure / 10.0);
    if (r->needed > 0)
        printf(", %s %.1f %%", ctl_tr(ctl, "asked for", "se pedía"), r->needed / 10.0);
    printf(": %s\n", r->verdict == 0 ? ctl_tr(ctl, "no person needed to look", "no hizo falta una persona")
                                     : ctl_tr(ctl, "it waited for a person", "esperó a una persona"));
    for (uint32_t i = 0; i < r->reason_count; i++)
        printf("  ! %s\n", r->reasons[i]);
}

static void
print_hands(struct ctl *ctl, const struct desk_replay *r)
{
    title(ctl, "Whose hands", "Qué manos");
    for (uint32_t i = 0; i < r->hand_count; i++) {
        const struct desk_hand *h = &r->hands[i];
        char at[32] = "";

        if (h->at != 0)
            ctl_time(h->at, at, sizeof at);
        printf("  v%u  %-10s %-12s %-17s ", h->version, word_of(ctl, by_words[h->by]), ctl_safe(ctl, h->who), at);
        put_value(ctl, h->state, h->value);
        fputc('\n', stdout);
    }
}

static void
print_evidence(struct ctl *ctl, const struct desk_replay *r)
{
    if (r->other_count > 0)
        title(ctl, "Considered besides", "También se consideró");
    for (uint32_t i = 0; i < r->other_count; i++)
        printf("  %6.3f  %s  (%s)\n", r->others[i].score / 1000.0, ctl_safe(ctl, r->others[i].value),
               ctl_safe(ctl, r->others[i].text));
    if (r->rule_count > 0)
        title(ctl, "Rules that spoke", "Reglas que hablaron");
    for (uint32_t i = 0; i < r->rule_count; i++)
        printf("  %-12s %s\n", word_of(ctl, how_words[r->rules[i].how]), ctl_safe(ctl, r->rules[i].rule));
}

static void
print_sent(struct ctl *ctl, const struct replay_shown *shown)
{
    const struct desk_replay *r = &shown->story;
    char at[32];

    title(ctl, "The client", "El cliente");
    if (r->sent_count == 0)
        printf("  %s\n", ctl_tr(ctl, "nothing was delivered yet", "todavía no se entregó nada"));
    for (uint32_t i = 0; i < r->sent_count; i++) {
        ctl_time(r->sent[i].at, at, sizeof at);
        printf("  v%u  %s %lld, %s\n", r->sent[i].version,
               ctl_tr(ctl, "delivered as number", "entregada con el número"), (long long)r->sent[i].seq, at);
        for (uint32_t k = 0; k < shown->nack_count; k++)
            if (shown->nacks[k].version == r->sent[i].version) {
                ctl_time(shown->nacks[k].at, at, sizeof at);
                printf("  v%u  %s, %s: %s\n", r->sent[i].version,
                       ctl_tr(ctl, "refused by the client", "rechazada por el cliente"), at,
                       ctl_safe(ctl, shown->nacks[k].reason));
            }
    }
    if (r->sent_count > 0 && !shown->knows_nacks)
        printf("  %s\n", ctl_tr(ctl, "whether the client refused it, only the operator's account can see",
                                "si el cliente lo rechazó, solo lo ve la cuenta del operador"));
}

static void
print_cause(struct ctl *ctl, const struct desk_replay *r)
{
    title(ctl, "Why", "Por qué");
    printf("  %s\n", ctl_tr(ctl, causes[r->cause].en, causes[r->cause].es));
    if (r->cause > DESK_CAUSE_UNKNOWN)
        printf("  %s: %s   %s: %s\n", ctl_tr(ctl, "wrong", "mal"), r->wrong[0] != '\0' ? ctl_safe(ctl, r->wrong) : "-",
               ctl_tr(ctl, "right", "correcto"), r->right[0] != '\0' ? ctl_safe(ctl, r->right) : "-");
}

static void
print_versions(struct ctl *ctl, const struct replay_shown *shown)
{
    const struct desk_replay *r = &shown->story;
    const struct desk_rerun *t = &shown->today;

    title(ctl, "What made it", "Qué lo hizo");
    for (uint32_t i = 0; i < r->made_count; i++) {
        const char *now = shown->ran && !t->failed ? version_of(t->made, t->made_count, r->made[i].name)
                                                   : r->made[i].value;

        printf("  %-18s %s", ctl_safe(ctl, r->made[i].name), ctl_safe(ctl, r->made[i].value));
        if (now == NULL)
            printf("  %s", ctl_tr(ctl, "(today: none)", "(hoy: nada)"));
        else if (strcmp(now, r->made[i].value) != 0)
            printf("  %s%s %s%s", ctl_warm(ctl), ctl_tr(ctl, "today:", "hoy:"), ctl_safe(ctl, now), ctl_plain(ctl));
        fputc('\n', stdout);
    }
    for (uint32_t i = 0; shown->ran && !t->failed && i < t->made_count; i++)
        if (version_of(r->made, r->made_count, t->made[i].name) == NULL)
            printf("  %-18s -  %s %s\n", ctl_safe(ctl, t->made[i].name), ctl_tr(ctl, "today:", "hoy:"),
                   ctl_safe(ctl, t->made[i].value));
}

static void
print_told(struct ctl *ctl, const struct desk_rerun *t)
{
    for (unsigned how = DESK_TOLD_THEN; how < COUNT_OF(told_how); how++) {
        const char *part = ": ";

        for (int i = 0; i < DESK_TOLD_KINDS; i++) {
            if (t->told[i] != how)
                continue;
            if (part[0] == ':')
                printf("  %s", ctl_tr(ctl, told_how[how].en, told_how[how].es));
            printf("%s%s", part, word_of(ctl, told_words[i]));
            part = ", ";
        }
        if (part[0] == ',')
            fputc('\n', stdout);
    }
}

static void
print_today(struct ctl *ctl, const struct replay_shown *shown)
{
    const struct desk_rerun *t = &shown->today;

    if (!shown->ran)
        return;
    title(ctl, "Run again today", "Ejecutado de nuevo hoy");
    if (t->failed) {
        printf("  %s\n", ctl_tr(ctl, "it could not be run again", "no se pudo ejecutar de nuevo"));
        return;
    }
    print_told(ctl, t);
    printf("  %s: %u/%u\n", ctl_tr(ctl, "pages that are read exactly as then", "páginas que se leen exactamente igual"),
           t->pages_same, t->of);
    printf("  %s: ", t->same ? ctl_tr(ctl, "the machine gives the same", "la máquina da lo mismo")
                             : ctl_tr(ctl, "the machine gives something else", "la máquina da otra cosa"));
    put_value(ctl, t->state, t->value);
    printf("  (%.1f %%)\n", t->sure / 10.0);
}

void
replay_print(struct ctl *ctl, const struct replay_shown *shown)
{
    print_value(ctl, shown);
    print_hands(ctl, &shown->story);
    print_evidence(ctl, &shown->story);
    print_sent(ctl, shown);
    print_cause(ctl, &shown->story);
    print_today(ctl, shown);
    print_versions(ctl, shown);
}
