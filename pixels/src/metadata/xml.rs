//! The small rules of XML: encodings, names, attributes, and which characters can be written at all.
//!
//! The parser lets much pass that a strict reader refuses; here it is refused.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::escape::{escape, partial_escape, unescape};
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;
use quick_xml::name::{Namespace, NamespaceResolver, PrefixDeclaration, ResolveResult};

/// Packets are UTF-8 nearly always, and UTF-16 by the book.
pub(super) fn decoded(packet: &[u8]) -> Option<String> {
    let wide = |one: fn([u8; 2]) -> u16| {
        let units = packet.as_chunks().0.iter().map(|pair| one(*pair));
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    match packet {
        [0xfe, 0xff, ..] | [0, b'<', ..] => wide(u16::from_be_bytes),
        [0xff, 0xfe, ..] | [b'<', 0, ..] => wide(u16::from_le_bytes),
        _ => std::str::from_utf8(packet).ok().map(str::to_owned),
    }
}

/// All attributes with their names in full. Nothing when one is given twice, or cannot be read.
pub(super) fn attributes<'a>(
    start: &'a BytesStart<'_>,
    names: &'a NamespaceResolver,
) -> Option<Vec<(&'a str, &'a str, Attribute<'a>)>> {
    let mut list = Vec::new();
    let mut seen = HashSet::new();
    for attribute in start.attributes().with_checks(false) {
        let mut attribute = attribute.ok()?;
        let key = attribute.key;
        let value = unescape(&attribute.value).ok()?;
        if !value.chars().all(is_allowed) {
            attribute.value = quoted(&value).into();
        }
        let (space, local) = if let Some(declared) = key.as_namespace_binding() {
            // A prefix cannot be taken back, only the namespace of names without one.
            if attribute.value.is_empty() && declared != PrefixDeclaration::Default {
                return None;
            }
            ("xmlns", key.into_inner())
        } else {
            match names.resolve_attribute(key) {
                (ResolveResult::Bound(Namespace(space)), local) => (space, local.into_inner()),
                (ResolveResult::Unbound, local) => ("", local.into_inner()),
                (ResolveResult::Unknown(_), _) => return None,
            }
        };
        if !is_name(key.into_inner()) || !seen.insert((space, local)) {
            return None;
        }
        list.push((space, local, attribute));
    }
    Some(list)
}

/// The namespace of an element, empty for none. Nothing when its prefix was never declared.
pub(super) fn bound<'a>(space: &ResolveResult<'a>) -> Option<&'a str> {
    match space {
        ResolveResult::Bound(Namespace(space)) => Some(space),
        ResolveResult::Unbound => Some(""),
        ResolveResult::Unknown(_) => None,
    }
}

/// Whether XML takes it as a name, with at most one prefix. Letters beyond ASCII are not told apart.
pub(super) fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80;
        part.bytes().next().is_some_and(letter)
            && part
                .bytes()
                .all(|byte| letter(byte) || byte.is_ascii_digit() || b"-.".contains(&byte))
    };
    let mut parts = name.split(':');
    parts.next().is_some_and(part) && parts.next().is_none_or(part) && parts.next().is_none()
}

/// Text of an element. A carriage return would be read as a line's end if it stood there as itself.
pub(super) fn text(value: &str) -> String {
    partial_escape(allowed(value)).replace('\r', "&#13;")
}

/// Text of an attribute, where line ends would be read as blanks.
pub(super) fn quoted(value: &str) -> String {
    let escaped = escape(allowed(value)).replace('\r', "&#13;");
    escaped.replace('\n', "&#10;").replace('\t', "&#9;")
}

/// The text without what XML 1.0 cannot hold, not even escaped.
pub(super) fn allowed(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_allowed) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|letter| is_allowed(*letter)).collect())
    }
}

pub(super) const fn is_allowed(letter: char) -> bool {
    !matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
