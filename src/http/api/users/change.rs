//! Changing and deleting users: `/users/<id>`, and `/users/<id>/sessions`, `/second-factors` and `/lockout`.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    find::{UserDetails, details},
    user_id,
};
use crate::{
    accounts::{
        administration,
        by_admin::{self, UserChange},
    },
    db::Tx,
    http::{
        api::account::account_change,
        error::ApiError,
        extract::{admin::Admin, body::Json, fields::Fields},
        login_cookies, session,
        state::AppState,
    },
    users::Role,
};

/// Changes the role, the name or the address of a user, or whether the user may sign in.
pub(in crate::http) async fn update(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let user_id = user_id(&request)?;
    change_user(&state, &request, admin, user_id, body.0).await?;
    Ok(HttpResponse::Ok().json(UserDetails::new(details(&state, user_id).await?, state.clock.now())))
}

pub(in crate::http) async fn change_user(
    state: &AppState,
    request: &HttpRequest,
    admin: Admin,
    user_id: i64,
    fields: Fields,
) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("change"));
    let change = parse(state, fields)?;
    let admin = if change.is_grave() { admin.fresh(now)? } else { admin };
    let mail = state.accounts.mail.clone();
    let ends_own_session = admin.user_id == user_id && change.is_active == Some(false);
    let ends_rights = change.ends_rights();
    let apply = move |tx: &mut Tx<'_>| change.apply(tx, mail.as_ref(), user_id, &actor, now);
    let changed = match ends_rights {
        true => admin.write_ending(&state.db, user_id, now, apply).await?,
        false => admin.write(&state.db, now, apply).await?,
    };
    changed.ok_or(ApiError::NotFound)?;
    state.accounts.wake_mail();
    if ends_own_session {
        session::end(request);
    }
    Ok(())
}

fn parse(state: &AppState, mut fields: Fields) -> Result<UserChange, ApiError> {
    let role = fields.optional_text("role").and_then(|text| fields.check("role", Role::parse(&text)));
    let is_active = fields.optional_flag("is_active");
    let account = account_change(state, &mut fields);
    fields.finish()?;
    Ok(UserChange { role, is_active, account })
}

/// Deletes a user and everything that belongs to the account.
pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    delete_user(&state, &request, admin, user_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn delete_user(
    state: &AppState,
    request: &HttpRequest,
    admin: Admin,
    user_id: i64,
) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("delete"));
    let admin = admin.fresh(now)?;
    let is_own = admin.user_id == user_id;
    let delete = move |tx: &mut Tx<'_>| by_admin::delete(tx, user_id, &actor, now);
    if !admin.write_ending(&state.db, user_id, now, delete).await? {
        return Err(ApiError::NotFound);
    }
    if is_own {
        session::end(request);
        login_cookies::forget_account(request, state, user_id);
    }
    Ok(())
}

/// Ends all sessions of a user.
pub(in crate::http) async fn end_sessions(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    end_user_sessions(&state, &request, admin, user_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn end_user_sessions(
    state: &AppState,
    request: &HttpRequest,
    admin: Admin,
    user_id: i64,
) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("sign out"));
    let is_own = admin.user_id == user_id;
    let end = move |tx: &mut Tx<'_>| by_admin::end_sessions(tx, user_id, &actor, now);
    if !admin.write_ending(&state.db, user_id, now, end).await? {
        return Err(ApiError::NotFound);
    }
    if is_own {
        session::end(request);
    }
    Ok(())
}

/// Removes all second factors of a user, who has lost them.
pub(in crate::http) async fn remove_second_factors(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    reset_second_factors(&state, admin, user_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn reset_second_factors(
    state: &AppState,
    admin: Admin,
    user_id: i64,
) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("reset-factors"));
    let mail = state.accounts.mail.clone();
    let reset = move |tx: &mut Tx<'_>| administration::reset_factors(tx, mail.as_ref(), user_id, &actor, now);
    admin.fresh(now)?.write(&state.db, now, reset).await?.ok_or(ApiError::NotFound)?;
    state.accounts.wake_mail();
    Ok(())
}

/// Clears the wrong passwords and codes of a user's account, so that the user may try again.
pub(in crate::http) async fn remove_lockout(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    unlock_user(&state, admin, user_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn unlock_user(state: &AppState, admin: Admin, user_id: i64) -> Result<(), ApiError> {
    let (now, actor) = (state.clock.now(), admin.actor("unlock"));
    let unlock = move |tx: &mut Tx<'_>| administration::unlock(tx, user_id, &actor, now);
    admin.write(&state.db, now, unlock).await?.ok_or(ApiError::NotFound)?;
    Ok(())
}
