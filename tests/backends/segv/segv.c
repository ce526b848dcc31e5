/* Writes to address 0 during `run`. */
#include "../fixture.h"

FIXTURE_RUN {
   volatile int *volatile nowhere = NULL; /* volatile twice, lest the compiler drop the write */
   FIXTURE_UNUSED(instance);
   *nowhere = 1;
   return fixture_finish(host, request);
}

FIXTURE("segv", "writes to address 0", "")
