/*
 * flat.h - where a point of a photographed page lies once the page is laid flat, and the way back.
 *
 * A sheet photographed by hand is a plane seen by a camera, so that a projective map takes one to the other.
 */
#ifndef DOC_FLAT_H
#define DOC_FLAT_H

#include "doc/box.h"

/* x' = (p0 x + p1 y + p2) / (p6 x + p7 y + 1), y' = (p3 x + p4 y + p5) / (the same) */
struct flat_map {
    bool on; /* false: the page was not laid flat, and the map changes nothing */
    double p[8];
};

/* A point; one that the map sends to infinity stays where it is. */
void flat_point(const struct flat_map *map, double x, double y, double *px, double *py);

/* A box: its middle goes where the map takes it, its sides become as long as the map makes them there. */
struct box flat_box(const struct flat_map *map, struct box box);

/* The way back.  false, and *out is off: there is none. */
bool flat_invert(const struct flat_map *map, struct flat_map *out);

/* first, then second; off when the two cannot be one. */
struct flat_map flat_join(const struct flat_map *first, const struct flat_map *second);

#endif
