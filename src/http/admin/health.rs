//! How the server is.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Frame, filters, page};
use crate::{
    base::clock::Timestamp,
    db::{DbConnection, DbSize},
    http::{
        error::ApiError,
        extract::{admin::Admin, current_user::CurrentUser},
        state::AppState,
    },
    mail::outbox::{self, Counts},
};

#[derive(Template)]
#[template(path = "admin/health.html")]
struct HealthPage<'p> {
    frame: Frame<'p>,
    now: Timestamp,
    version: &'static str,
    database: &'static str,
    /// Of the database, and of the write-ahead log of an SQLite file.
    size: String,
    wal: Option<String>,
    /// Migrations of a newer version.
    unknown: Vec<String>,
    has_mail: bool,
    outbox: Counts,
    /// How often the clean-up of old rows has succeeded and failed since the start.
    cleanups: (u64, u64),
}

/// Such as 1.5 MB.
fn bytes(count: i64) -> String {
    let mut unit = "kB";
    let mut tenths = count / 100;
    for larger in ["MB", "GB", "TB"] {
        if tenths < 10_000 {
            break;
        }
        (tenths, unit) = (tenths / 1000, larger);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

pub(in crate::http) async fn show_health(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let outbox = state.db.read(|connection: &mut DbConnection| outbox::count(connection)).await?;
    let DbSize { database, wal } = state.db.size().await?;
    let [succeeded, failed, panicked] = state.jobs.runs("cleanup");
    let shown = HealthPage {
        frame: Frame::new(&state, &request, &user, "health"),
        now: state.clock.now(),
        version: env!("CARGO_PKG_VERSION"),
        database: state.config.database.kind(),
        size: bytes(database),
        wal: wal.map(bytes),
        unknown: state.db.schema_status().await?.unknown,
        has_mail: state.config.mail.is_on(),
        outbox,
        cleanups: (succeeded, failed + panicked),
    };
    page(&state, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_written_in_the_unit_that_fits() {
        assert_eq!((bytes(0), bytes(4096)), ("0.0 kB".to_owned(), "4.0 kB".to_owned()));
        assert_eq!((bytes(1_500_000), bytes(2_000_000_000_000)), ("1.5 MB".to_owned(), "2.0 TB".to_owned()));
    }
}
