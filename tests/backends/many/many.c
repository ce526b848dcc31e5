/* Breaks none: gives as many outputs as `count` says, each a little lighter than the one before. */
#include "../fixture.h"

FIXTURE_RUN {
   int count = (int)fixture_number(request, "count", 1);
   FIXTURE_UNUSED(instance);
   for (int index = 0; index < count; index++) {
      uint8_t grey = (uint8_t)(index * 16);
      if (fixture_plain(host, request, grey, grey, grey) == NULL) return EASEL_ERR_FAILED;
   }
   return EASEL_OK;
}

FIXTURE("many", "gives plain greys", ",\"repeatable\":true,\"max_count\":16")
