/* Sends 100,000 log lines and as many progress reports, and prints as many lines to stdout and stderr. */
#include "../fixture.h"

FIXTURE_RUN {
   char line[128];
   FIXTURE_UNUSED(instance);
   for (int number = 0; number < 100000; number++) {
      snprintf(line, sizeof line, "line %d of the flood: there is nothing to be learnt from it", number);
      host->log(host->ctx, EASEL_LOG_INFO, line);
      host->progress(host->ctx, number / 100000.0, line);
      puts(line);
      fputs(line, stderr), fputc('\n', stderr);
   }
   fflush(stdout);
   return fixture_finish(host, request);
}

FIXTURE("flood", "talks without end", "")
