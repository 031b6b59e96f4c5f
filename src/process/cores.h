/* How many cores this process may really use. */
#ifndef PROCESS_CORES_H
#define PROCESS_CORES_H

/* The smallest of the affinity mask, the cgroup's CPU quota (v1 or v2, this
 * group's and those above it; rounded up) and SLURM_CPUS_PER_TASK; at least
 * 1. */
unsigned cores_available(void);

#endif
