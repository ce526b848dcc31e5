/* Breaks none: states version 1.7 and has a larger table, whose end the host does not know. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

static const char *EASEL_CALL describe(void) {
   return FIXTURE_DESCRIPTOR("newer-minor", "was made for version 1.7", ",\"repeatable\":true");
}

/* What a header of version 1.7 might have appended. */
typedef struct {
   easel_backend known;
   void (*appended[4])(void);
} newer_backend;

static const newer_backend table = {
   {sizeof(newer_backend), 1, 7, describe, fixture_open, run, NULL, NULL},
   {abort, abort, abort, abort},
};
FIXTURE_ENTRY(&table.known)
