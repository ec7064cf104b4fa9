//! `EXCERPTS=public`: what everyone may see, and what not.

use serde_json::{Value, json};

use crate::support::{
    client::{Answer, CHROMIUM},
    database::TestDatabase,
    fixtures::{DAY, login_required},
    server::TestServer,
};

const PUBLIC: (&str, &str) = ("EXCERPTS", "public");

const FIRST: &str = "/blog/1-what-a-toll-gate-is-for";

/// A sentence of the first sample post that its excerpt does not have.
const SECRET: &str = "In the eighteenth century";

fn html(page: &Answer) -> &str {
    page.body.as_str().unwrap()
}

#[both_databases::test]
async fn everyone_sees_the_list_and_the_excerpts(database: TestDatabase) {
    let server = TestServer::with(database, &[PUBLIC]).await;
    let visitor = server.client();
    let list = visitor.get("/blog").await;
    assert_eq!((list.status, list.body.as_array().map(Vec::len)), (200, Some(3)));
    for path in ["/", "/blog"] {
        let page = visitor.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(html(&page).contains(&format!("<a href=\"{FIRST}\">What a toll gate is for</a>")), "{}", html(&page));
        assert!(html(&page).contains("<link rel=\"canonical\" href=\"/\">"), "{}", html(&page));
    }
    let page = visitor.open(FIRST).await;
    assert_eq!((page.status, page.header("set-cookie")), (200, None));
    for part in [
        "<p class=\"teaser fading\">A road wants mending, and somebody has to pay for the stones.</p>",
        "Read on with a free account",
        "5 posts every 30 days, free of charge.",
        "href=\"/register?next=%2Fblog%2F1-what-a-toll-gate-is-for\">Create a free account</a>",
        "href=\"/login?next=%2Fblog%2F1-what-a-toll-gate-is-for\">Sign in</a>",
        "<meta property=\"og:title\" content=\"What a toll gate is for\">",
        "\"isAccessibleForFree\":false",
    ] {
        assert!(html(&page).contains(part), "{part}: {}", html(&page));
    }
}

#[both_databases::test]
async fn no_representation_has_the_text(database: TestDatabase) {
    let server = TestServer::with(database, &[PUBLIC]).await;
    let editor = server.admin("editor").await;
    let closed =
        json!({ "title": "Closed", "data": format!("All. {SECRET}."), "excerpt": "All.", "access": "subscribers" });
    assert_eq!(editor.post("/blog", &closed).await.status, 201);
    let draft = json!({ "title": "Draft", "data": format!("New. {SECRET}."), "excerpt": "New.", "published": false });
    assert_eq!(editor.post("/blog", &draft).await.status, 201);
    server.execute(&format!("UPDATE posts SET data = '{SECRET}' WHERE id = 1")).await;
    let visitor = server.client();
    let accepted = [CHROMIUM, "*/*", "application/json", "text/html", "application/atom+xml", ""];
    let agents = ["curl/8", "Mozilla/5.0 (compatible; Googlebot/2.1)", "facebookexternalhit/1.1", "Slackbot 1.0"];
    let posts = [FIRST, "/blog/1", "/blog/1-", "/blog/1-x", "/blog/4", "/blog/4-closed", "/blog/5", "/blog/5-draft"];
    for path in posts.into_iter().chain(["/", "/blog", "/feed.xml", "/sitemap.xml", "/robots.txt", "/blog/1?gift=x"]) {
        for accept in accepted {
            for agent in agents {
                let answer = visitor.get_with(path, &[("accept", accept), ("user-agent", agent)]).await;
                assert!(!answer.body.to_string().contains(SECRET), "{path} {accept} {agent}: {answer:?}");
                if path.starts_with("/blog/5") || !path.starts_with("/blog/") {
                    assert!(!answer.body.to_string().contains("Draft"), "{path} {accept} {agent}: {answer:?}");
                }
            }
        }
    }
    assert_eq!(visitor.get("/blog/1").await.parts(), login_required());
    assert_eq!(visitor.get("/meter").await.parts(), login_required());
}

#[both_databases::test]
async fn a_post_has_one_address(database: TestDatabase) {
    let server = TestServer::with(database, &[PUBLIC]).await;
    let user = server.signed_in("ada").await;
    for (path, canonical) in [
        ("/blog/1", FIRST.to_owned()),
        ("/blog/1-another-title?a=b", format!("{FIRST}?a=b")),
        ("/blog/1-", FIRST.to_owned()),
    ] {
        let moved = user.open(path).await;
        assert_eq!((moved.status, moved.header("location")), (301, Some(canonical.as_str())), "{path}");
    }
    assert_eq!(user.open(FIRST).await.status, 200);
    assert_eq!(user.get("/meter").await.body["used"], 1);
    assert_eq!(user.open("/blog/99-x").await.status, 404);

    let members = user.at(&server.second_node(&[]).await);
    assert_eq!(members.open("/blog/1").await.status, 200);
    assert_eq!(members.open(FIRST).await.status, 404);
}

