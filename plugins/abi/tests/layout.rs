//! The C compiler's opinion of the header against the Rust compiler's opinion of the mirror: every
//! size, every offset, every constant, with nothing left out on either side.

mod support;

use std::collections::BTreeMap;
use std::mem::{align_of, offset_of, size_of};
use std::process::Command;

use easel_backend_abi::*;
use support::{compile, constants, scratch, squeeze, structs, text_of};

/// `name = number` of the mirror: `sizeof`, `alignof` and the offset of each field.
macro_rules! measure {
    ($into:ident: $($rust:ident = $c:ident { $($field:ident),* $(,)? })*) => {
        $(
            $into.insert(concat!("sizeof ", stringify!($c)).to_owned(), size_of::<$rust>() as i64);
            $into.insert(concat!("alignof ", stringify!($c)).to_owned(), align_of::<$rust>() as i64);
            $($into.insert(
                concat!(stringify!($c), ".", stringify!($field)).to_owned(),
                offset_of!($rust, $field) as i64,
            );)*
        )*
    };
}

macro_rules! numbers {
    ($into:ident: $($constant:ident),* $(,)?) => {
        $($into.insert(stringify!($constant).to_owned(), i64::from($constant));)*
    };
}

fn mirror() -> BTreeMap<String, i64> {
    let mut all = BTreeMap::new();
    measure!(all:
        EaselImage = easel_image { size, format, width, height, stride, pixels, icc, icc_bytes }
        EaselRequest = easel_request {
            size, model, params, source, mask, references, reference_count, checkpoint, checkpoint_bytes,
        }
        EaselHost = easel_host {
            size, ctx, name, version, should_stop, progress, log, set_error, new_output, extension,
        }
        EaselBackend = easel_backend {
            size, abi_major, abi_minor, describe, open, run, close, extension,
        }
        EaselCheckpoint = easel_checkpoint { size, save }
        EaselPreview = easel_preview { size, show }
        EaselHttpResponse = easel_http_response { size, status, headers, body, body_bytes }
        EaselHttpRequest = easel_http_request {
            size, flags, method, url, headers, secret, body, body_bytes, weight, timeout_ms,
        }
        EaselHttp = easel_http { size, request, encode, decode_output, request_all }
        EaselReport = easel_report { size, failure, fact }
    );
    numbers!(all:
        EASEL_ABI_MAJOR, EASEL_ABI_MINOR, EASEL_OK, EASEL_CANCELLED, EASEL_ERR_INVALID,
        EASEL_ERR_UNSUPPORTED, EASEL_ERR_TRANSIENT, EASEL_ERR_DENIED, EASEL_ERR_REFUSED,
        EASEL_ERR_FAILED, EASEL_GRAY8, EASEL_RGBA8, EASEL_RGBA16, EASEL_RGBAF32, EASEL_LOG_ERROR,
        EASEL_LOG_WARN, EASEL_LOG_INFO, EASEL_LOG_DEBUG, EASEL_CHECKPOINT_MAX, EASEL_HTTP_FREE, EASEL_HTTP_CUT,
    );
    all.insert("typedef easel_status".to_owned(), -(size_of::<EaselStatus>() as i64));
    all.insert("typedef easel_log_level".to_owned(), -(size_of::<EaselLogLevel>() as i64));
    all.insert("typedef easel_pixel_format".to_owned(), size_of::<EaselPixelFormat>() as i64);
    all
}

/// A program that prints what the C compiler makes of everything that the header declares. The size
/// of an integer typedef is printed as negative where the type is signed.
fn program(header: &str) -> String {
    let mut lines = Vec::new();
    for found in structs(header) {
        let name = &found.name;
        for (measure, operator) in [("sizeof", "sizeof"), ("alignof", "_Alignof")] {
            lines.push(format!("printf(\"{measure} {name}=%zu\\n\", {operator}({name}));"));
        }
        for field in &found.fields {
            let field = &field.name;
            lines.push(format!("printf(\"{name}.{field}=%zu\\n\", offsetof({name}, {field}));"));
        }
        if let Some(last) = found.fields.last() {
            let end = format!("offsetof({name}, {0}) + sizeof((({name} *)0)->{0})", last.name);
            lines.push(format!("printf(\"end {name}=%zu\\n\", {end});"));
        }
    }
    for (name, value) in constants(header) {
        if !value.starts_with('"') {
            lines.push(format!("printf(\"{name}=%lld\\n\", (long long){name});"));
        }
    }
    let typedefs = "TYPE(easel_status); TYPE(easel_log_level); TYPE(easel_pixel_format);";
    format!("{PREAMBLE}int main(void) {{\n{typedefs}\n{}\nreturn 0;\n}}\n", lines.join("\n"))
}

const PREAMBLE: &str = r#"
#include <stdio.h>
#include "easel_backend.h"
#define TYPE(t) printf("typedef " #t "=%d\n", ((t)-1 < 0 ? -1 : 1) * (int)sizeof(t))
"#;

#[test]
fn the_mirror_has_the_layout_and_the_values_of_the_header() {
    let folder = scratch("layout");
    let header = squeeze(&text_of("easel_backend.h"));
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    std::fs::write(&source, program(&header)).unwrap();
    compile("cc", &["-std=c11", "-Wall", "-Wextra", "-Wno-type-limits"], &source, &binary);
    let printed = Command::new(&binary).output().unwrap();
    assert!(printed.status.success());
    let printed = String::from_utf8(printed.stdout).unwrap();
    let mut in_c: BTreeMap<String, i64> = printed
        .lines()
        .filter_map(|line| line.rsplit_once('='))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect();
    let ends: Vec<_> = in_c.extract_if(.., |name, _| name.starts_with("end ")).collect();
    assert!(!ends.is_empty());
    for (name, end) in ends {
        let size = in_c[&name.replacen("end", "sizeof", 1)];
        assert_eq!(
            end, size,
            "padding after the last field: an appended field would hide in it: {name}"
        );
    }
    assert_eq!(in_c, mirror());
}

#[test]
fn the_mirror_has_the_extension_ids_of_the_header() {
    let ids: BTreeMap<String, String> = constants(&squeeze(&text_of("easel_backend.h")))
        .into_iter()
        .filter(|(_, value)| value.starts_with('"'))
        .collect();
    let ours = [
        ("EASEL_EXT_CHECKPOINT", EASEL_EXT_CHECKPOINT),
        ("EASEL_EXT_PREVIEW", EASEL_EXT_PREVIEW),
        ("EASEL_EXT_HTTP", EASEL_EXT_HTTP),
        ("EASEL_EXT_REPORT", EASEL_EXT_REPORT),
    ];
    let ours: BTreeMap<String, String> = ours
        .into_iter()
        .map(|(name, id)| (name.to_owned(), format!("{:?}", id.to_str().unwrap())))
        .collect();
    assert_eq!(ids, ours);
}

#[test]
fn the_type_of_the_entry_is_the_symbol_of_the_header() {
    let name = EASEL_BACKEND_ENTRY.strip_suffix(b"\0").unwrap();
    let header = squeeze(&text_of("easel_backend.h"));
    let declared = format!("*EASEL_CALL {}(", std::str::from_utf8(name).unwrap());
    assert!(header.contains(&declared), "{declared}");
}
