//! What the header promises about itself: it compiles as C11 and C++17 without a warning, its example
//! works as printed, and since the frozen copy of a release fields and constants were only appended.

mod support;

use std::path::Path;
use std::process::Command;

use support::{compile, constants, scratch, squeeze, structs, text_of};

const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-unused-function"];

/// Every name of the header used once, so that the compilers look at all of it.
const USES_ALL: &str = r#"
#include "easel_backend.h"
#include "easel_backend.h"
static int reads(const easel_host *host, const easel_http *http) {
   return EASEL_HAS(host, extension) && EASEL_HAS(http, decode_output);
}
static const easel_backend table = {sizeof(easel_backend), EASEL_ABI_MAJOR, EASEL_ABI_MINOR, NULL, NULL, NULL, NULL, NULL};
EASEL_EXPORT const easel_backend *EASEL_CALL easel_backend_entry(uint32_t host_major, uint32_t host_minor) {
   easel_host host = {sizeof(easel_host), NULL, "", "", NULL, NULL, NULL, NULL, NULL, NULL};
   easel_http http = {sizeof(easel_http), NULL, NULL, NULL, NULL};
   easel_backend_entry_fn self = easel_backend_entry;
   return self != NULL && host_major + host_minor > 0 && reads(&host, &http) ? &table : NULL;
}
"#;

#[test]
fn the_header_compiles_without_a_warning_as_c11_and_as_cpp17() {
    let folder = scratch("header");
    for (compiler, standard, file) in
        [("cc", "-std=c11", "header.c"), ("c++", "-std=c++17", "header.cc")]
    {
        let source = folder.join(file);
        std::fs::write(&source, USES_ALL).unwrap();
        let flags: Vec<_> = STRICT.into_iter().chain([standard, "-c"]).collect();
        compile(compiler, &flags, &source, &source.with_extension("o"));
    }
}

/// The example in the header's first comment, without its margin.
fn example(header: &str) -> String {
    let indented = |line: &str| line.strip_prefix(" *     ").map(str::to_owned);
    let lines = header.lines().map(indented).skip_while(Option::is_none).map_while(|line| line);
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn the_example_in_the_header_is_short_and_works() {
    let folder = scratch("example");
    let (source, object) = (folder.join("invert.c"), folder.join("invert.o"));
    let example = example(&text_of("easel_backend.h"));
    let lines = example.lines().count();
    assert!((20..=28).contains(&lines), "the example has {lines} lines");
    std::fs::write(&source, example).unwrap();
    let flags: Vec<_> = STRICT.into_iter().chain(["-std=c11", "-fPIC", "-c"]).collect();
    compile("cc", &flags, &source, &object);
    let flags: Vec<_> = STRICT.into_iter().chain(["-std=c++17", "-x", "c++", "-c"]).collect();
    compile("c++", &flags, &source, &folder.join("as-cpp.o"));

    let (driver, binary) = (folder.join("driver.c"), folder.join("driver"));
    std::fs::write(&driver, DRIVER).unwrap();
    let flags: Vec<_> = STRICT.into_iter().chain(["-std=c11", path(&object)]).collect();
    compile("cc", &flags, &driver, &binary);
    let run = Command::new(&binary).output().unwrap();
    assert!(run.status.success(), "check number {:?} of the driver failed", run.status.code());
}

fn path(path: &Path) -> &str {
    path.to_str().expect("the target folder has a plain name")
}

/// A host as small as can be: a picture of 2x2 with bytes between its rows. Exits with the number of
/// the first check that fails.
const DRIVER: &str = r#"
#include <string.h>
#include "easel_backend.h"
static uint8_t in[24], made[16];
static int stop;
static easel_image output = {sizeof output, EASEL_RGBA8, 2, 2, 8, made, NULL, 0};
static int32_t EASEL_CALL should_stop(void *ctx) { return (void)ctx, stop; }
static easel_image *EASEL_CALL new_output(void *ctx, uint32_t width, uint32_t height, easel_pixel_format format) {
   return (void)ctx, width == 2 && height == 2 && format == EASEL_RGBA8 ? &output : NULL;
}
int main(void) {
   easel_host host = {sizeof host, NULL, "test", "0", should_stop, NULL, NULL, NULL, new_output, NULL};
   easel_image source = {sizeof source, EASEL_RGBA8, 2, 2, 12, in, NULL, 0};
   easel_request request = {sizeof request, "invert", "{}", &source, NULL, NULL, 0, NULL, 0};
   const easel_backend *backend = easel_backend_entry(1, 0);
   easel_instance *instance = NULL;
   const uint8_t expected[16] = {255, 254, 253, 3, 251, 250, 249, 7, 243, 242, 241, 15, 239, 238, 237, 19};
   for (uint8_t i = 0; i < 24; i++) in[i] = i;
   if (backend->size != sizeof *backend || backend->abi_major != EASEL_ABI_MAJOR) return 1;
   if (strstr(backend->describe(), "\"id\": \"invert\"") == NULL) return 2;
   if (backend->open(&host, "{}", &instance) != EASEL_OK) return 3;
   if (backend->run(instance, &host, &request) != EASEL_OK) return 4;
   if (memcmp(made, expected, 16) != 0) return 5;
   stop = 1;
   return backend->run(instance, &host, &request) == EASEL_CANCELLED ? 0 : 6;
}
"#;

#[test]
fn since_version_1_fields_and_constants_were_only_appended() {
    let (frozen, now) = (squeeze(&text_of("frozen/v1.h")), squeeze(&text_of("easel_backend.h")));
    let (was, is) = (structs(&frozen), structs(&now));
    assert!(was.len() >= 8, "the frozen header has its structs: {was:?}");
    for old in &was {
        let new = is.iter().find(|new| new.name == old.name);
        let new = new.unwrap_or_else(|| panic!("`{}` is gone", old.name));
        assert!(
            new.fields.starts_with(&old.fields),
            "`{}` was changed, not appended to:\n{:#?}\n{:#?}",
            old.name,
            old.fields,
            new.fields
        );
    }
    let new_constants = constants(&now);
    for (name, value) in constants(&frozen) {
        if name == "EASEL_ABI_MINOR" {
            continue; // It counts the additions.
        }
        assert!(
            new_constants.contains(&(name.clone(), value.clone())),
            "`{name}` is no longer {value}"
        );
    }
}

#[test]
fn the_comparison_sees_a_moved_a_retyped_and_an_appended_field() {
    let old = squeeze("typedef struct a {\n uint32_t size;\n void *p;\n} a;\n");
    let fields = |text: &str| structs(&squeeze(text)).remove(0).fields;
    let old = structs(&old).remove(0).fields;
    assert!(
        fields("typedef struct a {\n uint32_t size;\n void *p; /* x */\n int q;\n} a;")
            .starts_with(&old)
    );
    assert!(!fields("typedef struct a {\n void *p;\n uint32_t size;\n} a;").starts_with(&old));
    assert!(!fields("typedef struct a {\n uint32_t size;\n char *p;\n} a;").starts_with(&old));
    assert!(!fields("typedef struct a {\n uint32_t size;\n} a;").starts_with(&old));
}
