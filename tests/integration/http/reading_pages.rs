//! `/blog` and `/blog/<id>` in a browser without scripts.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    fixtures::DAY,
    server::TestServer,
};

/// What browsers send with a link on another site.
const CROSS_SITE: (&str, &str) = ("sec-fetch-site", "cross-site");
const PREFETCH: (&str, &str) = ("sec-purpose", "prefetch;prerender");

/// Without `script-src`, `default-src` forbids scripts.
const POLICY: &str = "'; img-src 'self' https: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The first sample post, from another site.
const TEASER: &str = r#"<article>
<p class="label"><time datetime="2026-11-21T10:00:00.000Z">21 November 2026</time></p>
<h1>What a toll gate is for</h1>
<p class="meter"><meter aria-hidden="true" min="0" max="2" value="2">2</meter> 2 of 2 free reads left.</p>
<p class="teaser">A road wants mending, and somebody has to pay for the stones.</p>
<form action="/blog/1"><button>Read it (2 of 2 left)</button></form>
</article>
<p class="aside"><a href="/blog">All posts</a></p>"#;

/// The same with a used-up meter.
const USED_UP: &str = r#"<article>
<p class="label"><time datetime="2026-11-21T10:00:00.000Z">21 November 2026</time></p>
<h1>What a toll gate is for</h1>
<p class="meter"><meter aria-hidden="true" min="0" max="2" value="0">0</meter> 0 of 2 free reads left until <time datetime="2026-12-21T10:00:00.000Z">21 December 2026</time>.</p>
<p class="teaser fading">A road wants mending, and somebody has to pay for the stones.</p>
<section class="paywall" aria-labelledby="paywall">
<h2 id="paywall">You have used your 2 free reads</h2>
<p>You get new free reads on <time datetime="2026-12-21T10:00:00.000Z">21 December 2026</time>.</p>
</section>
</article>
<p class="aside"><a href="/blog">All posts</a></p>"#;

/// A text with attacks, as HTML.
const PROSE: &str = r#"<h2>Inside</h2>
<p>&lt;script&gt;alert(1)&lt;/script&gt;
</p>
<p>a b c <img src="https://e.example/f.png" alt="d" /> &lt;a href="javascript:x" onclick="x"&gt;</p>
"#;

async fn show(client: &Client, path: &str) -> Answer {
    show_with(client, path, &[]).await
}

async fn show_with(client: &Client, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    client.get_with(path, &[headers, &[("accept", CHROMIUM)]].concat()).await
}

