//! "This wasn't me": undoes what a notice reported, and locks out whoever did it.

use rand::distr::{Alphanumeric, SampleString};

use crate::{
    accounts::{
        AccountError, Accounts, notices,
        passwords::{self, Password, Requester},
        profile::verification,
        second_factors,
    },
    base::{client::Client, clock::Timestamp, email::Email, secrets},
    credentials::identities,
    db::{DbConnection, DbError, Tx},
    mail::{
        Mailer,
        one_time_tokens::{self, Grant, Purpose},
    },
    users::{
        User,
        audit::{self, Event},
        emails::{self, Claimant},
    },
};

impl Accounts {
    /// Returns the account to the time before what the notice reported: restores the address that was verified then,
    /// and removes the second factors and identities that were added since. Ends everything that is open, makes the password unusable,
    /// and mails a link to choose a new one to that address.
    pub async fn secure(&self, token: &str, client: Client, now: Timestamp) -> Result<(), AccountError> {
        let (mailer, hash) = (self.mailer()?.clone(), secrets::digest(token));
        let find = move |connection: &mut DbConnection| one_time_tokens::find(connection, Purpose::Secure, &hash, now);
        let found = self.db().read::<_, DbError, _>(find).await?.ok_or(AccountError::InvalidToken)?;
        // Nobody knows this password.
        let unusable = Alphanumeric.sample_string(&mut rand::rng(), 64);
        let unusable = Password::given(&unusable).ok_or(AccountError::InvalidToken)?;
        let requester = Requester::new(&client, &found.user_id.to_string());
        let password_hash = self.verifier.hasher.hash(unusable, requester).await?;
        let sender = mailer.clone();
        let secure = move |tx: &mut Tx<'_>| {
            let before = found.payload.as_deref().and_then(|email| Email::parse(email).ok());
            let before = before.ok_or(AccountError::InvalidToken)?;
            let (user, claimants) = lock(tx, found.user_id, &before)?.ok_or(AccountError::InvalidToken)?;
            one_time_tokens::consume(tx, Purpose::Secure, &hash, now)?.ok_or(AccountError::InvalidToken)?;
            restore(tx, &sender, &user, &claimants, &before, now)?;
            if second_factors::remove_added_since(tx, &user, found.created_at)? {
                audit::insert(tx, user.id, Event::SecondFactorRemoved, &client, now)?;
            }
            if identities::delete_since(tx, user.id, found.created_at)? > 0 {
                audit::insert(tx, user.id, Event::IdentityRemoved, &client, now)?;
            }
            passwords::reset(tx, &user, &password_hash, &client, now)?;
            revoke_later_links(tx, user.id, &found, &before)?;
            Ok(sender.enqueue_reset(tx, &user, before.original, now)?)
        };
        self.db().write::<_, AccountError, _>(secure).await?;
        mailer.wake();
        Ok(())
    }
}

/// Locks the user, together with all others who have entered the address to restore: locking them later would not be in
/// the order of their ids, and could deadlock with a verification.
fn lock(tx: &mut Tx<'_>, user_id: i64, email: &Email) -> Result<Option<(User, Vec<Claimant>)>, DbError> {
    emails::lock_address(tx, &email.key)?;
    let claimants = emails::lock_claimants(tx, user_id, &email.key)?;
    let user = claimants.iter().map(|claimant| &claimant.user).find(|user| user.id == user_id).cloned();
    Ok(user.map(|user| (user, claimants)))
}

/// Gives the user the former address. If somebody else has verified it since, the user is left without one: the current
/// one may belong to whoever did what the notice reports.
fn restore(
    tx: &mut Tx<'_>,
    mailer: &Mailer,
    user: &User,
    claimants: &[Claimant],
    email: &Email,
    now: Timestamp,
) -> Result<(), DbError> {
    let current = user.verified_email();
    if current == Some(&email.original) && user.pending_email.is_none() {
        return Ok(());
    }
    if let Some(current) = current.filter(|current| *current != email.original) {
        notices::send_restored_address(tx, mailer, user.id, current, now)?;
    }
    if !verification::take_from_others(tx, user.id, email, claimants)? {
        return emails::remove(tx, user.id, now);
    }
    emails::set_verified(tx, user.id, &email.original, &email.key, now)
}

/// The link of a notice that has not been used.
struct Unused {
    id: i64,
    /// The key of the address that it restores.
    address: String,
    created_at: Timestamp,
}

/// Revokes the links that could take back what the used one has restored: those of later notices about the same
/// address, and those for addresses that the account had only later. An address that it had earlier keeps its links: if
/// two people use their links against each other, the first owner wins.
fn revoke_later_links(tx: &mut Tx<'_>, user_id: i64, used: &Grant, restored: &Email) -> Result<(), DbError> {
    let unused = one_time_tokens::list(tx, user_id, Purpose::Secure)?;
    let unused: Vec<_> = unused.into_iter().filter_map(Unused::from_row).collect();
    let first_use =
        |address: &str| unused.iter().filter(|link| link.address == address).map(|link| link.created_at).min();
    let restored_since = first_use(&restored.key).map_or(used.created_at, |first| first.min(used.created_at));
    let is_revoked = |link: &&Unused| match first_use(&link.address) {
        Some(first) if link.address != restored.key => first > restored_since,
        _ => link.created_at >= used.created_at,
    };
    let revoked: Vec<_> = unused.iter().filter(is_revoked).map(|link| link.id).collect();
    one_time_tokens::delete(tx, &revoked)
}

impl Unused {
    /// `None` for a link without a valid address, which does not work.
    fn from_row((id, payload, created_at): (i64, Option<String>, Timestamp)) -> Option<Self> {
        let address = Email::parse(&payload?).ok()?.key;
        Some(Self { id, address, created_at })
    }
}
