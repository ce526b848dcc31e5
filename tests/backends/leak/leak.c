/* Allocates and touches 64 MiB with every run and never frees them. */
#include "../fixture.h"

static void *volatile lost;

FIXTURE_RUN {
   size_t bytes = (size_t)64 << 20;
   void *block = malloc(bytes);
   FIXTURE_UNUSED(instance);
   if (block == NULL) {
      host->set_error(host->ctx, "out of memory");
      return EASEL_ERR_FAILED;
   }
   memset(block, 1, bytes);
   lost = block;
   return fixture_finish(host, request);
}

FIXTURE("leak", "grows by 64 MiB with every run", "")
