//! The backend that comes with Easel: real networks that run on this machine, without a key and
//! without the internet. Four models: painting styles by name, style from a reference, cutting out
//! the subject, and enlarging. The networks' weights are files that `cargo xtask weights` makes; this
//! crate finds, checks and runs them. It opens no other file and no connection, and reads no prompt.

mod backdrop;
mod backend;
mod cutout;
mod enhance;
mod finish;
mod foreground;
mod network;
mod opaque;
mod paint;
mod reference;
mod styles;
mod tensor;
mod tiling;
mod watch;
mod weights;
mod zoom;

pub use crate::backdrop::Backdrop;
pub use crate::backend::{Local, descriptor};
pub use crate::cutout::{cut_out, subject_mask};
pub use crate::enhance::{Tier, enhance};
pub use crate::finish::Finish;
pub use crate::paint::{Brush, paint_like, paint_named};
pub use crate::styles::{STYLES, Style};
pub use crate::watch::{Part, Quiet, Watch};
pub use crate::weights::{Problem, Weights};

easel_backend::export_backend!(Local);
