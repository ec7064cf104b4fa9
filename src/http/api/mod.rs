//! The API's routes, with one file per resource.

mod account;
mod blog;
mod check_session;
mod docs;
pub(super) mod email;
mod embedded_file;
mod export;
mod gifts;
mod health;
pub(super) mod login;
pub(super) mod logout;
mod meter;
mod openapi;
#[cfg(feature = "passkeys")]
mod passkey_login;
#[cfg(feature = "passkeys")]
mod passkeys;
mod password;
mod publish;
pub(super) mod register;
pub(super) mod second_factors;
mod sessions;
mod stats;
mod subscription;
pub(super) mod tokens;
mod user;
pub(super) mod webhook;

use actix_web::{
    HttpResponse, Resource, Route,
    http::Method,
    web::{ServiceConfig, delete, get, head, patch, post, put, resource, route},
};

use super::{error::ApiError, forward_auth::forward_auth, pages, paths};

/// Registers all routes.
pub(super) fn configure(app: &mut ServiceConfig, has_pages: bool, has_mail: bool, has_demo: bool) {
    // The framework tries the routes in order, and a path with a parameter by a regular expression, so the most
    // frequent ones come first.
    checks(app);
    posts(app, has_pages);
    authentication(app, has_pages);
    gifts(app);
    account(app);
    tokens(app, has_pages);
    if has_mail {
        mail(app, has_pages);
    }
    subscriptions(app);
    if has_demo {
        demo_checkout(app);
    }
    public(app);
    app.default_service(route().to(not_found));
}

fn checks(app: &mut ServiceConfig) {
    app.service(read_only("/check_session", || route().to(check_session::check_session)))
        .service(read_only("/check_sessions", || route().to(check_session::check_session)))
        .service(read_only(paths::FORWARD_AUTH, || route().to(forward_auth)));
}

fn authentication(app: &mut ServiceConfig, has_pages: bool) {
    let (mut register, mut login, mut logout) = (resource("/register"), resource("/login"), resource("/logout"));
    if has_pages {
        let show = || get().guard(pages::is_navigation());
        let submit = || post().guard(pages::is_form());
        register = register.route(show().to(pages::show_register)).route(submit().to(pages::submit_register));
        login = login.route(show().to(pages::show_login)).route(submit().to(pages::submit_login));
        logout = logout.route(submit().to(pages::submit_logout));
        let start = resource("/").route(show().to(pages::show_start));
        app.service(allow_only(start.route(get().to(not_found)).route(head().to(not_found)), "GET"));
    }
    second_factors(app, has_pages);
    #[cfg(feature = "passkeys")]
    passkeys(app);
    // `Allow` lists every method that the resource supports, even if only for browsers (RFC 9110, section 10.2.1).
    let (form_methods, logout_methods) = if has_pages { ("GET, POST", "DELETE, POST") } else { ("POST", "DELETE") };
    app.service(allow_only(register.route(post().to(register::register)), form_methods))
        .service(allow_only(login.route(post().to(login::login)), form_methods))
        .service(allow_only(logout.route(delete().to(logout::logout)), logout_methods));
}

fn second_factors(app: &mut ServiceConfig, has_pages: bool) {
    let mut step = resource("/login/second-factor");
    if has_pages {
        let show = get().guard(pages::is_navigation());
        step = step.route(show.to(pages::show_second_factor));
        step = step.route(post().guard(pages::is_form()).to(pages::submit_second_factor));
        let own = resource(paths::SECOND_FACTOR_SETTINGS)
            .route(get().guard(pages::is_navigation()).to(pages::show_second_factor_settings));
        let own = own.route(post().guard(pages::is_form()).to(pages::submit_second_factor_settings));
        app.service(allow_only(own, "GET, POST"));
    }
    let totp = resource("/account/totp").route(post().to(second_factors::start_totp));
    let codes = resource("/account/recovery-codes").route(post().to(second_factors::replace_recovery_codes));
    let browsers = resource("/account/trusted-browsers");
    app.service(allow_only(
        step.route(post().to(second_factors::complete)),
        if has_pages { "GET, POST" } else { "POST" },
    ))
    .service(allow_only(totp.route(delete().to(second_factors::remove_totp)), "POST, DELETE"))
    .service(allow_only(resource("/account/totp/confirm").route(post().to(second_factors::confirm_totp)), "POST"))
    .service(allow_only(codes, "POST"))
    .service(allow_only(browsers.route(delete().to(second_factors::remove_trusted_browsers)), "DELETE"));
}

