/* Returns EASEL_OK without any output. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance), FIXTURE_UNUSED(request);
   host->progress(host->ctx, 1, "done");
   return EASEL_OK;
}

FIXTURE("liar", "says that it is done and is not", "")
