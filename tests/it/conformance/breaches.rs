//! Backends that break one rule each which no backend of `tests/backends` breaks, written for the
//! case that is to find it.

use super::{Backend, assert_summary, impatient, only, options};

/// A backend whose `run` is `body`; `more` is as in `fixture.h`.
fn with_run(name: &str, more: &str, body: &str) -> Backend {
    let text = format!(
        "#include \"fixture.h\"\n#include <unistd.h>\nFIXTURE_RUN {{\nFIXTURE_UNUSED(instance);\n{body}\n}}\n\
         FIXTURE(\"{name}\", \"breaks a rule\", \"{}\")\n",
        more.replace('"', "\\\"")
    );
    Backend::from_source(name, &text)
}

/// A backend that works, with other functions in its table: `before` defines what `table` names.
fn with_table(name: &str, before: &str, table: &str) -> Backend {
    let text = format!(
        "#include \"fixture.h\"\n#include <unistd.h>\n\
         FIXTURE_RUN {{ FIXTURE_UNUSED(instance); return fixture_finish(host, request); }}\n\
         #define PLAIN FIXTURE_DESCRIPTOR(\"{name}\", \"breaks a rule\", \"\")\n\
         static inline const char *EASEL_CALL plain(void) {{ return PLAIN; }}\n{before}\n\
         static const easel_backend table = {{sizeof(easel_backend), 1, 0, {table}}};\nFIXTURE_ENTRY(&table)\n",
    );
    Backend::from_source(name, &text)
}

fn assert_found(name: &str, backend: &Backend) {
    assert_summary(name, &backend.summary(&options()));
}

#[test]
fn rows_are_a_stride_apart() {
    let backend = with_run(
        "ignores-stride",
        "",
        "const easel_image *in = request->source;
         easel_image *out = host->new_output(host->ctx, in->width, in->height, EASEL_RGBA8);
         if (out == NULL) return EASEL_ERR_FAILED;
         for (size_t at = 0; at < (size_t)in->width * in->height * 4; at++)
            ((uint8_t *)out->pixels)[at] = ((const uint8_t *)in->pixels)[at];
         return EASEL_OK;",
    );
    assert_found("ignores-stride", &backend);
}

#[test]
fn percent_are_no_fraction() {
    let backend = with_run(
        "percent",
        "",
        "for (int step = 0; step <= 10; step++) host->progress(host->ctx, step * 10, NULL);
         return fixture_finish(host, request);",
    );
    assert_found("percent", &backend);
}

#[test]
fn a_failure_needs_words() {
    let backend = with_run(
        "silent",
        "",
        "if (strcmp(request->model, \"silent\") != 0) return EASEL_ERR_INVALID;
         return fixture_finish(host, request);",
    );
    assert_found("silent", &backend);
}

#[test]
fn a_mask_is_an_input_too() {
    let backend = with_run(
        "writes-mask",
        r#","mask":"native""#,
        "if (request->mask != NULL) *(volatile uint8_t *)request->mask->pixels = 1;
         return fixture_finish(host, request);",
    );
    assert_found("writes-mask", &backend);
}

#[test]
fn the_smallest_picture_has_one_pixel() {
    let backend = with_run(
        "needs-two",
        "",
        "if (request->source->width < 2) abort(); /* as a division by the steps between pixels would */
         return fixture_finish(host, request);",
    );
    assert_found("needs-two", &backend);
}

#[test]
fn a_format_of_the_record_is_taken() {
    let backend = with_run(
        "one-format",
        r#","formats":["rgba8","rgbaf32"]"#,
        "if (request->source->format != EASEL_RGBA8) {
            host->set_error(host->ctx, \"only rgba8\");
            return EASEL_ERR_INVALID;
         }
         return fixture_finish(host, request);",
    );
    assert_found("one-format", &backend);
}

