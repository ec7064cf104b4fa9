//! Connections, below HTTP: limits on their number, timeouts, the boundaries between pipelined requests, and a request to
//! a server on this machine.

mod framing;
mod limits;
pub mod local_http;
pub mod open_files;
mod pipeline;
mod timeouts;

pub use self::{
    limits::{ConnectionLimits, Connections},
    timeouts::{ConnectionActivity, Serving, TimeoutStream},
};
