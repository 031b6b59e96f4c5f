#include "life_tasks.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin/worker.h"
#include "unit.h"

/* --- The plugin ---------------------------------------------------------- */

static int increase(struct drover_call *call)
{
    return drover_return_int(call, drover_arg_int(call, "n") + 1);
}

static int shout(struct drover_call *call)
{
    printf("n is %d\nand", (int)drover_arg_int(call, "n"));
    return drover_return_null(call);
}

static int give_up(struct drover_call *call)
{
    return drover_fail(call, "no more");
}

static int pour(struct drover_call *call)
{
    static char text[LARGE + 1];
    memset(text, 'x', LARGE);
    for (int i = 0; i < 3; i++)
        if (drover_send_pack(call, "[i, s]", i, text) != 0)
            return -1;
    return 0;
}

static int trickle(struct drover_call *call)
{
    if (drover_send_pack(call, "I", drover_arg_int(call, "n")) != 0)
        return -1;
    for (;;)
        pause();
}

static int hide(struct drover_call *call)
{
    drover_return_int(call, drover_arg_int(call, "n"));
    return drover_return_nothing(call);
}

static int leave(struct drover_call *call)
{
    return chdir("/proc") == 0 ? drover_return_null(call) : 1;
}

static int die(struct drover_call *call)
{
    raise(SIGKILL);
    return drover_return_null(call);
}

static int add_up(struct drover_call *call)
{
    struct drover_value value;
    int64_t sum = drover_arg_int(call, "n"), number = 0;
    while (drover_receive(call, &value, -1) == 1) {
        drover_value_get_int(value, &number);
        sum += number;
        drover_send_pack(call, "I", sum);
    }
    return drover_return_int(call, sum);
}

static const struct drover_task *the_tasks(void)
{
    static const struct drover_param n[] = {
        { .name = "n", .type = DROVER_INT }, { .name = NULL }
    };
    static const struct drover_task tasks[TASK_COUNT] = {
        [INCREASE] = { .name = "increase", .run = increase, .params = n },
        [SHOUT] = { .name = "shout", .run = shout, .params = n },
        [GIVE_UP] = { .name = "give_up", .run = give_up, .params = n },
        [POUR] = { .name = "pour", .run = pour, .params = n },
        [LEAVE] = { .name = "leave", .run = leave, .params = n },
        [DIE] = { .name = "die", .run = die, .params = n },
        [TRICKLE] = { .name = "trickle", .run = trickle, .params = n },
        [HIDE] = { .name = "hide", .run = hide, .params = n },
        [ADD_UP] = { .name = "add_up", .run = add_up, .params = n },
    };
    return tasks;
}

static int refuse(void)
{
    return 5;
}

static void say_goodbye(void)
{
    printf("goodbye\n");
}

/* --- Its workers --------------------------------------------------------- */

static int serve(struct life *life, int socket)
{
    const struct manner *manner = life->manner;
    struct drover_plugin exported = {
        .size = manner->hookless ? offsetof(struct drover_plugin, worker_start)
                                 : sizeof exported,
        .name = "life",
        .tasks = the_tasks(),
        .task_count = TASK_COUNT,
        .task_stride = sizeof(struct drover_task),
        .param_stride = sizeof(struct drover_param),
        .worker_start = manner->refusing ? refuse : NULL,
        .worker_stop = say_goodbye,
    };
    struct plugin plugin = { .exported = &exported, .build_id = "1234" };
    struct plugin_set plugins = { &plugin, 1 };
    return worker_serve(&(struct worker_setting){
        .socket = socket,
        .slate = manner->reused ? life->slate : NULL,
        .printed = life->printed,
        .two_way = manner->two_way,
        .find = plugin_set_find,
        .find_context = &plugins,
        .plugins = &plugins,
    });
}

/* Once in a process, like a keeper: its workers are forks of it. */
static void prepare(void)
{
    static bool prepared;
    if (!prepared)
        ASSERT_INT(worker_prepare(), 0);
    prepared = true;
}

void life_begin_as(struct life *life, const struct manner *manner)
{
    prepare();
    life_begin(life, serve, manner);
}

void life_begin_forked(struct life *life)
{
    life_begin_as(life, &(struct manner){ .reused = false });
}

void life_begin_reused(struct life *life)
{
    life_begin_as(life, &(struct manner){ .reused = true });
}
