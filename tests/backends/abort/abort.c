/* Calls `abort` during `run`. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance), FIXTURE_UNUSED(host), FIXTURE_UNUSED(request);
   fputs("fixture abort: about to abort\n", stderr);
   abort();
}

FIXTURE("abort", "ends its process with a signal", "")
