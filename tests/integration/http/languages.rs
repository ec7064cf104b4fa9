//! `SITE_LANGUAGE` and `SITE_TEXTS`: the pages in the site's language.

use std::fs;

use super::pages::submit;
use crate::support::{client::Answer, database::TestDatabase, server::TestServer};

fn html(page: &Answer) -> &str {
    page.body.as_str().unwrap()
}

#[both_databases::test]
async fn the_pages_are_in_the_sites_language(database: TestDatabase) {
    let server =
        TestServer::with(database, &[("SITE_LANGUAGE", "de"), ("EXCERPTS", "public"), ("READS_LIMIT", "1")]).await;
    let visitor = server.client();
    let page = visitor.open("/blog/1-what-a-toll-gate-is-for").await;
    for part in [
        "<html lang=\"de\">",
        "<time datetime=\"2026-11-21T10:00:00.000Z\">21. November 2026</time>",
        "<h2 id=\"paywall\">Mit einem kostenlosen Konto weiterlesen</h2>\n<p>1 Artikel alle 30 Tage, kostenlos.</p>",
        "Kostenloses Konto anlegen</a>",
        "<nav aria-label=\"Hauptmenü\"><a href=\"/blog\">Artikel</a>",
        "Läuft mit tollgate",
    ] {
        assert!(html(&page).contains(part), "{part}: {}", html(&page));
    }
    let user = server.signed_in("ada").await;
    assert_eq!(user.open("/blog/1-what-a-toll-gate-is-for").await.status, 200);
    let used_up = user.open("/blog/2-why-the-counter-is-not-in-your-browser").await;
    assert!(html(&used_up).contains("Sie haben Ihren freien Artikel gelesen"), "{}", html(&used_up));
    assert!(html(&used_up).contains("Noch 0 von 1 Artikeln frei bis <time"), "{}", html(&used_up));

    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
    let browser = server.client().with_headers(&[("user-agent", firefox)]);
    browser.login("ada").await;
    let account = browser.open("/account").await;
    assert!(html(&account).contains("<b>Firefox unter Linux</b>"), "{}", html(&account));
}

#[both_databases::test]
async fn a_form_says_in_the_sites_language_what_is_wrong(database: TestDatabase) {
    let server = TestServer::with(database, &[("SITE_LANGUAGE", "de")]).await;
    let visitor = server.client();
    let page = submit(&visitor, "/register", &[("username", "a b"), ("password", "short")]).await;
    assert_eq!(page.status, 422);
    for part in ["Darf keine Leerzeichen enthalten.", "Mindestens 8 Zeichen."] {
        assert!(html(&page).contains(part), "{part}: {}", html(&page));
    }
    let page = submit(&visitor, "/login", &[("username", "nobody"), ("password", "four sneaky newts")]).await;
    assert!(html(&page).contains("Diesen Benutzernamen gibt es nicht."), "{}", html(&page));
    let program = visitor.get("/blog").await;
    assert_eq!(program.body["error"], "please login", "programs get English");
}

#[both_databases::test]
async fn a_site_has_words_of_its_own_which_are_no_html(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("texts.ftl");
    fs::write(&file, "posts = Essays <b>& more</b>\n").unwrap();
    let settings = [("EXCERPTS", "public"), ("SITE_TEXTS", file.to_str().unwrap())];
    let server = TestServer::with(database, &settings).await;
    let page = server.client().open("/").await;
    let expected = "<a href=\"/blog\">Essays &#60;b&#62;&#38; more&#60;/b&#62;</a>";
    assert!(html(&page).contains(expected), "{}", html(&page));
}
