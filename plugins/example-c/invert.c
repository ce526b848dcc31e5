/* A complete Easel backend in C: inverts the colours of a picture and keeps its transparency.
 * Copy it, change `invert_row`, `describe` and `backend.toml`, and you have a backend of your own.
 *
 * A pixel is inverted by flipping all bits of its colours. The loops are written so that a compiler
 * turns them into vector instructions: whole pixels, no branches, no calls, restricted pointers. */
#include "easel_backend.h"

static const char *EASEL_CALL describe(void) {
   return "{\"id\": \"invert\", \"name\": \"Invert\", \"version\": \"1.0.0\", \"models\": [{"
          "\"id\": \"invert\", \"label\": \"Invert\","
          "\"strengths\": \"exact, instant, any size, free of charge\","
          "\"limitation\": \"turns colours around and does nothing else\","
          "\"best_use\": \"negatives, and trying out an installation\","
          "\"intents\": [\"restyle\"], \"alpha\": true, \"repeatable\": true, \"trained\": false,"
          "\"formats\": [\"rgba8\", \"rgba16\", \"gray8\"], \"seconds_per_megapixel\": 0.002}]}";
}

static easel_status EASEL_CALL open_instance(const easel_host *host, const char *config, easel_instance **instance) {
   (void)host, (void)config, (void)instance; /* nothing is kept between runs, so there is nothing to make */
   return EASEL_OK;
}

/* The bits to flip, by their place in memory, so that the byte order of the machine does not matter. */
typedef union {
   uint8_t bytes[8];
   uint32_t rgba8;
   uint64_t rgba16;
} flip;
static const flip colours8 = {{255, 255, 255, 0, 0, 0, 0, 0}};
static const flip colours16 = {{255, 255, 255, 255, 255, 255, 0, 0}};

static void invert_row(easel_pixel_format format, uint32_t width, const void *from, void *to) {
   if (format == EASEL_RGBA8) {
      const uint32_t *restrict in = from;
      uint32_t *restrict out = to;
      for (uint32_t x = 0; x < width; x++) out[x] = in[x] ^ colours8.rgba8;
   } else if (format == EASEL_RGBA16) {
      const uint64_t *restrict in = from;
      uint64_t *restrict out = to;
      for (uint32_t x = 0; x < width; x++) out[x] = in[x] ^ colours16.rgba16;
   } else {
      const uint8_t *restrict in = from;
      uint8_t *restrict out = to;
      for (uint32_t x = 0; x < width; x++) out[x] = (uint8_t)~in[x];
   }
}

static easel_status EASEL_CALL run(easel_instance *instance, const easel_host *host, const easel_request *request) {
   const easel_image *in = request->source;
   easel_image *out;
   (void)instance;
   if (in->format != EASEL_RGBA8 && in->format != EASEL_RGBA16 && in->format != EASEL_GRAY8) {
      host->set_error(host->ctx, "the pixel format is none of `rgba8`, `rgba16` and `gray8`");
      return EASEL_ERR_INVALID;
   }
   out = host->new_output(host->ctx, in->width, in->height, in->format);
   if (out == NULL) return EASEL_ERR_FAILED; /* the host has left a text that says why */
   for (uint32_t y = 0; y < in->height; y++) {
      if (host->should_stop(host->ctx)) return EASEL_CANCELLED;
      if (y % 64 == 0) host->progress(host->ctx, (double)y / in->height, NULL);
      /* Rows are `stride` bytes apart, and the two strides differ; offsets need 64 bits. */
      invert_row(in->format, in->width, (const uint8_t *)in->pixels + y * in->stride,
                 (uint8_t *)out->pixels + y * out->stride);
   }
   return EASEL_OK;
}

static const easel_backend table = {
   sizeof(easel_backend), EASEL_ABI_MAJOR, EASEL_ABI_MINOR, describe, open_instance, run, NULL, NULL,
};

const easel_backend *EASEL_CALL easel_backend_entry(uint32_t host_major, uint32_t host_minor) {
   (void)host_major, (void)host_minor; /* the host decides whether it can use this table */
   return &table;
}
