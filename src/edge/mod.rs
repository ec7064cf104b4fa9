//! Connections, below HTTP: limits on their number, timeouts, and the boundaries between pipelined requests.

mod framing;
mod limits;
mod pipeline;
mod timeouts;

pub use self::{
    limits::{ConnectionLimits, Connections},
    timeouts::{ConnectionActivity, Serving, TimeoutStream},
};
