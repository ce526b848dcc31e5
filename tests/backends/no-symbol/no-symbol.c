/* Exports another symbol than `easel_backend_entry`. */
#include "../fixture.h"

FIXTURE_RUN {
   FIXTURE_UNUSED(instance);
   return fixture_finish(host, request);
}

#define easel_backend_entry easel_backend_entry_of_another_name
EASEL_EXPORT const easel_backend *EASEL_CALL easel_backend_entry(uint32_t host_major, uint32_t host_minor);
FIXTURE("no-symbol", "lacks the one symbol", "")
