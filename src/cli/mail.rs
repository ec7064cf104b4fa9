//! `tollgate mail`

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, NotFound, operator, show, waiting::Waiting};
use crate::{
    accounts::{
        invitations::{self, Pace},
        messages,
    },
    base::{clock::Clock, email::Email},
    config::Config,
    db::{DbError, Tx},
    mail::{
        Texts, Transport,
        outbox::{self, Listed},
        send_test,
    },
};

/// The maximum number of messages per query.
const PAGE: i64 = 1000;

/// The number of invitations per transaction, during which the server's writes wait.
const PAGE_OF_INVITATIONS: i64 = 200;

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
    /// Invite users who were imported without a password and have never signed in, once each. Messages wait in the
    /// outbox until it is their turn; run the command again after another import
    Invite(Invite),
    /// Delete a message that waits for its delivery, or could not be delivered
    Discard {
        /// The id of the message
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(super) struct Invite {
    /// How many messages to send at once, at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// How long to wait for the next batch, in minutes
    #[arg(long, default_value_t = 60, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
}

/// Invites in transactions of a few milliseconds. If the command stops, running it again goes on.
pub(super) async fn invite(context: &Context, Invite { batch, every }: Invite) -> anyhow::Result<()> {
    let mailer = operator::mailer_of_server(&context.config)?.context("MAIL_URL is none: email is off")?;
    if !context.config.mail.sign_in {
        bail!("SIGN_IN_EMAIL is false: users without a password could not sign in");
    }
    let pace = Pace { batch, every: Duration::from_secs(u64::from(every) * 60) };
    let now = context.clock.now();
    let start = context.db.read(move |connection| invitations::start(connection, pace, now)).await?;
    let mut invited = 0;
    let waiting = Waiting::start(context.json);
    loop {
        let (mailer, before) = (mailer.clone(), invited);
        let next = move |tx: &mut Tx<'_>| invitations::invite(tx, &mailer, pace, start, before, PAGE_OF_INVITATIONS);
        match context.db.write::<_, DbError, _>(next).await? {
            0 => break,
            more => invited += more,
        }
    }
    drop(waiting);
    let object = json!({ "invited": invited, "first_at": (invited > 0).then_some(start) });
    context.show(&object, || match invited {
        0 => "nobody is left to invite".to_owned(),
        _ => format!("invitations: {invited}, the first at {start}"),
    })
}

/// Sends a test message. Needs no database.
pub(super) async fn test(config: &Config, json: bool, address: &str) -> anyhow::Result<()> {
    let recipient = Email::parse(address).map_err(|error| anyhow!("the address {error}"))?;
    let transport = Transport::new(&config.mail)?.context("MAIL_URL is none: email is off")?;
    let texts = Texts::load(config.mail.templates.as_deref(), &config.mail.from, &config.mail.app_url, &config.site)?;
    let waiting = Waiting::start(json);
    send_test(&transport, &texts, &recipient.original, Clock::system().now()).await?;
    drop(waiting);
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
