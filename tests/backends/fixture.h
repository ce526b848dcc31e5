/* What the fixtures share, so that each of them shows the rule that it breaks and little else: a
 * descriptor, an `open` that does nothing, the table, and a well-behaved picture. */
#ifndef EASEL_FIXTURE_H
#define EASEL_FIXTURE_H

#ifndef _GNU_SOURCE
#  define _GNU_SOURCE /* `nanosleep`, and `mremap` for one of the fixtures */
#endif
#include "easel_backend.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIXTURE_UNUSED(name) ((void)(name))

/* `more` is "" or further fields of the model's record, each after a comma. */
#define FIXTURE_DESCRIPTOR(name, limitation, more) \
   "{\"id\":\"" name "\",\"name\":\"Fixture " name "\",\"version\":\"1.0.0\",\"models\":[{" \
   "\"id\":\"" name "\",\"label\":\"Fixture " name "\",\"strengths\":\"a test of the host\"," \
   "\"limitation\":\"" limitation "\",\"intents\":[\"restyle\",\"enhance\",\"background\",\"cutout\"," \
   "\"reimagine\",\"edit\",\"erase\",\"expand\"],\"prompt\":\"optional\",\"alpha\":true" more "}]}"

#define FIXTURE_NUMBER(name, description, min, max, standard) \
   "{\"name\":\"" name "\",\"description\":\"" description "\"," \
   "\"value\":{\"kind\":\"number\",\"min\":" min ",\"max\":" max "},\"default\":" standard "}"

static inline easel_status EASEL_CALL fixture_open(const easel_host *host, const char *config,
                                                   easel_instance **instance) {
   FIXTURE_UNUSED(host), FIXTURE_UNUSED(config), FIXTURE_UNUSED(instance);
   return EASEL_OK;
}

/* The whole backend around a `run` that the fixture defines before. */
#define FIXTURE(name, limitation, more) FIXTURE_WITH(name, limitation, more, fixture_open, sizeof(easel_backend), 1, 0)

#define FIXTURE_WITH(name, limitation, more, open, size, major, minor) \
   static const char *EASEL_CALL describe(void) { return FIXTURE_DESCRIPTOR(name, limitation, more); } \
   static const easel_backend table = {size, major, minor, describe, open, run, NULL, NULL}; \
   FIXTURE_ENTRY(&table)

#define FIXTURE_ENTRY(table) \
   const easel_backend *EASEL_CALL easel_backend_entry(uint32_t host_major, uint32_t host_minor) { \
      FIXTURE_UNUSED(host_major), FIXTURE_UNUSED(host_minor); \
      return table; \
   }

static inline void fixture_sleep(int milliseconds) {
   struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
   nanosleep(&time, NULL);
}

/* The first number of this name in the params; `standard` where there is none. */
static inline double fixture_number(const easel_request *request, const char *name, double standard) {
   const char *found = request->params;
   size_t length = strlen(name);
   while ((found = strchr(found, '"')) != NULL) {
      found++;
      if (strncmp(found, name, length) != 0 || found[length] != '"') continue;
      found += length + 1;
      found += strspn(found, " \t\r\n:");
      return strtod(found, NULL);
   }
   return standard;
}

/* 1 after so long, 0 when the host asked to stop before; with progress. */
static inline int fixture_wait(const easel_host *host, double milliseconds) {
   for (double passed = 0; passed < milliseconds; passed += 10) {
      if (host->should_stop(host->ctx)) return 0;
      host->progress(host->ctx, passed / milliseconds, "waiting");
      fixture_sleep(10);
   }
   return 1;
}

static inline const uint8_t *fixture_row(const easel_image *image, uint32_t y) {
   return (const uint8_t *)image->pixels + y * image->stride;
}

static inline uint8_t *fixture_row_mut(easel_image *image, uint32_t y) {
   return (uint8_t *)image->pixels + y * image->stride;
}

/* A new output of the source's size, `rgba8`, all of one colour; NULL where the host gives none. */
static inline easel_image *fixture_plain(const easel_host *host, const easel_request *request, uint8_t red,
                                         uint8_t green, uint8_t blue) {
   const easel_image *source = request->source;
   easel_image *output = host->new_output(host->ctx, source->width, source->height, EASEL_RGBA8);
   for (uint32_t y = 0; output != NULL && y < output->height; y++) {
      uint8_t *row = fixture_row_mut(output, y);
      for (size_t x = 0; x < output->width; x++) {
         row[4 * x] = red, row[4 * x + 1] = green, row[4 * x + 2] = blue, row[4 * x + 3] = 255;
      }
   }
   return output;
}

/* A new output: the source with its colours inverted; NULL where the host gives none. */
static inline easel_image *fixture_inverted(const easel_host *host, const easel_request *request) {
   const easel_image *source = request->source;
   easel_image *output = host->new_output(host->ctx, source->width, source->height, source->format);
   size_t pixel = source->format == EASEL_GRAY8 ? 1 : source->format == EASEL_RGBA8 ? 4 : 8;
   size_t colour = pixel == 1 ? 1 : pixel / 4 * 3;
   for (uint32_t y = 0; output != NULL && y < output->height; y++) {
      const uint8_t *from = fixture_row(source, y);
      uint8_t *to = fixture_row_mut(output, y);
      for (size_t x = 0; x < output->width * pixel; x++) to[x] = x % pixel < colour ? (uint8_t)~from[x] : from[x];
   }
   return output;
}

/* The end of every well-behaved run. */
static inline easel_status fixture_finish(const easel_host *host, const easel_request *request) {
   return fixture_inverted(host, request) == NULL ? EASEL_ERR_FAILED : EASEL_OK;
}

#define FIXTURE_RUN \
   static easel_status EASEL_CALL run(easel_instance *instance, const easel_host *host, const easel_request *request)

#endif
