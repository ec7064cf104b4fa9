//! `/logout`

use actix_session::Session;
use actix_web::HttpResponse;

use crate::http::current_user::CurrentUser;

/// Ends this session, in the database first and then in the browser.
pub(super) async fn logout(_: CurrentUser, session: Session) -> HttpResponse {
    session.purge();
    HttpResponse::NoContent().insert_header(("clear-site-data", "\"cookies\"")).finish()
}
