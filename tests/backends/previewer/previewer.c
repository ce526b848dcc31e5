/* Breaks none: shows a red, a green and a blue preview of 2x2 from memory of its own, `milliseconds` apart. */
#include "../fixture.h"

FIXTURE_RUN {
   const easel_preview *preview = host->extension(host->ctx, EASEL_EXT_PREVIEW);
   double pause = fixture_number(request, "milliseconds", 50);
   FIXTURE_UNUSED(instance);
   for (int colour = 0; preview != NULL && colour < 3; colour++) {
      uint8_t pixels[24] = {0}; /* 2 rows of 2 pixels, 12 bytes apart */
      easel_image image = {sizeof image, EASEL_RGBA8, 2, 2, 12, pixels, NULL, 0};
      for (int pixel = 0; pixel < 4; pixel++) {
         uint8_t *to = pixels + pixel / 2 * 12 + pixel % 2 * 4;
         to[colour] = to[3] = 255;
      }
      preview->show(host->ctx, &image);
      if (!fixture_wait(host, pause)) return EASEL_CANCELLED;
   }
   return fixture_finish(host, request);
}

FIXTURE("previewer", "shows three colours first",
        ",\"repeatable\":true"
        ",\"params\":[" FIXTURE_NUMBER("milliseconds", "the pause after each", "0", "10000", "50") "]")
