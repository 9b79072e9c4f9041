//! The real binary, from outside.

mod configured;
mod development;
mod https;
mod rest_page;
mod support;
mod webhook;
