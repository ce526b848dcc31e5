/* Breaks none: fails with the status `status` and a text that names it. */
#include "../fixture.h"

FIXTURE_RUN {
   int status = (int)fixture_number(request, "status", EASEL_ERR_FAILED);
   char text[64];
   FIXTURE_UNUSED(instance);
   snprintf(text, sizeof text, "this is the text of status %d", status);
   host->set_error(host->ctx, text);
   return status;
}

FIXTURE("error-text", "always fails",
        ",\"params\":[" FIXTURE_NUMBER("status", "the status that it returns", "-7", "1", "-6") "]")
