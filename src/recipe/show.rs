//! Diagnostics as text: where, what, the line itself with what is meant underlined, and what to do.

use std::fmt::Write;
use std::ops::Range;

use super::{Diagnostic, Severity};

/// The line and the character of that line, both from 1, of a place in a text.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before[start..].chars().count() + 1)
}

/// The word for how bad it is.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "info",
    }
}

/// A diagnostic for people: `path:line:column: error[code]: message`, the line, and the hint.
pub fn show(path: &str, text: &str, diagnostic: &Diagnostic) -> String {
    let Diagnostic { severity, code, message, hint, range, .. } = diagnostic;
    let (line, column) = line_and_column(text, range.start);
    let mut shown =
        format!("{path}:{line}:{column}: {}[{code}]: {message}\n", severity_name(*severity));
    let (source, carets) = underlined(text, range);
    let number = line.to_string();
    let _ = writeln!(shown, "  {number} | {source}");
    let _ = writeln!(shown, "  {:width$} | {carets}", "", width = number.len());
    if let Some(hint) = hint {
        let _ = writeln!(shown, "  hint: {hint}");
    }
    shown
}

/// The line on which a place begins, and what underlines it there.
fn underlined(text: &str, range: &Range<usize>) -> (String, String) {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.start..].find('\n').map_or(text.len(), |length| range.start + length);
    // Tabs and control characters would move the carets.
    let plain = |text: &str| -> String {
        text.trim_end_matches('\r')
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect()
    };
    let before = text[start..range.start].chars().count();
    let marked = plain(&text[range.start..range.end.min(end).max(range.start)]).chars().count();
    let carets = format!("{}{}", " ".repeat(before), "^".repeat(marked.max(1)));
    (plain(&text[start..end]), carets)
}
