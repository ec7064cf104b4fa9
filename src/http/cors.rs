//! Cross-origin requests: which origins' pages may read responses.

use std::rc::Rc;

use actix_cors::{Cors, CorsMiddleware};
use actix_web::{
    Error,
    body::BoxBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::{
        Method,
        header::{self, HeaderValue},
    },
};
use futures_util::future::{Either, FutureExt, LocalBoxFuture, MapOk, TryFutureExt};

use super::{middleware, reads_headers};
use crate::config::ServerConfig;

/// How long browsers may cache a preflight response, in seconds. Chromium's maximum.
const PREFLIGHT_MAX_AGE: usize = 7200;

/// On every response, because caches must not give the response for one origin to another. As actix-cors writes it.
const VARY: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// actix-cors for requests that have an origin, and for preflights. Others pass it by: a program and a page's own server
/// need none of its headers but [`VARY`].
pub(super) struct CrossOrigin(Cors);

/// An origin that is not listed gets no CORS headers, so its pages cannot read responses. Its requests are not blocked
/// here, because the server's own pages send `Origin` too; [`middleware::origin`] rejects forbidden ones.
pub(super) fn cross_origin(server: &ServerConfig) -> CrossOrigin {
    let cors = Cors::default()
        .supports_credentials()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers([
            reads_headers::LIMIT,
            reads_headers::REMAINING,
            reads_headers::RESET,
            middleware::REQUEST_ID,
            header::RETRY_AFTER,
            header::ETAG,
            header::LINK,
            header::LOCATION,
        ])
        .max_age(PREFLIGHT_MAX_AGE);
    let allowed = server.cors_origins.clone();
    CrossOrigin(cors.allowed_origin_fn(move |origin, _| origin.to_str().is_ok_and(|origin| allowed.contains(origin))))
}

impl<S> Transform<S, ServiceRequest> for CrossOrigin
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type InitError = ();
    type Transform = CrossOriginMiddleware<S>;
    type Future = LocalBoxFuture<'static, Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let service = Rc::new(service);
        let cors = self.0.new_transform(service.clone());
        cors.map_ok(|cors| CrossOriginMiddleware { cors, service }).boxed_local()
    }
}

pub(super) struct CrossOriginMiddleware<S> {
    cors: CorsMiddleware<Rc<S>>,
    service: Rc<S>,
}

impl<S> Service<ServiceRequest> for CrossOriginMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Either<LocalBoxFuture<'static, Result<Self::Response, Error>>, MapOk<S::Future, Vary>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if request.method() == Method::OPTIONS || request.headers().contains_key(header::ORIGIN) {
            let response = self.cors.call(request);
            Either::Left(response.map_ok(ServiceResponse::map_into_boxed_body).boxed_local())
        } else {
            let vary: Vary = vary;
            Either::Right(self.service.call(request).map_ok(vary))
        }
    }
}

type Vary = fn(ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody>;

fn vary(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    response.headers_mut().append(header::VARY, HeaderValue::from_static(VARY));
    response
}
