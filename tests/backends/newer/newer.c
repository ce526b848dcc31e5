/* States the major version 2 of the interface. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

FIXTURE_WITH("newer", "was made for major version 2", "", fixture_open, sizeof(easel_backend), 2, 0)
