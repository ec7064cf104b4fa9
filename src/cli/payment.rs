//! `tollgate payment`

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;

use super::{Context, NotFound, operator, user};
use crate::{
    billing::{
        payments as billing,
        payments::{Assignment, table as payments, table::Payment},
    },
    db::Tx,
    users::User,
};

/// The maximum number of payments that are listed.
const MAX_LISTED: i64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the latest payments that belonged to no account when they arrived, up to 1000
    List {
        /// Only those that still belong to none
        #[arg(long)]
        unmatched: bool,
    },
    /// Give a payment, and the subscription that it pays for, to a user
    Assign {
        /// The id of the payment, such as cs_live_…
        id: String,
        /// Username, email address or id
        user: String,
    },
    /// Forget a payment that belongs to no account, such as one for another product
    Delete {
        /// The id of the payment
        id: String,
    },
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { unmatched } => {
            let list = move |connection: &mut _| payments::list(connection, unmatched, MAX_LISTED);
            context.list(&context.db.read(list).await?, columns)
        }
        Command::Assign { id, user } => assign(&context, id, &user).await,
        Command::Delete { id } => delete(&context, id).await,
    }
}

async fn assign(context: &Context, id: String, who: &str) -> anyhow::Result<()> {
    let User { id: user_id, username, .. } = user::find(context, who).await?;
    let (grace, operator, now) =
        (context.config.billing.grace, operator::client("payment assign"), context.clock.now());
    let payment = id.clone();
    let assign = move |tx: &mut Tx<'_>| billing::assign(tx, &payment, user_id, grace, &operator, now);
    let payment = match context.db.write(assign).await? {
        Assignment::Done(payment) => payment,
        Assignment::NoSuchPayment => bail!(NotFound(format!("no payment has the id {id}"))),
        Assignment::NoSuchUser => bail!(NotFound(format!("user not found: {who}"))),
        Assignment::AlreadyAssigned => bail!("the payment {id} is already assigned to another user"),
    };
    let outcome = json!({ "id": id, "username": username, "subscription": payment.subscription });
    context.show(&outcome, || match &payment.subscription {
        Some(subscription) => format!("the payment and the subscription {subscription} are {username}'s now"),
        None => format!("the payment is {username}'s now; it was made once and unlocks nothing: see `tollgate grant`"),
    })
}

async fn delete(context: &Context, id: String) -> anyhow::Result<()> {
    let payment = id.clone();
    if !context.db.write(move |tx: &mut Tx<'_>| payments::delete_unmatched(tx, &payment)).await? {
        bail!(NotFound(format!("no payment that belongs to no account has the id {id}")));
    }
    context.show(&json!({ "id": id, "deleted": true }), || format!("{id} is deleted"))
}

fn columns(payment: &Payment) -> Vec<String> {
    let amount = payment.amount.map(|amount| amount.to_string()).unwrap_or_default();
    let owner = payment.user_id.map_or("unmatched".to_owned(), |id| format!("user {id}"));
    let kind = payment.subscription.clone().unwrap_or_else(|| "one-time".to_owned());
    let currency = payment.currency.clone().unwrap_or_default();
    let email = payment.email.clone().unwrap_or_default();
    vec![payment.id.clone(), payment.received_at.to_string(), amount, currency, kind, email, owner]
}
