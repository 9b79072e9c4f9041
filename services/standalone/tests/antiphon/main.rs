//! The real binary, from outside.

mod configured;
mod development;
mod hostile;
mod https;
mod support;
