//! Reading an XMP packet so that more can be said in it: whole or not at all.
//!
//! The packet is read by its names in full, never by its prefixes, and written again with the properties that a
//! result replaces left out. What a strict reader would stumble over (undeclared prefixes, a document type, unclosed
//! elements) makes the packet damaged: a file must not get XML that its next reader throws away.

use quick_xml::NsReader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::NamespaceResolver;

use super::provenance::{EASEL, EXIF, IPTC, META, RDF, TIFF, XMP};
use super::xml::{allowed, attributes, bound, decoded, is_allowed, is_name, text};

/// Deeper than any packet; the parser of whoever reads it next may well be recursive.
const DEEPEST: usize = 100;

const NOTE: &str = "http://ns.adobe.com/xmp/note/";

/// What cameras say of parts that they put behind a picture; a result does not have them.
const APPENDED: &[&str] = &[
    "http://ns.adobe.com/hdr-gain-map/1.0/",
    "http://ns.google.com/photos/1.0/camera/",
    "http://ns.google.com/photos/1.0/container/",
    "http://ns.google.com/photos/1.0/depthmap/",
    "http://ns.google.com/photos/1.0/image/",
];

/// A packet taken apart where one more description goes in.
pub(super) struct Kept {
    /// From the root to the last description that is kept.
    pub(super) head: String,
    /// The ends of the elements that are still open.
    pub(super) tail: String,
    /// What the descriptions are about; all of a packet are about the same.
    pub(super) about: String,
    /// What was left out and must be said again.
    pub(super) had: Had,
}

#[derive(Default)]
pub(super) struct Had {
    pub(super) orientation: bool,
    pub(super) tiff_size: bool,
    pub(super) exif_size: bool,
}

impl Had {
    /// Whether a property is left out, and a note of those that come back with another value.
    fn replaces(&mut self, space: &str, name: &str) -> bool {
        match (space, name) {
            (TIFF, "Orientation") => self.orientation = true,
            (TIFF, "ImageWidth" | "ImageLength") => self.tiff_size = true,
            (EXIF, "PixelXDimension" | "PixelYDimension") => self.exif_size = true,
            (XMP, "CreatorTool" | "Thumbnails")
            | (IPTC, "DigitalSourceType")
            | (NOTE, "HasExtendedXMP")
            | (EASEL, _) => {}
            _ => return APPENDED.contains(&space),
        }
        true
    }
}

impl Kept {
    /// A packet that says nothing yet.
    pub(super) fn nothing() -> Self {
        Self {
            head: format!("\n<x:xmpmeta xmlns:x=\"{META}\">\n <rdf:RDF xmlns:rdf=\"{RDF}\">"),
            tail: "\n </rdf:RDF>\n</x:xmpmeta>".to_owned(),
            about: String::new(),
            had: Had::default(),
        }
    }
}

/// Reads a packet; nothing when it is damaged.
pub(super) fn keep(packet: &[u8]) -> Option<Kept> {
    let packet = decoded(packet)?;
    let mut reader =
        NsReader::from_str(packet.trim_matches(['\0', '\u{feff}', ' ', '\n', '\r', '\t']));
    reader.config_mut().expand_empty_elements = true;
    let mut copy = Copy::default();
    loop {
        let event = reader.read_event().ok()?;
        match event {
            Event::Start(start) => copy.open(&start, reader.resolver())?,
            Event::End(end) => copy.close(end.name().into_inner())?,
            Event::Text(raw) => copy.text(&raw)?,
            Event::CData(raw) => copy.inside(|xml| xml.push_str(&text(&raw.xml10_content())))?,
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().ok()?;
                if letter.is_none() {
                    resolve_xml_entity(&name)?;
                }
                // What is forbidden cannot be written in any way: it goes.
                let known = letter.is_none_or(is_allowed);
                copy.inside(|xml| {
                    if known {
                        xml.push('&');
                        xml.push_str(&name);
                        xml.push(';');
                    }
                })?;
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            _ => {}
        }
    }
    copy.finish()
}

/// What an element is by its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Around the descriptions.
    Wrapper,
    /// `rdf:RDF`.
    Descriptions,
    /// A child of it.
    Description,
    /// A property of the picture, or what is inside one.
    Inside,
}

/// The packet while it is written again.
#[derive(Default)]
struct Copy {
    xml: String,
    open: Vec<Place>,
    /// How deep in a property that is left out.
    skipping: usize,
    /// Where the description began that is being read, and whether it says anything.
    description: (usize, bool),
    about: Option<String>,
    had: Had,
    /// Where more descriptions go in.
    seam: Option<usize>,
}

