//! One binary that drives the real program: real daemon, real workers, real plugins, real pictures.

mod bad_input;
mod command_line;
mod conformance;
mod durable;
mod local;
mod pictures;
mod repository;
mod support;
mod wire;
mod worker;
