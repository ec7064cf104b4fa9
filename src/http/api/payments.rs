//! `/payments`: payments that belonged to no account when they arrived, for admins.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    billing::payments::{
        Assignment, assign as assign_payment,
        table::{self as payments, Payment},
    },
    db::{DbConnection, DbError, Tx},
    http::{
        error::ApiError,
        extract::{admin::Admin, body::Json, fields::Fields},
        paging::{json_page, query_of, split_page},
        state::AppState,
    },
};

const MAX_PAYMENTS: i64 = 100;

/// Lists payments, newest first: all, or those that still belong to no account.
pub(in crate::http) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let (page, next) = find_payments(&state, "/payments", Fields::query(request.query_string())).await?;
    Ok(json_page(page, next))
}

/// Finds the payments that a query asks for, and the address of the next page below `path`.
pub(in crate::http) async fn find_payments(
    state: &AppState,
    path: &str,
    mut query: Fields,
) -> Result<(Vec<Payment>, Option<String>), ApiError> {
    let unmatched = query.optional_text("unmatched");
    let only_unmatched = unmatched.and_then(|text| query.check("unmatched", parse_unmatched(&text))).is_some();
    let limit = query.number("limit", MAX_PAYMENTS, MAX_PAYMENTS);
    let before = query.optional_text("before").and_then(|id| query.check("before", check_id(&id).map(|()| id)));
    query.finish_filter()?;

    let find = move |connection: &mut DbConnection| {
        let after = match before {
            None => None,
            Some(id) => match payments::find(connection, &id)? {
                Some(payment) => Some(payment),
                // It was deleted meanwhile, and with it the position in the list.
                None => return Ok(Vec::new()),
            },
        };
        payments::page(connection, only_unmatched, after.as_ref(), limit + 1)
    };
    let mut page: Vec<Payment> = state.db.read::<_, DbError, _>(find).await?;
    let has_more = split_page(&mut page, limit);
    let path = query_of(path, if only_unmatched { &[("unmatched", "1")] } else { &[] });
    let next = page.last().filter(|_| has_more).map(|last| format!("{path}limit={limit}&before={}", last.id));
    Ok((page, next))
}

fn parse_unmatched(text: &str) -> Result<(), &'static str> {
    if text == "1" { Ok(()) } else { Err("must be 1") }
}

/// Stripe's ids consist of these characters. Others would not be accepted in a path or by every database.
fn check_id(text: &str) -> Result<(), &'static str> {
    let is_id = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_id { Ok(()) } else { Err("must be the id of a payment") }
}

/// Gives a payment, and the subscription that it pays for, to a user.
pub(in crate::http) async fn assign(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let id = request.path().rsplit('/').next().unwrap_or_default().to_owned();
    let Json(mut fields) = body;
    let user_id = fields.whole_number("user_id", 1, i64::MAX);
    fields.finish()?;
    assign_payment_to(&state, admin, id, user_id.ok_or_else(ApiError::missing_field)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn assign_payment_to(
    state: &AppState,
    admin: Admin,
    id: String,
    user_id: i64,
) -> Result<(), ApiError> {
    check_id(&id).map_err(|_| ApiError::NotFound)?;
    let (grace, now, actor) = (state.config.billing.grace, state.clock.now(), admin.actor("payment assign"));
    let assign = move |tx: &mut Tx<'_>| assign_payment(tx, &id, user_id, grace, &actor, now);
    match admin.write(&state.db, now, assign).await? {
        Assignment::Done(_) => Ok(()),
        Assignment::NoSuchPayment | Assignment::NoSuchUser => Err(ApiError::NotFound),
        Assignment::AlreadyAssigned => Err(ApiError::AlreadyAssigned),
    }
}
