//! Whether a server keeps its promises, whatever breaks: a checker in the manner of Jepsen.
//!
//! [`check`] proves it from the clients' histories.

pub mod check;
