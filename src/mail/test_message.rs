//! A message that shows whether email works.

use super::{
    message::Texts,
    outbox::{MessageKind, Payload, Queued},
    transport::{SendError, Transport},
};
use crate::base::clock::Timestamp;

/// Sends the message at once rather than through the outbox, so that an error is known immediately.
pub async fn send_test(transport: &Transport, texts: &Texts, recipient: &str, now: Timestamp) -> Result<(), SendError> {
    let message = Queued {
        id: 0,
        kind: MessageKind::Test.into_str().to_owned(),
        user_id: None,
        recipient: recipient.to_owned(),
        payload: String::new(),
        seed: None,
        token_expires_at: None,
        message_id: format!("<test-{}@test.invalid>", now.millis()),
        created_at: now,
        attempts: 1,
    };
    let email = texts.message(&message, MessageKind::Test, &Payload::default(), None).map_err(SendError::invalid)?;
    transport.send(email, format!("{}-test", now.to_string().replace([':', '.'], "-")), recipient).await
}
