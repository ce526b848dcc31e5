/* Breaks none: saves a checkpoint, waits `milliseconds`, gives red; with the checkpoint it gives green at once. */
#include "../fixture.h"

FIXTURE_RUN {
   static const char task[] = "task 4711";
   const easel_checkpoint *checkpoint = host->extension(host->ctx, EASEL_EXT_CHECKPOINT);
   easel_status saved;
   FIXTURE_UNUSED(instance);
   if (request->checkpoint != NULL) {
      if (request->checkpoint_bytes != sizeof task || memcmp(request->checkpoint, task, sizeof task) != 0) {
         host->set_error(host->ctx, "the checkpoint is not the one that was saved");
         return EASEL_ERR_INVALID;
      }
      return fixture_plain(host, request, 0, 255, 0) == NULL ? EASEL_ERR_FAILED : EASEL_OK;
   }
   if (checkpoint == NULL) {
      host->set_error(host->ctx, "the host keeps no checkpoints");
      return EASEL_ERR_UNSUPPORTED;
   }
   saved = checkpoint->save(host->ctx, (const uint8_t *)task, sizeof task);
   if (saved != EASEL_OK) return saved;
   if (!fixture_wait(host, fixture_number(request, "milliseconds", 60000))) return EASEL_CANCELLED;
   return fixture_plain(host, request, 255, 0, 0) == NULL ? EASEL_ERR_FAILED : EASEL_OK;
}

FIXTURE("checkpointer", "gives one colour: red, or green after a restart",
        ",\"params\":[" FIXTURE_NUMBER("milliseconds", "how long the first attempt takes", "0", "600000", "60000")
        "]")
