//! The table of routes: every path, who may use it, and what handles each method. The gate, `Allow` and the labels of the
//! metrics follow from it; a test compares it with openapi.yaml.

mod console;
mod row;

use actix_web::{
    HttpResponse,
    web::{ServiceConfig, route},
};

pub(super) use self::row::Features;
use self::row::{Row, Served::*, row};
#[cfg(feature = "passkeys")]
use super::api::{passkey_login, passkeys};
use super::{
    access::Access::{self, *},
    api::{
        account, audit, blog, check_session, docs, email, email_login, everybody, export, gifts, health, identities,
        login, media, meter, oidc, outbox, payments, publish, register, second_factors, sessions, stats, subscription,
        tokens, users, webhook,
    },
    error::ApiError,
    forward_auth::forward_auth,
    openapi::ServedPaths,
    pages, paths,
};

/// Registers all routes of this server.
pub(super) fn configure(app: &mut ServiceConfig, features: Features) {
    for row in table().into_iter().filter(|row| row.exists(features)) {
        app.service(row.resource(features));
    }
    app.default_service(route().to(not_found));
}

/// Who may pass to each path.
pub(super) fn access(features: Features) -> impl Iterator<Item = (&'static str, Access)> {
    table().into_iter().map(move |row| (row.path, row.access(features)))
}

/// The paths of this server, with parameters as in the API description.
pub(super) fn served_paths(features: Features) -> ServedPaths {
    let served = table().into_iter().filter(|row| row.exists(features));
    ServedPaths(served.map(|row| row.path.trim_end_matches('*')).collect())
}

