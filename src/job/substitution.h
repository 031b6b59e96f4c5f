/* Substitution in the texts of with: `${name}` stands for a value, `$$` for a
 * dollar sign. */
#ifndef JOB_SUBSTITUTION_H
#define JOB_SUBSTITUTION_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of a text: literal, or a reference, whose name it then is. Borrowed
 * from the text and not terminated by NUL. A literal is never empty; two may
 * follow each other (`$$` is a piece of its own, "$"). The name of a reference
 * is never empty; it is not checked to be a name of anything. */
struct substitution_piece {
    bool is_reference;
    const char *text;
    size_t size;
};

/* Take the next piece off the text at *CURSOR, which is terminated by NUL.
 *
 * Returns 1 with *PIECE set and *CURSOR behind it, 0 at the end, or -EINVAL
 * with *PROBLEM a static sentence: a '$' that is followed by neither '{' nor
 * '$', a "${" that is empty or not closed. */
int substitution_next(const char **cursor, struct substitution_piece *piece,
                      const char **problem);

/* Whether TEXT is one reference and nothing else, so that what it stands for
 * keeps its type; *PIECE is then the reference. */
bool substitution_is_lone(const char *text, struct substitution_piece *piece);

#endif
