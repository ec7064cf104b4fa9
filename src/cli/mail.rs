//! `tollgate mail`

use anyhow::{Context as _, anyhow, bail};
use clap::Subcommand;
use serde_json::json;

use super::{Context, NotFound, operator, show};
use crate::{
    accounts::messages,
    base::{clock::Clock, email::Email},
    config::Config,
    db::Tx,
    mail::{
        Texts, Transport,
        outbox::{self, Listed},
        send_test,
    },
};

/// The maximum number of messages per query.
const PAGE: i64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send a test message to an address
    Test { address: String },
    /// List the messages that wait for their delivery, or could not be delivered
    List,
    /// Deliver a message now, or all whose last attempt failed
    Retry {
        /// The id of the message [default: all whose last attempt failed, also those that wait for another]
        id: Option<i64>,
    },
    /// Delete a message that waits for its delivery, or could not be delivered
    Discard {
        /// The id of the message
        id: i64,
    },
}

/// Sends a test message. Needs no database.
pub(super) async fn test(config: &Config, json: bool, address: &str) -> anyhow::Result<()> {
    let recipient = Email::parse(address).map_err(|error| anyhow!("the address {error}"))?;
    let transport = Transport::new(&config.mail)?.context("MAIL_URL is none: e-mail is off")?;
    let texts = Texts::load(config.mail.templates.as_deref(), &config.mail.from, &config.mail.app_url, &config.site)?;
    send_test(&transport, &texts, &recipient.original, Clock::system().now()).await?;
    show(json, &json!({ "sent_to": address }), || format!("sent to {address}"))
}

pub(super) async fn list(context: &Context) -> anyhow::Result<()> {
    let mut all: Vec<Listed> = Vec::new();
    loop {
        let after = all.last().map_or(i64::MIN, |message| message.id);
        let page = context.db.read(move |connection| outbox::list_unsent(connection, after, PAGE)).await?;
        if page.is_empty() {
            return context.list(&all, columns);
        }
        all.extend(page);
    }
}

pub(super) async fn retry(context: &Context, id: Option<i64>) -> anyhow::Result<()> {
    let now = context.clock.now();
    let retried = context.db.write(move |tx: &mut Tx<'_>| outbox::retry(tx, id, now)).await?;
    if let (0, Some(id)) = (retried, id) {
        bail!(NotFound(format!("no unsent message has the id {id}")));
    }
    context.show(&json!({ "retried": retried }), || format!("messages to be delivered: {retried}"))
}

pub(super) async fn discard(context: &Context, id: i64) -> anyhow::Result<()> {
    let (operator, now) = (operator::client("mail discard"), context.clock.now());
    if !context.db.write(move |tx: &mut Tx<'_>| messages::discard(tx, id, &operator, now)).await? {
        bail!(NotFound(format!("no unsent message has the id {id}")));
    }
    context.show(&json!({ "id": id, "deleted": true }), || format!("message {id} is deleted"))
}

fn columns(message: &Listed) -> Vec<String> {
    let state = match message.failed_at {
        Some(at) => format!("failed {at}"),
        None => format!("next attempt {}", message.next_attempt_at),
    };
    let error = message.last_error.clone().unwrap_or_default();
    vec![message.id.to_string(), message.kind.clone(), message.recipient.clone(), state, error]
}
