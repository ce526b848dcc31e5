//! What a file says about itself, there and back: blocks in four containers, facts, and where a result comes from.

mod camera;
mod containers;
mod hostile;
mod packet;
mod upright;