#[test]
fn as_many_pictures_as_asked_for() {
    let backend =
        with_run("only-one", r#","max_count":3"#, "return fixture_finish(host, request);");
    assert_found("only-one", &backend);
}

#[test]
fn parameters_of_the_record_are_taken() {
    let backend = with_run(
        "picky",
        r#","params":[{"name":"level","description":"how much","value":{"kind":"number","min":0,"max":10},"default":1}]"#,
        "if (fixture_number(request, \"level\", 0) > 5) {
            host->set_error(host->ctx, \"`level` is at most 5\");
            return EASEL_ERR_INVALID;
         }
         return fixture_finish(host, request);",
    );
    assert_found("picky", &backend);
}

#[test]
fn references_up_to_the_most() {
    let backend = with_run(
        "few-references",
        r#","references":[0,4]"#,
        "const uint8_t *table[2] = {NULL, NULL};
         if (request->reference_count > 2) abort();
         for (uint32_t index = 0; index < request->reference_count; index++)
            table[index] = fixture_row(request->references[index], 0);
         FIXTURE_UNUSED(table);
         return fixture_finish(host, request);",
    );
    assert_found("few-references", &backend);
}

#[test]
fn what_is_repeatable_repeats() {
    let body = "static uint8_t runs;
         runs++;
         return fixture_plain(host, request, (uint8_t)(runs * 16), 0, 0) == NULL ? EASEL_ERR_FAILED : EASEL_OK;";
    for (name, more) in [("moody", r#","repeatable":true"#), ("moody-seed", r#","seed":"exact""#)] {
        assert_found(name, &with_run(name, more, body));
    }
}

#[test]
fn two_models_are_told_apart() {
    let text = r#"
        #include "fixture.h"
        FIXTURE_RUN { FIXTURE_UNUSED(instance); return fixture_finish(host, request); }
        static const char *EASEL_CALL describe(void) {
           return "{\"id\":\"two\",\"name\":\"Fixture two\",\"version\":\"1\",\"models\":["
                  "{\"id\":\"a\",\"label\":\"A\",\"strengths\":\"\",\"limitation\":\"\",\"intents\":[\"edit\"]},"
                  "{\"id\":\"b\",\"label\":\"B\",\"strengths\":\"\",\"limitation\":\"\",\"intents\":[\"edit\"]}]}";
        }
        static const easel_backend table = {sizeof(easel_backend), 1, 0, describe, fixture_open, run, NULL, NULL};
        FIXTURE_ENTRY(&table)
        "#;
    assert_found("two", &Backend::from_source("two", text));
}

#[test]
fn a_large_picture_is_stopped_too() {
    let backend = with_run(
        "deaf",
        "",
        "if (request->source->width > 1000) fixture_sleep(30000);
         return fixture_finish(host, request);",
    );
    assert_summary("deaf", &backend.summary(&impatient("stops-when-asked")));
}

#[test]
fn a_small_leak_is_a_leak() {
    let backend = with_run(
        "leaks-a-little",
        "",
        "static void *volatile lost;
         size_t bytes = (size_t)request->source->width * request->source->height * 4;
         void *block = malloc(bytes);
         if (block == NULL) return EASEL_ERR_FAILED;
         memset(block, 1, bytes);
         lost = block;
         return fixture_finish(host, request);",
    );
    assert_found("leaks-a-little", &backend);
}

#[test]
fn the_thirtieth_run_is_as_good_as_the_first() {
    let backend = with_run(
        "tires",
        "",
        "static int runs;\nif (++runs == 30) abort();\nreturn fixture_finish(host, request);",
    );
    assert_found("tires", &backend);
}

#[test]
fn a_checkpoint_is_understood_by_whoever_saved_it() {
    let backend = with_run(
        "forgets",
        "",
        "const easel_checkpoint *checkpoint = host->extension(host->ctx, EASEL_EXT_CHECKPOINT);
         if (request->checkpoint != NULL) {
            host->set_error(host->ctx, \"what is this?\");
            return EASEL_ERR_FAILED;
         }
         if (checkpoint != NULL) checkpoint->save(host->ctx, (const uint8_t *)\"task\", 4);
         return fixture_finish(host, request);",
    );
    assert_found("forgets", &backend);
}

#[test]
fn a_record_allows_pictures_that_can_exist() {
    let backend =
        with_run("no-count", r#","max_count":0"#, "return fixture_finish(host, request);");
    assert_found("no-count", &backend);
}

#[test]
fn a_description_is_always_the_same() {
    let backend = with_table(
        "changes",
        "static const char *EASEL_CALL describe(void) {
            static char text[2048];
            const char *end = strstr(PLAIN, \"1.0.0\");
            snprintf(text, sizeof text, \"%.*s%d%s\", (int)(end - PLAIN), PLAIN, (int)getpid(), end);
            return text;
         }",
        "describe, fixture_open, run, NULL, NULL",
    );
    assert_found("changes", &backend);
}

#[test]
fn a_description_is_quick() {
    let backend = with_table(
        "dawdles",
        "static const char *EASEL_CALL describe(void) { return fixture_sleep(1200), PLAIN; }",
        "describe, fixture_open, run, NULL, NULL",
    );
    assert_summary("dawdles", &backend.summary(&only("describe-is-quick")));
}

#[test]
fn closing_ends_in_good_order() {
    let crashes =
        "static void EASEL_CALL close_(easel_instance *instance) { (void)instance; abort(); }";
    let waits = "static void EASEL_CALL close_(easel_instance *instance) { (void)instance; for (;;) fixture_sleep(1000); }";
    let table = "plain, fixture_open, run, close_, NULL";
    assert_found("close-crashes", &with_table("close-crashes", crashes, table));
    let waits = with_table("close-waits", waits, table);
    assert_summary("close-waits", &waits.summary(&impatient("open-close-many")));
}

#[test]
fn a_configuration_that_is_read_is_read_to_the_end() {
    let open = |condition: &str| {
        format!(
            "static easel_status EASEL_CALL open_(const easel_host *host, const char *config, easel_instance **instance) {{
                (void)instance;
                if ({condition}) return host->set_error(host->ctx, \"not understood\"), EASEL_ERR_INVALID;
                return EASEL_OK;
             }}"
        )
    };
    for (name, condition) in
        [("skims", "config[0] != '{'"), ("reads", "strcmp(config, \"{}\") != 0")]
    {
        let backend = with_table(name, &open(condition), "plain, open_, run, NULL, NULL");
        assert_summary(name, &backend.summary(&only("error")));
    }
}

#[test]
fn one_symbol_is_enough() {
    let backend = with_table(
        "shares",
        "int shared_with_everybody(void) { return 1; }",
        "plain, fixture_open, run, NULL, NULL",
    );
    assert_summary("shares", &backend.summary(&only("exports")));
}
