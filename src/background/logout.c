#include "background/logout.h"

#include <dirent.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Source: logind.conf(5) of systemd 252. */
struct rules {
    bool kill;
    char only[512]; /* users; none: all */
    char except[512];
};

static const char *const drop_ins[] = {
    "/usr/lib/systemd/logind.conf.d",
    "/run/systemd/logind.conf.d",
    "/etc/systemd/logind.conf.d",
};

/* --- Lines -------------------------------------------------------------------
 */

static char *trim(char *text)
{
    static const char space[] = " \t\r\n";
    text += strspn(text, space);
    size_t size = strlen(text);
    while (size > 0 && strchr(space, text[size - 1]) != NULL)
        text[--size] = '\0';
    return text;
}

static bool is_true(const char *value)
{
    static const char *const words[] = { "1", "yes", "y", "true", "t", "on" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(value, words[i]) == 0)
            return true;
    return false;
}

static void take_line(struct rules *rules, char *line)
{
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return;
    *equals = '\0';
    const char *name = trim(line);
    const char *value = trim(equals + 1);
    if (strcmp(name, "KillUserProcesses") == 0)
        rules->kill = is_true(value);
    else if (strcmp(name, "KillOnlyUsers") == 0)
        snprintf(rules->only, sizeof rules->only, "%s", value);
    else if (strcmp(name, "KillExcludeUsers") == 0)
        snprintf(rules->except, sizeof rules->except, "%s", value);
}

/* --- Files -------------------------------------------------------------------
 */

static FILE *open_file(const char *root, const char *folder, const char *name)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s%s/%s", root, folder, name);
    return size < PATH_MAX ? fopen(path, "re") : NULL;
}

static void read_file(struct rules *rules, const char *root, const char *folder,
                      const char *name)
{
    char line[1024];
    FILE *file = open_file(root, folder, name);
    if (file == NULL)
        return;
    while (fgets(line, sizeof line, file) != NULL)
        take_line(rules, line);
    fclose(file);
}

static int is_configuration(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end != NULL && strcmp(end, ".conf") == 0;
}

static void read_folder(struct rules *rules, const char *root,
                        const char *folder)
{
    char path[PATH_MAX];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s%s", root, folder);
    int count = scandir(path, &entries, is_configuration, alphasort);
    for (int i = 0; i < count; i++) {
        read_file(rules, root, folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* The last word counts. */
static struct rules read_rules(const char *root)
{
    struct rules rules = { .except = "root" };
    read_file(&rules, root, "/etc/systemd", "logind.conf");
    for (size_t i = 0; i < sizeof drop_ins / sizeof drop_ins[0]; i++)
        read_folder(&rules, root, drop_ins[i]);
    return rules;
}

/* --- Us ----------------------------------------------------------------------
 */

/* Not so: a service, a container, a scope that was made by systemd-run(1). */
static bool is_in_session(const char *root)
{
    char line[PATH_MAX];
    bool found = false;
    FILE *file = open_file(root, "/proc/self", "cgroup");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *last = strrchr(line, '/');
        found = found || (last != NULL && strstr(last, ".scope") != NULL &&
                          strncmp(last, "/session-", 9) == 0);
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* NAMES is used up. */
static bool has_name(char *names, const char *name)
{
    char *rest;
    for (const char *next = strtok_r(names, " \t", &rest); next != NULL;
         next = strtok_r(NULL, " \t", &rest))
        if (strcmp(next, name) == 0)
            return true;
    return false;
}

bool logout_ends_us(const char *root)
{
    const struct passwd *user = getpwuid(geteuid());
    const char *name = user == NULL ? "" : user->pw_name;
    if (!is_in_session(root))
        return false;
    struct rules rules = read_rules(root);
    bool all = rules.only[0] == '\0';
    return rules.kill && (all || has_name(rules.only, name)) &&
           !has_name(rules.except, name);
}
