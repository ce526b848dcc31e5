//! Workers against backends that keep the rules and backends that break them, each compiled from C
//! and loaded by the real program in a process of its own. Whatever a backend does costs its own run:
//! the tests show what the run gives, and that the next one works.

#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod fixture;
mod hostile;
mod lifecycle;
mod manners;
mod misbehaviour;
mod pool;
