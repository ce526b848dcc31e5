//! XMP that says where a result comes from, laid over the XMP that the source had.
//!
//! The words for it are those of the IPTC, which pages and search engines read; what they have no word for stands in
//! a namespace of our own. What the source said stays, except for what is no longer true.

use std::fmt::Write as _;

use super::packet::{self, Kept};
use super::xml::{quoted, text};
use crate::Size;

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const META: &str = "adobe:ns:meta/";
pub(super) const XMP: &str = "http://ns.adobe.com/xap/1.0/";
pub(super) const IPTC: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
pub(super) const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";
pub(super) const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
/// Our own names. The domain is one that nobody can own, since `.invalid` is set aside for that.
pub(super) const EASEL: &str = "https://easel.invalid/ns/1.0/";

const SOURCE_TYPES: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";

/// Where a result comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Whether a trained model changed pixels, and not only an algorithm that somebody wrote down.
    pub trained: bool,
    /// The program and its version, as `Easel 0.1.0`.
    pub tool: &'a str,
    /// The models that ran, in their order, by name and version.
    pub models: &'a [&'a str],
    /// The recipe that was followed.
    pub recipe: Option<&'a str>,
    /// What a person asked for.
    pub prompt: Option<&'a str>,
    /// The hash of the source, with the name of its kind.
    pub source_hash: &'a str,
    /// The size of the result: dimensions that the source's packet names are made true.
    pub size: Size,
}

/// A packet in UTF-8 that holds what `existing` said, as far as it can be read and is still true, and the origin. A
/// packet that is damaged is replaced. Doing it again with the same origin changes nothing.
///
/// No longer true are an earlier type of source, tool or origin, an orientation or dimensions other than those of the
/// result, thumbnails of the source, and the parts that cameras put behind a picture (films, depth, gain maps), which
/// a result does not have.
pub fn provenance(existing: Option<&[u8]>, origin: &Origin<'_>) -> Vec<u8> {
    let kept = existing.and_then(packet::keep).unwrap_or_else(Kept::nothing);
    let mut xml = String::from("<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>");
    xml.push_str(&kept.head);
    describe(&mut xml, &kept, origin);
    xml.push_str(&kept.tail);
    xml.push_str("\n<?xpacket end=\"w\"?>");
    xml.into_bytes()
}

/// One description with the origin. It declares every name it uses, whatever the packet around it has declared.
fn describe(xml: &mut String, kept: &Kept, origin: &Origin<'_>) {
    let Size { width, height } = origin.size;
    let source_type =
        if origin.trained { "compositeWithTrainedAlgorithmicMedia" } else { "algorithmicMedia" };
    let mut spaces = vec![("rdf", RDF), ("xmp", XMP), ("Iptc4xmpExt", IPTC), ("easel", EASEL)];
    let mut properties = vec![
        ("Iptc4xmpExt:DigitalSourceType", format!("{SOURCE_TYPES}{source_type}")),
        ("xmp:CreatorTool", origin.tool.to_owned()),
        ("easel:SourceHash", origin.source_hash.to_owned()),
    ];
    properties.extend(origin.recipe.map(|recipe| ("easel:Recipe", recipe.to_owned())));
    properties.extend(origin.prompt.map(|prompt| ("easel:Prompt", prompt.to_owned())));
    if kept.had.orientation {
        properties.push(("tiff:Orientation", "1".to_owned()));
    }
    if kept.had.tiff_size {
        properties.push(("tiff:ImageWidth", width.to_string()));
        properties.push(("tiff:ImageLength", height.to_string()));
    }
    if kept.had.exif_size {
        properties.push(("exif:PixelXDimension", width.to_string()));
        properties.push(("exif:PixelYDimension", height.to_string()));
    }
    if kept.had.orientation || kept.had.tiff_size {
        spaces.push(("tiff", TIFF));
    }
    if kept.had.exif_size {
        spaces.push(("exif", EXIF));
    }

    // Writing to a string does not fail.
    let _ = write!(xml, "\n  <rdf:Description rdf:about=\"{}\"", quoted(&kept.about));
    for (prefix, uri) in spaces {
        let _ = write!(xml, "\n    xmlns:{prefix}=\"{uri}\"");
    }
    xml.push('>');
    for (name, value) in properties {
        let _ = write!(xml, "\n   <{name}>{}</{name}>", text(&value));
    }
    if !origin.models.is_empty() {
        xml.push_str("\n   <easel:Models>\n    <rdf:Seq>");
        for model in origin.models {
            let _ = write!(xml, "\n     <rdf:li>{}</rdf:li>", text(model));
        }
        xml.push_str("\n    </rdf:Seq>\n   </easel:Models>");
    }
    xml.push_str("\n  </rdf:Description>");
}
