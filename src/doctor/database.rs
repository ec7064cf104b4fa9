//! Checks the database and its connection limit.

use std::path::Path;

use tokio::task::spawn_blocking;

use super::{Finding, error, warning};
use crate::{
    accounts::second_factors::{SeedKeys, count_unreadable},
    billing::payments::table as payments,
    config::{Config, DatabaseUrl, KEY_FILE, SecretKey},
    db::{self, Db, DbError},
    users,
};

/// The three connections that PostgreSQL reserves for superusers, the two on which a node listens, and the one of its
/// background jobs.
const OTHERS: usize = 6;

/// The number of accounts that a finding lists.
const MAX_LISTED: i64 = 10;

pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return vec![missing(path)];
    }
    match examine_open(config).await {
        Ok(findings) => findings,
        Err(cause @ DbError::OldSchema) => vec![warning("DATABASE_URL", cause.to_string())],
        Err(cause) => vec![error("DATABASE_URL", cause.to_string())],
    }
}

async fn examine_open(config: &Config) -> Result<Vec<Finding>, DbError> {
    let url = config.database.clone();
    let opened = spawn_blocking(move || Db::open_current(&url)).await;
    let db = opened.unwrap_or_else(|panic| Err(DbError::Query(panic.to_string())))?;
    let closed = db.closed();
    let findings = findings(&db, config).await;
    drop(db);
    closed.wait();
    findings
}

/// What is found without reading all of a table, so that a page can show it.
pub(super) async fn quick(db: &Db, config: &Config) -> Result<Vec<Finding>, DbError> {
    let unknown = db.schema_status().await?.unknown;
    let max = db.max_connections().await?;
    let room = max.and_then(|max| room(config.limits.database.connections, max));
    let payments = unmatched(db.read(payments::count_unmatched).await?);
    let has_admin = db.read(users::has_admin).await?;
    let admin = needless_password(config.password.first_admin.is_some() && has_admin);
    Ok(newer(&unknown).into_iter().chain(room).chain(payments).chain(admin).collect())
}

async fn findings(db: &Db, config: &Config) -> Result<Vec<Finding>, DbError> {
    let mut findings = quick(db, config).await?;
    findings.extend(db.damage().await?.as_deref().map(damaged));
    findings.extend(seeds(count_unreadable(db, seed_keys(config).as_ref()).await?));
    let ids = match config.mail.is_on() {
        true => db.read(|connection| users::with_address_as_name(connection, MAX_LISTED)).await?,
        false => Vec::new(),
    };
    findings.extend(addresses_as_names(&ids));
    Ok(findings)
}

/// Such names were accepted while email was off.
fn addresses_as_names(ids: &[i64]) -> Option<Finding> {
    let accounts: Vec<_> = ids.iter().map(|id| format!("id:{id}")).collect();
    let text = format!(
        "has accounts whose name contains @, so that it may be the address of somebody else, who cannot sign in with it then: \
         {}. Ask their users to choose another name, or run tollgate user disable",
        accounts.join(", ")
    );
    (!ids.is_empty()).then(|| warning("DATABASE_URL", text))
}

/// The database has an admin, so that the setting does nothing but let others read a password.
fn needless_password(is_needless: bool) -> Option<Finding> {
    let text = "has done its work, because there is an admin: remove it, and ADMIN_USERNAME";
    is_needless.then(|| warning("ADMIN_PASSWORD", text))
}

fn unmatched(count: i64) -> Option<Finding> {
    let text = format!(
        "has {count} payments that belong to no account, so that nothing was unlocked: tollgate payment list --unmatched \
         shows them, and tollgate payment assign says whose they are"
    );
    (count > 0).then(|| warning("DATABASE_URL", text))
}

fn damaged(found: &str) -> Finding {
    error("DATABASE_URL", format!("names a damaged file ({found}): stop the server and restore a backup"))
}

/// `None` if there is no key, which is reported separately.
fn seed_keys(config: &Config) -> Option<SeedKeys> {
    let secret = config.cookie.secret_key.clone().or_else(|| SecretKey::read(Path::new(KEY_FILE)).ok())?;
    Some(SeedKeys::new(&secret, config.cookie.old_secret_key.as_ref()))
}

fn seeds(unreadable: usize) -> Option<Finding> {
    let text = format!(
        "does not decrypt the seeds of {unreadable} authenticator apps: their codes do not work. If you have the former \
         key, set SECRET_KEY_OLD to it and run tollgate rekey; otherwise these users need a recovery code, or tollgate \
         user reset-factors"
    );
    (unreadable > 0).then(|| warning("SECRET_KEY", text))
}

fn newer(unknown: &[String]) -> Option<Finding> {
    let text = format!("has a schema that is newer than this version, but compatible: {}", unknown.join(", "));
    (!unknown.is_empty()).then(|| warning("DATABASE_URL", text))
}

fn missing(path: &Path) -> Finding {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        Some(folder) => error("DATABASE_URL", format!("is in {}, which is not a directory", folder.display())),
        None => {
            let text =
                format!("names {}, which does not exist yet: the server creates it when it starts", path.display());
            warning("DATABASE_URL", text)
        }
    }
}

fn room(connections: usize, max: i64) -> Option<Finding> {
    let wanted = i64::try_from(connections.saturating_add(OTHERS)).unwrap_or(i64::MAX);
    let text = format!("is {connections} per node, but the server allows only {max} in total (max_connections)");
    (wanted > max).then(|| warning("DATABASE_CONNECTIONS", text))
}

pub(super) async fn pooler(config: &Config) -> Option<Finding> {
    let DatabaseUrl::Postgres(url) = config.database.clone() else { return None };
    // An unreachable database is reported separately.
    let pools_transactions = spawn_blocking(move || db::pools_transactions(&url)).await.ok()?.ok()?;
    pools_transactions.then(|| pooler_finding(config.session.cache))
}

fn pooler_finding(session_cache: usize) -> Finding {
    let text = "points to a pooler that uses a different connection for each transaction, such as PgBouncer with \
                pool_mode=transaction: prepared statements fail, settings of a connection reach other clients, and \
                notifications of changes are lost. Use pool_mode=session, or connect to PostgreSQL directly (docs/operations/scaling.md)";
    // Without caches, no notifications are needed, and newer versions of PgBouncer can keep prepared statements.
    if session_cache == 0 { warning("DATABASE_URL", text) } else { error("DATABASE_URL", text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::settings;

    #[test]
    fn a_missing_file_is_only_an_error_without_its_directory() {
        let look = |path: &str| settings([missing(Path::new(path))]);
        assert_eq!(look("tollgate.db"), [("DATABASE_URL".to_owned(), false)]);
        assert_eq!(look("/nonexistent/tollgate.db"), [("DATABASE_URL".to_owned(), true)]);
    }

    #[test]
    fn too_many_connections_are_reported() {
        assert_eq!(settings(room(94, 100)), []);
        assert_eq!(settings(room(95, 100)), [("DATABASE_CONNECTIONS".to_owned(), false)]);
    }
}
