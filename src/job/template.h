/* The arguments of a stage's calls with gaps for what differs from call to
 * call: a list of segments, written one after the other. */
#ifndef JOB_TEMPLATE_H
#define JOB_TEMPLATE_H

#include <stddef.h>

#include <drover/plugin.h>

#include "base/buffer.h"
#include "job/problems.h"

/* A part of a template's bytes. */
struct extent {
    size_t offset;
    size_t size;
};

enum segment_kind {
    SEGMENT_LITERAL, /* bytes that are the same in each call */
    SEGMENT_INT,     /* the int of an each: range */
    SEGMENT_FLOAT,   /* the same as a float */
    SEGMENT_ITEM,    /* an item of an each: list */
    SEGMENT_TEXT,    /* a text put together from pieces, see below */
    SEGMENT_RESULT,  /* a result of an each: stage */
    SEGMENT_RESULTS, /* all results of a stage */
};

/* index  INT, FLOAT, ITEM, RESULT: which name of each:; RESULTS: which stage;
 * TEXT: its first piece count  TEXT: how many pieces span   LITERAL: the bytes
 * first  ITEM: the span of the list's first item, the others follow
 * place  TEXT, RESULT, RESULTS: where it stands */
struct segment {
    enum segment_kind kind;
    size_t index;
    size_t count;
    struct extent span;
    size_t first;
    size_t place;
};

enum piece_kind {
    PIECE_LITERAL, /* bytes that are the same in each call */
    PIECE_INT,     /* the int of an each: range, in digits */
    PIECE_ITEM,    /* an item of an each: list, as text */
    PIECE_RESULT,  /* a result of an each: stage, as text */
    PIECE_TEXT,    /* the text of an each: glob or lines */
};

/* A piece of a text; the fields as in struct segment. */
struct piece {
    enum piece_kind kind;
    size_t index;
    struct extent span;
    size_t first;
};

/* Where a value that is known only during the run will stand, and what it must
 * be there. */
struct place {
    struct position at;
    struct drover_param expected;
};

/* bytes    values and texts that spans are parts of
 * address  the first piece of the calls' addresses, if they have such */
struct template
{
    struct buffer bytes;
    struct segment *segments;
    size_t segment_count;
    struct piece *pieces;
    size_t piece_count;
    struct extent *spans;
    size_t span_count;
    struct place *places;
    size_t place_count;
    size_t address;
    size_t address_count;
};

void template_init(struct template *template);
void template_clear(struct template *template);

/* Add one. A literal that continues the one before becomes a part of it. Each
 * returns 0 or -ENOMEM. */
int template_add_segment(struct template *template, struct segment segment);
int template_add_piece(struct template *template, struct piece piece);
int template_add_span(struct template *template, struct extent span);
int template_add_place(struct template *template, struct place place);

#endif
