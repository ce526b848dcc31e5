/* A thread of its own goes on writing into the output after `run` returned. */
#include "../fixture.h"

#include <pthread.h>

static void *scribble(void *context) {
   volatile uint8_t *first = context;
   for (;;) *first = (uint8_t)(*first + 1);
   return NULL;
}

FIXTURE_RUN {
   easel_image *output = fixture_inverted(host, request);
   pthread_t thread;
   FIXTURE_UNUSED(instance);
   if (output == NULL || pthread_create(&thread, NULL, scribble, output->pixels) != 0) return EASEL_ERR_FAILED;
   pthread_detach(thread);
   return EASEL_OK;
}

FIXTURE("keeps-output", "goes on writing after its end", "")
