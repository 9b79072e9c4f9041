//! The service by its routes, with stand-ins for Twilio and Cloudflare that hold callers to what those document.

mod budget;
mod cloudflare;
mod cloudflare_stand_in;
mod draft;
mod ice_servers;
mod matrix;
mod support;
mod twilio;
mod twilio_stand_in;
