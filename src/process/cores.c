#include "process/cores.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned cores_by_affinity(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

static unsigned quota_cores(double quota, double period)
{
    if (quota <= 0 || period <= 0 || quota / period >= 65536)
        return UINT_MAX;
    unsigned whole = (unsigned)(quota / period);
    return whole * period < quota ? whole + 1 : whole;
}

/* Read FILE of GROUP under ROOT: one number, or a number or "max" and another
 * one. */
static bool read_numbers(const char *root, const char *group, const char *file,
                         double numbers[2])
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s%s/%s", root, group, file);
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return false;
    int found = fscanf(stream, "%lf %lf", &numbers[0], &numbers[1]);
    fclose(stream);
    return found >= 1;
}

static unsigned group_quota(const char *group)
{
    double v2[2] = { 0, 0 }, quota[2] = { 0, 0 }, period[2] = { 0, 0 };
    unsigned cores = UINT_MAX;
    if (read_numbers("/sys/fs/cgroup", group, "cpu.max", v2))
        cores = quota_cores(v2[0], v2[1]);
    if (read_numbers("/sys/fs/cgroup/cpu", group, "cpu.cfs_quota_us", quota) &&
        read_numbers("/sys/fs/cgroup/cpu", group, "cpu.cfs_period_us", period))
        cores = smaller(cores, quota_cores(quota[0], period[0]));
    return cores;
}

static unsigned cores_by_group(char *group)
{
    unsigned cores = UINT_MAX;
    for (;;) {
        cores = smaller(cores, group_quota(group));
        char *parent = strrchr(group, '/');
        if (parent == NULL)
            return cores;
        *parent = '\0';
    }
}

/* A line of /proc/self/cgroup is ID:CONTROLLERS:PATH; those of version 2 have
 * no controllers. */
static unsigned cores_by_cgroup(void)
{
    FILE *stream = fopen("/proc/self/cgroup", "re");
    if (stream == NULL)
        return UINT_MAX;
    unsigned cores = UINT_MAX;
    char line[PATH_MAX];
    while (fgets(line, sizeof line, stream) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (group == NULL)
            continue;
        *group++ = '\0';
        if (controllers[1] == '\0' || strstr(controllers, "cpu") != NULL)
            cores = smaller(cores, cores_by_group(group));
    }
    fclose(stream);
    return cores;
}

static unsigned cores_by_slurm(void)
{
    const char *text = getenv("SLURM_CPUS_PER_TASK");
    unsigned long cores = text == NULL ? 0 : strtoul(text, NULL, 10);
    return cores == 0 || cores > UINT_MAX ? UINT_MAX : (unsigned)cores;
}

unsigned cores_available(void)
{
    unsigned cores = smaller(cores_by_affinity(), cores_by_cgroup());
    cores = smaller(cores, cores_by_slurm());
    return cores == 0 ? 1 : cores;
}
