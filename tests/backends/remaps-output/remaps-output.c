/* Maps its output a second time and goes on writing there after `run` returned (Linux; elsewhere as `keeps-
 * output`). */
#include "../fixture.h"

#include <pthread.h>
#include <sys/mman.h>

static void *scribble(void *context) {
   volatile uint8_t *first = context;
   for (;;) *first = (uint8_t)(*first + 1);
   return NULL;
}

/* A second view of the same memory that the host does not know of and cannot unmap. */
static void *second_view(void *pixels) {
#ifdef MREMAP_MAYMOVE
   uintptr_t offset = (uintptr_t)pixels % 4096;
   void *again = mremap((uint8_t *)pixels - offset, 0, 4096, MREMAP_MAYMOVE);
   if (again != MAP_FAILED) return (uint8_t *)again + offset;
#endif
   return pixels;
}

FIXTURE_RUN {
   easel_image *output = fixture_inverted(host, request);
   pthread_t thread;
   FIXTURE_UNUSED(instance);
   if (output == NULL || pthread_create(&thread, NULL, scribble, second_view(output->pixels)) != 0) {
      return EASEL_ERR_FAILED;
   }
   pthread_detach(thread);
   return EASEL_OK;
}

FIXTURE("remaps-output", "goes on writing after its end, through a mapping of its own", "")
