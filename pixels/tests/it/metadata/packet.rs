//! Where a result comes from, said in XMP: alone, over what a source said, and over what nobody can read.

use easel_pixels::Size;
use easel_pixels::metadata::{Origin, provenance};

const TRAINED: &str =
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

pub(crate) const ORIGIN: Origin<'_> = Origin {
    trained: true,
    tool: "Easel 0.1.0",
    models: &["local/fill 1", "other & <sons>"],
    recipe: Some("portrait.toml"),
    prompt: Some("a \"quiet\" harbour\r\n\u{0}& <no> boats\u{ffff}"),
    source_hash: "blake3:00ff",
    size: Size { width: 640, height: 480 },
};

const SPACES: &str = "xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'
    xmlns:t='http://ns.adobe.com/tiff/1.0/' xmlns:e='http://ns.adobe.com/exif/1.0/'
    xmlns:q='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' xmlns:p='http://ns.adobe.com/xap/1.0/'
    xmlns:d='http://purl.org/dc/elements/1.1/'";

fn over(packet: &str) -> String {
    String::from_utf8(provenance(Some(packet.as_bytes()), &ORIGIN)).unwrap()
}

fn alone() -> String {
    String::from_utf8(provenance(None, &ORIGIN)).unwrap()
}

/// A packet with prefixes that nobody expects.
fn packet(description: &str) -> String {
    format!(
        "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?>\n<a:xmpmeta xmlns:a='adobe:ns:meta/'>
        <r:RDF {SPACES}>{description}</r:RDF></a:xmpmeta>\n     \n<?xpacket end='w'?>"
    )
}

#[test]
fn a_result_without_a_past_says_where_it_comes_from() {
    let xml = alone();
    for part in [
        &format!("<Iptc4xmpExt:DigitalSourceType>{TRAINED}</Iptc4xmpExt:DigitalSourceType>"),
        "<xmp:CreatorTool>Easel 0.1.0</xmp:CreatorTool>",
        "<rdf:li>local/fill 1</rdf:li>",
        "<rdf:li>other &amp; &lt;sons&gt;</rdf:li>",
        "<easel:Recipe>portrait.toml</easel:Recipe>",
        "<easel:Prompt>a \"quiet\" harbour&#13;\n&amp; &lt;no&gt; boats</easel:Prompt>",
        "<easel:SourceHash>blake3:00ff</easel:SourceHash>",
    ] {
        assert!(xml.contains(part), "{part} is not in {xml}");
    }
    assert!(!xml.contains("tiff:") && !xml.contains("exif:"), "nothing that nobody asked");
    let plain = Origin { trained: false, models: &[], recipe: None, prompt: None, ..ORIGIN };
    let xml = String::from_utf8(provenance(None, &plain)).unwrap();
    assert!(xml.contains("digitalsourcetype/algorithmicMedia<"));
    assert!(!xml.contains("easel:Models") && !xml.contains("easel:Prompt"));
}

#[test]
fn what_is_still_true_stays_and_the_rest_is_made_true() {
    let nested = "<d:subject><r:Bag><r:li>sea &amp; sky</r:li><r:li xml:lang=\"x\">t:Orientation</r:li></r:Bag></d:subject>";
    let as_attributes = packet(&format!(
        "<r:Description r:about='uuid:\"1\"' t:Orientation='6' e:PixelXDimension='10' t:Make='It&apos;s \"X\"'
            q:DigitalSourceType='http://old/type' p:CreatorTool='Old'>{nested}</r:Description>"
    ));
    let as_elements = packet(&format!(
        "<r:Description r:about='uuid:\"1\"'><t:Orientation>6</t:Orientation><t:Make>It&apos;s \"X\"</t:Make>
            <e:PixelXDimension>10</e:PixelXDimension><q:DigitalSourceType r:resource='http://old/type'/>
            <p:CreatorTool>Old</p:CreatorTool>{nested}<p:Thumbnails><r:Alt><r:li>old picture</r:li></r:Alt></p:Thumbnails>
        </r:Description>"
    ));
    for source in [as_attributes, as_elements] {
        let xml = over(&source);
        assert!(xml.contains(nested), "{xml}");
        assert!(xml.contains("It&apos;s "), "{xml}");
        for gone in ["http://old/type", "Old", ">6<", "'6'", "\"6\"", "10", "old picture"] {
            assert!(!xml.contains(gone), "{gone} is in {xml}");
        }
        assert_eq!(xml.matches(TRAINED).count(), 1);
        for part in [
            "<tiff:Orientation>1</tiff:Orientation>",
            "<exif:PixelXDimension>640</exif:PixelXDimension>",
            "<exif:PixelYDimension>480</exif:PixelYDimension>",
            // All descriptions are about the same.
            "rdf:about=\"uuid:&quot;1&quot;\"",
        ] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        assert!(!xml.contains("ImageWidth"));
        assert_eq!(over(&xml), xml, "doing it again changes nothing");
    }
}

