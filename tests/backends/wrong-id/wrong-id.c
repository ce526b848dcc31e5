/* Its descriptor has another id than its manifest. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

FIXTURE("another-id", "is not what its manifest says", "")
