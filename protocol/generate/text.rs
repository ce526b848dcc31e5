//! Laying out text: words to lines, names to other cases. Knows nothing of any language.

/// The longest line of generated code, in characters.
pub(crate) const WIDTH: usize = 100;

/// A doc comment as lines of at most `width` characters; an empty line stands between paragraphs.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// `cancel_requested` as `CancelRequested`.
pub(crate) fn pascal(name: &str) -> String {
    name.split(['_', '-', '.'])
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters)
        })
        .collect()
}

/// `transform.submit` as `transform_submit`.
pub(crate) fn snake(name: &str) -> String {
    name.replace(['.', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_and_lines_are_short() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one\ntwo\n\nthree", 80), ["one two", "", "three"]);
        assert_eq!(wrap("incomprehensible", 3), ["incomprehensible"]);
    }

    #[test]
    fn names_in_other_cases() {
        assert_eq!(pascal("cancel_requested"), "CancelRequested");
        assert_eq!(snake("transform.submit"), "transform_submit");
    }
}
