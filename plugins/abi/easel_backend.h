/* Easel backend ABI, version 1.1: what a picture-changing library and Easel say to each other.
 * One header, C11 and C++17, nothing to link against.
 *
 * A backend is a shared library that exports one symbol, `easel_backend_entry`. The host loads it in a
 * worker process of its own, never in the daemon, and never unloads it: the process ends instead. A
 * manifest, `backend.toml`, lies beside the library and is read before any of its code runs.
 *
 * A complete backend: cc -O3 -shared -fPIC -I plugins/abi invert.c -o libinvert.so
 *
 *     #include "easel_backend.h"
 *     static const char *EASEL_CALL describe(void) {
 *        return "{\"id\": \"invert\", \"name\": \"Invert\", \"version\": \"1.0.0\", \"models\": [{\"id\": \"invert\","
 *               " \"label\": \"Invert\", \"strengths\": \"exact, instant, free of charge\","
 *               " \"limitation\": \"turns colours around and does nothing else\", \"intents\": [\"restyle\"]}]}";
 *     }
 *     static easel_status EASEL_CALL open_(const easel_host *host, const char *config, easel_instance **instance) {
 *        return (void)host, (void)config, (void)instance, EASEL_OK;
 *     }
 *     static easel_status EASEL_CALL run(easel_instance *instance, const easel_host *host, const easel_request *ask) {
 *        const easel_image *in = ask->source;
 *        easel_image *out = host->new_output(host->ctx, in->width, in->height, in->format);
 *        if (out == NULL) return EASEL_ERR_FAILED;
 *        for (uint32_t y = 0; y < in->height; y++) {
 *           const uint8_t *from = (const uint8_t *)in->pixels + y * in->stride;
 *           uint8_t *to = (uint8_t *)out->pixels + y * out->stride;
 *           if (host->should_stop(host->ctx)) return EASEL_CANCELLED;
 *           for (size_t x = 0; x < (size_t)in->width * 4; x++) to[x] = x % 4 == 3 ? from[x] : (uint8_t)~from[x];
 *        }
 *        return (void)instance, EASEL_OK;
 *     }
 *     static const easel_backend table = {sizeof(easel_backend), 1, 0, describe, open_, run, NULL, NULL};
 *     const easel_backend *EASEL_CALL easel_backend_entry(uint32_t major, uint32_t minor) {
 *        return (void)major, (void)minor, &table;
 *     }
 *
 * Strings    UTF-8, NUL-terminated, never NULL unless the declaration says so.
 * Pointers   Valid until the call that handed them over returns, unless the declaration says otherwise.
 *            Who allocates, frees: nothing is ever freed across the border.
 * Pixels     Belong to the host, also the outputs. `pixels` is 64-byte aligned. `stride` is at least the
 *            bytes of a row and a multiple of the bytes of one pixel, so every row starts on a whole
 *            pixel; it may be larger. What lies between rows means nothing: do not write there.
 *            Compute offsets in 64 bits: a picture may exceed 4 GiB.
 * Growth     Every struct starts with `size`, which whoever fills the struct sets to its sizeof; for a
 *            struct filled through an `out` pointer, whoever provides the memory does. The reader treats
 *            what lies past `size` as absent (EASEL_HAS), and the writer writes nothing past it.
 *            Within a major version fields are only appended, never moved, retyped, removed or reused,
 *            and no struct ends in padding. Arrays of structs are arrays of pointers, so that an
 *            element may grow. Constants may be added: an unknown status means EASEL_ERR_FAILED, and
 *            an unknown pixel format is answered with EASEL_ERR_INVALID.
 *            `size`, `abi_major`, `abi_minor` of easel_backend stay at 0, 4 and 8 in every major version.
 * Extensions Further services by string id. An id never changes its meaning; a better one gets a new
 *            number. The structs grow by the same rule. They live as long as what they were asked of.
 * Failures   A service of the host that fails leaves a text of its own, as if by `set_error`; a later
 *            `set_error` replaces it. A backend may return the status of a service as its own.
 * Threads    [main] the thread that opens and closes. [run] the thread inside `run`. [any] any thread,
 *            several at once, but only from the start of `run` to its end. */
