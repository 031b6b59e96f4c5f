#include "job/template.h"

#include <errno.h>
#include <stdlib.h>

#include "value/encode.h"

void template_init(struct template *template)
{
    *template = (struct template){ .bytes = BUFFER_INIT(VALUE_LIMIT_BYTES) };
}

void template_clear(struct template *template)
{
    buffer_clear(&template->bytes);
    free(template->segments);
    free(template->pieces);
    free(template->spans);
    free(template->places);
    template_init(template);
}

/* Room for one more element: arrays are as large as the power of two that is
 * not below their count. Returns where they lie now, or NULL. */
static void *grow(void *array, size_t count, size_t element_size)
{
    if (array != NULL && (count & (count - 1)) != 0)
        return array;
    size_t capacity = count == 0 ? 1 : 2 * count;
    return reallocarray(array, capacity, element_size);
}

static bool continues(const struct segment *last, const struct segment *segment)
{
    return last->kind == SEGMENT_LITERAL && segment->kind == SEGMENT_LITERAL &&
           last->span.offset + last->span.size == segment->span.offset;
}

int template_add_segment(struct template *template, struct segment segment)
{
    size_t count = template->segment_count;
    if (count > 0 && continues(&template->segments[count - 1], &segment)) {
        template->segments[count - 1].span.size += segment.span.size;
        return 0;
    }
    struct segment *grown = grow(template->segments, count, sizeof *grown);
    if (grown == NULL)
        return -ENOMEM;
    template->segments = grown;
    template->segments[template->segment_count++] = segment;
    return 0;
}

int template_add_piece(struct template *template, struct piece piece)
{
    struct piece *grown =
        grow(template->pieces, template->piece_count, sizeof *grown);
    if (grown == NULL)
        return -ENOMEM;
    template->pieces = grown;
    template->pieces[template->piece_count++] = piece;
    return 0;
}

int template_add_span(struct template *template, struct extent span)
{
    struct extent *grown =
        grow(template->spans, template->span_count, sizeof *grown);
    if (grown == NULL)
        return -ENOMEM;
    template->spans = grown;
    template->spans[template->span_count++] = span;
    return 0;
}

int template_add_place(struct template *template, struct place place)
{
    struct place *grown =
        grow(template->places, template->place_count, sizeof *grown);
    if (grown == NULL)
        return -ENOMEM;
    template->places = grown;
    template->places[template->place_count++] = place;
    return 0;
}
