//! The table against the contract, and spellings against the table.

use std::collections::BTreeSet;

use super::*;
use crate::http::access::AccessTable;

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// What browsers, feed readers, search engines and other providers request. The API description has no pages.
const FOR_PEOPLE: [&str; 8] = [
    "/",
    "/docs",
    "/docs/{file}*",
    "/feed.xml",
    "/sitemap.xml",
    "/robots.txt",
    "/_site/{file}",
    "/login/oidc/{name}/callback",
];

const ALL: Features =
    Features { pages: true, excerpts: true, mail: true, email_sign_in: true, media: true, demo_checkout: true };

fn table_for(features: Features) -> AccessTable {
    AccessTable::new(access(features))
}

#[test]
fn the_contract_describes_every_route_and_no_other() {
    let contract: serde_json::Value = serde_saphyr::from_str(include_str!("../../../openapi.yaml")).expect("YAML");
    let mut described = BTreeSet::new();
    for (path, operations) in contract["paths"].as_object().expect("paths") {
        let methods = operations.as_object().expect("operations").keys().map(|method| method.to_uppercase());
        described
            .extend(methods.filter(|method| METHODS.contains(&&**method)).map(|method| format!("{method} {path}")));
    }
    // HEAD is what GET is, without a body, and is described only where it is something else.
    described.retain(|operation| !operation.starts_with("HEAD "));
    let mut routed = BTreeSet::new();
    for row in table().into_iter().filter(|row| !paths::is_console(row.path) && !FOR_PEOPLE.contains(&row.path)) {
        let path = row.path.trim_end_matches('*');
        routed.extend(row.methods().filter(|method| *method != "HEAD").map(|method| format!("{method} {path}")));
    }
    let missing: Vec<_> = routed.difference(&described).collect();
    let too_many: Vec<_> = described.difference(&routed).collect();
    assert!(missing.is_empty() && too_many.is_empty(), "not described: {missing:?}; not routed: {too_many:?}");
}

#[test]
fn only_the_exact_spelling_is_open() {
    let table = table_for(ALL);
    for open in ["/login", "/login/second-factor", "/register", "/check_session", "/check_sessions", "/forward-auth"]
        .into_iter()
        .chain(["/healthz", "/docs", "/docs/", "/docs/a.css", "/media/a.png", "/password/reset", "/reset-password"])
    {
        assert!(table.find(open).is_open(), "{open}");
    }
    for closed in [
        "",
        "/",
        "/login/",
        "/login/second-factor/",
        "/login/Second-factor",
        "/LOGIN",
        "/HEALTHZ",
        "//login",
        "/./login",
        "/%6cogin",
        "/login%2f",
        "/login;x",
        "/docsx",
        "/media",
        "/blog/1",
        "/check_session/",
        "/forward-auth/",
        "/a/../login",
        "/webhooks/stripe/",
        "/logout",
    ] {
        assert!(!table.find(closed).is_open(), "{closed}");
    }
}

#[test]
fn only_the_exact_spelling_is_for_readers() {
    let table = table_for(ALL);
    assert_eq!(table.find("/meter"), Access::Readers);
    for open in ["/", "/blog", "/blog/1", "/blog/1-on-tolls", "/blog/1-"] {
        assert_eq!(table.find(open), Access::Excerpts, "{open}");
    }
    for closed in [
        "/blog/1/gifts",
        "/blog/1-a/gifts",
        "/blog/01-a",
        "/blog/-a",
        "/blog/",
        "/blog/01",
        "/blog/%31",
        "/blog/1/",
        "/blog/x",
        "/blog/0",
        "/Meter",
        "/reads",
        "/stats",
        "/stats/posts",
    ] {
        assert_eq!(table.find(closed), Access::Users, "{closed}");
    }
}

#[test]
fn paths_for_signing_in_take_no_credential() {
    let table = table_for(ALL);
    for path in
        ["/login", "/register", "/login/second-factor", "/healthz", "/docs/", "/password/reset", "/reset-password"]
    {
        assert!(!table.find(path).takes_credential(), "{path}");
    }
    for path in ["/check_session", "/forward-auth", "/", "/blog/1", "/nowhere"] {
        assert!(table.find(path).takes_credential(), "{path}");
    }
}

#[test]
fn a_page_that_is_not_served_is_not_open_and_an_api_path_for_mail_is() {
    let table = table_for(Features {
        pages: false,
        excerpts: false,
        mail: false,
        email_sign_in: false,
        media: false,
        demo_checkout: false,
    });
    assert_eq!((table.find("/reset-password"), table.find("/password/reset")), (Access::Users, Access::SignIn));
    assert_eq!(table.find("/media/a.png"), Access::Users);
}
