//! Detects a pooler between the server and PostgreSQL.

use actix_web::rt::task::spawn_blocking;

use super::{Finding, error, warning};
use crate::{
    config::{Config, DatabaseUrl},
    db,
};

pub(super) async fn examine(config: &Config) -> Option<Finding> {
    let DatabaseUrl::Postgres(url) = config.database.clone() else { return None };
    // An unreachable database is reported separately.
    let pools_transactions = spawn_blocking(move || db::pools_transactions(&url)).await.ok()?.ok()?;
    pools_transactions.then(|| finding(config.session.cache))
}

fn finding(session_cache: usize) -> Finding {
    let text = "points to a pooler that uses a different connection for each transaction, such as PgBouncer with \
                pool_mode=transaction: prepared statements fail, settings of a connection reach other clients, and \
                notifications of changes are lost. Use pool_mode=session, or connect to PostgreSQL directly (docs/operations/scaling.md)";
    // Without caches, no notifications are needed, and newer versions of PgBouncer can keep prepared statements.
    if session_cache == 0 { warning("DATABASE_URL", text) } else { error("DATABASE_URL", text) }
}
