// A plugin in C++17, and in C++20, where fields can be named.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <drover/plugin.h>

namespace
{

// The elements of a list, in order.
std::vector<int64_t> numbers_of(drover_value list)
{
    std::vector<int64_t> numbers;
    drover_iterator each = drover_iterate(list);
    drover_value item;
    while (drover_next(&each, &item)) {
        int64_t number = 0;
        if (drover_value_get_int(item, &number) < 0)
            throw std::out_of_range("a number is too large");
        numbers.push_back(number);
    }
    return numbers;
}

int sort(drover_call *call)
{
    try {
        auto numbers = numbers_of(drover_arg_value(call, "numbers"));
        std::sort(numbers.begin(), numbers.end());
        drover_builder *out = drover_call_builder(call);
        drover_build_list_begin(out);
        for (int64_t number : numbers)
            drover_build_int(out, number);
        drover_build_list_end(out);
        return drover_return_built(call);
    } catch (const std::exception &error) {
        return drover_fail(call, "%s", error.what());
    }
}

int greet(drover_call *call)
{
    std::string name = drover_arg_text(call, "name");
    return drover_return_text(call, ("hello " + name).c_str());
}

int let_go(drover_call *)
{
    throw std::runtime_error("nobody catches this");
}

#if __cplusplus >= 202002L
const drover_task tasks[] = {
    { .name = "sort",
      .run = sort,
      .params = DROVER_PARAMS({ .name = "numbers",
                                .type = DROVER_LIST,
                                .items = DROVER_INT }),
      .result = { .type = DROVER_LIST, .items = DROVER_INT } },
    { .name = "greet",
      .run = greet,
      .params = DROVER_PARAMS({ .name = "name",
                                .type = DROVER_TEXT,
                                .fallback = "world" }),
      .result = { .type = DROVER_TEXT },
      .flags = DROVER_IDEMPOTENT | DROVER_REUSABLE },
    { .name = "let_go", .run = let_go },
};
#else
const drover_task tasks[] = {
    { "sort", sort, "Sort numbers",
      DROVER_PARAMS({ "numbers", DROVER_LIST, DROVER_INT }),
      { DROVER_LIST, DROVER_INT } },
    { "greet", greet, "Greet somebody",
      DROVER_PARAMS({ "name", DROVER_TEXT, DROVER_ANY, "world" }),
      { DROVER_TEXT }, DROVER_IDEMPOTENT | DROVER_REUSABLE },
    { "let_go", let_go },
};
#endif

} // namespace

DROVER_PLUGIN("cxx", "1", "Tasks in C++", tasks);