/// The page's main element, without empty lines.
fn main(answer: &Answer) -> String {
    let main = html(answer).split("<main>").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap();
    main.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// The text of the main element.
fn text(answer: &Answer) -> String {
    let main = main(answer);
    let parts = main.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn html(answer: &Answer) -> &str {
    answer.body.as_str().unwrap()
}

fn vary(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.iter().filter(|(name, _)| name == "vary");
    values.flat_map(|(_, value)| value.split(", ")).collect()
}

async fn used(client: &Client) -> Value {
    client.get("/meter").await.body["used"].clone()
}

async fn publish(server: &TestServer, post: &Value) -> i64 {
    let added = server.admin("editor").await.post("/blog", post).await;
    assert_eq!(added.status, 201, "{added:?}");
    added.body["id"].as_i64().unwrap()
}

#[both_databases::test]
async fn a_browser_gets_pages_and_a_program_data(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let list = show(&client, "/blog").await;
    assert_eq!((list.status, list.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(html(&list).contains("<a href=\"/blog/1\">What a toll gate is for</a>"), "{list:?}");
    assert!(text(&list).contains("5 of 5 free reads left."), "{list:?}");

    let page = show(&client, "/blog/1").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(vary(&page).contains(&"Accept") && vary(&page).contains(&"Cookie"), "{page:?}");
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    for part in [
        "<title>What a toll gate is for · tollgate</title>",
        "<meta name=\"description\" content=\"A road wants mending, and somebody has to pay for the stones.\">",
        "<link rel=\"canonical\" href=\"/blog/1\">",
        "<h1>What a toll gate is for</h1>",
    ] {
        assert!(html(&page).contains(part), "{part}: {}", html(&page));
    }
    assert!(text(&page).contains("4 of 5 free reads left until 21 December 2026."), "{}", text(&page));
    assert_eq!(used(&client).await, json!(1));

    let data = client.get("/blog/1").await;
    assert_eq!((data.header("content-type"), &data.body["id"]), (Some("application/json"), &json!(1)));
    assert_eq!(used(&client).await, json!(2));
}

#[both_databases::test]
async fn a_used_up_meter_is_a_page_with_the_excerpt_and_the_payment_link(database: TestDatabase) {
    let settings = [("READS_LIMIT", "1"), ("CHECKOUT_URL", "https://buy.example/plan?a=b")];
    let server = TestServer::with(database, &settings).await;
    let client = server.signed_in("ada").await;
    show(&client, "/blog/1").await;
    for (contract, status) in [("classic", 400), ("modern", 402)] {
        let node = client.at(&server.second_node(&[&settings[..], &[("CONTRACT", contract)]].concat()).await);
        let page = show(&node, "/blog/2").await;
        assert_eq!((page.status, page.header("content-type")), (status, Some("text/html; charset=utf-8")));
        assert_eq!(page.header("x-reads-remaining"), Some("0"));
        let text = text(&page);
        assert!(text.contains("You have used your 1 free read"), "{text}");
        assert!(text.contains("You get new free reads on 21 December 2026."), "{text}");
        assert!(html(&page).contains("href=\"https://buy.example/plan?a=b&#38;client_reference_id=1\""), "{page:?}");
        assert!(!html(&page).contains("class=\"prose\""), "{page:?}");
    }
    let demo = client.at(&server.second_node(&[("READS_LIMIT", "1"), ("DEMO_CHECKOUT", "")]).await);
    assert!(html(&show(&demo, "/blog/2").await).contains("/demo-checkout?next=%2Fblog%2F2\""));
}

#[both_databases::test]
async fn a_program_gets_json_whatever_it_accepts(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_COUNT", "posts")]).await;
    let client = server.signed_in("ada").await;
    let data = client.get("/blog/1").await;
    let list = client.get("/blog").await;
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.9", "text/*;q=0.1, */*"] {
        for (path, expected) in [("/blog/1", &data), ("/blog", &list)] {
            let got = client.get_with(path, &[("accept", accept)]).await;
            let headers = |answer: &Answer| {
                let headers =
                    answer.headers.iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
                headers.cloned().collect::<Vec<_>>()
            };
            assert_eq!(
                (headers(&got), got.parts()),
                (headers(expected), (200, expected.body.clone())),
                "{path} {accept}"
            );
        }
        let refused = client.get_with("/blog/1", &[("accept", accept), CROSS_SITE]).await;
        assert_eq!((refused.status, refused.code()), (403, "not_a_read"), "{accept}");
    }
    assert!(!vary(&data).contains(&"Accept"), "{data:?}");
}

#[both_databases::test]
async fn a_link_on_another_site_spends_no_read(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "2")]).await;
    let client = server.signed_in("ada").await;
    for header in [CROSS_SITE, ("sec-fetch-site", "same-site")] {
        let page = show_with(&client, "/blog/1", &[header]).await;
        assert_eq!((page.status, used(&client).await), (200, json!(0)), "{header:?}");
        assert_eq!(main(&page), TEASER, "{header:?}");
    }
    // What the browser sends with the form's button.
    let read = show_with(&client, "/blog/2?", &[("sec-fetch-site", "same-origin")]).await;
    assert!(html(&read).contains("class=\"prose\"") && used(&client).await == json!(1));
    show_with(&client, "/blog/3", &[("sec-fetch-site", "none")]).await;
    assert_eq!(used(&client).await, json!(2));
    let refused = show_with(&client, "/blog/1", &[CROSS_SITE]).await;
    assert_eq!((refused.status, main(&refused)), (200, USED_UP.to_owned()));
}

#[both_databases::test]
async fn a_link_on_another_site_opens_what_has_been_paid(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1")]).await;
    let client = server.signed_in("ada").await;
    show(&client, "/blog/1").await;
    let again = show_with(&client, "/blog/1", &[CROSS_SITE]).await;
    assert!(again.status == 200 && html(&again).contains("class=\"prose\""), "{again:?}");
    let other = show_with(&client, "/blog/2", &[CROSS_SITE]).await;
    assert!(text(&other).contains("You have used your 1 free read"), "{other:?}");
    assert_eq!(used(&client).await, json!(1));

    server.advance(30 * DAY);
    client.login("ada").await;
    let next_period = show_with(&client, "/blog/1", &[CROSS_SITE]).await;
    assert!(text(&next_period).contains("Read it (1 of 1 left)"), "{next_period:?}");
    assert_eq!(used(&client).await, json!(0));
}

