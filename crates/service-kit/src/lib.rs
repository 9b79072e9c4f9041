//! What every service needs: telemetry, health, drain, authentication, serving, config loading.

pub mod auth;
pub mod client_address;
pub mod clock;
pub mod config;
pub mod drain;
mod fetch;
pub mod health;
pub mod host;
pub mod openapi;
pub mod origins;
pub mod problem;
pub mod request;
pub mod serve;
pub mod telemetry;
pub mod tls;
pub mod watched;
