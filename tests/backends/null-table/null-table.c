/* Its entry returns NULL. */
#include "../fixture.h"

FIXTURE_ENTRY(NULL)