#ifndef EASEL_BACKEND_H
#define EASEL_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#  define EASEL_CALL __cdecl
#  define EASEL_EXPORT __declspec(dllexport)
#else
#  define EASEL_CALL
#  define EASEL_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define EASEL_ABI_MAJOR 1u /* a host loads the majors that it knows and refuses others by name */
#define EASEL_ABI_MINOR 1u /* counts what was appended since EASEL_ABI_MAJOR.0; any minor is loaded */

/* True where `table` is large enough to have `field`. A field that is there may still be NULL. */
#define EASEL_HAS(table, field) \
   ((size_t)((const char *)(&(table)->field + 1) - (const char *)(table)) <= (size_t)(table)->size)

/* What the scheduler is to do. What a person is to read goes through `set_error`. */
typedef int32_t easel_status;
enum {
   EASEL_OK = 0,
   EASEL_CANCELLED = 1,        /* `should_stop` said so; outputs are thrown away */
   EASEL_ERR_INVALID = -1,     /* the request breaks the model's capability record: do not retry */
   EASEL_ERR_UNSUPPORTED = -2, /* this machine or this model cannot do it: try another */
   EASEL_ERR_TRANSIENT = -3,   /* rate limit, network, overload: retry later */
   EASEL_ERR_DENIED = -4,      /* a permission or a key is missing or was rejected */
   EASEL_ERR_REFUSED = -5,     /* the model refused the input or the output by its policy */
   EASEL_ERR_FAILED = -6       /* anything else */
};

/* Samples of more than one byte are in the machine's byte order. Alpha is straight, never premultiplied. */
typedef uint32_t easel_pixel_format;
enum {
   EASEL_GRAY8 = 1,  /* 1 byte: grey; as a mask 0 keeps, 255 may change, between is feather */
   EASEL_RGBA8 = 2,  /* 4 bytes: red, green, blue, alpha; display-referred */
   EASEL_RGBA16 = 3, /* 8 bytes: the same in uint16_t, 0 to 65535 */
   EASEL_RGBAF32 = 4 /* 16 bytes: the same in float, scene-linear; colour may leave 0 to 1 */
};

typedef int32_t easel_log_level;
enum {
   EASEL_LOG_ERROR = 1,
   EASEL_LOG_WARN = 2,
   EASEL_LOG_INFO = 3,
   EASEL_LOG_DEBUG = 4 /* an unknown level is read as this one */
};

/* A picture, rows from top to bottom. Any size from 1x1 up to what the model's record allows. */
typedef struct easel_image {
   uint32_t size;
   easel_pixel_format format;
   uint32_t width;
   uint32_t height;
   uint64_t stride; /* bytes from the start of a row to the start of the next */
   void *pixels;    /* never NULL; inputs are mapped read-only, outputs start as zeros */
   /* The ICC profile; NULL: sRGB, or linear sRGB for EASEL_RGBAF32. NULL for masks. What a backend
    * writes here is ignored: an output has the source's colour space where both are scene-linear or
    * both are not, and otherwise the one that NULL means. */
   const uint8_t *icc;
   uint64_t icc_bytes;
} easel_image;

/* What one run is to do. Valid, with all that it points to, until `run` returns. */
typedef struct easel_request {
   uint32_t size;
   const char *model;  /* one of the descriptor's model ids */
   const char *params; /* a JSON object: intent, prompt, seed, strength, count, ...; already checked */
   const easel_image *source; /* never NULL: what is to be changed, in a format of the model's record */
   const easel_image *mask;   /* EASEL_GRAY8, as large as the source; NULL: everything may change */
   const easel_image *const *references; /* the pictures that guide; NULL where there are none */
   uint32_t reference_count;             /* never more than the model's record allows */
   /* What an earlier attempt at this job saved last; NULL: this is the first. Resume from it. */
   const uint8_t *checkpoint;
   uint64_t checkpoint_bytes;
} easel_request;

/* The host's services. The table given to `run` may be another than the one given to `open`, and
 * holds only during that run. During `open` only `log`, `set_error` and `extension` do anything. */
