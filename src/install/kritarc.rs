//! The line in Krita's settings that enables a plugin. The file is an ini file of KDE's: equal
//! sections are one, and the last of equal keys counts. Every byte that is not that line's stays.

const SECTION: &[u8] = b"[python]";

/// A line with its end, and where it is.
struct Line<'a> {
    section: Option<&'a [u8]>,
    text: &'a [u8],
    start: usize,
    end: usize,
}

/// Whether a plugin is enabled; `None` where nothing is said.
pub fn enabled(file: &[u8], plugin: &str) -> Option<bool> {
    let key = key(plugin);
    let value = lines(file).filter_map(|line| python(&line, &key)).last()?;
    Some(matches!(value.to_ascii_lowercase().as_slice(), b"true" | b"on" | b"yes" | b"1"))
}

/// The file with a plugin enabled.
pub fn enable(file: &[u8], plugin: &str) -> Vec<u8> {
    if enabled(file, plugin) == Some(true) {
        return file.to_vec();
    }
    let key = key(plugin);
    let ending: &[u8] =
        if file.windows(2).any(|window| window == b"\r\n") { b"\r\n" } else { b"\n" };
    let new = [key.as_slice(), b"=true", ending].concat();
    if let Some(line) = lines(file).filter(|line| python(line, &key).is_some()).last() {
        return [&file[..line.start], &new, &file[line.end..]].concat();
    }
    if let Some(line) = lines(file).find(|line| line.text == SECTION) {
        let rest = &file[line.end..];
        let missing: &[u8] = if file[..line.end].ends_with(b"\n") { b"" } else { ending };
        return [&file[..line.end], missing, &new, rest].concat();
    }
    let between: Vec<u8> = match file {
        [] => Vec::new(),
        [.., b'\n'] => ending.to_vec(),
        _ => ending.repeat(2),
    };
    [file, &between, SECTION, ending, &new].concat()
}

/// The file without a word of a plugin, and without a section that said nothing else.
pub fn forget(file: &[u8], plugin: &str) -> Vec<u8> {
    let key = key(plugin);
    let all: Vec<Line<'_>> = lines(file).collect();
    let mut keep: Vec<bool> = all.iter().map(|line| python(line, &key).is_none()).collect();
    let headers: Vec<usize> = (0..all.len()).filter(|at| all[*at].text.starts_with(b"[")).collect();
    for (number, &header) in headers.iter().enumerate() {
        let body = header + 1..headers.get(number + 1).copied().unwrap_or(all.len());
        let said_something = keep[body.clone()].contains(&false);
        if said_something && body.into_iter().all(|at| !keep[at] || all[at].text.is_empty()) {
            keep[header] = false;
            // The blank line before a header belongs to it.
            if header > 0 && all[header - 1].text.is_empty() {
                keep[header - 1] = false;
            }
        }
    }
    let kept = all.iter().zip(keep).filter(|(_, keep)| *keep);
    kept.flat_map(|(line, _)| &file[line.start..line.end]).copied().collect()
}

/// What a setting outside of all sections says.
pub fn top_level(file: &[u8], key: &str) -> Option<String> {
    let value = lines(file)
        .filter(|line| line.section.is_none())
        .filter_map(|line| value(line.text, key.as_bytes()))
        .last()?;
    // It writes a backslash as two.
    Some(String::from_utf8_lossy(value).replace(r"\\", r"\"))
}

fn key(plugin: &str) -> Vec<u8> {
    format!("enable_{plugin}").into_bytes()
}

/// What a line says of a key, where it is in the section of Python plugins.
fn python<'a>(line: &Line<'a>, key: &[u8]) -> Option<&'a [u8]> {
    (line.section == Some(SECTION)).then(|| value(line.text, key)).flatten()
}

fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let equals = text.iter().position(|byte| *byte == b'=')?;
    (text[..equals].trim_ascii() == key).then(|| text[equals + 1..].trim_ascii())
}

