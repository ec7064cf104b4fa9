//! Checks how browsers, proxies and Stripe will interpret the settings.

use url::Url;

use super::{Finding, error, note, unsafe_setting, warning};
use crate::config::{AllowedOrigins, BillingConfig, Config, ServerConfig};

pub(super) fn public_url(written: Option<&str>) -> Option<Finding> {
    let url = Url::parse(written?).ok()?;
    let rest =
        url.as_str().strip_prefix(&url.origin().ascii_serialization()).filter(|rest| !matches!(*rest, "" | "/"))?;
    let text = format!(
        "ends with {rest}, which is ignored: the server is served from the root of an origin, and its redirects and \
         links point there. Give it its own host, such as https://api.blog.example"
    );
    Some(warning("PUBLIC_URL", text))
}

pub(super) fn cookies(config: &Config) -> Option<Finding> {
    let (server, secure) = (&config.server, config.cookie.secure);
    if let Some(reason) = server.exposed_by().filter(|_| !secure) {
        let text = format!(
            "is false, and {reason}: anyone on the network path can read passwords and sessions that browsers send over \
             plain HTTP. Set it to true, and enable HTTPS on the proxy"
        );
        return Some(unsafe_setting("COOKIE_SECURE", text));
    }
    let is_discarded = secure && !is_https(server) && server.public_origin.is_some();
    let text = "is http, but COOKIE_SECURE is true: browsers discard such a cookie, so nobody stays signed in";
    is_discarded.then(|| error("PUBLIC_URL", text))
}

pub(super) fn proxies(server: &ServerConfig) -> Option<Finding> {
    let text = "is empty: behind a proxy, all visitors appear to have its address, and one who guesses passwords locks \
                out everyone. The log names the proxy when it forwards a request (\"X-Forwarded-For ignored\")";
    let is_behind_one = is_https(server) || !server.is_loopback();
    (is_behind_one && server.trusted_proxies.is_empty()).then(|| warning("TRUSTED_PROXIES", text))
}

/// Browsers only send a `SameSite=Lax` cookie with a page's own requests if the page and the server are on the same
/// site.
pub(super) fn origins(server: &ServerConfig, secure: bool) -> Vec<Finding> {
    let listening = format!("http://{}:{}", server.host, server.port);
    let own = server.public_origin.as_ref().or_else(|| (server.is_loopback() && !secure).then_some(&listening));
    let listed = match &server.cors_origins {
        AllowedOrigins::Listed(origins) => origins,
        AllowedOrigins::Loopback => return of_default(own).into_iter().collect(),
    };
    let found = listed.iter().filter_map(|origin| match own {
        Some(own) => beside(origin, own, secure),
        None => of_unknown(origin),
    });
    found.collect()
}

/// Behind a proxy, `HOST` is loopback too, so it does not say who can reach the server.
fn of_default(own: Option<&String>) -> Option<Finding> {
    let text = "is not set, which allows all pages served from a visitor's own machine (HOST is loopback): list your \
                frontend, or set it to none";
    let is_local = own.and_then(|own| host(own)).is_some_and(|host| is_local(&host));
    (!is_local).then(|| warning("CORS_ORIGINS", text))
}

fn beside(origin: &str, own: &str, secure: bool) -> Option<Finding> {
    let (host, own_host) = (host(origin)?, host(own)?);
    if is_local(&host) {
        return (!is_local(&own_host)).then(|| of_developer(origin));
    }
    if site(&host) != site(&own_host) {
        let text = format!(
            "lists {origin}, which is a different site from {own}: browsers do not send the cookie from there. Give \
             both a common domain, such as app.example and api.app.example"
        );
        return Some(error("CORS_ORIGINS", text));
    }
    let text =
        format!("lists {origin}, which is plain HTTP: browsers treat it as a different site from one with HTTPS");
    (origin.starts_with("http:") && secure).then(|| error("CORS_ORIGINS", text))
}

/// If a proxy forwards the `Host` header, no setting reveals the public address.
fn of_unknown(origin: &str) -> Option<Finding> {
    if is_local(&host(origin)?) {
        return Some(of_developer(origin));
    }
    let text = format!(
        "is not set, so `tollgate doctor` cannot check whether {origin} in CORS_ORIGINS is on the same site, which browsers \
         require to send the cookie"
    );
    Some(warning("PUBLIC_URL", text))
}

fn of_developer(origin: &str) -> Finding {
    let text = format!(
        "lists {origin}, which is a development machine: a page there could act on behalf of any user who opens it"
    );
    warning("CORS_ORIGINS", text)
}

