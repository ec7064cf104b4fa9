//! Payments that belonged to no account when they arrived.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{FormErrors, Frame, done, filters, filters_of, page, refused};
use crate::{
    accounts::lookup::Keys,
    billing::payments::table::{self as payments, Payment},
    db::DbConnection,
    http::{
        api::payments::{assign_payment_to, find_payments},
        error::ApiError,
        extract::{admin::Admin, body::Form, current_user::CurrentUser, fields::Fields},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "admin/payments.html")]
struct PaymentsPage<'p> {
    frame: Frame<'p>,
    only_unmatched: bool,
    payments: Vec<Payment>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/payment.html")]
struct PaymentPage<'p> {
    frame: Frame<'p>,
    payment: Payment,
    /// Who is to get it, as typed.
    user: String,
    user_error: Option<String>,
    notice: Option<String>,
}

/// Currencies whose smallest unit is the unit itself. <https://docs.stripe.com/currencies#zero-decimal>
const WITHOUT_DECIMALS: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Such as "5.00 EUR".
fn amount(payment: &Payment) -> Option<String> {
    let (amount, currency) = (payment.amount?, payment.currency.as_deref()?.to_uppercase());
    Some(match WITHOUT_DECIMALS.contains(&currency.as_str()) {
        true => format!("{amount} {currency}"),
        false => format!("{}.{:02} {currency}", amount / 100, (amount % 100).abs()),
    })
}

pub(in crate::http) async fn list_payments(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let fields = filters_of(&request);
    let only_unmatched = fields.has("unmatched");
    let (payments, next) = find_payments(&state, "/admin/payments", fields).await?;
    let frame = Frame::new(&state, &request, &user, "payments");
    page(&state, &PaymentsPage { frame, only_unmatched, payments, next })
}

pub(in crate::http) async fn show_payment(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let payment = find(&state, id(&request)).await?;
    let frame = Frame::new(&state, &request, &user, "payments");
    let email = payment.email.clone().unwrap_or_default();
    page(&state, &PaymentPage { frame, payment, user: email, user_error: None, notice: None })
}

fn id(request: &HttpRequest) -> String {
    request.path().rsplit('/').next().unwrap_or_default().to_owned()
}

async fn find(state: &AppState, id: String) -> Result<Payment, ApiError> {
    // What is percent-encoded is no id of Stripe's.
    let found = state.db.read(move |connection: &mut DbConnection| payments::find(connection, &id)).await?;
    found.ok_or(ApiError::NotFound)
}

/// Gives the payment to the user whom the form names.
pub(in crate::http) async fn assign_payment(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    admin: Admin,
    body: Form,
) -> Result<HttpResponse, ApiError> {
    let Form(fields) = body;
    let typed = fields.submitted_text("user").unwrap_or_default().to_owned();
    let error = match assign(&state, admin, id(&request), fields).await {
        Ok(()) => return Ok(done("/admin/payments", "assigned")),
        Err(error @ (ApiError::NotFound | ApiError::Forbidden(_))) => return Err(error),
        Err(error) => error,
    };
    let (_, mut errors) = FormErrors::of(&error, &state);
    let payment = find(&state, id(&request)).await?;
    let frame = Frame::new(&state, &request, &user, "payments");
    let user_error = errors.take("user");
    refused(&state, error, &PaymentPage { frame, payment, user: typed, user_error, notice: errors.rest() })
}

async fn assign(state: &AppState, admin: Admin, id: String, mut fields: Fields) -> Result<(), ApiError> {
    let keys = fields.text("user").map(|text| Keys::parse(text.trim()));
    let found = match keys {
        Some(keys) => state.db.read(move |connection: &mut DbConnection| keys.find(connection)).await?,
        None => Default::default(),
    };
    let mut ids = found.into_keys();
    let user_id = match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err("matches several users: write id: or name: in front of it"),
        (None, _) => Err("must be the name, the address or the id of a user"),
    };
    let user_id = if fields.is_valid() { fields.check("user", user_id) } else { None };
    fields.finish()?;
    assign_payment_to(state, admin, id, user_id.ok_or_else(ApiError::missing_field)?).await
}