fn lines(file: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut section = None;
    let mut start = 0;
    file.split_inclusive(|byte| *byte == b'\n').map(move |whole| {
        let text = whole.trim_ascii();
        if text.starts_with(b"[") {
            section = Some(text);
        }
        let line = Line { section, text, start, end: start + whole.len() };
        start = line.end;
        line
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn enabled_in(file: &str) -> String {
        text(&enable(file.as_bytes(), "easel_krita"))
    }

    fn forgotten_in(file: &str) -> String {
        text(&forget(file.as_bytes(), "easel_krita"))
    }

    #[test]
    fn a_line_goes_where_it_belongs() {
        assert_eq!(enabled_in(""), "[python]\nenable_easel_krita=true\n");
        assert_eq!(enabled_in("a=1\n"), "a=1\n\n[python]\nenable_easel_krita=true\n");
        assert_eq!(enabled_in("a=1"), "a=1\n\n[python]\nenable_easel_krita=true\n");
        assert_eq!(
            enabled_in("[python]\nenable_other=true\n\n[theme]\nTheme=Krita dark\n"),
            "[python]\nenable_easel_krita=true\nenable_other=true\n\n[theme]\nTheme=Krita dark\n"
        );
        assert_eq!(enabled_in("[python]"), "[python]\nenable_easel_krita=true\n");
    }

    #[test]
    fn a_line_that_says_no_is_turned() {
        let file = "[x]\nenable_easel_krita=false\n[python]\n enable_easel_krita = false\nb=2\n";
        let turned = "[x]\nenable_easel_krita=false\n[python]\nenable_easel_krita=true\nb=2\n";
        assert_eq!(enabled_in(file), turned);
        assert_eq!(enabled_in(turned), turned);
    }

    #[test]
    fn the_ends_of_lines_stay_as_they_are() {
        assert_eq!(
            enabled_in("[theme]\r\nTheme=x\r\n"),
            "[theme]\r\nTheme=x\r\n\r\n[python]\r\nenable_easel_krita=true\r\n"
        );
    }

    #[test]
    fn the_last_word_counts() {
        let twice = b"[python]\nenable_p=true\n[a]\n[python]\nenable_p=false\n";
        assert_eq!(enabled(twice, "p"), Some(false));
        assert_eq!(enabled(&enable(twice, "p"), "p"), Some(true));
        assert_eq!(enabled(b"enable_p=true\n[a]\nenable_p=true\n", "p"), None);
    }

    #[test]
    fn what_is_forgotten_leaves_no_trace() {
        for file in
            ["", "a=1\n", "a=1\n\n[theme]\nb=2\n", "[python]\nenable_other=true\n\n[z]\nc=3\n"]
        {
            assert_eq!(forgotten_in(&enabled_in(file)), file);
        }
        assert_eq!(
            forgotten_in("[a]\nb=1\n\n[python]\nenable_easel_krita=false\n\n[z]\nc=3\n"),
            "[a]\nb=1\n\n[z]\nc=3\n"
        );
        let twice = "[python]\nenable_easel_krita=true\nenable_easel_krita=true\n";
        assert_eq!(forgotten_in(twice), "");
        assert_eq!(forgotten_in("[python]\n\n[z]\n"), "[python]\n\n[z]\n");
    }

    #[test]
    fn settings_without_a_section_are_read() {
        let file = br"ResourceDirectory=D:\\paint\\krita
[x]
ResourceDirectory=no
";
        assert_eq!(top_level(file, "ResourceDirectory").as_deref(), Some(r"D:\paint\krita"));
        assert_eq!(top_level(b"[x]\nResourceDirectory=no\n", "ResourceDirectory"), None);
    }

    proptest! {
        #[test]
        fn nothing_else_changes(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("[python]\n"), Just("[theme]\n"), Just("enable_other=true\n"), Just("\n"),
                    Just("enable_p2=false\n"), Just("k=\u{fffd}=v\n"), Just("  # no comment\r\n"),
                ],
                0..12,
            )
        ) {
            let file = parts.concat();
            let with = enable(file.as_bytes(), "p");
            prop_assert_eq!(enabled(&with, "p"), Some(true));
            prop_assert_eq!(&enable(&with, "p"), &with);
            prop_assert_eq!(enabled(&forget(&with, "p"), "p"), None);
            let lines = |text: &[u8]| -> Vec<String> {
                String::from_utf8_lossy(text).lines().filter(|line| !line.trim().is_empty())
                    .filter(|line| *line != "[python]").map(str::to_owned).collect()
            };
            prop_assert_eq!(lines(&forget(&with, "p")), lines(file.as_bytes()));
        }
    }
}
