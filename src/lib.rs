//! Easel changes pictures that exist, from inside the editor people already use.
//!
//! This library is the program: the daemon, its command line and its workers. `ARCHITECTURE.md`
//! maps the modules and names what must always hold; a test guards who may name whom.

pub mod backend;
pub mod cli;
pub mod conformance;
pub mod daemon;
pub mod http;
pub mod install;
pub mod job;
pub mod keys;
pub mod lsp;
pub mod paths;
pub mod recipe;
pub mod rpc;
pub mod runs;
pub mod store;
pub mod watch;
pub mod web;
pub mod worker;