#[cfg(feature = "passkeys")]
fn passkeys(app: &mut ServiceConfig) {
    let own = resource("/account/passkeys")
        .route(get().to(passkeys::list))
        .route(head().to(passkeys::list))
        .route(post().to(passkeys::add));
    let one = resource("/account/passkeys/{id}").route(patch().to(passkeys::rename));
    let second = resource("/login/second-factor/passkey/options");
    let options = resource("/login/passkey/options").route(post().to(passkey_login::login_options));
    app.service(allow_only(resource("/account/passkeys/options").route(post().to(passkeys::start)), "POST"))
        .service(allow_only(own, "GET, HEAD, POST"))
        .service(allow_only(one.route(delete().to(passkeys::delete)), "PATCH, DELETE"))
        .service(allow_only(second.route(post().to(passkey_login::second_factor_options)), "POST"))
        .service(allow_only(options, "POST"))
        .service(allow_only(resource("/login/passkey").route(post().to(passkey_login::login)), "POST"));
}

fn posts(app: &mut ServiceConfig, has_pages: bool) {
    let (mut list, mut single) = (resource("/blog"), resource("/blog/{id}"));
    if has_pages {
        let show = || get().guard(pages::is_navigation());
        list = list.route(show().to(pages::show_posts));
        single = single.route(show().to(pages::show_post));
    }
    let list = list.route(get().to(blog::list)).route(head().to(blog::list)).route(post().to(publish::create));
    let single = single
        .route(get().to(blog::read))
        .route(head().to(blog::head))
        .route(put().to(publish::replace))
        .route(delete().to(publish::delete));
    app.service(allow_only(list, "GET, HEAD, POST"))
        .service(allow_only(single, "GET, HEAD, PUT, DELETE"))
        .service(read_only("/meter", || route().to(meter::meter)))
        .service(read_only("/reads", || route().to(meter::reads)));
}

fn gifts(app: &mut ServiceConfig) {
    let all = resource("/gifts").route(get().to(gifts::list)).route(head().to(gifts::list));
    let one = resource("/gifts/{id}").route(get().to(gifts::find)).route(head().to(gifts::find));
    app.service(allow_only(resource("/blog/{id}/gifts").route(post().to(gifts::create)), "POST"))
        .service(allow_only(all.route(delete().to(gifts::revoke_all)), "GET, HEAD, DELETE"))
        .service(allow_only(one.route(delete().to(gifts::revoke)), "GET, HEAD, DELETE"));
}

fn account(app: &mut ServiceConfig) {
    let sessions = resource("/sessions")
        .route(get().to(sessions::list))
        .route(head().to(sessions::list))
        .route(delete().to(sessions::revoke_others));
    let account = resource("/account").route(patch().to(account::update)).route(delete().to(account::delete));
    app.service(allow_only(sessions, "GET, HEAD, DELETE"))
        .service(allow_only(resource("/sessions/{id}").route(delete().to(sessions::revoke)), "DELETE"))
        .service(allow_only(account, "PATCH, DELETE"))
        .service(allow_only(resource("/account/password").route(post().to(password::change)), "POST"))
        .service(read_only("/account/export", || route().to(export::export)))
        .service(read_only("/account/audit", || route().to(export::audit)));
}

