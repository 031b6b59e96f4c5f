/* Job files: whatever the bytes are, job_parse() either makes a job or says
 * what is wrong with them. */
#include <stdint.h>
#include <stdlib.h>

#include "job/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems problems;
    struct job *job = NULL;
    if (problems_init(&problems, "job.yaml") < 0)
        return 0;
    int status =
        job_parse("job.yaml", (const char *)data, size, &job, &problems);
    if ((status == 0 && job == NULL) || (status == 0) != (problems.count == 0))
        abort();
    job_destroy(job);
    problems_clear(&problems);
    return 0;
}
