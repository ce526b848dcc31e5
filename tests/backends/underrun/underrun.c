/* Writes 1 MiB before the start of its output, downwards. */
#include "../fixture.h"

FIXTURE_RUN {
   easel_image *output = fixture_inverted(host, request);
   FIXTURE_UNUSED(instance);
   if (output == NULL) return EASEL_ERR_FAILED;
   for (volatile uint8_t *to = (uint8_t *)output->pixels; to > (uint8_t *)output->pixels - (1 << 20);) *--to = 0x5a;
   return EASEL_OK;
}

FIXTURE("underrun", "writes before its output", "")