/// The framework tries the routes in order, and a path with a parameter by a regular expression, so the most frequent ones
/// come first.
fn table() -> Vec<Row> {
    [
        checks(),
        reading(),
        sign_in(),
        passkeys_and_factors(),
        accounts(),
        mail(),
        publishing(),
        users(),
        console::rows(),
        public(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn checks() -> Vec<Row> {
    vec![
        row("/check_session", Optional).read(check_session::check_session),
        row("/check_sessions", Optional).read(check_session::check_session),
        row(paths::FORWARD_AUTH, Optional).read(forward_auth),
    ]
}

fn reading() -> Vec<Row> {
    vec![
        row("/blog", Excerpts).page(pages::show_posts).read(blog::list).post(publish::create),
        row("/blog/{id}", Excerpts)
            .page(pages::show_post)
            .get(blog::read)
            .head(blog::head)
            .put(publish::replace)
            .patch(publish::change)
            .delete(publish::delete),
        row("/meter", Readers).read(meter::meter),
        row("/reads", Users).read(meter::reads),
        row("/blog/{id}/gifts", Users).post(gifts::create),
        row("/gifts", Users).read(gifts::list).delete(gifts::revoke_all),
        row("/gifts/{id}", Users).read(gifts::find).delete(gifts::revoke),
    ]
}

fn sign_in() -> Vec<Row> {
    vec![
        // What is not a navigation finds nothing here.
        row("/", Excerpts).served(WithPages).page(pages::show_posts).read(not_found),
        row("/register", SignIn).page(pages::show_register).form(pages::submit_register).post(register::register),
        row("/login", SignIn).page(pages::show_login).form(pages::submit_login).post(login::login),
        row("/login/oidc/{name}", SignIn).get(oidc::start),
        row("/login/oidc/{name}/callback", SignIn).get(oidc::callback).post(oidc::posted),
        row("/login/methods", Public).read(login::methods),
        row("/logout", Enrolment).delete(login::logout).form(pages::submit_logout),
        row("/login/second-factor", SignIn)
            .page(pages::show_second_factor)
            .form(pages::submit_second_factor)
            .post(second_factors::complete),
    ]
}

fn passkeys_and_factors() -> Vec<Row> {
    let mut rows = vec![
        row(paths::SECOND_FACTOR_SETTINGS, Enrolment)
            .served(WithPages)
            .page(pages::show_second_factor_settings)
            .form(pages::submit_second_factor_settings),
        row("/account/totp", Enrolment).post(second_factors::start_totp).delete(second_factors::remove_totp),
        row("/account/totp/confirm", Enrolment).post(second_factors::confirm_totp),
        row("/account/recovery-codes", Users).post(second_factors::replace_recovery_codes),
        row("/account/trusted-browsers", Users).delete(second_factors::remove_trusted_browsers),
    ];
    rows.extend(passkey_rows());
    rows
}

#[cfg(feature = "passkeys")]
fn passkey_rows() -> [Row; 6] {
    [
        row("/account/passkeys", Enrolment).read(passkeys::list).post(passkeys::add),
        row("/account/passkeys/options", Enrolment).post(passkeys::start),
        row("/account/passkeys/{id}", Users).patch(passkeys::rename).delete(passkeys::delete),
        row("/login/second-factor/passkey/options", SignIn).post(passkey_login::second_factor_options),
        row("/login/passkey/options", SignIn).post(passkey_login::login_options),
        row("/login/passkey", SignIn).post(passkey_login::login),
    ]
}

/// Without passkeys, the ways to sign in with one lead nowhere, with 404 and not 401.
#[cfg(not(feature = "passkeys"))]
fn passkey_rows() -> [Row; 3] {
    ["/login/second-factor/passkey/options", "/login/passkey/options", "/login/passkey"].map(|path| row(path, SignIn))
}

fn accounts() -> Vec<Row> {
    vec![
        row("/sessions", Users).read(sessions::list).delete(sessions::revoke_others),
        row("/sessions/{id}", Users).delete(sessions::revoke),
        row(paths::ACCOUNT, Users)
            .page(pages::show_account)
            .form(pages::submit_account)
            .patch(account::update)
            .delete(account::delete),
        row("/account/password", Users).post(account::change_password),
        row("/account/identities", Users).read(identities::list),
        row("/account/identities/{identity}", Users).post(identities::start).delete(identities::delete),
        row("/account/export", Users).read(export::export),
        row("/account/audit", Users).read(export::audit),
        row("/account/tokens", Users).read(tokens::list).post(tokens::create),
        row("/account/tokens/{id}", Users).delete(tokens::delete),
        row(paths::TOKEN_SETTINGS, Users)
            .page(pages::show_token_settings)
            .form(pages::submit_token_settings)
            .delete(everybody::delete_tokens),
    ]
}

fn mail() -> Vec<Row> {
    vec![
        row("/account/email/verification", Users).served(WithMail).post(email::resend),
        row("/email/verify", SignIn).served(WithMail).post(email::verify),
        row("/account/secure", SignIn).served(WithMail).post(email::secure),
        row("/password/forgot", SignIn).served(WithMail).post(email::forgot),
        row("/password/reset", SignIn).served(WithMail).post(email::reset),
        row("/account/confirmation", Users).served(WithEmailSignIn).post(email::request_confirmation),
        row("/login/email", SignIn).served(WithEmailSignIn).post(email_login::request),
        row("/login/email/confirm", SignIn).served(WithEmailSignIn).post(email_login::confirm),
        row("/sign-in-email", SignIn)
            .served(WithEmailSignInPages)
            .page(pages::show_email_sign_in)
            .form(pages::submit_email_sign_in),
        row("/sign-in-link", SignIn)
            .served(WithEmailSignInPages)
            .page(pages::show_sign_in_link)
            .form(pages::submit_sign_in_link),
        row("/forgot-password", SignIn)
            .served(WithMailPages)
            .page(pages::show_forgot_password)
            .form(pages::submit_forgot_password),
        row("/reset-password", SignIn)
            .served(WithMailPages)
            .page(pages::show_reset_password)
            .form(pages::submit_reset_password),
        row("/secure-account", SignIn)
            .served(WithMailPages)
            .page(pages::show_secure_account)
            .form(pages::submit_secure_account),
        row("/verify-email", SignIn)
            .served(WithMailPages)
            .page(pages::show_verify_email)
            .form(pages::submit_verify_email),
    ]
}

fn publishing() -> Vec<Row> {
    vec![
        row("/subscription", Users).read(subscription::own),
        row("/users/{id}/subscription", Users).put(subscription::grant).delete(subscription::end),
        row("/users/{id}/meter", Users).read(subscription::meter).put(users::set_meter),
        row(paths::MEDIA, Users).served(WithMedia).post(media::upload),
        row("/stats", Users).read(stats::stats),
        row("/stats/posts", Users).read(stats::post_stats),
        row(paths::STRIPE_WEBHOOK, Public).post(webhook::stripe),
        row(paths::DEMO_CHECKOUT, Users)
            .served(WithDemoCheckout)
            .page(pages::show_demo_checkout)
            .form(pages::submit_demo_checkout),
    ]
}

fn users() -> Vec<Row> {
    vec![
        row("/users", Users).read(users::list),
        row("/users/{id}", Users).read(users::find).patch(users::update).delete(users::delete),
        row("/users/{id}/sessions", Users).read(users::list_sessions).delete(users::end_sessions),
        row("/users/{id}/tokens", Users).read(users::list_tokens).delete(users::delete_tokens),
        row("/users/{id}/tokens/{token}", Users).delete(users::delete_token),
        row("/users/{id}/password-reset", Users).served(WithMail).post(users::send_reset),
        row("/users/{id}/audit", Users).read(users::audit),
        row("/users/{id}/export", Users).read(users::export),
        row("/users/{id}/second-factors", Users).delete(users::remove_second_factors),
        row("/users/{id}/lockout", Users).delete(users::remove_lockout),
        row("/audit", Users).read(audit::list),
        row("/outbox", Users).read(outbox::list),
        row("/outbox/{id}", Users).delete(outbox::discard),
        row("/outbox/{id}/retry", Users).post(outbox::retry),
        row("/payments", Users).read(payments::list),
        row("/payments/{id}", Users).put(payments::assign),
    ]
}

fn public() -> Vec<Row> {
    vec![
        row("/healthz", Public).read(health::healthz),
        row("/readyz", Public).read(health::readyz),
        row("/feed.xml", Public).served(WithPublicPages).read(pages::feed),
        row("/sitemap.xml", Public).served(WithPublicPages).read(pages::sitemap),
        row("/robots.txt", Public).served(WithPages).read(pages::robots),
        row("/_site/{file}", Public).read(pages::site_file),
        row("/docs", Public).read(docs::redirect),
        row("/docs/{file}*", Public).read(docs::file),
        row("/media/{file}*", Public).served(WithMedia).read(media::file),
        row("/openapi.yaml", Public).read(docs::yaml),
        row("/openapi.json", Public).read(docs::json),
    ]
}

async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NotFound)
}

#[cfg(test)]
mod tests;
