//! Places in a text: bytes on our side, lines and units of UTF-16 (or bytes, where the editor offers it) on the editor's.

use std::ops::Range;

use tower_lsp_server::ls_types::{
    GeneralClientCapabilities, Position, PositionEncodingKind, Range as LspRange, TextEdit,
};

/// How an editor counts within a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Units of UTF-16: what every editor can.
    #[default]
    Utf16,
    /// Bytes of UTF-8.
    Utf8,
}

impl Encoding {
    /// Bytes where the editor offers them: nothing has to be counted.
    pub(super) fn offered(general: Option<&GeneralClientCapabilities>) -> Encoding {
        let offered = general.and_then(|general| general.position_encodings.as_ref());
        let has_bytes = offered.is_some_and(|it| it.contains(&PositionEncodingKind::UTF8));
        if has_bytes { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf8 => PositionEncodingKind::UTF8,
        }
    }
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
    encoding: Encoding,
}

impl Lines {
    pub(super) fn new(text: &str, encoding: Encoding) -> Lines {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(index, byte)| match byte {
            b'\n' => true,
            // A line may end with it alone, but not within a pair.
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(index, _)| index + 1)).collect();
        Lines { starts, encoding }
    }

    /// The byte of a position; beyond a line's end, the end of the line.
    pub(super) fn offset(&self, text: &str, position: Position) -> usize {
        let Some(start) = self.starts.get(position.line as usize).copied() else {
            return text.len();
        };
        let end = self.starts.get(position.line as usize + 1).copied().unwrap_or(text.len());
        let line = text[start..end].trim_end_matches(['\r', '\n']);
        let wanted = position.character as usize;
        let mut counted = 0;
        for (index, letter) in line.char_indices() {
            let length = self.length(letter);
            if counted + length > wanted {
                return start + index;
            }
            counted += length;
        }
        start + line.len()
    }

    /// The position of a byte.
    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        // Between the two letters that end a line is its end.
        let before = text[self.starts[line]..offset].trim_end_matches(['\r', '\n']);
        let character = match self.encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        Position::new(line as u32, character as u32)
    }

    pub(super) fn range(&self, text: &str, range: &Range<usize>) -> LspRange {
        LspRange::new(self.position(text, range.start), self.position(text, range.end))
    }

    /// The changes of a text in the editor's terms.
    pub(super) fn edits(&self, text: &str, edits: &[(Range<usize>, String)]) -> Vec<TextEdit> {
        edits
            .iter()
            .map(|(range, new)| TextEdit::new(self.range(text, range), new.clone()))
            .collect()
    }

    fn length(&self, letter: char) -> usize {
        match self.encoding {
            Encoding::Utf16 => letter.len_utf16(),
            Encoding::Utf8 => letter.len_utf8(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_same_there_and_back() {
        let text = "a = \"🎨é\"\r\nb\rc\n";
        for encoding in [Encoding::Utf16, Encoding::Utf8] {
            let lines = Lines::new(text, encoding);
            for (offset, letter) in text.char_indices() {
                let position = lines.position(text, offset);
                if letter != '\n' || offset + 1 == text.len() {
                    assert_eq!(lines.offset(text, position), offset, "{encoding:?} {offset}");
                }
            }
        }
    }

    #[test]
    fn letters_are_counted_as_the_editor_does() {
        let text = "x🎨y\nz\r\n";
        let at = |encoding, line, character| {
            Lines::new(text, encoding).offset(text, Position::new(line, character))
        };
        assert_eq!(at(Encoding::Utf16, 0, 3), 5);
        assert_eq!(at(Encoding::Utf16, 0, 2), 1, "the middle of a letter is its beginning");
        assert_eq!(at(Encoding::Utf8, 0, 5), 5);
        assert_eq!(at(Encoding::Utf16, 0, 99), 6);
        assert_eq!(at(Encoding::Utf16, 1, 99), 8);
        assert_eq!(at(Encoding::Utf16, 9, 0), text.len());
        let lines = Lines::new(text, Encoding::Utf16);
        assert_eq!(lines.position(text, 9), Position::new(1, 1), "no place between two letters");
    }
}
