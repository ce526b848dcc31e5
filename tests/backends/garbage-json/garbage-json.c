/* `describe` returns no JSON. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

static const char *EASEL_CALL describe(void) { return "{\"id\": \"garbage-json\", and then the author gave up"; }

static const easel_backend table = {sizeof(easel_backend), 1, 0, describe, fixture_open, run, NULL, NULL};
FIXTURE_ENTRY(&table)
