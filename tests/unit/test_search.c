/* Finding a plugin's file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/search.h"
#include "unit.h"

/* Three folders: "a" has grid.so and text.so, "b" grid.so and notes.txt. */
static char root[64];

static const char *inside(const char *name)
{
    static char paths[4][128];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static void touch(const char *name)
{
    int file = open(inside(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT(file >= 0);
    close(file);
}

static void create_folders(void)
{
    strcpy(root, "/tmp/drover-search-XXXXXX");
    ASSERT(mkdtemp(root) != NULL);
    ASSERT_INT(mkdir(inside("a"), 0700), 0);
    ASSERT_INT(mkdir(inside("b"), 0700), 0);
    touch("a/grid.so");
    touch("a/text.so");
    touch("b/grid.so");
    touch("b/notes.txt");
}

static void remove_folders(void)
{
    static const char *const files[] = { "a/grid.so", "a/text.so", "b/grid.so",
                                         "b/notes.txt" };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(inside(files[i]));
    rmdir(inside("a"));
    rmdir(inside("b"));
    ASSERT_INT(rmdir(root), 0);
    unsetenv("DROVER_PLUGIN_PATH");
}

/* The folders in the environment variable, and one that is configured. */
static void init_path(struct search_path *path, const char *variable,
                      const char *configured)
{
    char folder[128];
    char *const folders[] = { folder };
    snprintf(folder, sizeof folder, "%s", configured);
    if (variable == NULL)
        unsetenv("DROVER_PLUGIN_PATH");
    else
        setenv("DROVER_PLUGIN_PATH", variable, 1);
    ASSERT_INT(search_path_init(path, folders, 1, NULL), 0);
}

static void the_path_is_variable_then_configuration_then_installation(void)
{
    struct search_path path;
    init_path(&path, "/one:/two", "/three");
    ASSERT_INT(path.count, 4);
    ASSERT_TEXT(path.folders[0], "/one");
    ASSERT_TEXT(path.folders[1], "/two");
    ASSERT_TEXT(path.folders[2], "/three");
    ASSERT_TEXT(path.folders[3], PLUGIN_FOLDER);
    search_path_clear(&path);
    ASSERT_INT(path.count, 0);
    init_path(&path, NULL, "/three");
    ASSERT_INT(path.count, 2);
    ASSERT_TEXT(path.folders[0], "/three");
    search_path_clear(&path);
}

static void empty_entries_of_the_variable_mean_nothing(void)
{
    static const char *const variables[] = { "",      ":",     "::",
                                             "/one:", ":/one", "/one::" };
    static const size_t counts[] = { 2, 2, 2, 3, 3, 3 };
    for (size_t i = 0; i < 6; i++) {
        struct search_path path;
        init_path(&path, variables[i], "/three");
        ASSERT_INT(path.count, counts[i]);
        search_path_clear(&path);
    }
    unsetenv("DROVER_PLUGIN_PATH");
}

static void the_first_folder_with_the_file_has_it(void)
{
    struct search_path path;
    char *file = NULL;
    create_folders();
    init_path(&path, inside("b"), inside("a"));
    ASSERT_INT(search_plugin(&path, "grid", &file, NULL), 0);
    ASSERT_TEXT(file, inside("b/grid.so"));
    free(file);
    ASSERT_INT(search_plugin(&path, "text", &file, NULL), 0);
    ASSERT_TEXT(file, inside("a/text.so"));
    free(file);
    search_path_clear(&path);
    remove_folders();
}

static void a_locator_with_a_slash_is_a_path(void)
{
    struct search_path path = { 0 };
    char *file = NULL, *folder = getcwd(NULL, 0), wanted[4200];
    ASSERT_INT(search_plugin(&path, "/no/such.so", &file, NULL), 0);
    ASSERT_TEXT(file, "/no/such.so");
    free(file);
    ASSERT_INT(search_plugin(&path, "./x.so", &file, NULL), 0);
    snprintf(wanted, sizeof wanted, "%s/x.so", folder);
    ASSERT_TEXT(file, wanted);
    free(file);
    free(folder);
}

static void a_folder_relative_to_here_gives_an_absolute_file(void)
{
    struct search_path path;
    char *file = NULL, *before = getcwd(NULL, 0);
    create_folders();
    ASSERT_INT(chdir(root), 0);
    init_path(&path, "a", "/three");
    ASSERT_INT(search_plugin(&path, "grid", &file, NULL), 0);
    ASSERT_TEXT(file, inside("a/grid.so"));
    ASSERT_INT(chdir(before), 0);
    free(before);
    free(file);
    search_path_clear(&path);
    remove_folders();
}

static void what_is_missing_is_told_with_the_folders(void)
{
    struct search_path path;
    struct drover_error err;
    char *file = NULL, words[512];
    create_folders();
    init_path(&path, inside("a"), inside("b"));
    ASSERT_INT(search_plugin(&path, "picture", &file, &err), -ENOENT);
    snprintf(words, sizeof words, "no file picture.so in %s, %s, %s",
             inside("a"), inside("b"), PLUGIN_FOLDER);
    ASSERT_TEXT(err.message, words);
    ASSERT(file == NULL);
    ASSERT_INT(search_plugin(&path, "picture", &file, NULL), -ENOENT);
    search_path_clear(&path);
    remove_folders();
}

static void a_name_that_is_near_is_offered(void)
{
    static const char *const mistyped[] = { "gird", "grib", "rid", "grid2" };
    struct search_path path;
    struct drover_error err;
    char *file = NULL;
    create_folders();
    init_path(&path, inside("b"), "/no/folder");
    for (size_t i = 0; i < sizeof mistyped / sizeof mistyped[0]; i++) {
        ASSERT_INT(search_plugin(&path, mistyped[i], &file, &err), -ENOENT);
        ASSERT_CONTAINS(err.message, "(did you mean \"grid\"?)");
    }
    ASSERT_INT(search_plugin(&path, "notes", &file, &err), -ENOENT);
    ASSERT(strstr(err.message, "did you mean") == NULL);
    search_path_clear(&path);
    remove_folders();
}

UNIT_CASES(CASE(the_path_is_variable_then_configuration_then_installation),
           CASE(empty_entries_of_the_variable_mean_nothing),
           CASE(the_first_folder_with_the_file_has_it),
           CASE(a_locator_with_a_slash_is_a_path),
           CASE(a_folder_relative_to_here_gives_an_absolute_file),
           CASE(what_is_missing_is_told_with_the_folders),
           CASE(a_name_that_is_near_is_offered))
