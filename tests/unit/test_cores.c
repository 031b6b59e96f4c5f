/* How many cores may be used. */
#include <sched.h>
#include <stdlib.h>

#include "process/cores.h"
#include "unit.h"

static void there_are_not_more_than_the_affinity_allows(void)
{
    cpu_set_t before, one;
    unsetenv("SLURM_CPUS_PER_TASK");
    ASSERT_INT(sched_getaffinity(0, sizeof before, &before), 0);
    ASSERT(cores_available() >= 1);
    ASSERT(cores_available() <= (unsigned)CPU_COUNT(&before));
    size_t core = 0;
    while (!CPU_ISSET(core, &before))
        core++;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    ASSERT_INT(sched_setaffinity(0, sizeof one, &one), 0);
    unsigned found = cores_available();
    ASSERT_INT(sched_setaffinity(0, sizeof before, &before), 0);
    ASSERT_INT(found, 1);
}

static void there_are_not_more_than_slurm_gives(void)
{
    static const char *const useless[] = { "", "0", "x", "999999999999" };
    unsetenv("SLURM_CPUS_PER_TASK");
    unsigned without = cores_available();
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    ASSERT_INT(cores_available(), 1);
    setenv("SLURM_CPUS_PER_TASK", "100000", 1);
    ASSERT_INT(cores_available(), without);
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        setenv("SLURM_CPUS_PER_TASK", useless[i], 1);
        ASSERT_INT(cores_available(), without);
    }
    unsetenv("SLURM_CPUS_PER_TASK");
}

UNIT_CASES(CASE(there_are_not_more_than_the_affinity_allows),
           CASE(there_are_not_more_than_slurm_gives))
