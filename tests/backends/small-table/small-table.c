/* States a size that ends before its functions. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

FIXTURE_WITH("small-table", "states a table of 16 bytes", "", fixture_open, 16, 1, 0)
