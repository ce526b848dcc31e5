//! One binary that drives the real program: real daemon, real workers, real plugins, real pictures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something unexpected happens"
)]

mod bad_input;
mod browser;
mod clients;
mod coded_floats;
mod command_line;
mod conformance;
mod durable;
mod editor_pixels;
mod editors;
mod editors_wire;
mod folders;
mod install;
mod local;
mod lsp;
mod page_wire;
mod pictures;
mod providers;
mod recipes;
mod repository;
mod subscription;
mod support;
mod wide_colours;
mod wire;
mod worker;