typedef struct easel_host {
   uint32_t size;
   void *ctx; /* passed back as the first argument of every service, those of extensions too */
   const char *name;
   const char *version;
   /* 1 as soon as the job is cancelled or out of time, else 0. Costs next to nothing: ask for every
    * row. A backend that goes on beyond the grace period is killed with its process. [any] */
   int32_t(EASEL_CALL *should_stop)(void *ctx);
   /* `fraction` is in 0 to 1, below 0 means unknown; `message` may be NULL. Thinned out by the host. [any] */
   void(EASEL_CALL *progress)(void *ctx, double fraction, const char *message);
   /* A line for the log. Thinned out by the host when it floods. [main, any] */
   void(EASEL_CALL *log)(void *ctx, easel_log_level level, const char *message);
   /* The text of a failure, copied; call it before returning an EASEL_ERR_*. The last one counts. [main, run] */
   void(EASEL_CALL *set_error)(void *ctx, const char *message);
   /* A new output picture of `width` and `height`, at least 1. The struct and its pixels are the host's
    * and valid until `run` returns, whatever it returns; they are delivered in the order of creation
    * when that is EASEL_OK. NULL: too large, too many or out of memory; give up. [run] */
   easel_image *(EASEL_CALL *new_output)(void *ctx, uint32_t width, uint32_t height, easel_pixel_format format);
   /* The struct of an extension; NULL where the host lacks it or the manifest does not permit it. [main, run] */
   const void *(EASEL_CALL *extension)(void *ctx, const char *id);
} easel_host;

typedef struct easel_instance easel_instance; /* the backend's own; the host only carries the pointer */

/* The backend's functions. The table must live as long as the process; it ends after `run` at the earliest. */
typedef struct easel_backend {
   uint32_t size;
   uint32_t abi_major; /* EASEL_ABI_MAJOR as it was compiled */
   uint32_t abi_minor; /* EASEL_ABI_MINOR as it was compiled */
   /* A JSON object: id, name, version, and the models with their capability records. Valid until the
    * process ends, always the same, quick; it touches no device, no network and no file. [main] */
   const char *(EASEL_CALL *describe)(void);
   /* Makes an instance. `config` is a JSON object, perhaps empty; refuse what it does not understand.
    * `host` outlives the instance. `*instance` is NULL before and may stay so: NULL is an instance like
    * any other. [main] */
   easel_status(EASEL_CALL *open)(const easel_host *host, const char *config, easel_instance **instance);
   /* Does one job. One call at a time for an instance; several instances may run at once. It never
    * writes into an input, and no thread of its own touches the request, an output or `host` once it
    * returned. EASEL_OK needs at least one output. [run] */
   easel_status(EASEL_CALL *run)(easel_instance *instance, const easel_host *host, const easel_request *request);
   /* Ends an instance. Not called when the process is killed. NULL: nothing to do. [main] */
   void(EASEL_CALL *close)(easel_instance *instance);
   /* An extension of the backend's own; the function may be NULL, and it answers NULL to an unknown id. [main] */
   const void *(EASEL_CALL *extension)(easel_instance *instance, const char *id);
} easel_backend;

/* The one symbol. It never fails for a version's sake: it returns its table, never NULL, and the host decides. */
EASEL_EXPORT const easel_backend *EASEL_CALL easel_backend_entry(uint32_t host_major, uint32_t host_minor);
typedef const easel_backend *(EASEL_CALL *easel_backend_entry_fn)(uint32_t host_major, uint32_t host_minor);

/* ---- easel.checkpoint/1, of the host: what must survive a crash, such as a provider's task id ---- */
#define EASEL_EXT_CHECKPOINT "easel.checkpoint/1"
#define EASEL_CHECKPOINT_MAX 65536u /* bytes; more is EASEL_ERR_INVALID */
typedef struct easel_checkpoint {
   uint32_t size;
   /* Replaces what was saved before. EASEL_OK only once the bytes are on disk; the next attempt at this
    * job gets them back. `bytes` may be NULL where `count` is 0: forget. [run] */
   easel_status(EASEL_CALL *save)(void *ctx, const uint8_t *bytes, uint64_t count);
} easel_checkpoint;

/* ---- easel.preview/1, of the host: a picture to show while the job runs; never a result ---- */
#define EASEL_EXT_PREVIEW "easel.preview/1"
typedef struct easel_preview {
   uint32_t size;
   /* Copied before it returns, and thinned out by the host. `image` is filled by the backend: any
    * pixels, any size, `size` and `stride` set; or an output in the making. [run] */
   void(EASEL_CALL *show)(void *ctx, const easel_image *image);
} easel_preview;

