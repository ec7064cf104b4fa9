//! A row of the table of routes.

use std::sync::Arc;

use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, Responder, Route,
    http::Method,
    web::{get, post, resource, route},
};

use crate::{
    config::Config,
    http::{access::Access, error::ApiError, pages},
};

/// When a path exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Served {
    Always,
    /// Where no single-page app is served.
    WithPages,
    /// Where pages are served, and excerpts are public.
    WithPublicPages,
    WithMail,
    WithMailPages,
    WithEmailSignIn,
    WithEmailSignInPages,
    WithMedia,
    WithDemoCheckout,
}

/// What this server has.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Features {
    pub(in crate::http) pages: bool,
    /// Whether titles and excerpts are public.
    pub(in crate::http) excerpts: bool,
    pub(in crate::http) mail: bool,
    pub(in crate::http) email_sign_in: bool,
    pub(in crate::http) media: bool,
    pub(in crate::http) demo_checkout: bool,
}

impl Features {
    pub(in crate::http) fn of(config: &Config) -> Self {
        Self {
            excerpts: config.meter.has_public_excerpts,
            pages: config.server.has_pages(),
            mail: config.mail.is_on(),
            email_sign_in: config.mail.sign_in,
            media: config.server.media_dir.is_some(),
            demo_checkout: config.billing.demo_checkout,
        }
    }

    fn serve(self, served: Served) -> bool {
        match served {
            Served::Always => true,
            Served::WithPages => self.pages,
            Served::WithPublicPages => self.pages && self.excerpts,
            Served::WithMail => self.mail,
            Served::WithMailPages => self.mail && self.pages,
            Served::WithEmailSignIn => self.email_sign_in,
            Served::WithEmailSignInPages => self.email_sign_in && self.pages,
            Served::WithMedia => self.media,
            Served::WithDemoCheckout => self.demo_checkout,
        }
    }
}

/// A path, who may use it, and what handles each method.
pub(super) struct Row {
    pub(super) path: &'static str,
    access: Access,
    served: Served,
    /// They are tried in this order. Those for browsers are left out if the server has no pages.
    handlers: Vec<RowHandler>,
}

struct RowHandler {
    method: &'static str,
    is_page: bool,
    route: Route,
}

/// A path that always exists.
pub(super) fn row(path: &'static str, access: Access) -> Row {
    Row { path, access, served: Served::Always, handlers: Vec::new() }
}

/// Defines the builder's methods that add a handler for one HTTP method.
macro_rules! methods {
    ($($name:ident: $method:ident,)*) => {$(
        pub(super) fn $name<F, Args>(self, handler: F) -> Self
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.with(Method::$method, handler)
        }
    )*};
}

impl Row {
    pub(super) fn served(self, served: Served) -> Self {
        Self { served, ..self }
    }

    methods! { get: GET, head: HEAD, post: POST, put: PUT, patch: PATCH, delete: DELETE, }

    /// GET, and HEAD, which RFC 9110, section 9.1, requires wherever there is GET.
    pub(super) fn read<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args> + Clone,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.get(handler.clone()).head(handler)
    }

    /// A page for browsers that navigate to the path. It precedes what programs get from the same path.
    pub(super) fn page<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add("GET", true, get().guard(pages::is_navigation()).to(handler))
    }

    /// The form of a page.
    pub(super) fn form<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add("POST", true, post().guard(pages::is_form()).to(handler))
    }

    fn with<F, Args>(self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let name = match method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            _ => "DELETE",
        };
        self.add(name, false, route().method(method).to(handler))
    }

    fn add(mut self, method: &'static str, is_page: bool, route: Route) -> Self {
        self.handlers.push(RowHandler { method, is_page, route });
        self
    }

    /// Whether this server handles the path.
    pub(super) fn exists(&self, features: Features) -> bool {
        features.serve(self.served) && !self.handlers.is_empty()
    }

    /// Who may pass. Paths for email are open without email as well, and then lead nowhere, so that programs receive 404
    /// and not 401.
    pub(super) fn access(&self, features: Features) -> Access {
        let is_open = matches!(self.served, Served::WithMail | Served::WithEmailSignIn) || features.serve(self.served);
        if is_open { self.access } else { Access::Users }
    }

    /// The methods in `Allow`: every one that the path supports, even if only for browsers (RFC 9110, section 10.2.1).
    fn allow(&self) -> Arc<str> {
        let mut methods: Vec<&str> = Vec::new();
        for RowHandler { method, .. } in &self.handlers {
            if !methods.contains(method) {
                methods.push(method);
            }
        }
        methods.join(", ").into()
    }

    /// What the framework's router takes. Another method is 405; the framework's default is 404.
    pub(super) fn resource(mut self, features: Features) -> Resource {
        // The demo checkout is a page of Stripe's, and there whether or not the server has pages of its own.
        let has_pages = features.pages || self.served == Served::WithDemoCheckout;
        self.handlers.retain(|handler| has_pages || !handler.is_page);
        let allow = self.allow();
        let resource =
            self.handlers.into_iter().fold(resource(self.path), |resource, handler| resource.route(handler.route));
        resource.default_service(route().to(move || {
            let allow = allow.clone();
            async move { Err::<HttpResponse, _>(ApiError::MethodNotAllowed(allow)) }
        }))
    }

    /// The methods that programs use.
    #[cfg(test)]
    pub(super) fn methods(&self) -> impl Iterator<Item = &'static str> {
        self.handlers.iter().filter(|handler| !handler.is_page).map(|handler| handler.method)
    }
}
