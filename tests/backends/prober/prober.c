/* Breaks none by itself: asks the host for the address `url`, with the key `secret` where there is one,
 * and gives green for any answer. What it is not granted is the host's to refuse. */
#include "../fixture.h"

/* The text of this name in the params, without escapes; empty where there is none. */
static void text_of(const easel_request *request, const char *name, char *into, size_t room) {
   char quoted[32];
   const char *found, *end;
   size_t length;
   into[0] = '\0';
   snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
   found = strstr(request->params, quoted);
   if (found == NULL) return;
   found += strlen(quoted);
   end = strchr(found, '"');
   length = end == NULL ? 0 : (size_t)(end - found);
   if (length >= room) return;
   memcpy(into, found, length);
   into[length] = '\0';
}

FIXTURE_RUN {
   const easel_http *http = host->extension(host->ctx, EASEL_EXT_HTTP);
   easel_http_response answer = {sizeof answer, 0, NULL, NULL, 0};
   char url[512], secret[64], method[16];
   easel_status status;
   FIXTURE_UNUSED(instance);
   if (http == NULL || !EASEL_HAS(http, request)) {
      host->set_error(host->ctx, "the host connects to nothing");
      return EASEL_ERR_DENIED;
   }
   text_of(request, "url", url, sizeof url);
   text_of(request, "secret", secret, sizeof secret);
   text_of(request, "method", method, sizeof method);
   status = http->request(host->ctx, method[0] == '\0' ? "GET" : method, url, "{\"accept\":\"*/*\"}",
                          secret[0] == '\0' ? NULL : secret, NULL, 0, &answer);
   if (status != EASEL_OK) return status;
   if (answer.status == 0 || answer.headers == NULL || answer.headers[0] != '{') return EASEL_ERR_FAILED;
   return fixture_plain(host, request, 0, 255, 0) == NULL ? EASEL_ERR_FAILED : EASEL_OK;
}

#define TEXT(name) "{\"name\":\"" name "\",\"description\":\"" name "\",\"value\":{\"kind\":\"text\"}}"
FIXTURE("prober", "asks for an address", ",\"params\":[" TEXT("url") "," TEXT("secret") "," TEXT("method") "]")
