//! What a source said about itself is kept, what is no longer true is not, and a result says where it comes from.

use easel_pixels::codec::{self, Encoding, Limits};
use easel_pixels::metadata::{self, Metadata};
use easel_pixels::{Orientation, Size};
use serde_json::json;

use super::{Watched, picture, until};

/// EXIF of a camera that was turned: orientation 6, and its name.
fn exif() -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x02\0".to_vec();
    // Model: ASCII, seven bytes, behind the directory; orientation: one SHORT.
    block.extend([0x10, 0x01, 2, 0, 7, 0, 0, 0, 38, 0, 0, 0]);
    block.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    block.extend([0, 0, 0, 0]);
    block.extend(b"EOS R5\0");
    block
}

#[test]
fn exif_profile_and_orientation_are_kept_and_the_origin_is_told() {
    let watched = Watched::without_folder();
    watched.write_recipe(
        "intent = \"restyle\"\nmodel = \"invert\"\n[output]\nname = \"{exif.camera}/{name}\"\n",
    );
    watched.add(json!({}));
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let source = picture(1, 96, 64);
    let encoding = Encoding::Jpeg { quality: 95 };
    let bytes = codec::encode(source.view(), Some(&profile), encoding).unwrap();
    let blocks = Metadata { exif: Some(exif()), xmp: None };
    let bytes = metadata::write(&bytes, &blocks).unwrap();
    assert_eq!(codec::probe(&bytes).unwrap().orientation, Orientation::Rotate90);
    std::fs::write(watched.input("turned.jpg"), bytes).unwrap();
    let result = watched.output("EOS R5/turned.jpg");
    until("the result", || result.exists().then_some(()), || watched.daemon.log());
    let bytes = std::fs::read(&result).unwrap();
    let header = codec::probe(&bytes).unwrap();
    assert_eq!((header.size, header.orientation), (Size::new(64, 96), Orientation::Normal));
    let kept = metadata::read(&bytes);
    assert_eq!(metadata::facts(&kept.exif.unwrap())["camera"], "EOS R5");
    let decoded = codec::decode(&bytes, &Limits::default()).unwrap().picture;
    assert_eq!(decoded.icc.as_deref(), Some(profile.as_slice()));
    let xmp = String::from_utf8(kept.xmp.unwrap()).unwrap();
    // Nobody trained the model that inverts.
    assert!(xmp.contains("digitalsourcetype/algorithmicMedia"), "{xmp}");
    let sidecar = std::fs::read(watched.output("EOS R5/turned.jpg.json")).unwrap();
    let sidecar: serde_json::Value = serde_json::from_slice(&sidecar).unwrap();
    assert_eq!(sidecar["digital_source_type"], "algorithmicMedia");
}
