//! Jobs as values: which change may follow which, and what an ask becomes for a given model.
//! Pure: no I/O, no clock, no tokio.

pub mod advice;
pub mod check;
pub mod plan;
pub mod price;
pub mod size;
pub mod state;
