//! EXIF blocks as cameras write them, in both byte orders.

/// A block that is put together by hand, directory by directory.
pub(crate) struct Builder {
    big: bool,
    bytes: Vec<u8>,
}

/// An entry whose value goes behind its directory where it does not fit.
pub(crate) enum Value<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    Raw(&'a [u8]),
    Short(u16),
    Long(u32),
    Fraction(u32, u32),
}

impl Builder {
    pub(crate) fn new(big: bool) -> Self {
        let mut new = Self { big, bytes: Vec::new() };
        new.bytes.extend_from_slice(if big { b"MM\0*" } else { b"II*\0" });
        let first = new.four(8);
        new.bytes.extend_from_slice(&first);
        new
    }

    pub(crate) fn two(&self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    pub(crate) fn four(&self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    pub(crate) fn at(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// Bytes of a directory and its values, before it is written.
    pub(crate) fn length(entries: &[(u16, Value<'_>)]) -> u32 {
        let outside = |value: &Value<'_>| match value {
            Value::Text(text) if text.len() >= 4 => (text.len() + 1).next_multiple_of(2),
            Value::Bytes(bytes) | Value::Raw(bytes) if bytes.len() > 4 => {
                bytes.len().next_multiple_of(2)
            }
            Value::Fraction(..) => 8,
            _ => 0,
        };
        let values: usize = entries.iter().map(|(_, value)| outside(value)).sum();
        (2 + 12 * entries.len() + 4 + values) as u32
    }

    pub(crate) fn directory(&mut self, entries: &[(u16, Value<'_>)], next: u32) {
        let mut outside = self.at() + 2 + 12 * entries.len() as u32 + 4;
        let mut behind = Vec::new();
        self.bytes.extend_from_slice(&self.two(entries.len() as u16));
        for (tag, value) in entries {
            let (kind, count, bytes) = match value {
                Value::Text(text) => (2, text.len() + 1, [text.as_bytes(), &[0]].concat()),
                Value::Bytes(bytes) => (7, bytes.len(), bytes.to_vec()),
                Value::Raw(bytes) => (1, bytes.len(), bytes.to_vec()),
                Value::Short(number) => (3, 1, self.two(*number).to_vec()),
                Value::Long(number) => (4, 1, self.four(*number).to_vec()),
                Value::Fraction(above, below) => {
                    (5, 1, [self.four(*above), self.four(*below)].concat())
                }
            };
            self.bytes.extend_from_slice(&[self.two(*tag), self.two(kind)].concat());
            self.bytes.extend_from_slice(&self.four(count as u32));
            let mut field = [0; 4];
            if bytes.len() <= 4 {
                field[..bytes.len()].copy_from_slice(&bytes);
            } else {
                field = self.four(outside);
                behind.extend_from_slice(&bytes);
                behind.resize(behind.len().next_multiple_of(2), 0);
                outside += bytes.len().next_multiple_of(2) as u32;
            }
            self.bytes.extend_from_slice(&field);
        }
        self.bytes.extend_from_slice(&self.four(next));
        self.bytes.extend_from_slice(&behind);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// A maker's note; what it holds means nothing here.
pub(crate) const NOTE: &[u8] = b"MAKER\0II*\0 offsets into the block \x10\x20\x30\x40";

/// What stands for the old picture, and must not survive.
pub(crate) const THUMBNAIL: &[u8] = b"\xff\xd8\xff the old picture, small \xff\xd9";

/// A block like that of a camera held on its side, with details, GPS, a maker's note and a thumbnail.
pub(crate) fn block(big: bool) -> Vec<u8> {
    let title: Vec<u8> = "Ein Titel ✓\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let main = |exif: u32, gps: u32| {
        [
            (0x010e, Value::Text("  A quiet\tharbour ")),
            (0x010f, Value::Text("Maker & Söhne")),
            (0x0110, Value::Text("Model <7>")),
            (0x0112, Value::Short(6)),
            (0x011a, Value::Fraction(300, 1)),
            (0x011b, Value::Fraction(300, 1)),
            (0x0128, Value::Short(2)),
            (0x0132, Value::Text("2024:06:01 10:00:00")),
            (0x013b, Value::Text("Ann")),
            (0x8298, Value::Text("(c) Ann")),
            (0x8769, Value::Long(exif)),
            (0x8825, Value::Long(gps)),
            (0x9c9b, Value::Raw(&title)),
        ]
    };
    let exif = [
        (0x829a, Value::Fraction(10, 2500)),
        (0x829d, Value::Fraction(28, 10)),
        (0x8827, Value::Short(400)),
        (0x9003, Value::Text("2024:05:17 18:03:59")),
        (0x920a, Value::Fraction(42, 10)),
        (0x927c, Value::Bytes(NOTE)),
        (0xa002, Value::Short(4000)),
        (0xa003, Value::Long(3000)),
        (0xa434, Value::Text("Lens 50mm F1.8")),
    ];
    let gps = [(0x0001, Value::Text("N")), (0x0005, Value::Raw(&[0]))];
    let thumbnail = |at: u32| {
        [
            (0x0103, Value::Short(6)),
            (0x0201, Value::Long(at)),
            (0x0202, Value::Long(THUMBNAIL.len() as u32)),
        ]
    };
    let exif_at = 8 + Builder::length(&main(0, 0));
    let gps_at = exif_at + Builder::length(&exif);
    let thumbnail_at = gps_at + Builder::length(&gps);
    let picture_at = thumbnail_at + Builder::length(&thumbnail(0));
    let mut builder = Builder::new(big);
    builder.directory(&main(exif_at, gps_at), thumbnail_at);
    builder.directory(&exif, 0);
    builder.directory(&gps, 0);
    builder.directory(&thumbnail(picture_at), 0);
    builder.bytes.extend_from_slice(THUMBNAIL);
    builder.finish()
}

/// Whether a part is somewhere in the bytes.
pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