#[both_databases::test]
async fn a_prefetch_is_refused_so_that_the_browser_asks_again(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let free = publish(&server, &json!({ "title": "Free", "data": "All of it.", "access": "free" })).await;
    for path in ["/blog/1".to_owned(), format!("/blog/{free}")] {
        for headers in [&[PREFETCH][..], &[PREFETCH, CROSS_SITE], &[("purpose", "prefetch")]] {
            let refused = show_with(&client, &path, headers).await;
            let said = "Not allowed Prefetches, link previews and cross-site requests cannot read posts. All posts";
            assert_eq!((refused.status, text(&refused)), (403, said.to_owned()));
        }
    }
    assert_eq!(used(&client).await, json!(0));
}

#[both_databases::test]
async fn simultaneous_navigations_spend_exactly_the_limit(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let linked = join_all((0..10).map(|_| show_with(&client, "/blog/1", &[CROSS_SITE]))).await;
    assert!(linked.iter().all(|page| text(page).contains("Read it (5 of 5 left)")));
    let editor = server.admin("editor").await;
    let mut paths = Vec::new();
    for number in 1..=10 {
        let post = json!({ "title": format!("Toll {number}"), "data": "Pay here." });
        paths.push(format!("/blog/{}", editor.post("/blog", &post).await.body["id"]));
    }
    let views = paths.iter().flat_map(|path| [path; 4]);
    let pages = join_all(views.map(|path| show(&client, path))).await;
    assert_eq!(pages.iter().filter(|page| html(page).contains("class=\"prose\"")).count(), 20, "each of five posts");
    assert_eq!(pages.iter().filter(|page| text(page).contains("You have used your 5 free reads")).count(), 20);
    assert_eq!(used(&client).await, json!(5));
}

#[both_databases::test]
async fn reloading_a_post_costs_nothing(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1"), ("READS_ANONYMOUS", "1")]).await;
    let reader = server.client();
    let first = "/blog/1-what-a-toll-gate-is-for";
    show(&reader, first).await;
    for client in [server.signed_in("ada").await, reader] {
        let pages = join_all((0..200).map(|_| show(&client, first))).await;
        assert!(pages.iter().all(|page| page.status == 200 && html(page).contains("class=\"prose\"")));
        assert_eq!(used(&client).await, json!(1));
        assert!(
            !html(&show(&client, "/blog/2-why-the-counter-is-not-in-your-browser").await).contains("class=\"prose\"")
        );
    }
    server.advance(30 * DAY);
    let next_period = server.client();
    next_period.login("ada").await;
    show(&next_period, first).await;
    assert_eq!(used(&next_period).await, json!(1));
}

#[both_databases::test]
async fn a_page_is_free_after_a_request_of_the_api_but_not_the_other_way_round(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "2")]).await;
    let client = server.signed_in("ada").await;
    assert_eq!(client.get("/blog/1").await.status, 200);
    assert_eq!((show(&client, "/blog/1").await.status, used(&client).await), (200, json!(1)));
    assert_eq!((client.get("/blog/1").await.status, used(&client).await), (200, json!(2)));
    assert_eq!(client.get("/blog/1").await.code(), "payment_required");
    assert_eq!(show(&client, "/blog/1").await.status, 200, "it is paid");
}

#[both_databases::test]
async fn page_views_and_requests_of_the_api_at_once_spend_exactly_the_limit(database: TestDatabase) {
    let settings = [("READS_LIMIT", "20")];
    let server = TestServer::with(database, &settings).await;
    let client = server.signed_in("ada").await;
    let other = client.at(&server.second_node(&settings).await);
    let (client, other) = (&client, &other);
    let answers = join_all((0..200).map(|number| async move {
        let node = if number % 4 < 2 { client } else { other };
        let is_page = number % 2 == 0;
        let answer = if is_page { show(node, "/blog/1").await } else { node.get("/blog/1").await };
        assert!(answer.status == 200 || answer.status == 400, "{answer:?}");
        (is_page, answer.status == 200)
    }));
    let data = answers.await.into_iter().filter(|(is_page, is_granted)| !is_page && *is_granted).count();
    // Unless a request of the API came first, one read is that of the page.
    assert!(data == 19 || data == 20, "{data}");
    assert_eq!(used(client).await, json!(20));
    assert_eq!(client.get("/reads").await.body.as_array().unwrap().len(), 20);
    assert_eq!(show(client, "/blog/1").await.status, 200);
}

#[both_databases::test]
async fn subscribers_read_from_anywhere(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    let admin = server.admin("editor").await;
    admin.send(admin.request(Method::PUT, "/users/1/subscription").json(&json!({}))).await;
    let page = show_with(&client, "/blog/1", &[CROSS_SITE]).await;
    assert!(html(&page).contains("class=\"prose\""));
    assert!(text(&page).contains("You have a subscription with unlimited reads."));
    assert!(text(&show(&client, "/blog").await).contains("You have a subscription with unlimited reads."));
}

