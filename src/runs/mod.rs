//! Recipes at work: from a recipe and a picture to results, step by step, and from results to files. Everything that
//! runs is a transform with a key that is made from what is asked, so that a run that was broken off goes on where it
//! was: what is done is found again, and nothing is paid for twice.

mod chain;
mod claims;
mod deliver;
mod encode;
mod execute;
mod file;
mod lent;
mod mask;
pub mod menu;
mod ready;
mod room;
mod running;
pub mod sheet;
mod sidecar;
mod source;

pub use deliver::{Delivery, Place};
pub use execute::Progress;
pub use file::{FileWork, may_become_whole};
pub use ready::{Ready, References, read_text, text_of};
pub use running::Runs;
pub use source::{Source, file_facts};
