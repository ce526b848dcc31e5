//! The pure pixel pipeline of Easel: formats, views, codecs, and everything that happens to a picture before and
//! after a model sees it.
//!
//! Nothing here reads a file, opens a connection, asks the clock or starts a thread: bytes and views go in, pictures
//! and numbers come out. Outside a mask not one bit changes, and bad input is an error with a hint, never a panic.

#![forbid(unsafe_code)]

pub mod alpha;
pub mod blur;
pub mod codec;
pub mod colour;
pub mod composite;
mod convert;
pub mod crop;
pub mod depth;
mod distance;
mod editor;
pub mod fidelity;
pub mod fit;
mod format;
mod geometry;
mod guard;
pub mod guided;
mod half;
pub mod mask;
pub mod metadata;
mod orientation;
mod picture;
mod plane;
pub mod register;
mod rescale;
mod resize;
pub mod ring;
mod sample;
pub mod tiles;
mod transfer;
mod view;

pub use alpha::{Alpha, Matte, flatten, restore};
pub use codec::{
    DecodeError, Decoded, EncodeError, Encoding, Header, Kind, Limits, decode, decode_mask, encode,
    probe,
};
pub use composite::{composite, place};
pub use convert::convert;
pub use editor::EditorFormat;
pub use fidelity::{Fidelity, measure};
pub use fit::{Fit, FitError, SizeRules};
pub use format::{Format, UnknownFormat, swizzle_bgra8_in_place, swizzle_bgra16_in_place};
pub use geometry::{Rect, Size};
pub use guided::guided_filter;
pub use orientation::Orientation;
pub use picture::Picture;
pub use register::Registration;
pub use rescale::rescale;
pub use resize::resize;
pub use ring::ColourMatch;
pub use transfer::{linear_to_srgb, srgb_to_linear};
pub use view::{LayoutError, View, ViewMut};