#[test]
fn an_orientation_inside_of_something_else_is_not_the_pictures() {
    let inside = "<d:source r:parseType=\"Resource\"><t:Orientation>8</t:Orientation></d:source>";
    let xml = over(&packet(&format!("<r:Description>{inside}</r:Description>")));
    assert!(xml.contains(inside) && !xml.contains("tiff:Orientation"));
}

#[test]
fn appended_films_and_gain_maps_are_no_longer_announced() {
    let xml = over(&packet(
        "<r:Description xmlns:g='http://ns.google.com/photos/1.0/camera/' g:MotionPhoto='1'
            xmlns:h='http://ns.adobe.com/hdr-gain-map/1.0/' h:Version='1.0' d:format='image/jpeg'
            xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='0123'/>",
    ));
    for gone in ["MotionPhoto", "Version", "HasExtendedXMP"] {
        assert!(!xml.contains(gone), "{gone} is in {xml}");
    }
    assert!(xml.contains("d:format=\"image/jpeg\""));
}

#[test]
fn a_damaged_packet_is_replaced() {
    let whole = packet("<r:Description d:format='x'/>");
    assert!(over(&whole).contains("d:format"));
    let empty = format!("<r:RDF {SPACES}/>");
    assert_ne!(over(&empty), alone(), "a packet without anything in it is whole");
    let damaged = [
        String::new(),
        "no xml".to_owned(),
        "<a/>".to_owned(),
        whole.replace("</r:RDF>", ""),
        whole.replace("</a:xmpmeta>", ""),
        whole.replace("d:format='x'", "u:format='x'"),
        whole.replace("d:format='x'", "d:format='x' d:format='y'"),
        whole.replace("d:format='x'", "d:format='&own;'"),
        whole.replace("d:format='x'", "d:format=x"),
        whole.replace("<r:Description", "words<r:Description"),
        whole.replace("<a:xmpmeta", "<!DOCTYPE a [<!ENTITY own 'x'>]><a:xmpmeta"),
        format!("{whole}{whole}"),
        packet(&"<r:Description>".repeat(10_000)),
        packet(&format!("{}{}", "<d:a>".repeat(200), "</d:a>".repeat(200))),
    ];
    for source in damaged {
        assert_eq!(over(&source), alone(), "{source}");
    }
    assert_eq!(provenance(Some(b"\xff\xfe\x00"), &ORIGIN), alone().into_bytes());
    assert_eq!(provenance(Some(b"<a>\xc3\x28</a>"), &ORIGIN), alone().into_bytes());
}

#[test]
fn packets_may_be_wide_and_may_have_no_frame() {
    let bare = format!("<r:RDF {SPACES}><r:Description r:about='' d:format='ü'/></r:RDF>");
    let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{bare}").encode_utf16().flat_map(unit).collect()
    };
    let expected = over(&bare);
    assert!(expected.contains("d:format=\"ü\""));
    assert_eq!(provenance(Some(&wide(u16::to_be_bytes)), &ORIGIN), expected.as_bytes());
    assert_eq!(provenance(Some(&wide(u16::to_le_bytes)), &ORIGIN), expected.as_bytes());
}

#[test]
fn characters_that_xml_forbids_do_not_come_through() {
    let xml = over(&packet(
        "<r:Description d:a='&#1;one&#xFFFE;' d:b=\"a\u{7}<'b'\"><d:c>\u{b}two&#2;&#x41;]]></d:c></r:Description>",
    ));
    assert!(xml.contains("d:a=\"one\""), "{xml}");
    assert!(xml.contains("&lt;"), "{xml}");
    assert!(xml.contains("<d:c>two&#x41;]]&gt;</d:c>"), "{xml}");
    let ends = over(&packet(
        "<r:Description><d:c>]]&#1;> ]]<!-- -->> <![CDATA[<a>]]\u{1}>&]]></d:c></r:Description>",
    ));
    assert!(ends.contains("<d:c>]]&gt; ]]&gt; &lt;a&gt;]]&gt;&amp;</d:c>"), "{ends}");
    assert!(!xml.contains(['\u{7}', '\u{b}']) && !xml.contains("&#1;") && !xml.contains("&#2;"));
}
