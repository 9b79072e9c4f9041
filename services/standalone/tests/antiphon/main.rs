//! The real binary, from outside.

mod configured;
mod development;
mod https;
mod relay;
mod rest_page;
mod support;
mod webhook;
