/* Writes 1 MiB beyond the end of its output. */
#include "../fixture.h"

FIXTURE_RUN {
   easel_image *output = fixture_inverted(host, request);
   FIXTURE_UNUSED(instance);
   if (output == NULL) return EASEL_ERR_FAILED;
   memset(fixture_row_mut(output, output->height), 0x5a, 1 << 20);
   return EASEL_OK;
}

FIXTURE("overrun", "writes beyond its output", "")
