/* view_field.h - what the field screen is made of, shared by its two files. */
#ifndef PIPELINE_VIEW_FIELD_H
#define PIPELINE_VIEW_FIELD_H

#include "picture.h"
#include "review.h"
#include "review_edit.h"

struct field_screen {
    struct arena *arena;         /* the field                                     */
    struct arena *crop_arena;    /* the crop and its picture                      */
    struct arena *draw_arena;
    struct desk_field field;
    bool ready;
    struct edit edit;
    bool moved;                  /* the cursor was moved: typing inserts          */
    bool doubted;                /* the desk doubts doubted_text                  */
    char doubted_text[DESK_TEXT_MAX + 1];
    uint32_t choice;
    struct desk_crop crop;       /* as it came                                   */
    struct desk_crop focus;      /* what of it is shown                          */
    struct picture picture;      /* in draw_arena, as made by plan               */
    struct picture_plan plan;
    bool has_crop;
    uint32_t page;               /* shown                                         */
    bool page_mode;
    struct desk_box window;      /* of the page, in page mode                     */
    double tall;                 /* height of the page by its width               */
    int zoom, page_zoom;
    int scroll;
    int pane_rows, pane_columns; /* as last drawn                                 */
};

void field_picture_value(struct station *st, struct field_screen *f);
void field_picture_page(struct station *st, struct field_screen *f);
void field_picture_forget(struct field_screen *f);
void field_picture_draw(struct station *st, struct field_screen *f, int first, int last);
/* False for an action that does not concern the picture. */
bool field_picture_act(struct station *st, struct field_screen *f, enum action action);

#endif
