//! The real binary, from outside.

mod backplane;
mod configured;
mod development;
mod https;
mod relay;
mod rest_page;
mod support;
mod webhook;
