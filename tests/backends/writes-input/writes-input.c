/* Writes into the source, which is read-only. */
#include "../fixture.h"

FIXTURE_RUN {
   volatile uint8_t *first = request->source->pixels;
   FIXTURE_UNUSED(instance);
   *first = (uint8_t)~*first;
   return fixture_finish(host, request);
}

FIXTURE("writes-input", "writes into the source", "")
