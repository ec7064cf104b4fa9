//! What every layer may use: the time, the client and its device, addresses, secrets and output. Nothing here does I/O,
//! except for printing.

pub mod client;
pub mod clock;
pub mod device;
pub mod email;
pub mod output;
pub mod secrets;
