//! `tollgate user show`, `tollgate user find` and `tollgate user audit`

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use super::{find::find, row::Row};
use crate::{
    accounts::lockouts::{self, Lockout},
    base::clock::Timestamp,
    billing::{subscribers, subscription::Entitlement},
    cli::{Context, NotFound},
    db::{DbConnection, DbError},
    users::{self, SecondFactor, User, audit::Entry},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Find {
    /// The Stripe id of the customer, such as cus_…
    #[arg(long)]
    stripe_customer: String,
}

/// A user with the details that support needs.
#[derive(Serialize)]
struct Details {
    #[serde(flatten)]
    row: Row,
    second_factors: Vec<SecondFactor>,
    lockouts: Vec<Lockout>,
    subscription: Subscription,
}

#[derive(Serialize)]
struct Subscription {
    status: &'static str,
    source: Option<&'static str>,
    current_period_end: Option<Timestamp>,
    grace_until: Option<Timestamp>,
    stripe_customers: BTreeSet<String>,
}

pub(super) async fn show(context: &Context, who: &str) -> anyhow::Result<()> {
    let user = find(context, who).await?;
    details(context, user).await
}

pub(super) async fn find_by(context: &Context, Find { stripe_customer: id }: Find) -> anyhow::Result<()> {
    let customer = id.clone();
    let user = context.db.read(move |connection| subscribers::user_of_customer(connection, &customer)).await?;
    details(context, user.ok_or_else(|| NotFound(format!("no user is linked to the Stripe customer {id}")))?).await
}

async fn details(context: &Context, user: User) -> anyhow::Result<()> {
    let (grace, throttle, now) = (context.config.billing.grace, context.config.password.throttle, context.clock.now());
    let look = move |connection: &mut DbConnection| {
        let lockouts = if throttle { lockouts::list(connection, &user, now)? } else { Vec::new() };
        let entitlement = subscribers::find(connection, user.id, grace)?;
        let stripe_customers = subscribers::customers(connection, user.id)?;
        let subscription = Subscription::new(entitlement, stripe_customers, now);
        let second_factors = user.second_factors();
        Ok::<_, DbError>(Details { row: Row::from(user), second_factors, lockouts, subscription })
    };
    let details = context.db.read(look).await?;
    context.show(&details, || details.lines().join("\n"))
}

impl Subscription {
    fn new(entitlement: Option<Entitlement>, stripe_customers: BTreeSet<String>, now: Timestamp) -> Self {
        Self {
            status: entitlement.map_or("none", |entitlement| entitlement.status(now)),
            source: entitlement.map(|entitlement| if entitlement.is_granted { "granted" } else { "paid" }),
            current_period_end: entitlement.and_then(|entitlement| entitlement.current_period_end),
            grace_until: entitlement.and_then(|entitlement| entitlement.grace_until(now)),
            stripe_customers,
        }
    }

    fn line(&self) -> String {
        let mut parts = vec![self.status.to_owned()];
        parts.extend(self.source.map(str::to_owned));
        parts.extend(self.current_period_end.map(|end| format!("until {end}")));
        parts.extend(self.grace_until.map(|until| format!("grace until {until}")));
        parts.extend(self.stripe_customers.iter().map(|id| format!("customer {id}")));
        format!("subscription: {}", parts.join(", "))
    }
}

impl Details {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.row.line()];
        lines.extend(self.second_factors.iter().map(|factor| match factor {
            SecondFactor::Totp => "second factor: authenticator app".to_owned(),
            SecondFactor::Passkey => "second factor: passkey".to_owned(),
        }));
        lines.extend(self.lockouts.iter().map(ToString::to_string));
        lines.push(self.subscription.line());
        lines
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Audit {
    /// Username, email address or id
    user: String,
    /// The maximum number of events
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

pub(super) async fn audit(context: &Context, Audit { user, limit }: Audit) -> anyhow::Result<()> {
    let user_id = find(context, &user).await?.id;
    let entries = context.db.read(move |connection| users::audit::list(connection, user_id, limit)).await?;
    context.list(&entries, columns)
}

fn columns(entry: &Entry) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    vec![entry.at.to_string(), entry.event.into_str().to_owned(), text(&entry.ip), text(&entry.user_agent)]
}
