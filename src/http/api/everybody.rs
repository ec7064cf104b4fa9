//! What an admin ends for everybody: `DELETE /sessions?all=1` and `DELETE /tokens?all=1`.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, rt, web::Data};

use crate::{
    accounts::{api_tokens as token_use_cases, by_admin},
    base::{client::Client, clock::Timestamp},
    credentials::{api_tokens, sessions},
    db::{DbError, Tx},
    http::{
        error::ApiError,
        extract::{admin::Admin, current_user::CurrentUser, fields::Fields},
        state::AppState,
    },
};

/// The maximum number of rows per transaction, so that other writes do not wait long.
const BATCH: i64 = 1000;

/// Whose sessions a request ends.
#[derive(Debug)]
pub(in crate::http) enum Whose {
    /// All of the user except the current one.
    Own(CurrentUser),
    Everybody(Admin),
}

impl FromRequest for Whose {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(if Fields::query(request.query_string()).has("all") {
            Admin::from_request(request, payload).into_inner().map(Self::Everybody)
        } else {
            CurrentUser::from_request(request, payload).into_inner().map(Self::Own)
        })
    }
}

/// Ends the sessions of everybody, except the one of the request.
pub(super) async fn end_sessions(
    state: Data<AppState>,
    request: &HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    require_all(request)?;
    end_all_sessions(state, admin).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn end_all_sessions(state: Data<AppState>, admin: Admin) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("session revoke --all"));
    let admin = admin.fresh(now)?;
    let own = admin.session_id();
    if let Some(last) = state.db.read(sessions::last_id).await? {
        let end = move |tx: &mut Tx<'_>, actor: &Client| sessions::revoke_up_to(tx, last, own, BATCH, actor, now);
        repeat(state, admin, now, actor, end).await?;
    }
    Ok(())
}

/// Deletes the API tokens of everybody, that of the request last: the right to delete the others depends on it.
pub(in crate::http) async fn delete_tokens(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    require_all(&request)?;
    delete_all_tokens(state, admin).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn delete_all_tokens(state: Data<AppState>, admin: Admin) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("token revoke --all"));
    let admin = admin.fresh(now)?;
    let own = admin.token_id();
    if let Some(last) = state.db.read(api_tokens::last_id).await? {
        let delete =
            move |tx: &mut Tx<'_>, actor: &Client| token_use_cases::delete_up_to(tx, last, own, BATCH, actor, now);
        repeat(state.clone(), admin.clone(), now, actor.clone(), delete).await?;
    }
    if let Some(own) = own {
        let user_id = admin.user_id;
        let delete = move |tx: &mut Tx<'_>| by_admin::delete_tokens(tx, user_id, Some(own), &actor, now);
        admin.write_ending(&state.db, user_id, now, delete).await?;
    }
    Ok(())
}

/// A parameter that means nothing must not end everything.
fn require_all(request: &HttpRequest) -> Result<(), ApiError> {
    let mut query = Fields::query(request.query_string());
    let all = query.text("all");
    all.and_then(|text| query.check("all", if text == "1" { Ok(()) } else { Err("must be 1") }));
    query.finish_filter()
}

/// Repeats a transaction until it ends nothing more, also if the client goes away meanwhile.
async fn repeat(
    state: Data<AppState>,
    admin: Admin,
    now: Timestamp,
    actor: Client,
    end: impl Fn(&mut Tx<'_>, &Client) -> Result<usize, DbError> + Clone + Send + 'static,
) -> Result<(), ApiError> {
    let batches = async move {
        loop {
            let (end, actor) = (end.clone(), actor.clone());
            let batch = move |tx: &mut Tx<'_>| end(tx, &actor);
            if admin.clone().write(&state.db, now, batch).await? == 0 {
                return Ok(());
            }
        }
    };
    rt::spawn(batches).await.map_err(ApiError::internal)?
}
