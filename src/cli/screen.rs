//! What a person or a script sees: results on standard output, the rest on standard error, colour
//! only on a terminal.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};

use easel_protocol::Failure;
use easel_protocol::error::Charged;
use serde::Serialize;

/// How to write.
#[expect(clippy::struct_excessive_bools, reason = "four independent questions")]
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// Standard output carries JSON and nothing else.
    pub(super) json: bool,
    quiet: bool,
    colour: bool,
    /// Standard error is a terminal: bars make sense.
    pub(super) interactive: bool,
}

impl Screen {
    pub(super) fn new(json: bool, quiet: bool) -> Screen {
        let interactive = stderr().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Screen { json, quiet, colour: interactive && !plain, interactive: interactive && !quiet }
    }

    /// A line of the result.
    pub(super) fn line(self, line: impl Display) {
        // A reader that went away, as in `easel job list | head`, is no fault.
        let _ = writeln!(stdout(), "{line}");
    }

    /// The result as JSON.
    pub(super) fn value(self, value: &impl Serialize) {
        if let Ok(text) = serde_json::to_string_pretty(value) {
            self.line(text);
        }
    }

    /// Text that is the result as it stands.
    pub(super) fn bytes(self, bytes: &[u8]) {
        let _ = stdout().write_all(bytes);
    }

    /// What a person may want to know.
    pub(super) fn note(self, note: impl Display) {
        if !self.quiet {
            let _ = writeln!(stderr(), "{note}");
        }
    }

    /// What went wrong, and what to do.
    pub(super) fn failure(self, failure: &Failure) {
        if self.json {
            self.value(&serde_json::json!({ "error": failure }));
        }
        let (red, bold, plain) =
            if self.colour { ("\x1b[31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
        let _ = writeln!(stderr(), "{red}error{plain}: {failure}");
        if let Some(words) = &failure.provider_message {
            let _ = writeln!(stderr(), "the provider says: {words}");
        }
        match failure.charged {
            Some(Charged::Yes) => drop(writeln!(stderr(), "it was charged")),
            Some(Charged::Maybe) => drop(writeln!(stderr(), "it may have been charged")),
            Some(Charged::No) => drop(writeln!(stderr(), "nothing was charged")),
            None => {}
        }
        if let Some(hint) = &failure.hint {
            let _ = writeln!(stderr(), "\n{bold}hint{plain}: {hint}");
        }
    }

    /// Rows in columns that line up.
    pub(super) fn table(self, head: &[&str], rows: &[Vec<String>]) {
        let mut widths: Vec<usize> = head.iter().map(|title| title.chars().count()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let print = |cells: Vec<&str>| {
            let padded: Vec<String> =
                cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            self.line(padded.join("  ").trim_end());
        };
        print(head.to_vec());
        for row in rows {
            print(row.iter().map(String::as_str).collect());
        }
    }
}

/// Milliseconds as `1.2 s` or `340 ms`, longer ones as `2 min 5 s`.
pub(super) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", milliseconds as f64 / 1_000.0),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

/// Bytes as `4.2 MB`.
pub(super) fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.1} GB", count as f64 / 1e9),
    }
}

/// How long ago something was.
pub(super) fn ago(time: i64, now: i64) -> String {
    let seconds = (now - time).max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        assert_eq!(duration(340), "340 ms");
        assert_eq!(duration(1_240), "1.2 s");
        assert_eq!(duration(125_000), "2 min 5 s");
        assert_eq!(bytes(67_108_864), "67.1 MB");
        assert_eq!(ago(0, 7_200_000), "2 h ago");
    }
}