/// Stripe's payment links of the test mode begin with `test_`: no money is taken, whatever card is typed.
/// <https://docs.stripe.com/testing>
pub(super) fn test_payment_link(config: &Config) -> Option<Finding> {
    let is_test = |url: &Url| url.host_str() == Some("buy.stripe.com") && url.path().starts_with("/test_");
    let link = config.billing.payment_links.iter().find(|link| is_test(&link.url))?;
    let reason = config.server.exposed_by()?;
    let text = format!(
        "is a payment link of Stripe's test mode, and {reason}: visitors can subscribe with a test card. Create the link \
         in live mode"
    );
    Some(warning(if link.label.is_some() { "CHECKOUT_LINKS" } else { "CHECKOUT_URL" }, text))
}

/// Links in email lead to pages of `APP_URL`, which call this server.
pub(super) fn app_origin(config: &Config) -> Option<Finding> {
    let app = Url::parse(&config.mail.app_url).ok()?.origin().ascii_serialization();
    let own = config.server.public_origin.as_ref()?;
    let is_allowed = app == *own || config.server.cors_origins.contains(&app);
    let text = format!(
        "is on {app}, which is neither {own} nor listed in CORS_ORIGINS: requests of the pages that links in email lead to \
         are rejected"
    );
    (config.mail.is_on() && !is_allowed).then(|| warning("APP_URL", text))
}

pub(super) fn billing(billing: &BillingConfig) -> Option<Finding> {
    if billing.demo_checkout {
        let text = "is on, because CHECKOUT_URL is not set and no setting suggests that others may reach the server: every \
                    user can subscribe without paying. Set CHECKOUT_URL, or DEMO_CHECKOUT=false, before others can reach it";
        return Some(note("DEMO_CHECKOUT", text));
    }
    match (billing.payment_links.is_empty(), billing.webhook_secrets.is_empty()) {
        (false, true) => {
            let text =
                "is not set, but CHECKOUT_URL or CHECKOUT_LINKS is: users can pay, but the server is never notified";
            Some(warning("STRIPE_WEBHOOK_SECRET", text))
        }
        (true, false) => {
            let text = "is not set, but STRIPE_WEBHOOK_SECRET is: users are not told where to pay";
            Some(warning("CHECKOUT_URL", text))
        }
        _ => None,
    }
}

fn is_https(server: &ServerConfig) -> bool {
    server.public_origin.as_deref().is_some_and(|origin| origin.starts_with("https:"))
}

