//! Backends as they lie on disk: the manifest that is read before any of their code runs, what they
//! say of themselves, and whether they may run. Starting them is the worker's business.

pub mod catalogue;
pub mod descriptor;
pub mod discover;
pub mod manifest;
pub mod trust;
