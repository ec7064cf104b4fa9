//! Email: messages are written to an outbox in the transaction that causes them, and delivered by a background job.

mod cleanup;
mod delivery;
pub mod email_codes;
pub mod invitations;
mod limits;
mod message;
mod metrics;
pub mod one_time_tokens;
pub mod outbox;
mod preparation;
mod reset_request;
mod sign_in;
mod test_message;
mod transport;

pub use self::{
    cleanup::cleanup,
    delivery::{Claimed, Delivery},
    limits::Limited,
    message::{TemplateError, Texts},
    metrics::MailMetrics,
    outbox::{Link, Mailer, MessageKind, Occurrence, Outgoing, Payload, link_keys},
    sign_in::{Guess, Holder, LIFETIME as SIGN_IN_LIFETIME, SignInRequest, void_sign_ins},
    test_message::send_test,
    transport::{CONNECTIONS, SendError, Transport, TransportError},
};