#[both_databases::test]
async fn access_levels_and_drafts_have_pages(database: TestDatabase) {
    let server = TestServer::with(database, &[("CHECKOUT_URL", "https://buy.example/x")]).await;
    let free = publish(&server, &json!({ "title": "Free", "data": "All of it.", "access": "free" })).await;
    let admin = server.client();
    admin.login("editor").await;
    let closed = json!({ "title": "Closed", "data": "All. Of it.", "excerpt": "All.", "access": "subscribers" });
    let closed = admin.post("/blog", &closed).await.body["id"].as_i64().unwrap();
    let draft = admin.post("/blog", &json!({ "title": "Draft", "data": "Not yet.", "published": false })).await;
    let draft = draft.body["id"].as_i64().unwrap();

    let stranger = server.client();
    for headers in [&[][..], &[CROSS_SITE]] {
        let page = show_with(&stranger, &format!("/blog/{free}"), headers).await;
        assert_eq!(page.status, 200);
        assert!(text(&page).contains("Free All of it."), "{}", text(&page));
        assert!(html(&page).contains(&format!("/login?next=%2Fblog%2F{free}\">Sign in</a>")), "{page:?}");
    }
    let sent_on = show(&stranger, &format!("/blog/{closed}")).await;
    assert_eq!(
        (sent_on.status, sent_on.header("location").unwrap()),
        (302, &*format!("/login?next=%2Fblog%2F{closed}"))
    );

    let client = server.signed_in("ada").await;
    let paywall = show(&client, &format!("/blog/{closed}")).await;
    assert_eq!(paywall.status, 403);
    assert!(text(&paywall).contains("For subscribers only Subscribe to continue"), "{}", text(&paywall));
    assert!(!text(&paywall).contains("Of it."));
    let linked = show_with(&client, &format!("/blog/{closed}"), &[CROSS_SITE]).await;
    assert!(linked.status == 200 && text(&linked).contains("For subscribers only"), "{linked:?}");
    let list = text(&show(&client, "/blog").await);
    assert!(
        list.contains("· For subscribers Closed") && list.contains("· Free Free") && !list.contains("Draft"),
        "{list}"
    );

    assert_eq!(show(&client, &format!("/blog/{draft}")).await.status, 404);
    assert!(text(&show(&admin, &format!("/blog/{draft}")).await).contains("· Draft"));
    assert!(text(&show(&admin, "/blog").await).contains("Draft Draft Not…"));
}

#[both_databases::test]
async fn missing_posts_and_pages_of_the_list_are_error_pages(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    for path in ["/blog/999", "/blog/01", "/blog/x"] {
        let page = show(&client, path).await;
        assert_eq!(
            (page.status, text(&page)),
            (404, "Not found This post does not exist. All posts".to_owned()),
            "{path}"
        );
    }
    let page = show(&client, "/blog?limit=x").await;
    assert_eq!((page.status, text(&page)), (422, "Posts This page of the list does not exist. All posts".to_owned()));
}

#[both_databases::test]
async fn the_list_is_paged(database: TestDatabase) {
    let server = TestServer::with(database, &[("PUBLIC_URL", "https://blog.example")]).await;
    let client = server.signed_in("ada").await;
    let first = show(&client, "/blog?limit=2").await;
    assert!(html(&first).contains("<a href=\"/blog?limit=2&#38;before=2\" rel=\"next\">Older posts</a>"), "{first:?}");
    assert!(html(&first).contains("<link rel=\"canonical\" href=\"https://blog.example/blog\">"), "{first:?}");
    let last = show(&client, "/blog?before=2&limit=2&utm_source=x").await;
    assert!(html(&last).contains("href=\"https://blog.example/blog?limit=2&#38;before=2\">"), "{last:?}");
    assert!(html(&last).contains("href=\"/blog/1\"") && !html(&last).contains("Older posts"), "{last:?}");
    server.execute("DELETE FROM posts").await;
    assert!(text(&show(&client, "/blog").await).contains("There are no posts yet."));
}