/* ---- easel.http/1, of the host: HTTPS to the origins that the manifest names and the user granted ---- */
#define EASEL_EXT_HTTP "easel.http/1"
typedef struct easel_http_response {
   uint32_t size;       /* set by the caller */
   int32_t status;      /* of HTTP: 200, 429, ...; 0: no answer came, and `body` is the failure, as JSON */
   const char *headers; /* a JSON object of strings, names in lower case; the host's, until `run` returns */
   const uint8_t *body; /* the host's, until `run` returns; NULL where empty */
   uint64_t body_bytes;
} easel_http_response;

enum {
   /* Sending it twice costs nothing, although it is no GET: the host may repeat it unasked. */
   EASEL_HTTP_FREE = 1,
   /* An answer that breaks off is an answer, with `easel-cut` among its headers: for event streams, in
    * which every complete event counts. */
   EASEL_HTTP_CUT = 2
};

/* One request of several. [since 1.1] */
typedef struct easel_http_request {
   uint32_t size;
   uint32_t flags; /* EASEL_HTTP_*, or 0 */
   const char *method;
   const char *url;
   const char *headers; /* as for `request`; NULL: none */
   const char *secret;  /* as for `request`; NULL: none */
   const uint8_t *body; /* NULL where `body_bytes` is 0 */
   uint64_t body_bytes;
   uint32_t weight;     /* how much it takes from the provider's limit, such as the pictures asked for; 0 means 1 */
   uint32_t timeout_ms; /* the longest wait for an answer; 0: as long as the job may take */
} easel_http_request;

typedef struct easel_http {
   uint32_t size;
   /* EASEL_OK once an answer is complete, whatever its HTTP status. `headers`: a JSON object of strings
    * or NULL. `secret` names a stored credential, which the host adds and the backend never sees; NULL:
    * none. `body` may be NULL where `body_bytes` is 0. Redirects are followed within the origin only.
    * EASEL_CANCELLED as soon as the job is; EASEL_ERR_DENIED for an origin or a secret that is not
    * granted; EASEL_ERR_TRANSIENT when the network fails. What is neither GET nor HEAD counts as paid
    * for: it is on the host's record before it is sent, its answer before it is handed over, and a later
    * attempt at the job that asks the same gets that answer, not a second bill. [run] */
   easel_status(EASEL_CALL *request)(void *ctx, const char *method, const char *url, const char *headers,
                                     const char *secret, const uint8_t *body, uint64_t body_bytes,
                                     easel_http_response *out);
   /* A picture as a file for a provider: the codecs are the host's. `media_type`: "image/png", "image/jpeg"
    * or "image/webp". The bytes are the host's, until `run` returns. [run] */
   easel_status(EASEL_CALL *encode)(void *ctx, const easel_image *image, const char *media_type,
                                    const uint8_t **bytes, uint64_t *count);
   /* A provider's file as a new output, as if by `new_output`. [run] */
   easel_status(EASEL_CALL *decode_output)(void *ctx, const uint8_t *bytes, uint64_t count, easel_image **out);
   /* Several requests at once, sent side by side; `out` has a response for each. EASEL_OK once at least
    * one answer is complete, otherwise what `request` would return for the first. [run] [since 1.1] */
   easel_status(EASEL_CALL *request_all)(void *ctx, const easel_http_request *const *requests, uint32_t count,
                                         easel_http_response *const *out);
} easel_http;

/* ---- easel.report/1, of the host: what a person is to know beyond a text. [since 1.1] ---- */
#define EASEL_EXT_REPORT "easel.report/1"
typedef struct easel_report {
   uint32_t size;
   /* Why the run fails, as a JSON object: `kind` (a word of Easel's list, such as "refused_output" or
    * "model_gone") and `message`; perhaps `hint`, `provider_message`, `retry_after_ms` and `charged`
    * ("no", "yes", "maybe"). Takes the place of `set_error`; the last one counts. [run] */
   void(EASEL_CALL *failure)(void *ctx, const char *json);
   /* A fact of a run that goes on, as a JSON object with any of `cost` with `currency` (adds up), `seed`
    * and `request_id`, each perhaps with `picture` (the number of the output), and `note` (a sentence for
    * the person: one of four pictures was refused). [run] */
   void(EASEL_CALL *fact)(void *ctx, const char *json);
} easel_report;

#ifdef __cplusplus
}
#endif
#endif
