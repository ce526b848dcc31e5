/* Logs, reports and fails with text that is not UTF-8, and fractions that are no fractions. */
#include "../fixture.h"

FIXTURE_RUN {
   volatile double zero = 0;
   FIXTURE_UNUSED(instance), FIXTURE_UNUSED(request);
   host->log(host->ctx, 77, "log \xff\xfe of an unknown level");
   host->progress(host->ctx, zero / zero, "progress \xc3\x28");
   host->progress(host->ctx, 1 / zero, NULL);
   host->progress(host->ctx, -1 / zero, NULL);
   host->progress(host->ctx, 7, NULL);
   host->set_error(host->ctx, "error \x80 with \"quotes\" and \n lines");
   return EASEL_ERR_TRANSIENT;
}

FIXTURE("not-utf8", "writes in no known encoding", "")
