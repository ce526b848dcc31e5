/* Breaks none: inverts colours, only where the mask is at least 128, in three pixel formats; logs what it was
 * given. */
#include "../fixture.h"

FIXTURE_RUN {
   const easel_image *source = request->source, *mask = request->mask;
   size_t pixel = source->format == EASEL_GRAY8 ? 1 : source->format == EASEL_RGBA8 ? 4 : 8;
   easel_image *output;
   char line[256];
   FIXTURE_UNUSED(instance);
   snprintf(line, sizeof line, "model %s, source %ux%u, format %u, mask %s, references %u, profile %llu, saved %llu",
            request->model, source->width, source->height, source->format, mask == NULL ? "no" : "yes",
            request->reference_count, (unsigned long long)source->icc_bytes,
            (unsigned long long)request->checkpoint_bytes);
   host->log(host->ctx, EASEL_LOG_INFO, line);
   for (uint32_t index = 0; index < request->reference_count; index++) {
      const easel_image *reference = request->references[index];
      snprintf(line, sizeof line, "reference %u: %ux%u, first byte %u", index, reference->width, reference->height,
               fixture_row(reference, 0)[0]);
      host->log(host->ctx, EASEL_LOG_INFO, line);
   }
   if (host->should_stop(host->ctx)) return EASEL_CANCELLED;
   output = fixture_inverted(host, request);
   if (output == NULL) return EASEL_ERR_FAILED;
   for (uint32_t y = 0; mask != NULL && y < source->height; y++) {
      for (size_t x = 0; x < source->width; x++) {
         if (fixture_row(mask, y)[x] < 128) {
            memcpy(fixture_row_mut(output, y) + x * pixel, fixture_row(source, y) + x * pixel, pixel);
         }
      }
   }
   host->progress(host->ctx, 1, "done");
   return EASEL_OK;
}

FIXTURE("good", "inverts colours and does nothing else",
        ",\"formats\":[\"rgba8\",\"gray8\",\"rgba16\"]"
        ",\"mask\":\"native\",\"references\":[0,4],\"repeatable\":true")
