/* Breaks none: gives the source back to the bit; with `left`, the left half of it inverted. Its models differ in the
 * pixel formats that they take, in transparency, and in size. */
#include "../fixture.h"

static void invert(uint8_t *sample, uint32_t format) {
   float value;
   switch (format) {
      case EASEL_RGBA8: *sample = (uint8_t)~*sample; return;
      case EASEL_RGBA16: sample[0] = (uint8_t)~sample[0], sample[1] = (uint8_t)~sample[1]; return;
      default: memcpy(&value, sample, 4), value = 1 - value, memcpy(sample, &value, 4);
   }
}

/* The nearest of 8 bits. */
static void narrow(uint8_t *to, const uint8_t *from, size_t samples) {
   for (size_t index = 0; index < samples; index++) {
      uint16_t value;
      memcpy(&value, from + 2 * index, 2);
      to[index] = (uint8_t)((value * 255u + 32895u) >> 16);
   }
}

FIXTURE_RUN {
   const easel_image *source = request->source;
   int narrows = strcmp(request->model, "same-answers-8") == 0 && source->format == EASEL_RGBA16;
   uint32_t format = narrows ? EASEL_RGBA8 : source->format;
   size_t sample = format == EASEL_RGBA8 ? 1 : format == EASEL_RGBA16 ? 2 : 4;
   int left = fixture_number(request, "left", 0) != 0;
   easel_image *output = host->new_output(host->ctx, source->width, source->height, format);
   FIXTURE_UNUSED(instance);
   if (output == NULL) return EASEL_ERR_FAILED;
   for (uint32_t y = 0; y < source->height; y++) {
      uint8_t *row = fixture_row_mut(output, y);
      if (narrows) narrow(row, fixture_row(source, y), (size_t)source->width * 4);
      else memcpy(row, fixture_row(source, y), source->width * 4 * sample);
      for (size_t x = 0; left && x < source->width / 2; x++) {
         for (size_t channel = 0; channel < 3; channel++) invert(row + (x * 4 + channel) * sample, format);
      }
   }
   return EASEL_OK;
}

#define MODEL(id, alpha, more) \
   "{\"id\":\"" id "\",\"label\":\"Fixture " id "\",\"strengths\":\"a test of the host\"," \
   "\"limitation\":\"changes nothing unasked\",\"intents\":[\"restyle\",\"enhance\",\"background\",\"cutout\"," \
   "\"reimagine\",\"edit\",\"erase\",\"expand\"],\"prompt\":\"optional\"," \
   "\"strength\":true,\"repeatable\":true,\"references\":[0,4],\"alpha\":" alpha ",\"params\":[" \
   FIXTURE_NUMBER("left", "1: the left half is inverted", "0", "1", "0") "]" more "}"

static const char *const descriptor =
   "{\"id\":\"same\",\"name\":\"Fixture same\",\"version\":\"1.0.0\",\"models\":["
   MODEL("same-8", "true", ",\"formats\":[\"rgba8\"]") ","
   MODEL("same-16", "true", ",\"formats\":[\"rgba16\"]") ","
   MODEL("same-float", "true", ",\"formats\":[\"rgbaf32\"]") ","
   MODEL("same-any", "true", ",\"formats\":[\"rgba8\",\"rgba16\",\"rgbaf32\"]") ","
   MODEL("same-answers-8", "true", ",\"formats\":[\"rgba16\",\"rgba8\"]") ","
   MODEL("same-opaque", "false", ",\"formats\":[\"rgba8\"]") ","
   MODEL("same-tiled", "true",
         ",\"formats\":[\"rgba8\"],\"size\":{\"multiple_of\":16,\"min_side\":16,\"max_side\":64,\"max_pixels\":4096,"
         "\"oversize\":\"tile\",\"overlap\":12}")
   "]}";

static const char *EASEL_CALL describe(void) { return descriptor; }
static const easel_backend table = {sizeof(easel_backend), 1, 0, describe, fixture_open, run, NULL, NULL};
FIXTURE_ENTRY(&table)
