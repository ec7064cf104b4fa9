//! `tollgate user reset-factors`

use anyhow::bail;

use super::{find, row::Row};
use crate::{
    accounts::administration,
    cli::{Context, operator},
    db::Tx,
};

pub(super) async fn run(context: &Context, who: &str) -> anyhow::Result<()> {
    let user = find(context, who).await?;
    let had_factors = !user.second_factors().is_empty();
    let (id, mailer) = (user.id, operator::mailer(&context.config, &user)?);
    let (operator, now) = (operator::client("user reset-factors"), context.clock.now());
    let reset = move |tx: &mut Tx<'_>| administration::reset_factors(tx, mailer.as_ref(), id, &operator, now);
    let Some(user) = context.db.write(reset).await? else { bail!("user not found: {who}") };
    let username = user.username.clone();
    let row = Row::from(user);
    let outcome = if had_factors { "no longer has a second factor" } else { "had no second factor" };
    context.show(&row, || format!("{username}: {outcome}\n{}", row.line()))
}
