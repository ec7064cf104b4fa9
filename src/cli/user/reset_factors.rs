//! `tollgate user reset-factors`

use anyhow::bail;

use super::{find, row::Row};
use crate::{
    accounts::administration,
    cli::{Context, notices, operator},
    db::Tx,
};

pub(super) async fn run(context: &Context, who: &str) -> anyhow::Result<()> {
    let user = find(context, who).await?;
    let (id, mailer) = (user.id, notices::mailer(&context.config, &user)?);
    let (operator, now) = (operator::client("user reset-factors"), context.clock.now());
    let reset = move |tx: &mut Tx<'_>| administration::reset_factors(tx, mailer.as_ref(), id, &operator, now);
    let Some(user) = context.db.write(reset).await? else { bail!("user not found: {who}") };
    let username = user.username.clone();
    let row = Row::from(user);
    context.show(&row, || format!("{username}: no longer has a second factor\n{}", row.line()))
}