impl Copy {
    fn open(&mut self, start: &BytesStart<'_>, names: &NamespaceResolver) -> Option<()> {
        let name = start.name();
        let (space, local) = names.resolve_element(name);
        let (space, local) = (bound(&space)?, local.into_inner());
        let depth = self.open.len();
        if depth + self.skipping >= DEEPEST || !is_name(name.into_inner()) {
            return None;
        }
        let attributes = attributes(start, names)?;
        if self.skipping > 0 {
            self.skipping += 1;
            return Some(());
        }
        let place = match self.open.last() {
            None if self.xml.is_empty() => outer(space, local),
            // A document has one root.
            None => return None,
            Some(Place::Wrapper) => outer(space, local),
            Some(Place::Descriptions) => Place::Description,
            Some(Place::Description) if self.had.replaces(space, local) => {
                self.skipping = 1;
                return Some(());
            }
            Some(Place::Description) => {
                self.description.1 = true;
                Place::Inside
            }
            Some(Place::Inside) => Place::Inside,
        };
        if place == Place::Descriptions && self.seam.is_some() {
            return None;
        }
        if place == Place::Description {
            // A node of a type of its own says something by being there.
            self.description = (self.xml.len(), (space, local) != (RDF, "Description"));
        }
        if self.open.last() != Some(&Place::Inside) {
            self.line(depth);
        }
        self.xml.push('<');
        self.xml.push_str(name.into_inner());
        for (space, local, attribute) in attributes {
            if place == Place::Description && !self.describes(space, local, &attribute) {
                continue;
            }
            self.xml.push(' ');
            self.xml.push_str(attribute.key.into_inner());
            self.xml.push_str("=\"");
            // The value as it stood, which may have been between single quotes.
            self.xml
                .push_str(&allowed(&attribute.value).replace('"', "&quot;").replace('<', "&lt;"));
            self.xml.push('"');
        }
        self.xml.push('>');
        self.open.push(place);
        Some(())
    }

    /// Looks at an attribute of a description; false when it is left out.
    fn describes(&mut self, space: &str, local: &str, attribute: &Attribute<'_>) -> bool {
        if attribute.key.as_namespace_binding().is_some() {
            return true;
        }
        if local == "about" && (space == RDF || space.is_empty()) {
            if self.about.is_none() {
                self.about = unescape(&attribute.value).ok().map(std::borrow::Cow::into_owned);
            }
            return true;
        }
        if self.had.replaces(space, local) {
            return false;
        }
        self.description.1 = true;
        true
    }

    fn close(&mut self, name: &str) -> Option<()> {
        if self.skipping > 0 {
            self.skipping -= 1;
            return Some(());
        }
        let place = self.open.pop()?;
        if place == Place::Description && !self.description.1 {
            self.xml.truncate(self.description.0);
            return Some(());
        }
        if place == Place::Descriptions {
            self.seam = Some(self.xml.len());
        }
        if place != Place::Inside {
            self.line(self.open.len());
        }
        self.xml.push_str("</");
        self.xml.push_str(name);
        self.xml.push('>');
        Some(())
    }

    /// Between descriptions there are only blanks, which are set anew.
    fn text(&mut self, text: &str) -> Option<()> {
        if self.skipping == 0 && self.open.last() != Some(&Place::Inside) {
            return text.trim_ascii().is_empty().then_some(());
        }
        // What stood between two brackets and this may have been left out.
        self.inside(|xml| xml.push_str(&allowed(text).replace('>', "&gt;")))
    }

    /// Adds to a property; nothing when text stands where none belongs.
    fn inside(&mut self, add: impl FnOnce(&mut String)) -> Option<()> {
        if self.skipping > 0 {
            return Some(());
        }
        if self.open.last() != Some(&Place::Inside) {
            return None;
        }
        add(&mut self.xml);
        Some(())
    }

    fn line(&mut self, depth: usize) {
        self.xml.push('\n');
        self.xml.extend(std::iter::repeat_n(' ', depth));
    }

    fn finish(mut self) -> Option<Kept> {
        if !self.open.is_empty() || self.skipping > 0 {
            return None;
        }
        let tail = self.xml.split_off(self.seam?);
        Some(Kept { head: self.xml, tail, about: self.about.unwrap_or_default(), had: self.had })
    }
}

fn outer(space: &str, local: &str) -> Place {
    if (space, local) == (RDF, "RDF") { Place::Descriptions } else { Place::Wrapper }
}