fn tokens(app: &mut ServiceConfig, has_pages: bool) {
    let own = resource("/account/tokens")
        .route(get().to(tokens::list))
        .route(head().to(tokens::list))
        .route(post().to(tokens::create));
    app.service(allow_only(own, "GET, HEAD, POST"))
        .service(allow_only(resource("/account/tokens/{id}").route(delete().to(tokens::delete)), "DELETE"));
    if has_pages {
        let page =
            resource(paths::TOKEN_SETTINGS).route(get().guard(pages::is_navigation()).to(pages::show_token_settings));
        let page = page.route(post().guard(pages::is_form()).to(pages::submit_token_settings));
        app.service(allow_only(page, "GET, POST"));
    }
}

fn mail(app: &mut ServiceConfig, has_pages: bool) {
    let resend = resource("/account/email/verification").route(post().to(email::resend));
    app.service(allow_only(resend, "POST"))
        .service(allow_only(resource("/email/verify").route(post().to(email::verify)), "POST"))
        .service(allow_only(resource("/account/secure").route(post().to(email::secure)), "POST"))
        .service(allow_only(resource("/password/forgot").route(post().to(email::forgot)), "POST"))
        .service(allow_only(resource("/password/reset").route(post().to(email::reset)), "POST"));
    if has_pages {
        let show = || get().guard(pages::is_navigation());
        let submit = || post().guard(pages::is_form());
        let forgot = resource("/forgot-password").route(show().to(pages::show_forgot_password));
        let reset = resource("/reset-password").route(show().to(pages::show_reset_password));
        let secure = resource("/secure-account").route(show().to(pages::show_secure_account));
        let verify = resource("/verify-email").route(show().to(pages::show_verify_email));
        app.service(allow_only(forgot.route(submit().to(pages::submit_forgot_password)), "GET, POST"))
            .service(allow_only(reset.route(submit().to(pages::submit_reset_password)), "GET, POST"))
            .service(allow_only(secure.route(submit().to(pages::submit_secure_account)), "GET, POST"))
            .service(allow_only(verify.route(submit().to(pages::submit_verify_email)), "GET, POST"));
    }
}

fn subscriptions(app: &mut ServiceConfig) {
    let user_subscription =
        resource("/users/{id}/subscription").route(put().to(subscription::grant)).route(delete().to(subscription::end));
    app.service(read_only("/subscription", || route().to(subscription::own)))
        .service(allow_only(user_subscription, "PUT, DELETE"))
        .service(read_only("/users/{id}/meter", || route().to(subscription::meter)))
        .service(read_only("/stats", || route().to(stats::stats)))
        .service(allow_only(resource(paths::STRIPE_WEBHOOK).route(post().to(webhook::stripe)), "POST"));
}

/// Served even if `STATIC_DIR` is set: it stands in for a page of Stripe's.
fn demo_checkout(app: &mut ServiceConfig) {
    let page = resource(paths::DEMO_CHECKOUT).route(get().guard(pages::is_navigation()).to(pages::show_demo_checkout));
    let page = page.route(post().guard(pages::is_form()).to(pages::submit_demo_checkout));
    app.service(allow_only(page, "GET, POST"));
}

fn public(app: &mut ServiceConfig) {
    app.service(read_only("/healthz", || route().to(health::healthz)))
        .service(read_only("/readyz", || route().to(health::readyz)))
        .service(read_only("/docs", || route().to(docs::redirect)))
        .service(read_only("/docs/{file}*", || route().to(docs::file)))
        .service(read_only("/openapi.yaml", || route().to(openapi::yaml)))
        .service(read_only("/openapi.json", || route().to(openapi::json)));
}

async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::NotFound)
}

/// A read-only resource. RFC 9110, section 9.1, requires HEAD wherever there is GET.
fn read_only(path: &str, handler: impl Fn() -> Route) -> Resource {
    let both = resource(path).route(handler().method(Method::GET)).route(handler().method(Method::HEAD));
    allow_only(both, "GET, HEAD")
}

/// Rejects every other method with 405; the framework's default is 404.
fn allow_only(resource: Resource, allow: &'static str) -> Resource {
    resource
        .default_service(route().to(move || async move { Err::<HttpResponse, _>(ApiError::MethodNotAllowed(allow)) }))
}
