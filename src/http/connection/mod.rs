//! Connections: how many there are, how long they may idle, and where one request ends and the next begins.

pub(super) mod framing;
pub(super) mod limits;
pub(super) mod pipeline;
pub(super) mod timeouts;
