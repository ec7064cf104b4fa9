//! What an operator does about seeds that are not encrypted under the current key: counting those that no key opens, and
//! encrypting the others again, so that the former key can be removed.

use serde::Serialize;

use super::SeedKeys;
use crate::{
    credentials::totp_seeds,
    db::{Db, DbConnection, DbError, Tx},
};

/// Seeds per transaction: on SQLite, requests that write wait for it.
const PAGE: i64 = 200;

/// The outcome for all seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rekeyed {
    pub encrypted_again: usize,
    /// Seeds that neither the current nor the former key decrypts. They stay as they are.
    pub unreadable: usize,
}

/// Encrypts every seed of the former key under the current one. If interrupted, it can be run again.
pub async fn rekey(db: &Db, keys: &SeedKeys) -> Result<Rekeyed, DbError> {
    let (mut after, mut total) = (i64::MIN, Rekeyed::default());
    loop {
        let keys = keys.clone();
        let (last, page) = db.write(move |tx: &mut Tx<'_>| rekey_page(tx, &keys, after)).await?;
        total.encrypted_again += page.encrypted_again;
        total.unreadable += page.unreadable;
        let Some(last) = last else { return Ok(total) };
        after = last;
    }
}

/// Returns the last user of the page, if it has any.
fn rekey_page(tx: &mut Tx<'_>, keys: &SeedKeys, after: i64) -> Result<(Option<i64>, Rekeyed), DbError> {
    let mut rekeyed = Rekeyed::default();
    let seeds = totp_seeds::after(tx, after, PAGE)?;
    for (user_id, sealed) in &seeds {
        match keys.open(sealed, *user_id) {
            None => rekeyed.unreadable += 1,
            Some(opened) if opened.is_old => {
                let changed = totp_seeds::reseal(tx, *user_id, sealed, &keys.seal(&opened.seed, *user_id)?)?;
                rekeyed.encrypted_again += usize::from(changed);
            }
            Some(_) => {}
        }
    }
    Ok((seeds.last().map(|(user_id, _)| *user_id), rekeyed))
}

/// Counts the seeds that no key decrypts; without keys, these are all.
pub async fn count_unreadable(db: &Db, keys: Option<&SeedKeys>) -> Result<usize, DbError> {
    let (mut after, mut unreadable) = (i64::MIN, 0);
    loop {
        let seeds = db.read(move |connection: &mut DbConnection| totp_seeds::after(connection, after, PAGE)).await?;
        let Some((last, _)) = seeds.last() else { return Ok(unreadable) };
        after = *last;
        let opens =
            |(user_id, sealed): &&(i64, Vec<u8>)| keys.is_some_and(|keys| keys.open(sealed, *user_id).is_some());
        unreadable += seeds.iter().filter(|seed| !opens(seed)).count();
    }
}
