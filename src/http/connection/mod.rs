//! Connections: limits on their number, timeouts, and the boundaries between pipelined requests.

pub(super) mod framing;
pub(super) mod limits;
pub(super) mod pipeline;
pub(super) mod timeouts;