#[both_databases::test]
async fn a_post_cannot_run_scripts(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "1")]).await;
    let attack = "</title></h1>\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    let text = "# Inside\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](data:text/html,<script>) \
                ![c](data:image/svg+xml,x) ![d](https://e.example/f.png) <a href=\"javascript:x\" onclick=\"x\">";
    let post = json!({ "title": attack, "data": text, "excerpt": attack });
    let id = publish(&server, &post).await;
    let client = server.signed_in("ada").await;
    let path = format!("/blog/{id}");
    let teaser = show_with(&client, &path, &[CROSS_SITE]).await;
    let complete = show(&client, &path).await;
    let another = server.client();
    another.login("editor").await;
    let another = another.post("/blog", &post).await.body["id"].clone();
    let paywall = show(&client, &format!("/blog/{another}")).await;
    assert_eq!((teaser.status, complete.status, paywall.status), (200, 200, 400));
    for page in [&teaser, &complete, &paywall, &show(&client, "/blog").await] {
        let html = html(page);
        assert!(!html.contains("<script") && !html.contains("<img src=x"), "{html}");
        assert!(html.contains("&#60;script&#62;alert(1)"), "{html}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with(POLICY), "{policy}");
    }
    let prose = html(&complete).split("<div class=\"prose\">\n").nth(1).and_then(|rest| rest.split("</div>").next());
    assert_eq!(prose, Some(PROSE));
}

#[both_databases::test]
async fn an_unverified_address_is_named_as_the_reason(database: TestDatabase) {
    let mail = tempfile::tempdir().unwrap();
    let url = format!("file:{}", mail.path().display());
    let server = TestServer::with(database, &[("MAIL_URL", &url), ("REQUIRE_VERIFIED_EMAIL", "true")]).await;
    let client = server.client();
    client.post("/register", &json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" })).await;
    client.login("ada").await;
    for headers in [&[][..], &[CROSS_SITE]] {
        let page = show_with(&client, "/blog/1", headers).await;
        assert_eq!((page.status, used(&client).await), (403, json!(0)));
        assert!(text(&page).contains("Confirm your email address to read posts."), "{page:?}");
    }
    server.execute("UPDATE posts SET published = FALSE WHERE id = 2").await;
    assert_eq!(show(&client, "/blog/2").await.status, 404);
}

#[both_databases::test]
async fn a_visitor_signs_in_and_reads(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    let sent_on = show_with(&client, "/blog/1", &[CROSS_SITE]).await;
    assert_eq!((sent_on.status, sent_on.header("location")), (302, Some("/login?next=%2Fblog%2F1")));
    let form = [("username", "ada"), ("password", PASSWORD), ("next", "/blog/1")];
    let request = client.request(Method::POST, "/login").header("accept", CHROMIUM).form(&form);
    let signed_in = client.send(request).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, Some("/blog/1")));
    assert!(text(&show_with(&client, "/blog/1", &[("sec-fetch-site", "same-origin")]).await).contains("4 of 5"));
}

#[both_databases::test]
async fn readers_without_a_session_see_their_own_meter(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_ANONYMOUS", "1"), ("READS_LIMIT", "3")]).await;
    let reader = server.client();
    let list = show(&reader, "/blog").await;
    assert!(text(&list).contains("free reads left.") && html(&list).contains("/login?next=%2Fblog\">Sign in</a>"));
    let linked = show_with(&reader, "/blog/1-what-a-toll-gate-is-for", &[CROSS_SITE]).await;
    assert!(linked.status == 200 && text(&linked).contains("Read it ("), "{linked:?}");
    assert_eq!(linked.header("set-cookie"), None);

    let read = show(&reader, "/blog/1-what-a-toll-gate-is-for").await;
    assert!(html(&read).contains("class=\"prose\"") && text(&read).contains("0 of 1 free reads left"), "{read:?}");
    assert!(read.header("set-cookie").unwrap().starts_with("reader="), "{read:?}");
    let second = "/blog/2-why-the-counter-is-not-in-your-browser";
    for headers in [&[][..], &[CROSS_SITE]] {
        let refused = show_with(&reader, second, headers).await;
        assert_eq!(refused.status, 200);
        let offer = "You have used your 1 free read With a free account you have 3 every 30 days. You get new free reads on \
                     21 December 2026. Create a free account Have an account? Sign in";
        assert!(text(&refused).contains(offer), "{}", text(&refused));
        let next = "?next=%2Fblog%2F2-why-the-counter-is-not-in-your-browser\">";
        assert!(html(&refused).contains(&format!("href=\"/register{next}Create a free account</a>")), "{refused:?}");
        assert!(html(&refused).contains(&format!("href=\"/login{next}Sign in</a>")), "{refused:?}");
    }
    let closed = json!({ "title": "Closed", "data": "All. Of it.", "excerpt": "All.", "access": "subscribers" });
    let closed = publish(&server, &closed).await;
    let paywall = show(&reader, &format!("/blog/{closed}-closed")).await;
    assert_eq!(paywall.status, 200);
    assert!(text(&paywall).contains("For subscribers only Sign in to continue"), "{}", text(&paywall));
    assert_eq!(show(&reader, "/blog/999").await.status, 404);
}
