//! Users in the console: each act through its form, with its effect.

use serde_json::{Value, json};

use super::{html, led};
use crate::{
    http::email::{start, verified},
    support::{
        api_tokens::create,
        client::{Client, PASSWORD},
        database::TestDatabase,
        server::TestServer,
        smtp::SmtpServer,
    },
};

async fn details(admin: &Client) -> Value {
    admin.get("/users/2").await.body
}

#[both_databases::test]
async fn a_reader_is_found_by_the_start_of_a_name_or_an_address(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let server = start(database, &smtp, &[]).await;
    let admin = server.admin("admin").await;
    verified(&server, &smtp, "grace", "hopper@example.org", 0).await;
    for name in ["ada", "alan", "zuse"] {
        server.client().register(name).await;
    }
    let found = async |query: &str| {
        let page = admin.open(&format!("/admin/users?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let links = html(&page).split("<a href=\"/admin/users/").skip(1);
        links
            .filter_map(|link| link.split_once("\">")?.1.split_once("</a>").map(|(name, _)| name.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("query=a").await, ["alan", "ada", "admin"]);
    assert_eq!(found("query=hopper%40&role=&status=").await, ["grace"], "what is left blank is no filter");
    assert_eq!(found("query=a&role=admin").await, ["admin"]);
    assert_eq!(found("status=disabled").await, [""; 0]);
    assert!(html(&admin.open("/admin/users?query=x").await).contains("No user matches."));
    let page = admin.open("/admin/users?limit=2").await;
    assert!(html(&page).contains("href=\"/admin/users?limit=2&#38;before=4\" rel=\"next\""), "{}", html(&page));
    let wrong = admin.open("/admin/users?role=king").await;
    assert_eq!(wrong.status, 422);
    assert!(html(&wrong).contains("role=\"alert\">role: This must be user, editor or admin.</p>"), "{}", html(&wrong));
}

#[both_databases::test]
async fn extra_reads_are_given_and_a_lockout_is_lifted(database: TestDatabase) {
    let server = TestServer::with(database, &[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let admin = server.admin("admin").await;
    let reader = server.client().behind_proxy("192.0.2.7");
    reader.register("reader").await;
    reader.login("reader").await;
    for _ in 0..5 {
        assert_eq!(reader.get("/blog/1").await.status, 200);
    }
    assert_eq!(reader.get("/blog/1").await.status, 400);
    for (extra, used, limit) in [("3", 2, 5), ("4", 0, 7)] {
        let given = admin.submit("/admin/users/2", &[("action", "reads"), ("extra", extra)]).await;
        assert_eq!(led(&given), (303, "/admin/users/2?done=reads"));
        let meter = &details(&admin).await["meter"];
        assert_eq!(
            (&meter["used"], &meter["limit"], &meter["remaining"]),
            (&json!(used), &json!(limit), &json!(limit - used))
        );
    }
    let wrong = admin.submit("/admin/users/2", &[("action", "reads"), ("extra", "0")]).await;
    assert_eq!(wrong.status, 422);
    let wrong = admin.submit("/admin/users/2", &[("action", "reads"), ("extra", "many")]).await;
    assert_eq!(wrong.status, 422);
    for _ in 0..5 {
        reader.try_login("reader", "wrong").await;
    }
    assert_eq!(reader.try_login("reader", PASSWORD).await, 429);
    assert!(html(&admin.open("/admin/users/2").await).contains("<h2 id=\"lockout\">Locked out</h2>"));
    assert_eq!(
        led(&admin.submit("/admin/users/2", &[("action", "unlock")]).await),
        (303, "/admin/users/2?done=unlocked")
    );
    assert_eq!(reader.try_login("reader", PASSWORD).await, 200);
    let page = admin.open("/admin/users/2?done=unlocked").await;
    assert!(html(&page).contains("role=\"status\">The lockout is lifted."), "{}", html(&page));
    assert!(!html(&page).contains("id=\"lockout\""));
    assert!(!html(&admin.open("/admin/users/2?done=%3Cscript%3E").await).contains("role=\"status\""));
}

#[both_databases::test]
async fn sessions_tokens_and_second_factors_end(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    let reader = server.signed_in("reader").await;
    create(&reader, &["account"]).await;
    server.execute("UPDATE users SET has_totp = TRUE WHERE id = 2").await;
    let page = admin.open("/admin/users/2").await;
    assert!(html(&page).contains("Authenticator app") && html(&page).contains("API tokens"), "{}", html(&page));
    assert_eq!(led(&admin.submit("/admin/users/2/second-factors", &[]).await), (303, "/admin/users/2?done=factors"));
    assert_eq!(details(&admin).await["second_factors"], json!([]));
    assert_eq!(led(&admin.submit("/admin/users/2/tokens", &[]).await), (303, "/admin/users/2?done=tokens"));
    assert_eq!(admin.get("/users/2/tokens").await.body, json!([]));
    assert_eq!(led(&admin.submit("/admin/users/2/sessions", &[]).await), (303, "/admin/users/2?done=sessions"));
    assert!(!reader.is_signed_in().await);
}

#[both_databases::test]
async fn everybody_is_signed_out_but_the_admin_and_every_token_is_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    let reader = server.signed_in("reader").await;
    create(&reader, &["account"]).await;
    assert!(html(&admin.open("/admin/everybody/sessions").await).contains("Every user is signed out on every device"));
    let ended = admin.submit("/admin/everybody/sessions", &[]).await;
    assert_eq!(led(&ended), (303, "/admin/users?done=all-sessions"));
    assert!(!reader.is_signed_in().await && admin.is_signed_in().await);
    assert_eq!(led(&admin.submit("/admin/everybody/tokens", &[]).await), (303, "/admin/users?done=all-tokens"));
    assert_eq!(admin.get("/users/2/tokens").await.body, json!([]));
    assert_eq!(admin.submit("/admin/everybody/cookies", &[]).await.status, 404);
}

#[both_databases::test]
async fn a_role_a_name_and_an_address_change_and_errors_stand_at_their_field(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    server.client().register("reader").await;
    let role = admin.submit("/admin/users/2/role", &[("role", "editor")]).await;
    assert_eq!(led(&role), (303, "/admin/users/2?done=role"));
    let fields = [("username", "ada"), ("email", "ada@example.org")];
    let changed = admin.submit("/admin/users/2/details", &fields).await;
    assert_eq!(led(&changed), (303, "/admin/users/2?done=details"));
    let user = details(&admin).await;
    assert_eq!(
        (&user["role"], &user["username"], &user["email"]),
        (&json!("editor"), &json!("ada"), &json!("ada@example.org"))
    );
    assert_eq!(admin.submit("/admin/users/2/details", &[("username", "ada")]).await.status, 303);
    assert_eq!(details(&admin).await["email"], Value::Null, "an address that is left blank is removed");
    let taken = admin.submit("/admin/users/2/details", &[("username", "admin"), ("email", "x")]).await;
    assert_eq!(taken.status, 422);
    assert!(html(&taken).contains("id=\"email-error\">This must be an email address"), "{}", html(&taken));
    let taken = admin.submit("/admin/users/2/details", &[("username", "admin")]).await;
    assert_eq!(taken.status, 409);
    assert!(html(&taken).contains("value=\"admin\"") && html(&taken).contains("id=\"username-error\""));
    let last = admin.submit("/admin/users/1/role", &[("role", "user")]).await;
    assert_eq!(last.status, 409);
    assert!(html(&last).contains("This is the last active admin; make another user an admin first."));
}

#[both_databases::test]
async fn a_subscription_is_given_and_ended(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    server.client().register("reader").await;
    let given = admin.submit("/admin/users/2/subscription", &[("until", "2027-01-01")]).await;
    assert_eq!(led(&given), (303, "/admin/users/2?done=granted"));
    assert_eq!(details(&admin).await["subscription"]["current_period_end"], "2027-01-01T00:00:00.000Z");
    let past = admin.submit("/admin/users/2/subscription", &[("until", "2020-01-01")]).await;
    assert_eq!(past.status, 422);
    assert!(html(&past).contains("id=\"until-error\">This must be in the future.</p>"), "{}", html(&past));
    assert_eq!(led(&admin.submit("/admin/users/2/end-subscription", &[]).await), (303, "/admin/users/2?done=ended"));
    assert_eq!(details(&admin).await["subscription"]["status"], "ended");
}

#[both_databases::test]
async fn an_account_is_disabled_enabled_exported_and_deleted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    let reader = server.signed_in("reader").await;
    assert_eq!(led(&admin.submit("/admin/users/2/disable", &[]).await), (303, "/admin/users/2?done=disabled"));
    assert!(!reader.is_signed_in().await);
    assert_eq!(
        led(&admin.submit("/admin/users/2", &[("action", "enable")]).await),
        (303, "/admin/users/2?done=enabled")
    );
    reader.login("reader").await;
    let export = admin.open("/admin/users/2/export").await;
    let own = reader.get("/account/export").await;
    assert_eq!(export.header("content-disposition"), own.header("content-disposition"));
    assert_eq!(export.body["user"]["username"], "reader");
    let page = admin.open("/admin/users/2/delete").await;
    assert!(html(&page).contains("This cannot be undone"), "{}", html(&page));
    assert_eq!(led(&admin.submit("/admin/users/2/delete", &[]).await), (303, "/admin/users?done=deleted"));
    assert_eq!(admin.get("/users/2").await.status, 404);
    assert_eq!(admin.open("/admin/users/2").await.status, 404);
    assert_eq!(admin.submit("/admin/users/2/delete", &[]).await.status, 404);
    let events = html(&admin.open("/admin/audit?event=deleted").await).to_owned();
    assert!(events.contains("<td data-label=\"By\">admin</td>"), "{events}");
}

#[both_databases::test]
async fn events_are_filtered_by_admin_kind_and_day(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.admin("admin").await;
    server.client().register("reader").await;
    admin.submit("/admin/users/2/role", &[("role", "editor")]).await;
    let rows = async |query: &str| {
        let page = admin.open(&format!("/admin/audit?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        html(&page).matches("<tr>\n<td>").count()
    };
    assert_eq!(rows("").await, 4);
    assert_eq!(rows("by=admin&event=&since=&until=").await, 1);
    assert_eq!(rows("event=registered").await, 2);
    assert_eq!(rows("since=2026-11-21&until=2026-11-21").await, 4, "the whole of the last day counts");
    assert_eq!(rows("since=2026-11-22").await, 0);
    assert_eq!(rows("until=2026-11-20").await, 0);
    assert_eq!(admin.open("/admin/audit?event=nothing").await.status, 422);
    let of_user = admin.open("/admin/users/2/audit?limit=1").await;
    assert!(html(&of_user).contains("href=\"/admin/users/2/audit?limit=1&#38;before="), "{}", html(&of_user));
}