#[both_databases::test]
async fn a_used_up_meter_is_a_page_with_every_price(database: TestDatabase) {
    let links = "Monthly, 5 €=https://buy.example/a; Yearly, 50 €=https://buy.example/b?c=d";
    let server = TestServer::with(database, &[PUBLIC, ("READS_LIMIT", "1"), ("CHECKOUT_LINKS", links)]).await;
    let user = server.signed_in("ada").await;
    assert_eq!(user.open(FIRST).await.status, 200);
    let page = user.open("/blog/2-why-the-counter-is-not-in-your-browser").await;
    assert_eq!((page.status, page.header("x-reads-remaining")), (200, Some("0")));
    for part in [
        "href=\"https://buy.example/a?client_reference_id=1\">Monthly, 5 €</a>",
        "href=\"https://buy.example/b?c=d&#38;client_reference_id=1\">Yearly, 50 €</a>",
        "Already paid? <a href=\"/blog/2-why-the-counter-is-not-in-your-browser\">Check again</a>",
    ] {
        assert!(html(&page).contains(part), "{part}: {}", html(&page));
    }
    let refused = user.get("/blog/2").await;
    let checkout = json!([
        { "label": "Monthly, 5 €", "url": "https://buy.example/a?client_reference_id=1" },
        { "label": "Yearly, 50 €", "url": "https://buy.example/b?c=d&client_reference_id=1" },
    ]);
    assert_eq!((refused.status, refused.code()), (400, "payment_required"));
    assert_eq!((&refused.body["checkout_url"], &refused.body["checkout"]), (&checkout[0]["url"], &checkout));
    let visitor = server.client();
    let closed = json!({ "title": "Closed", "data": "All of it.", "excerpt": "All.", "access": "subscribers" });
    assert_eq!(server.admin("editor").await.post("/blog", &closed).await.status, 201);
    let offer = visitor.open("/blog/4-closed").await;
    assert!(html(&offer).contains("<li>Monthly, 5 €</li><li>Yearly, 50 €</li>"), "{}", html(&offer));
    assert!(html(&offer).contains("Create an account to subscribe"), "{}", html(&offer));
}

#[both_databases::test]
async fn a_link_preview_gets_the_page_and_costs_nothing(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "1")]).await;
    let program = [("accept", "*/*"), ("user-agent", "facebookexternalhit/1.1")];
    for _ in 0..12 {
        let page = server.client().get_with(FIRST, &program).await;
        assert_eq!((page.status, page.header("set-cookie")), (200, None));
        assert!(html(&page).contains("<meta property=\"og:title\" content=\"What a toll gate is for\">"));
    }
    assert_eq!(server.client().get("/blog/1").await.status, 200, "the network's budget is untouched");
}

#[both_databases::test]
async fn the_feed_and_the_sitemap_have_what_is_published(database: TestDatabase) {
    let server = TestServer::with(database, &[PUBLIC, ("SITE_NAME", "Ada & friends")]).await;
    let visitor = server.client();
    let editor = server.admin("editor").await;
    let later =
        json!({ "title": "Later <b>", "data": "All.", "published_at": "2026-11-23T10:00:00Z", "author": "Ada" });
    assert_eq!(editor.post("/blog", &later).await.status, 201);
    let feed = visitor.get("/feed.xml").await;
    assert_eq!((feed.status, feed.header("content-type")), (200, Some("application/atom+xml; charset=utf-8")));
    assert!(html(&feed).contains("<title>Ada &#38; friends</title>"), "{}", html(&feed));
    assert_eq!(html(&feed).matches("<entry>").count(), 3);
    let sitemap = visitor.get("/sitemap.xml").await;
    assert_eq!((sitemap.status, sitemap.header("content-type")), (200, Some("application/xml; charset=utf-8")));
    assert_eq!(html(&sitemap).matches("<loc>").count(), 4);
    assert!(html(&sitemap).contains(&format!("{FIRST}</loc><lastmod>2026-11-21T10:00:00.000Z</lastmod>")));
    let unchanged = [("if-none-match", feed.header("etag").unwrap())];
    assert_eq!(visitor.get_with("/feed.xml", &unchanged).await.status, 304);

    server.advance(2 * DAY);
    let feed = visitor.get("/feed.xml").await;
    assert!(html(&feed).contains("<title>Later &#60;b&#62;</title>"), "{}", html(&feed));
    assert!(html(&feed).contains("<author><name>Ada</name></author>"), "{}", html(&feed));
    assert_eq!(html(&visitor.get("/sitemap.xml").await).matches("<loc>").count(), 5, "the cached one has ended");
    assert!(html(&visitor.get("/robots.txt").await).contains("/sitemap.xml"));
}

#[both_databases::test]
async fn for_members_everything_stays_closed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let visitor = server.client();
    for path in ["/feed.xml", "/sitemap.xml", "/blog", "/blog/1", "/"] {
        assert_eq!(visitor.get(path).await.parts(), login_required(), "{path}");
    }
    let robots = visitor.get("/robots.txt").await;
    assert_eq!((robots.status, robots.body), (200, Value::from("User-agent: *\nDisallow: /\n")));
}
