//! What a log may say of a request: names of headers, but no credentials; addresses, but no signatures;
//! sizes, but no pictures.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::origin::without_query;

/// An address as a log may have it.
pub(super) fn url(url: &str) -> String {
    let plain = without_query(url);
    if plain.len() == url.len() { plain.to_owned() } else { format!("{plain}?…") }
}

/// Headers as a log may have them: those that are known to be harmless.
pub(super) fn headers(headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    const HARMLESS: &[&str] = &[
        "accept",
        "content-type",
        "content-length",
        "date",
        "retry-after",
        "server",
        "x-request-id",
        "x-client-request-id",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ];
    let shown = |name: &str| HARMLESS.contains(&name.to_ascii_lowercase().as_str());
    headers
        .iter()
        .map(|(name, value)| {
            (name.clone(), if shown(name) { value.clone() } else { "…".to_owned() })
        })
        .collect()
}

/// A text body with every long run of base64 taken out; anything else as its size.
pub(super) fn body(body: &[u8]) -> String {
    const LONGEST: usize = 256;
    let Ok(text) = std::str::from_utf8(body) else { return format!("({} bytes)", body.len()) };
    let code = |letter: char| letter.is_ascii_alphanumeric() || "+/=_-".contains(letter);
    let mut shown = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|letter| !code(letter)).unwrap_or(rest.len());
        if run > LONGEST {
            let _ = write!(shown, "({run} bytes)");
        } else {
            shown.push_str(&rest[..run]);
        }
        rest = &rest[run..];
        let other = rest.find(code).unwrap_or(rest.len());
        shown.push_str(&rest[..other]);
        rest = &rest[other..];
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_left() {
        assert_eq!(url("https://a.b/c?sig=x"), "https://a.b/c?…");
        assert_eq!(url("https://a.b/c"), "https://a.b/c");
        let all = [("Authorization", "Bearer k"), ("x-key", "k"), ("Content-Type", "a/b")];
        let all = all.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let shown = headers(&all);
        assert_eq!((shown["Authorization"].as_str(), shown["x-key"].as_str()), ("…", "…"));
        assert_eq!(shown["Content-Type"], "a/b");
        let picture = format!("{{\"prompt\":\"a cat\",\"image\":\"{}\"}}", "iVBOR/+".repeat(100));
        assert_eq!(body(picture.as_bytes()), "{\"prompt\":\"a cat\",\"image\":\"(700 bytes)\"}");
        assert_eq!(body(&[0xff, 1, 2]), "(3 bytes)");
    }
}
