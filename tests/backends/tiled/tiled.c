/* Breaks none: inverts colours, and takes no more than 64 pixels a side, in multiples of 16. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   if (request->source->width > 64 || request->source->height > 64 || request->source->width % 16 != 0 ||
       request->source->height % 16 != 0) {
      host->set_error(host->ctx, "the source does not keep to the size rules");
      return EASEL_ERR_INVALID;
   }
   return fixture_inverted(host, request) == NULL ? EASEL_ERR_FAILED : EASEL_OK;
}

FIXTURE("tiled", "takes 64 pixels a side",
        ",\"repeatable\":true,\"size\":{\"multiple_of\":16,\"min_side\":16,\"max_side\":64,\"max_pixels\":4096,"
        "\"oversize\":\"tile\",\"overlap\":12}")
