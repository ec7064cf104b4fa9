//! What is where. One file a resource.

mod account;
mod blog;
mod check_session;
mod export;
mod health;
mod login;
mod logout;
mod meter;
mod openapi;
mod password;
mod publish;
mod register;
mod sessions;
mod stats;
mod subscription;
mod user;
mod webhook;

use actix_web::{
    HttpResponse, Resource, Route,
    http::Method,
    web::{ServiceConfig, delete, get, head, patch, post, put, resource, route},
};

use super::error::ApiError;

/// Adds every route. The framework answers a wrong method with 404 unless each resource is told otherwise.
pub(super) fn configure(app: &mut ServiceConfig) {
    app.service(only(resource("/register").route(post().to(register::register)), "POST"))
        .service(only(resource("/login").route(post().to(login::login)), "POST"))
        .service(only(resource("/logout").route(delete().to(logout::logout)), "DELETE"))
        .service(reading("/check_session", || route().to(check_session::check_session)))
        .service(reading("/check_sessions", || route().to(check_session::check_session)))
        .service(only(
            resource("/blog")
                .route(get().to(blog::list))
                .route(head().to(blog::list))
                .route(post().to(publish::create)),
            "GET, HEAD, POST",
        ))
        .service(only(
            resource("/blog/{id}")
                .route(get().to(blog::read))
                .route(head().to(blog::head))
                .route(put().to(publish::replace))
                .route(delete().to(publish::delete)),
            "GET, HEAD, PUT, DELETE",
        ))
        .service(reading("/reads", || route().to(meter::reads)))
        .service(reading("/subscription", || route().to(subscription::own)))
        .service(only(
            resource("/users/{id}/subscription")
                .route(put().to(subscription::grant))
                .route(delete().to(subscription::end)),
            "PUT, DELETE",
        ))
        .service(reading("/users/{id}/meter", || route().to(subscription::meter)))
        .service(reading("/stats", || route().to(stats::stats)))
        .service(only(resource("/webhooks/stripe").route(post().to(webhook::stripe)), "POST"))
        .service(only(
            resource("/sessions")
                .route(get().to(sessions::list))
                .route(head().to(sessions::list))
                .route(delete().to(sessions::revoke_others)),
            "GET, HEAD, DELETE",
        ))
        .service(only(resource("/sessions/{id}").route(delete().to(sessions::revoke)), "DELETE"))
        .service(only(
            resource("/account").route(patch().to(account::update)).route(delete().to(account::delete)),
            "PATCH, DELETE",
        ))
        .service(only(resource("/account/password").route(post().to(password::change)), "POST"))
        .service(reading("/account/export", || route().to(export::export)))
        .service(reading("/account/audit", || route().to(export::audit)))
        .service(reading("/meter", || route().to(meter::meter)))
        .service(reading("/healthz", || route().to(health::healthz)))
        .service(reading("/readyz", || route().to(health::readyz)))
        .service(reading("/openapi.yaml", || route().to(openapi::yaml)))
        .service(reading("/openapi.json", || route().to(openapi::json)))
        .default_service(route().to(|| async { Err::<HttpResponse, _>(ApiError::NotFound) }));
}

/// A resource that is only read: RFC 9110 wants HEAD wherever there is GET.
fn reading(path: &str, handler: impl Fn() -> Route) -> Resource {
    let both = resource(path).route(handler().method(Method::GET)).route(handler().method(Method::HEAD));
    only(both, "GET, HEAD")
}

/// Answers every other method with 405.
fn only(resource: Resource, allow: &'static str) -> Resource {
    resource
        .default_service(route().to(move || async move { Err::<HttpResponse, _>(ApiError::MethodNotAllowed(allow)) }))
}
