/* node_parse(): libyaml's events made into a tree. */
#include <errno.h>
#include <yaml.h>

#include "job/encoding.h"
#include "job/node.h"
#include "job/tree.h"
#include "job/yaml_complaint.h"

static struct position position_of(const yaml_event_t *event)
{
    return (struct position){ (unsigned)event->start_mark.line + 1,
                              (unsigned)event->start_mark.column + 1 };
}

static struct tree_mark mark_of(const yaml_event_t *event,
                                const yaml_char_t *anchor,
                                const yaml_char_t *tag)
{
    return (struct tree_mark){ .at = position_of(event),
                               .anchor = (const char *)anchor,
                               .tag = (const char *)tag };
}

static int on_scalar(struct tree *tree, const yaml_event_t *event)
{
    struct tree_mark mark =
        mark_of(event, event->data.scalar.anchor, event->data.scalar.tag);
    return tree_add_scalar(tree, &mark, (const char *)event->data.scalar.value,
                           event->data.scalar.length,
                           event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

static int on_list(struct tree *tree, const yaml_event_t *event)
{
    struct tree_mark mark = mark_of(event, event->data.sequence_start.anchor,
                                    event->data.sequence_start.tag);
    return tree_begin(tree, &mark, NODE_LIST);
}

static int on_map(struct tree *tree, const yaml_event_t *event)
{
    struct tree_mark mark = mark_of(event, event->data.mapping_start.anchor,
                                    event->data.mapping_start.tag);
    return tree_begin(tree, &mark, NODE_MAP);
}

static int on_event(struct tree *tree, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(tree, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_list(tree, event);
    case YAML_MAPPING_START_EVENT:
        return on_map(tree, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return tree_end(tree, position_of(event));
    case YAML_ALIAS_EVENT:
        return tree_add_alias(tree, position_of(event),
                              (const char *)event->data.alias.anchor);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return 0;
    }
    return 0;
}

/* Returns 0, -EBADMSG with a problem added, or -ENOMEM. */
static int read_events(yaml_parser_t *parser, const char *text, size_t size,
                       struct tree *tree, struct problems *problems)
{
    size_t documents = 0;
    bool at_end = false;
    int status = 0;
    while (status == 0 && !at_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            if (parser->error == YAML_MEMORY_ERROR)
                return -ENOMEM;
            yaml_complaint_add(parser, text, size, problems);
            return -EBADMSG;
        }
        if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1) {
            problems_add(problems, position_of(&event),
                         "a second document begins; only one is allowed");
            status = -EBADMSG;
        } else {
            status = on_event(tree, &event);
        }
        at_end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    return status;
}

/* The null that a text with nothing in it stands for. */
static int add_nothing(struct tree *tree)
{
    const struct tree_mark mark = { .at = { 1, 1 } };
    return tree_add_scalar(tree, &mark, "", 0, true);
}

static struct node *parse_checked(const char *text, size_t size,
                                  struct tree *tree, struct problems *problems)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return NULL;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    /* libyaml takes no NULL, which a file with nothing in it may be. */
    yaml_parser_set_input_string(
        &parser, (const unsigned char *)(text == NULL ? "" : text), size);
    int status = read_events(&parser, text, size, tree, problems);
    yaml_parser_delete(&parser);
    if (status < 0)
        return NULL;
    struct node *root = tree_take_root(tree);
    if (root == NULL && add_nothing(tree) == 0)
        root = tree_take_root(tree);
    return root;
}

struct node *node_parse(const char *text, size_t size,
                        struct problems *problems)
{
    if (!encoding_check(&text, &size, problems))
        return NULL;
    struct tree *tree = tree_create(problems);
    if (tree == NULL)
        return NULL;
    struct node *root = parse_checked(text, size, tree, problems);
    tree_destroy(tree);
    return root;
}
