/* States the major version 0 of the interface. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

FIXTURE_WITH("old", "was made for major version 0", "", fixture_open, sizeof(easel_backend), 0, 0)
