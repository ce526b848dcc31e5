/* Breaks none: four threads ask `should_stop`, tell their progress and log at the same time. */
#include "../fixture.h"

#include <pthread.h>

static void *talk(void *context) {
   const easel_host *host = context;
   for (int turn = 0; turn < 1000 && !host->should_stop(host->ctx); turn++) {
      host->progress(host->ctx, turn / 1000.0, "one of four");
      if (turn % 100 == 0) host->log(host->ctx, EASEL_LOG_DEBUG, "one of four");
   }
   return NULL;
}

FIXTURE_RUN {
   pthread_t threads[4];
   int started = 0;
   FIXTURE_UNUSED(instance);
   while (started < 4 && pthread_create(&threads[started], NULL, talk, (void *)host) == 0) started++;
   for (int index = 0; index < started; index++) pthread_join(threads[index], NULL);
   if (host->should_stop(host->ctx)) return EASEL_CANCELLED;
   return fixture_finish(host, request);
}

FIXTURE("threads", "talks with four voices", ",\"repeatable\":true")
