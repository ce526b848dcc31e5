/* Crashes in a constructor, before any of its functions is called. */
#include "../fixture.h"

__attribute__((constructor)) static void crash(void) {
   volatile int *volatile nowhere = NULL; /* volatile twice, lest the compiler drop the write */
   *nowhere = 1;
}

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

FIXTURE("crash-on-load", "cannot be loaded", "")
