//! The real binary, from outside.

mod configured;
mod development;
mod hostile;
mod https;
mod rest_page;
mod support;
