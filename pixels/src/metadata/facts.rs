//! What an EXIF block says, as short text by name.
//!
//! Text of strangers ends up in file names and on screens: it is trimmed, has no control characters and no marks that
//! turn the direction of writing, and is cut. Nothing is invented: a fact that the block does not hold is not there.

use std::collections::BTreeMap;

use super::directory::{Directory, EXIF_DIRECTORY, File, unnamed};

/// The names of [`facts`], and what each one is.
pub const FACTS: &[(&str, &str)] = &[
    ("aperture", "the f-number, as `2.8`"),
    ("artist", "who made the picture"),
    ("camera", "the model of the camera"),
    ("copyright", "who holds the rights"),
    ("date", "the day it was taken, as `2024-05-17`"),
    ("description", "what it shows, in the words of its maker"),
    ("exposure", "the time of exposure, as `1_250s` for 1/250 s, `0.5s` or `30s`"),
    ("focal", "the focal length in millimetres, as `50` or `4.2`"),
    ("iso", "the sensitivity, as `400`"),
    ("keywords", "keywords, as Windows writes them"),
    ("lens", "the model of the lens"),
    ("make", "who built the camera"),
    ("time", "the time of day it was taken, as `18-03-59`"),
    ("title", "the title, as Windows writes it"),
];

/// Most characters of a fact.
const MOST: usize = 200;

/// What an EXIF block says, by the names in [`FACTS`]. Damaged blocks say less. All values are trimmed, without
/// control characters, and at most 200 characters long. `date`, `time`, `aperture`, `exposure`, `focal` and `iso`
/// hold nothing that a file name could not; the others are the words of whoever wrote the block.
pub fn facts(exif: &[u8]) -> BTreeMap<&'static str, String> {
    let mut found = BTreeMap::new();
    let Some(file) = File::block(unnamed(exif)) else { return found };
    let Some(main) = file.first() else { return found };
    let details = file.child(&main, EXIF_DIRECTORY);
    let details = details.as_ref();
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            found.insert(name, value);
        }
    };
    let moment = details
        .and_then(|details| moment(details, 0x9003).or_else(|| moment(details, 0x9004)))
        .or_else(|| moment(&main, 0x0132));
    if let Some((date, time)) = moment {
        add("date", Some(date));
        add("time", time);
    }
    add("make", text(&main, 0x010f));
    add("camera", text(&main, 0x0110));
    add("description", text(&main, 0x010e));
    add("artist", text(&main, 0x013b).or_else(|| wide(&main, 0x9c9d)));
    add("copyright", text(&main, 0x8298));
    add("title", wide(&main, 0x9c9b));
    add("keywords", wide(&main, 0x9c9e));
    if let Some(details) = details {
        add("lens", text(details, 0xa434));
        add("iso", iso(details));
        add("aperture", decimal(details, 0x829d));
        add("focal", decimal(details, 0x920a));
        add("exposure", exposure(details));
    }
    found
}

/// Text of a tag. Its own rule of two texts, for photographer and editor, gives the first that says anything.
fn text(directory: &Directory<'_>, tag: u16) -> Option<String> {
    let (entry, bytes) = directory.find(tag)?;
    if !matches!(entry.kind, 1 | 2 | 7 | 129) {
        return None;
    }
    let bytes = &bytes[..bytes.len().min(16 * MOST)];
    bytes.split(|byte| *byte == 0).map(|part| clean(&lettered(part))).find(|part| !part.is_empty())
}

/// UTF-8, which most write today, or else Latin-1, which never fails.
fn lettered(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Cut in the middle of a character.
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned()
        }
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Text that Windows writes: UTF-16, little-endian whatever the block is.
fn wide(directory: &Directory<'_>, tag: u16) -> Option<String> {
    let (entry, bytes) = directory.find(tag)?;
    if !matches!(entry.kind, 1 | 7) {
        return None;
    }
    let bytes = &bytes[..bytes.len().min(16 * MOST)];
    let units = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let letters = char::decode_utf16(units.take_while(|unit| *unit != 0));
    Some(clean(&letters.map(|letter| letter.unwrap_or('\u{fffd}')).collect::<String>()))
}

/// One line, without what cannot be seen.
fn clean(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut seen = word.chars().filter(|letter| !letter.is_control() && !turns(*letter));
        let Some(first) = seen.next() else { continue };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push(first);
        line.extend(seen);
    }
    let cut: String = line.chars().take(MOST).collect();
    cut.trim_end().to_owned()
}

/// Marks that change the direction of writing make a name look like another one.
const fn turns(letter: char) -> bool {
    matches!(
        letter,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Date and time as they go into a file name. Cameras whose clock was never set write blanks or zeros: no date.
fn moment(directory: &Directory<'_>, tag: u16) -> Option<(String, Option<String>)> {
    let text = text(directory, tag)?;
    let mut parts = text.split([' ', 'T']).filter(|part| !part.is_empty());
    let [year, month, day] = three(parts.next()?)?;
    let plausible = year > 0 && (1..=12).contains(&month) && (1..=31).contains(&day);
    let date = (plausible && year < 10_000).then(|| format!("{year:04}-{month:02}-{day:02}"))?;
    let time = parts.next().and_then(three).filter(|[hour, minute, second]| {
        // A leap second is a second.
        *hour < 24 && *minute < 60 && *second <= 60
    });
    Some((date, time.map(|[hour, minute, second]| format!("{hour:02}-{minute:02}-{second:02}"))))
}

/// Three numbers with something between them.
fn three(text: &str) -> Option<[u16; 3]> {
    let mut numbers = text.split([':', '-', '/', '.']).map(|part| part.parse().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

/// The tag of old holds at most 65535, and says just that where the true number is in one of the newer ones.
fn iso(details: &Directory<'_>) -> Option<String> {
    let old = details.number(0x8827).filter(|value| (1..65_535).contains(value));
    let newer = || [0x8833, 0x8832, 0x8831].iter().find_map(|tag| details.number(*tag));
    old.or_else(newer).filter(|value| *value > 0).map(|value| value.to_string())
}

/// A fraction above zero, with one digit behind the point where it needs one.
fn decimal(details: &Directory<'_>, tag: u16) -> Option<String> {
    let (above, below) = details.fraction(tag)?;
    let value = f64::from(above) / f64::from(below);
    (value.is_finite() && value >= 0.05).then(|| rounded(value))
}

fn rounded(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Short times are read as parts of a second, as the dial of a camera shows them. `/` is no part of a file name.
fn exposure(details: &Directory<'_>) -> Option<String> {
    let (above, below) = details.fraction(0x829a)?;
    let seconds = f64::from(above) / f64::from(below);
    if !seconds.is_finite() || seconds <= 0.0 {
        return None;
    }
    Some(if seconds < 0.3 {
        format!("1_{:.0}s", 1.0 / seconds)
    } else {
        format!("{}s", rounded(seconds))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_only_what_is_seen() {
        assert_eq!(clean("  a\tb\n\u{7}c \u{202e} d\u{0} "), "a b c d");
        assert_eq!(clean(&"é".repeat(300)).chars().count(), MOST);
        assert_eq!(clean(" \u{1} "), "");
    }

    #[test]
    fn texts_in_old_letters_are_read() {
        assert_eq!(lettered(b"M\xfcller"), "Müller");
        assert_eq!(lettered("Müller".as_bytes()), "Müller");
        assert_eq!(lettered(&"ü".as_bytes()[..1]), "");
    }

    #[test]
    fn names_are_in_order() {
        assert!(FACTS.is_sorted_by_key(|(name, _)| *name));
    }
}
