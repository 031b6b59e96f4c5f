#include "job/literal.h"

#include <string.h>

#include "value/encode.h"

static int put_int(struct buffer *buffer, const struct node *scalar)
{
    int64_t number;
    uint64_t large = 0;
    if (node_get_int(scalar, &number))
        return value_put_int(buffer, number);
    node_get_uint(scalar, &large);
    return value_put_uint(buffer, large);
}

static int put_float(struct buffer *buffer, const struct node *scalar)
{
    double real = 0;
    node_get_float(scalar, &real);
    return value_put_float(buffer, real);
}

static int put_bool(struct buffer *buffer, const struct node *scalar)
{
    bool yes = false;
    node_get_bool(scalar, &yes);
    return value_put_bool(buffer, yes);
}

static int put_text(struct buffer *buffer, const struct node *scalar)
{
    return value_put_text(buffer, scalar->text, strlen(scalar->text));
}

int literal_put_scalar(struct buffer *buffer, const struct node *scalar,
                       enum drover_type expected)
{
    enum node_scalar type = node_scalar_type(scalar);
    if (expected == DROVER_TEXT && type != NODE_NULL)
        return put_text(buffer, scalar);
    switch (type) {
    case NODE_NULL:
        return value_put_null(buffer);
    case NODE_BOOL:
        return put_bool(buffer, scalar);
    case NODE_INT:
        return expected == DROVER_FLOAT ? put_float(buffer, scalar)
                                        : put_int(buffer, scalar);
    case NODE_FLOAT:
        return put_float(buffer, scalar);
    case NODE_TEXT:
        break;
    }
    return put_text(buffer, scalar);
}

static bool is_read_as(enum node_scalar type, enum drover_type expected)
{
    return (type == NODE_BOOL && expected == DROVER_BOOL) ||
           (type == NODE_INT && expected == DROVER_INT) ||
           (type == NODE_INT && expected == DROVER_FLOAT) ||
           (type == NODE_FLOAT && expected == DROVER_FLOAT);
}

int literal_put_text(struct buffer *buffer, char *text, size_t size,
                     enum drover_type expected)
{
    struct node scalar = { .kind = NODE_SCALAR, .plain = true, .text = text };
    bool typed = expected == DROVER_BOOL || expected == DROVER_INT ||
                 expected == DROVER_FLOAT;
    if (typed && strlen(text) == size &&
        is_read_as(node_scalar_type(&scalar), expected))
        return literal_put_scalar(buffer, &scalar, expected);
    return value_put_text(buffer, text, size);
}
