/* Breaks none: its `open` fails with a status and a text. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

static easel_status EASEL_CALL open_fails(const easel_host *host, const char *config, easel_instance **instance) {
   FIXTURE_UNUSED(config), FIXTURE_UNUSED(instance);
   host->set_error(host->ctx, "there is no graphics card");
   return EASEL_ERR_UNSUPPORTED;
}

FIXTURE_WITH("open-fails", "never opens", "", open_fails, sizeof(easel_backend), 1, 0)
