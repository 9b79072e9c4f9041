//! Configuration: the same `clap` structs read flags, environment and a file.

mod quantities;

pub use quantities::{ByteSize, HumanDuration, InvalidQuantity};