fn host(origin: &str) -> Option<String> {
    Url::parse(origin).ok()?.host_str().map(str::to_owned)
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

/// The registrable domain, approximated without the public suffix list as the last two labels. This may treat two sites
/// below a longer suffix as the same, but never one site as two.
fn site(host: &str) -> Vec<&str> {
    host.rsplit('.').take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{config, settings};

    const PUBLIC: (&str, &str) = ("PUBLIC_URL", "https://api.blog.example");
    const SECURE: (&str, &str) = ("COOKIE_SECURE", "true");
    const ANYWHERE: (&str, &str) = ("HOST", "0.0.0.0");

    fn of_origins(values: &[(&str, &str)]) -> Vec<(String, bool)> {
        let config = config(values);
        settings(origins(&config.server, config.cookie.secure))
    }

    #[test]
    fn the_defaults_are_valid() {
        let config = config(&[]);
        assert_eq!(of_origins(&[]), []);
        assert_eq!(settings(cookies(&config)), []);
        assert_eq!(settings(proxies(&config.server)), []);
        assert_eq!(settings(billing(&config.billing)), [("DEMO_CHECKOUT".to_owned(), false)]);
    }

    #[test]
    fn a_frontend_on_another_site_is_reported() {
        let wrong = [("CORS_ORIGINS".to_owned(), true)];
        assert_eq!(of_origins(&[PUBLIC, ("CORS_ORIGINS", "https://other.example.org")]), wrong);
        assert_eq!(of_origins(&[PUBLIC, ("CORS_ORIGINS", "https://app.blog.example")]), []);
        assert_eq!(of_origins(&[PUBLIC, SECURE, ("CORS_ORIGINS", "http://app.blog.example")]), wrong);
        let look = [("CORS_ORIGINS".to_owned(), false)];
        assert_eq!(of_origins(&[PUBLIC, ("CORS_ORIGINS", "http://localhost:3000")]), look);
    }

    #[test]
    fn without_a_public_url_the_site_is_unknown() {
        let app = ("CORS_ORIGINS", "https://app.blog.example");
        for values in [&[SECURE, app][..], &[SECURE, ANYWHERE, app]] {
            assert_eq!(of_origins(values), [("PUBLIC_URL".to_owned(), false)]);
        }
        assert_eq!(of_origins(&[SECURE, ANYWHERE]), []);
        let look = [("CORS_ORIGINS".to_owned(), false)];
        assert_eq!(of_origins(&[SECURE]), look);
        assert_eq!(of_origins(&[SECURE, PUBLIC]), look);
        assert_eq!(of_origins(&[SECURE, ("CORS_ORIGINS", "none")]), []);
    }

    #[test]
    fn cookies_that_conflict_with_the_public_url_are_reported() {
        let of = |values: &[(&str, &str)]| settings(cookies(&config(values)));
        let http = ("PUBLIC_URL", "http://blog.example");
        assert_eq!(of(&[PUBLIC, SECURE]), []);
        assert_eq!(of(&[PUBLIC]), [("COOKIE_SECURE".to_owned(), false)]);
        assert_eq!(of(&[http, SECURE]), [("PUBLIC_URL".to_owned(), true)]);
        let plain = [ANYWHERE, ("ALLOW_INSECURE_COOKIES", "true")];
        assert_eq!(of(&plain), [("COOKIE_SECURE".to_owned(), false)]);
    }

    #[test]
    fn a_proxy_without_secure_cookies_is_reported() {
        let of = |values: &[(&str, &str)]| settings(cookies(&config(values)));
        let proxy = ("TRUSTED_PROXIES", "127.0.0.1");
        assert_eq!(of(&[proxy]), [("COOKIE_SECURE".to_owned(), false)]);
        assert_eq!(of(&[proxy, PUBLIC]), [("COOKIE_SECURE".to_owned(), false)]);
        assert_eq!(of(&[proxy, SECURE]), []);
    }

    #[test]
    fn a_test_payment_link_is_reported_on_a_public_site() {
        let of = |values: &[(&str, &str)]| settings(test_payment_link(&config(values)));
        let (test, live) = ("https://buy.stripe.com/test_x", "https://buy.stripe.com/x");
        assert_eq!(of(&[("CHECKOUT_URL", test)]), []);
        assert_eq!(of(&[PUBLIC, ("CHECKOUT_URL", test)]), [("CHECKOUT_URL".to_owned(), false)]);
        assert_eq!(of(&[PUBLIC, ("CHECKOUT_URL", live)]), []);
    }

    #[test]
    fn an_app_on_an_origin_that_is_not_allowed_is_reported() {
        let mail = [PUBLIC, ("MAIL_URL", "smtp://localhost?tls=none"), ("MAIL_FROM", "blog@blog.example")];
        let of = |values: &[(&str, &str)]| settings(app_origin(&config(&[&mail[..], values].concat())));
        let app = ("APP_URL", "https://app.blog.example");
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[app]), [("APP_URL".to_owned(), false)]);
        assert_eq!(of(&[app, ("CORS_ORIGINS", "https://app.blog.example")]), []);
    }

    #[test]
    fn a_path_in_the_public_url_is_reported() {
        let of = |written| settings(public_url(Some(written)));
        let look = [("PUBLIC_URL".to_owned(), false)];
        for wrong in ["https://blog.example/app", "https://blog.example/app/", "https://blog.example/?x"] {
            assert_eq!(of(wrong), look, "{wrong}");
        }
        for right in ["https://blog.example", "https://blog.example/", "https://blog.example:443", ""] {
            assert_eq!(of(right), [], "{right}");
        }
    }

    #[test]
    fn missing_trusted_proxies_are_reported() {
        let of = |values: &[(&str, &str)]| settings(proxies(&config(values).server));
        let look = [("TRUSTED_PROXIES".to_owned(), false)];
        assert_eq!(of(&[PUBLIC, ("TRUSTED_PROXIES", "10.0.0.1")]), []);
        assert_eq!(of(&[PUBLIC]), look);
        assert_eq!(of(&[ANYWHERE, SECURE]), look);
    }

    #[test]
    fn a_payment_link_without_a_webhook_is_reported() {
        let of = |values: &[(&str, &str)]| settings(billing(&config(values).billing));
        let (link, secret) = (("CHECKOUT_URL", "https://buy.stripe.com/x"), ("STRIPE_WEBHOOK_SECRET", "whsec_x"));
        assert_eq!(of(&[link, secret]), []);
        assert_eq!(of(&[link]), [("STRIPE_WEBHOOK_SECRET".to_owned(), false)]);
        assert_eq!(of(&[secret]), [("CHECKOUT_URL".to_owned(), false)]);
        assert_eq!(of(&[secret, ("DEMO_CHECKOUT", "true")]), [("DEMO_CHECKOUT".to_owned(), false)]);
        assert_eq!(of(&[]), [("DEMO_CHECKOUT".to_owned(), false)]);
        assert_eq!(of(&[("DEMO_CHECKOUT", "false")]), []);
    }
}
