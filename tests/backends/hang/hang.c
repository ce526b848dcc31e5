/* Never returns from `run` and never asks `should_stop`. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance), FIXTURE_UNUSED(host), FIXTURE_UNUSED(request);
   for (;;) fixture_sleep(1000);
   return EASEL_OK;
}

FIXTURE("hang", "never ends", "")
