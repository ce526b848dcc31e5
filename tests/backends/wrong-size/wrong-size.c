/* Its output has another size and another aspect than the source. */
#include "../fixture.h"

FIXTURE_RUN {
   const easel_image *source = request->source;
   FIXTURE_UNUSED(instance);
   if (host->new_output(host->ctx, source->width / 2 + 1, source->height * 3, EASEL_RGBA8) == NULL) {
      return EASEL_ERR_FAILED;
   }
   return EASEL_OK;
}

FIXTURE("wrong-size", "gives half the width and three times the height", "")
