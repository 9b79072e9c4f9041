//! The real binary, from outside.

mod configured;
mod development;
mod https;
mod support;
