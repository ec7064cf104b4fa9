//! The account page: the subscription, the user's details, devices, gifts and data.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{
    Next,
    confirmation::Confirmation,
    error_page,
    form_errors::{FormErrors, provider_error},
    link_identity::link_page,
    localized::filters,
    page, see_other,
};
use crate::{
    base::{client::Client, clock::Timestamp},
    billing::{
        subscribers,
        subscription::{Entitlement, SubscriptionStatus},
    },
    db::{DbConnection, DbError},
    http::{
        api::{
            account::{change_account, delete_account, replace_password},
            gifts::{GiftBody, gifts_of, revoke_gift},
            identities::{IdentityBody, identities_of, unlink},
            sessions::{ListedSession, end_session, listed_sessions},
        },
        checkout,
        demo_checkout::ReturnTo,
        error::{ApiError, CheckoutLink},
        extract::{
            body::FormOrJson,
            current_user::{Account, Caller, CurrentUser},
            fields::Fields,
        },
        paths,
        state::AppState,
    },
    paywall,
    paywall::{MeterState, Reader},
    users::{Role, identity::Identity},
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'p> {
    user: &'p CurrentUser,
    subscription: Subscription,
    meter: MeterState,
    checkout: Vec<CheckoutLink>,
    portal_url: Option<String>,
    sessions: Vec<ListedSession>,
    gifts: Vec<GiftBody>,
    /// Accounts at providers that the user signs in with.
    identities: Vec<IdentityBody>,
    /// The names and labels of the providers.
    providers: Vec<(String, String)>,
    /// API tokens are for those who have some, and for admins.
    shows_tokens: bool,
    has_mail: bool,
    confirm: Confirmation,
    /// Whether the user comes from the link that confirms an address.
    is_verified: bool,
    provider_error: Option<String>,
    form: FailedForm,
}

enum Subscription {
    None,
    /// Until when it is paid, if known.
    Active(Option<Timestamp>),
    /// A payment failed, and access ends at this time unless a later one succeeds.
    PaymentFailed(Timestamp),
}

impl Subscription {
    fn new(user: &Identity, entitlement: Option<Entitlement>, now: Timestamp) -> Self {
        let failed = entitlement.filter(|entitlement| entitlement.status == SubscriptionStatus::PastDue);
        match failed.and_then(|entitlement| entitlement.grace_until(now)) {
            Some(until) => Self::PaymentFailed(until),
            None if user.is_subscribed(now) => {
                Self::Active(entitlement.and_then(|entitlement| entitlement.current_period_end))
            }
            None => Self::None,
        }
    }
}

/// The form that could not be accepted, and why; empty if there is none.
#[derive(Default)]
struct FailedForm {
    /// The value of its button.
    action: String,
    username: Option<String>,
    email: Option<String>,
    username_error: Option<String>,
    email_error: Option<String>,
    new_password_error: Option<String>,
    notice: Option<String>,
}

impl<'p> AccountPage<'p> {
    async fn new(
        state: &AppState,
        request: &HttpRequest,
        user: &'p CurrentUser,
        form: FailedForm,
    ) -> Result<Self, ApiError> {
        let (policy, user_id, now) = (state.config.meter, user.user_id, state.clock.now());
        let grace = state.config.billing.grace;
        let find = move |connection: &mut DbConnection| {
            let meter = paywall::state(connection, &policy, Reader::user(user_id), now)?;
            Ok::<_, DbError>((meter, subscribers::find(connection, user_id, grace)?))
        };
        let (meter, entitlement) = state.db.read(find).await?;
        let query = Fields::query(request.query_string());
        let providers = state.providers.iter();
        let back = || ReturnTo::Path(Next::parse(Some(paths::ACCOUNT)));
        Ok(Self {
            user,
            subscription: Subscription::new(user, entitlement, now),
            meter,
            checkout: checkout::links_returning_to(state, request, user, back),
            portal_url: checkout::portal_link(&state.config.billing, user).filter(|_| entitlement.is_some()),
            sessions: listed_sessions(state, user_id, Some(user.session_id)).await?,
            gifts: gifts_of(state, user_id).await?,
            identities: identities_of(state, user).await?,
            providers: providers.map(|provider| (provider.name().to_owned(), provider.label().to_owned())).collect(),
            shows_tokens: user.role == Role::Admin || !state.accounts.api_tokens(user, now).await?.is_empty(),
            has_mail: state.config.mail.is_on(),
            confirm: Confirmation::new(state, request, user).await?,
            is_verified: query.submitted_text("verified").is_some(),
            provider_error: query.submitted_text("error").and_then(|code| provider_error(&state.site, code)),
            form,
        })
    }
}

pub(in crate::http) async fn show_account(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    page(&state.site, &AccountPage::new(&state, &request, &user, FailedForm::default()).await?)
}

/// Does what the button says, and shows the outcome.
pub(in crate::http) async fn submit_account(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    caller: Caller<Account>,
    client: Client,
    body: Result<FormOrJson, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let (mut form, outcome) = match body {
        Ok(FormOrJson(fields)) => {
            let submitted = |name| fields.submitted_text(name).map(str::to_owned);
            let action = submitted("action").unwrap_or_default();
            let form = FailedForm {
                username: submitted("username"),
                email: submitted("email"),
                action: action.clone(),
                ..FailedForm::default()
            };
            (form, act(&state, &request, &user, &caller, client, &action, fields).await)
        }
        Err(error) => (FailedForm::default(), Err(error)),
    };
    let error = match outcome {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    let (status, mut errors) = FormErrors::of(&error, &state);
    form.username_error = errors.take("username");
    form.email_error = errors.take("email");
    form.new_password_error = errors.take("new_password");
    let mut shown = AccountPage::new(&state, &request, &user, form).await?;
    shown.confirm = shown.confirm.with_error_of(&mut errors);
    shown.form.notice = errors.rest();
    Ok(error_page(&state.site, error, status, &shown))
}

/// Returns a redirect to where to go afterwards, or the next page.
async fn act(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    caller: &Caller<Account>,
    client: Client,
    action: &str,
    fields: Fields,
) -> Result<HttpResponse, ApiError> {
    let id = || fields.submitted_text("id").and_then(paths::id).ok_or(ApiError::NotFound);
    match action {
        "username" | "email" => drop(change_account(state, user, client, fields).await?),
        "send-code" => {
            state.accounts.request_confirmation(user, client, state.clock.now()).await?;
            return Ok(see_other(&format!("{}?code=sent", Next::parse(fields.submitted_text("next")).as_str())));
        }
        "verify" => state.accounts.resend_verification(user, client, state.clock.now()).await?,
        "password" => drop(replace_password(state, request, user, client, fields).await?),
        "end-session" => {
            let id = id()?;
            end_session(state, request, user, client, id, fields.into_confirmation()?).await?;
        }
        "end-other-sessions" => {
            let confirmation = fields.into_confirmation()?;
            state.accounts.end_other_sessions(user, confirmation, client, state.clock.now()).await?;
        }
        "revoke-gift" => revoke_gift(state, caller, id()?).await?,
        "delete" => {
            delete_account(state, request, user, client, fields).await?;
            return Ok(see_other("/"));
        }
        "link-identity" => {
            let name = fields.submitted_text("provider").unwrap_or_default().to_owned();
            return link_page(state, request, user, &client, &name, fields).await;
        }
        "unlink-identity" => {
            let id = id()?;
            unlink(state, user, id, fields.into_confirmation()?, client).await?;
        }
        _ => return Err(ApiError::NotFound),
    }
    Ok(see_other(paths::ACCOUNT))
}
