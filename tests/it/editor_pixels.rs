//! The pixel formats that only editors have, through the wire: there and back to the bit, stored as what they mean, and
//! refused in a way that the editor gets to read.

use std::io::{Read, Write};

use easel_protocol::ErrorKind;
use easel_protocol::picture::PixelFormat;

use crate::support::Daemon;

/// Bytes without a pattern; as floats they are everything that floats can be.
fn bytes(count: usize) -> Vec<u8> {
    let mut state = 11_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        (state >> 56) as u8
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn every_format_of_an_editor_comes_back_to_the_bit() {
    let daemon = Daemon::start();
    let (width, height) = (61, 7);
    for format in PixelFormat::ALL {
        let rows = bytes(width * height * format.bytes_per_pixel() as usize);
        let blob = daemon.put_pixels(format.name(), width as u32, height as u32, &rows);
        let picture = blob.picture.unwrap();
        assert_eq!(picture.format, format.stored(), "{format}");
        assert_eq!(daemon.pixels(blob.id.as_str(), format.name()), rows, "{format}");
        // Whatever it is stored as, an editor gets it in the format of its document.
        for wanted in PixelFormat::ALL {
            let got = daemon.pixels(blob.id.as_str(), wanted.name());
            let expected = width * height * wanted.bytes_per_pixel() as usize;
            assert_eq!(got.len(), expected, "{format} as {wanted}");
        }
    }
}

#[test]
fn large_uploads_are_converted_while_they_arrive() {
    let daemon = Daemon::start();
    // Chunks end in the middle of pixels.
    let (width, height) = (1031, 509);
    for format in ["graya8", "grayaf16", "rgbaf16", "bgra16"] {
        let pixel = format.parse::<PixelFormat>().unwrap().bytes_per_pixel();
        let rows = bytes((width * height * pixel) as usize);
        let blob = daemon.put_pixels(format, width, height, &rows).id;
        assert!(daemon.pixels(blob.as_str(), format) == rows, "{format}");
    }
}

#[test]
fn gray_and_halves_are_stored_as_what_they_mean() {
    let daemon = Daemon::start();
    let gray = daemon.put_pixels("graya8", 2, 1, &[7, 255, 200, 9]);
    let colour = daemon.put_pixels("rgba8", 2, 1, &[7, 7, 7, 255, 200, 200, 200, 9]);
    assert_eq!(gray.id, colour.id, "the same picture has one name");
    // -2, 0.5, 65504 and 1 as halves.
    let halves: Vec<u8> =
        [0xc000_u16, 0x3800, 0x7bff, 0x3c00].iter().flat_map(|it| it.to_le_bytes()).collect();
    let blob = daemon.put_pixels("rgbaf16", 1, 1, &halves).id;
    let floats = |rows: Vec<u8>| -> Vec<f32> {
        rows.as_chunks().0.iter().map(|raw| f32::from_le_bytes(*raw)).collect()
    };
    assert_eq!(floats(daemon.pixels(blob.as_str(), "rgbaf32")), [-2.0, 0.5, 65504.0, 1.0]);
    let gray = floats(daemon.pixels(blob.as_str(), "grayaf32"));
    let luma = 0.2126 * -2.0 + 0.7152 * 0.5 + 0.0722 * 65504.0;
    assert!((gray[0] - luma).abs() < 1e-2, "{gray:?}");
    // Without a profile floats are light, and 8 bits are coded: half the light is 188.
    let half = [0x3800_u16, 0x3c00].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    let blob = daemon.put_pixels("grayaf16", 1, 1, &half).id;
    assert_eq!(daemon.pixels(blob.as_str(), "graya8"), [188, 255]);
    // A body of the stored size is not one of the size that was announced.
    let headers =
        "content-type: application/vnd.easel.pixels; format=graya8; width=2; height=1\r\n";
    let answer = daemon.request("PUT", "/v1/blobs", headers, &[0; 8]);
    assert_eq!(answer.failure().kind, ErrorKind::InvalidRequest);
    assert!(answer.failure().message.contains("8 bytes, its picture has 4"), "{answer:?}");
}

#[test]
fn a_refusal_reaches_who_is_still_sending() {
    let daemon = Daemon::start();
    let rows = vec![7; 2000 * 2000 * 4];
    let missing = "0".repeat(64);
    for (parameters, body, kind) in [
        (
            format!("format=rgba8; width=2000; height=2000; icc={missing}"),
            &rows[..],
            ErrorKind::NotFound,
        ),
        ("format=rgba8; width=2000; height=40000".to_owned(), &rows[..], ErrorKind::TooLarge),
        ("format=rgba8; width=2000; height=1999".to_owned(), &rows[..], ErrorKind::InvalidRequest),
    ] {
        let head = format!(
            "PUT /v1/blobs HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nauthorization: Bearer {}\r\nconnection: close\r\ncontent-length: {}\r\ncontent-type: application/vnd.easel.pixels; {parameters}\r\n\r\n",
            daemon.port,
            daemon.token,
            body.len()
        );
        for _ in 0..5 {
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", daemon.port)).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            // Editors' clients give up where this fails, and never read why.
            stream.write_all(body).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.contains(&format!("\"kind\":\"{}\"", kind.name())), "{answer}");
        }
    }
}
