/* Breaks none, but takes `milliseconds`; asks `should_stop` and tells its progress every 10 ms. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   if (!fixture_wait(host, fixture_number(request, "milliseconds", 2000))) return EASEL_CANCELLED;
   return fixture_finish(host, request);
}

FIXTURE("slow", "takes its time",
        ",\"repeatable\":true"
        ",\"params\":[" FIXTURE_NUMBER("milliseconds", "how long it takes", "0", "600000", "2000") "]")
