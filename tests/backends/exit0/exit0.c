/* Calls `exit(0)` during `run`: the process ends as if all were well. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance), FIXTURE_UNUSED(host), FIXTURE_UNUSED(request);
   exit(0);
}

FIXTURE("exit0", "ends its process as if all were well", "")
