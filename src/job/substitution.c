#include "job/substitution.h"

#include <errno.h>
#include <string.h>

static int take_reference(const char **cursor, struct substitution_piece *piece,
                          const char **problem)
{
    const char *name = *cursor + 2;
    const char *end = strchr(name, '}');
    if (end == NULL) {
        *problem = "a \"${\" is not closed by a \"}\"";
        return -EINVAL;
    }
    if (end == name) {
        *problem = "a \"${}\" names nothing";
        return -EINVAL;
    }
    *piece = (struct substitution_piece){ true, name, (size_t)(end - name) };
    *cursor = end + 1;
    return 1;
}

int substitution_next(const char **cursor, struct substitution_piece *piece,
                      const char **problem)
{
    const char *text = *cursor;
    if (text[0] == '\0')
        return 0;
    if (text[0] != '$') {
        size_t size = strcspn(text, "$");
        *piece = (struct substitution_piece){ false, text, size };
        *cursor = text + size;
        return 1;
    }
    if (text[1] == '{')
        return take_reference(cursor, piece, problem);
    if (text[1] != '$') {
        *problem = "a \"$\" stands alone (write \"$$\" for a dollar sign, "
                   "\"${name}\" for a value)";
        return -EINVAL;
    }
    *piece = (struct substitution_piece){ false, text, 1 };
    *cursor = text + 2;
    return 1;
}

bool substitution_is_lone(const char *text, struct substitution_piece *piece)
{
    struct substitution_piece first;
    const char *problem;
    if (substitution_next(&text, &first, &problem) != 1 ||
        !first.is_reference || *text != '\0')
        return false;
    *piece = first;
    return true;
}
