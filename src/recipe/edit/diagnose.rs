//! Everything that is wrong with a text while it is typed: what the reader and the checker say, with what was not closed
//! yet closed for them.

use super::context::Source;
use super::mend::mend;
use super::scan::Scan;
use crate::recipe::schema::FileKind;
use crate::recipe::{Diagnostic, World, check, read, read_other};

/// What is wrong with a text that nobody has taken apart yet.
pub fn diagnose_text(text: &str, file: FileKind, world: &dyn World) -> Vec<Diagnostic> {
    diagnose(Source { text, file, scan: &Scan::new(text) }, world)
}

/// What is wrong with a text, in its order.
pub fn diagnose(source: Source<'_>, world: &dyn World) -> Vec<Diagnostic> {
    let of = |text: &str| match source.file {
        FileKind::Recipe => check(&read(text), world),
        file => read_other(text, file).0,
    };
    match mend(source) {
        Some(mended) => mended.settle(of(&mended.text)),
        None => of(source.text),
    }
}
