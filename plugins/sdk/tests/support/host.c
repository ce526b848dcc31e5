/* A host in C for the tests: loads one backend into its own process, runs it once on a 5x3 picture and
 * prints what it saw, a line each. Inputs are mapped read-only and outputs lie between guard pages, so
 * that a backend which leaves its memory crashes. It protects itself from nothing else.
 *
 * usage: host LIBRARY describe | run MODEL FORMAT PARAMS STOP_AFTER [CHECKPOINT]
 * FORMAT is the number of a pixel format; STOP_AFTER is how many questions are answered with 0. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#  define _GNU_SOURCE
#endif
#include "easel_backend.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { WIDTH = 5, HEIGHT = 3, PAGE = 65536, MAX_OUTPUTS = 16 };

static easel_image outputs[MAX_OUTPUTS];
static int output_count;
static long stop_after;
static char error_text[256];
/* Told by any thread. */
static _Atomic long questions;
static _Atomic unsigned long logs, reports;
static unsigned long previews;
static const char *saved = "";

static uint32_t pixel_bytes(easel_pixel_format format) {
   return format == EASEL_GRAY8 ? 1 : format == EASEL_RGBA8 ? 4 : format == EASEL_RGBA16 ? 8 : 16;
}

/* Memory between guard pages, its end at the second one. Strides are larger than rows. */
static easel_image picture(uint32_t width, uint32_t height, easel_pixel_format format) {
   uint64_t stride = ((uint64_t)width * pixel_bytes(format) + 63) / 64 * 64 + 64;
   uint64_t bytes = stride * height, pages = (bytes + PAGE - 1) / PAGE * PAGE;
   uint8_t *memory = mmap(NULL, pages + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
   easel_image image = {sizeof image, format, width, height, stride, NULL, NULL, 0};
   if (memory == MAP_FAILED || mprotect(memory + PAGE, pages, PROT_READ | PROT_WRITE) != 0) exit(90);
   image.pixels = memory + PAGE + pages - bytes;
   return image;
}

static int32_t EASEL_CALL should_stop(void *ctx) { return (void)ctx, ++questions > stop_after; }
static void EASEL_CALL progress(void *ctx, double fraction, const char *message) {
   (void)ctx, (void)fraction, (void)message, reports++;
}
static void EASEL_CALL log_line(void *ctx, easel_log_level level, const char *message) {
   (void)ctx, (void)level, logs++;
   if (logs <= 4) fprintf(stderr, "log: %s\n", message);
}
static void EASEL_CALL set_error(void *ctx, const char *message) {
   (void)ctx, snprintf(error_text, sizeof error_text, "%s", message);
}
static easel_image *EASEL_CALL new_output(void *ctx, uint32_t width, uint32_t height, easel_pixel_format format) {
   (void)ctx;
   if (output_count == MAX_OUTPUTS) return NULL;
   outputs[output_count] = picture(width, height, format);
   return &outputs[output_count++];
}
static easel_status EASEL_CALL save(void *ctx, const uint8_t *bytes, uint64_t count) {
   char *copy = calloc(1, count + 1);
   if (copy == NULL) exit(91);
   return (void)ctx, memcpy(copy, bytes, count), saved = copy, EASEL_OK;
}
static void EASEL_CALL show(void *ctx, const easel_image *image) {
   const uint8_t *last = (const uint8_t *)image->pixels + image->stride + 4;
   (void)ctx, previews = previews * 1000 + (last[0] ? 1 : last[1] ? 2 : last[2] ? 3 : 9);
}
static const void *EASEL_CALL extension(void *ctx, const char *id) {
   static const easel_checkpoint checkpoint = {sizeof checkpoint, save};
   static const easel_preview preview = {sizeof preview, show};
   (void)ctx;
   if (strcmp(id, EASEL_EXT_CHECKPOINT) == 0) return &checkpoint;
   return strcmp(id, EASEL_EXT_PREVIEW) == 0 ? &preview : NULL;
}

static int run(const easel_backend *backend, int count, char **arguments) {
   easel_host host = {sizeof host, NULL, "c", "1", should_stop, progress, log_line, set_error, new_output, extension};
   easel_pixel_format format = (easel_pixel_format)atoi(arguments[4]);
   easel_image source = picture(WIDTH, HEIGHT, format);
   easel_request request = {sizeof request, arguments[3], arguments[5], &source, NULL, NULL, 0, NULL, 0};
   easel_instance *instance = NULL;
   easel_status status;
   stop_after = atol(arguments[6]);
   if (count > 7) request.checkpoint = (const uint8_t *)arguments[7], request.checkpoint_bytes = strlen(arguments[7]) + 1;
   for (uint64_t at = 0; at < source.stride * HEIGHT; at++) ((uint8_t *)source.pixels)[at] = (uint8_t)at;
   if (mprotect((uint8_t *)((uintptr_t)source.pixels / PAGE * PAGE), PAGE, PROT_READ) != 0) return 92;
   status = backend->open(&host, "{}", &instance);
   if (status == EASEL_OK) status = backend->run(instance, &host, &request);
   printf("status=%d\nerror=%s\nlogs=%lu\nreports=%lu\npreviews=%lu\nsaved=%s\noutputs=%d\n", status, error_text, logs,
          reports, previews, saved, output_count);
   for (int index = 0; index < output_count; index++) {
      const easel_image *image = &outputs[index];
      printf("output=%ux%u %u", image->width, image->height, image->format);
      for (uint32_t at = 0; at < 8; at++) printf(" %u", ((const uint8_t *)image->pixels)[at]);
      for (uint32_t y = 0; y < image->height; y++)
         for (uint64_t at = (uint64_t)image->width * pixel_bytes(image->format); at < image->stride; at++)
            if (((const uint8_t *)image->pixels)[y * image->stride + at] != 0) return printf("\nspilled\n"), 93;
      printf("\n");
   }
   if (backend->size >= offsetof(easel_backend, extension) && backend->close != NULL) backend->close(instance);
   return 0;
}

int main(int count, char **arguments) {
   void *library = count > 2 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
   easel_backend_entry_fn entry = NULL;
   const easel_backend *backend;
   if (library == NULL) return 80;
   *(void **)&entry = dlsym(library, "easel_backend_entry");
   if (entry == NULL) return 81;
   if ((backend = entry(EASEL_ABI_MAJOR, EASEL_ABI_MINOR)) == NULL) return 82;
   if (backend->abi_major != EASEL_ABI_MAJOR) return 83;
   if (backend->size < offsetof(easel_backend, close)) return 84;
   if (strcmp(arguments[2], "describe") == 0) return puts(backend->describe()) < 0;
   return count > 6 ? run(backend, count, arguments) : 85;
}
