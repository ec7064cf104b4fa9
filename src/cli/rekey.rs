//! `tollgate rekey`

use super::context::{Context, secret};
use crate::accounts::second_factors::{self, Rekeyed, SeedKeys};

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    let secret = secret(&context.config, "to encrypt the seeds of authenticator apps")?;
    let keys = SeedKeys::new(&secret, context.config.cookie.old_secret_key.as_ref());
    let rekeyed = second_factors::rekey(&context.db, &keys).await?;
    context.show(&rekeyed, || sentence(rekeyed))
}

fn sentence(Rekeyed { encrypted_again, unreadable }: Rekeyed) -> String {
    let done = format!("seeds encrypted again under SECRET_KEY: {encrypted_again}");
    match unreadable {
        0 => done,
        _ => format!("{done}\nseeds that neither SECRET_KEY nor SECRET_KEY_OLD decrypts: {unreadable}"),
    }
}
