//! Support requests: locked-out users, extra reads, sessions and subscriptions.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tollgate::base::clock::Clock;

use super::{command_with, error_of, json_of, not_found_of, run, text};
#[cfg(feature = "passkeys")]
use crate::support::passkeys::{Device, enrolled, invalid_credential, log_in};
use crate::support::{
    authenticator::enrol,
    client::{Client, PASSWORD},
    database::TestDatabase,
    server::{SECRET_KEY, TestServer},
    smtp::SmtpServer,
};

const WRONG: &str = "wrong password";

/// A node with the system clock, which the commands use as well.
async fn node(server: &TestServer, settings: &[(&str, &str)]) -> Client {
    server.client().at(&server.node_with_clock(settings, Clock::system()).await)
}

fn names(users: &Value) -> Vec<&str> {
    users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

/// The user agent that the audit records for commands.
fn actor(command: &str) -> String {
    format!("tollgate {command} by {}", whoami::username().unwrap())
}

/// The last event of a user's audit.
async fn last_event(server: &TestServer, user: &str) -> (String, String) {
    let events = json_of(server, &["user", "audit", user, "--limit", "1"], "").await;
    let text = |key: &str| events[0][key].as_str().unwrap_or_default().to_owned();
    (text("event"), text("user_agent"))
}

#[both_databases::test]
async fn a_user_is_found_by_name_email_or_id(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let ada = json_of(&server, &["user", "add", "Ada", "--email", "Ada@Example.org"], PASSWORD).await;
    for who in ["ADA", "ada@example.ORG", "1", "name:ada", "email:ada@example.org", "id:1"] {
        let mut shown = json_of(&server, &["user", "show", who], "").await;
        let (lockouts, subscription) = (shown["lockouts"].take(), shown["subscription"].take());
        assert_eq!(shown["second_factors"], json!([]));
        let none = json!({
            "status": "none", "source": null, "current_period_end": null, "grace_until": null, "stripe_customers": [],
        });
        assert_eq!((lockouts, subscription), (json!([]), none));
        for (key, value) in ada.as_object().unwrap() {
            assert_eq!(&shown[key], value, "{who}: {key}");
        }
    }
    for who in ["2", "name:1", "id:ada", "email:ada", "a b"] {
        assert_eq!(not_found_of(&server, &["user", "show", who]).await, format!("tollgate: user not found: {who}\n"));
    }

    // A user whose name looks like another user's id or email address is not mistaken for the other.
    json_of(&server, &["user", "add", "1"], PASSWORD).await;
    let error = error_of(&server, &["user", "delete", "1"], "").await;
    assert_eq!(error, "tollgate: 1 matches several users: id:1 is user 1, name:1 is user 2\n");
    for address in ["ada@example.org", "eve@example.org", "boss\u{ff20}example.org"] {
        json_of(&server, &["user", "add", address], PASSWORD).await;
    }
    assert_eq!(json_of(&server, &["user", "promote", "ada@example.org"], "").await["id"], json!(1));
    for stranger in ["eve@example.org", "boss@example.org", "boss\u{ff20}example.org"] {
        let error = not_found_of(&server, &["user", "promote", stranger]).await;
        assert_eq!(error, format!("tollgate: user not found: {stranger}\n"));
    }
    assert_eq!(json_of(&server, &["user", "show", "name:eve@example.org"], "").await["role"], json!("user"));
    assert_eq!(json_of(&server, &["user", "delete", "name:1"], "").await["id"], json!(2));
    assert_eq!(json_of(&server, &["user", "promote", "1"], "").await["id"], json!(1));
}

#[both_databases::test]
async fn a_password_set_by_the_operator_ends_links_and_lockouts_and_is_reported(database: TestDatabase) {
    let (server, smtp) = (TestServer::start(database).await, SmtpServer::start());
    let url = smtp.url();
    let mail = [("MAIL_URL", url.as_str()), ("MAIL_FROM", "blog@blog.example"), ("PUBLIC_URL", "https://blog.example")];
    let client = node(&server, &[&mail[..], &[("THROTTLE", "on")]].concat()).await;
    let user = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    assert_eq!(client.post("/register", &user).await.status, 201);
    let verification = json!({ "token": smtp.nth(1).await.token() });
    assert_eq!(client.post("/email/verify", &verification).await.status, 204);
    assert_eq!(client.post("/password/forgot", &json!({ "email": "ada@example.org" })).await.status, 202);
    let token = smtp.nth(2).await.token();
    for _ in 0..5 {
        assert_eq!(client.try_login("ada", WRONG).await, 400);
    }
    assert_eq!(client.try_login("ada", PASSWORD).await, 429);

    json_of(&server, &["user", "password", "ada"], "seven wiser toads\n").await;
    let reset = json!({ "token": token, "new_password": "a password of somebody else" });
    assert_eq!(client.post("/password/reset", &reset).await.code(), "invalid_token");
    assert_eq!(client.try_login("ada", "seven wiser toads").await, 200);
    assert_eq!(smtp.notice("ada@example.org", 1).await.subject(), "Your password was changed");
}

#[both_databases::test]
async fn a_lost_second_factor_is_removed_and_that_is_recorded(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    enrol(&server, &client).await;
    assert_eq!(json_of(&server, &["user", "show", "ada"], "").await["second_factors"], json!(["totp"]));
    let reset = json_of(&server, &["user", "reset-factors", "ada"], "").await;
    assert_eq!(reset["username"], json!("ada"));
    assert_eq!(json_of(&server, &["user", "show", "ada"], "").await["second_factors"], json!([]));
    let removed = ("second_factor_removed".to_owned(), actor("user reset-factors"));
    assert_eq!(last_event(&server, "ada").await, removed);
    client.get_until("/check_session", |answer| answer.body["second_factors"] == json!([])).await;
    server.client().login("ada").await;
    let error = not_found_of(&server, &["user", "reset-factors", "eve"]).await;
    assert_eq!(error, "tollgate: user not found: eve\n");
}

#[both_databases::test]
async fn the_doctor_reports_names_that_may_be_the_address_of_somebody(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.signed_in("ada").await;
    server.signed_in("eve").await;
    server
        .execute("UPDATE users SET username = 'ada@example.org', username_key = 'ada@example.org' WHERE id = 2")
        .await;
    let (folder, url) = (server.database.folder(), &server.database.url);
    for (mail, is_reported) in [("none", false), ("smtp://127.0.0.1:1?tls=none", true)] {
        let settings =
            [("MAIL_URL", mail), ("MAIL_FROM", "blog@blog.example"), ("PUBLIC_URL", "http://localhost:8080")];
        let report = command_with(folder, url, &settings, &["--json", "doctor"], "").await;
        let finding = "has accounts whose name contains @, so that it may be the address of somebody else, who cannot sign in \
                       with it then: id:2. Ask their users";
        assert_eq!(text(&report.stdout).contains(finding), is_reported, "{report:?}");
    }
}

#[both_databases::test]
async fn the_audit_names_the_operator_for_whom_a_service_runs_the_command(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.signed_in("ada").await;
    let (folder, url) = (server.database.folder(), &server.database.url);
    let operator = [("TOLLGATE_OPERATOR", "eve"), ("SUDO_USER", "mallory")];
    let disabled = command_with(folder, url, &operator, &["user", "disable", "ada"], "").await;
    assert!(disabled.status.success(), "{disabled:?}");
    let by = format!("{} (operator: eve)", actor("user disable"));
    assert_eq!(last_event(&server, "ada").await.1, by);
}

#[cfg(feature = "passkeys")]
#[both_databases::test]
async fn lost_passkeys_are_removed_like_other_factors(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    enrolled(&server, "ada", &mut device).await;
    assert_eq!(json_of(&server, &["user", "show", "ada"], "").await["second_factors"], json!(["passkey"]));
    json_of(&server, &["user", "reset-factors", "ada"], "").await;
    assert_eq!(json_of(&server, &["user", "show", "ada"], "").await["second_factors"], json!([]));
    let client = server.client();
    assert_eq!(log_in(&client, &mut device).await.parts(), invalid_credential());
    client.login("ada").await;
}

#[both_databases::test]
async fn a_locked_out_user_is_shown_and_can_be_unlocked(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = node(&server, &[("THROTTLE", "on")]).await;
    client.register("ada").await;
    for _ in 0..5 {
        assert_eq!(client.try_login("ada", WRONG).await, 400);
    }
    assert_eq!(client.try_login("ada", PASSWORD).await, 429);

    let lockouts = json_of(&server, &["user", "show", "ada"], "").await["lockouts"].take();
    assert_eq!(lockouts.as_array().unwrap().len(), 1, "{lockouts}");
    assert_eq!((&lockouts[0]["reason"], &lockouts[0]["network"]), (&json!("wrong_passwords"), &json!("127.0.0.1")));
    let until: tollgate::base::clock::Timestamp = lockouts[0]["until"].as_str().unwrap().parse().unwrap();
    let left = Clock::system().now().until(until);
    assert!(left > Duration::from_secs(200) && left <= Duration::from_secs(300), "{left:?}");
    let shown = text(&run(&server, &["user", "show", "ada"], "").await.stdout);
    assert!(shown.contains(&format!("\nlocked out: from 127.0.0.1 until {until}\n")), "{shown}");

    let unlocked = json_of(&server, &["user", "unlock", "ada"], "").await;
    assert_eq!(unlocked, json!({ "username": "ada", "forgotten": 5, "lockouts": [] }));
    assert_eq!(last_event(&server, "ada").await, ("account_changed".to_owned(), actor("user unlock")));
    client.login("ada").await;
    let again = json_of(&server, &["user", "unlock", "ada"], "").await;
    assert_eq!(again["forgotten"], json!(0));
    assert_eq!(last_event(&server, "ada").await.0, "signed_in", "nothing was changed");
}

#[both_databases::test]
async fn a_lockout_from_all_networks_is_shown(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let settings = [("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let client = node(&server, &settings).await;
    client.behind_proxy("192.0.2.1").register("ada").await;
    for number in 0..100 {
        let guesser = client.behind_proxy(&format!("198.51.100.{}", number / 4 + 1));
        assert_eq!(guesser.try_login("ada", WRONG).await, 400, "{number}");
    }
    assert_eq!(client.behind_proxy("203.0.113.7").try_login("ada", PASSWORD).await, 429);
    let lockouts = json_of(&server, &["user", "show", "ada"], "").await["lockouts"].take();
    assert_eq!(lockouts.as_array().unwrap().len(), 1, "{lockouts}");
    assert_eq!(lockouts[0]["network"], json!(null));
    assert_eq!(json_of(&server, &["user", "unlock", "ada"], "").await["forgotten"], json!(100));
    assert_eq!(client.behind_proxy("203.0.113.7").try_login("ada", PASSWORD).await, 200);
}

#[both_databases::test]
async fn too_many_sign_ins_are_shown(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = node(&server, &[("THROTTLE", "on")]).await;
    client.register("ada").await;
    for _ in 0..30 {
        client.login("ada").await;
    }
    assert_eq!(client.try_login("ada", PASSWORD).await, 429);
    let lockouts = json_of(&server, &["user", "show", "ada"], "").await["lockouts"].take();
    assert_eq!((&lockouts[0]["reason"], &lockouts[0]["network"]), (&json!("sign_ins"), &json!(null)));
    let unlocked = json_of(&server, &["user", "unlock", "ada"], "").await;
    assert_eq!((&unlocked["forgotten"], &unlocked["lockouts"]), (&json!(0), &lockouts), "these are in the audit");
}

#[both_databases::test]
async fn unlocking_a_user_keeps_the_failed_attempts_on_others(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = node(&server, &[("THROTTLE", "on")]).await;
    client.register("ada").await;
    assert_eq!(client.try_login("ada", WRONG).await, 400);
    for number in 0..30 {
        client.try_login(&format!("nobody{number}"), WRONG).await;
    }
    let unlocked = json_of(&server, &["user", "unlock", "ada"], "").await;
    assert_eq!((&unlocked["forgotten"], &unlocked["lockouts"]), (&json!(1), &json!([])), "29 of others are left");
    assert_eq!(client.try_login("ada", WRONG).await, 400);
    assert_eq!(client.try_login("nobody30", WRONG).await, 429);
}

#[both_databases::test]
async fn users_are_listed_by_prefix_role_and_status(database: TestDatabase) {
    let server = TestServer::start(database).await;
    for (username, email) in [
        ("zoe", Some("ann@example.org")),
        ("Anna", None),
        ("bob", Some("bob@example.org")),
        ("ann", Some("anything@example.org")),
        ("an", None),
        ("Äne", Some("ANTON@example.org")),
    ] {
        let email = email.map(|email| vec!["--email", email]).unwrap_or_default();
        json_of(&server, &[&["user", "add", username], &email[..]].concat(), PASSWORD).await;
    }
    json_of(&server, &["user", "promote", "bob"], "").await;
    json_of(&server, &["user", "promote", "ann"], "").await;
    json_of(&server, &["user", "disable", "ann"], "").await;
    for (arguments, expected) in [
        (&["--query", "ANN"][..], &["ann", "Anna", "zoe"][..]),
        (&["--query", "an"], &["an", "ann", "Anna", "zoe", "Äne"]),
        (&["--query", "än"], &["Äne"]),
        (&["--query", "ann@example.org"], &["zoe"]),
        (&["--query", "%"], &[]),
        (&["--query", "_nn"], &[]),
        (&["--query", "an", "--status", "active"], &["an", "Anna", "zoe", "Äne"]),
        (&["--query", "an", "--role", "admin"], &["ann"]),
        (&["--role", "admin"], &["bob", "ann"]),
        (&["--role", "user"], &["zoe", "Anna", "an", "Äne"]),
        (&["--role", "admin", "--status", "active"], &["bob"]),
        (&["--status", "disabled"], &["ann"]),
        (&["--limit", "2"], &["zoe", "Anna"]),
        (&["--limit", "2", "--after", "2"], &["bob", "ann"]),
        (&["--status", "active", "--limit", "2", "--after", "2"], &["bob", "an"]),
        (&["--after", "6"], &[]),
    ] {
        let listed = json_of(&server, &[&["user", "list"], arguments].concat(), "").await;
        assert_eq!(names(&listed), expected, "{arguments:?}");
    }

    // All pages together have each user once.
    let (mut seen, mut after) = (Vec::new(), Vec::new());
    loop {
        let arguments = [&["user", "list", "--query", "an", "--limit", "1"][..], &after].concat();
        let page = json_of(&server, &arguments, "").await;
        let Some(user) = page.get(0) else { break };
        seen.push(user["username"].as_str().unwrap().to_owned());
        after = vec!["--after", Box::leak(user["id"].to_string().into_boxed_str())];
    }
    assert_eq!(seen, ["an", "ann", "Anna", "zoe", "Äne"]);
    let error = not_found_of(&server, &["user", "list", "--query", "an", "--after", "77"]).await;
    assert_eq!(error, "tollgate: --after: user not found\n");
    assert_eq!(text(&run(&server, &["user", "list", "--query", "bo"], "").await.stdout).lines().count(), 1);
}

#[both_databases::test]
async fn a_running_server_sees_extra_reads(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = node(&server, &[("READS_LIMIT", "5")]).await;
    client.register("ada").await;
    client.login("ada").await;
    let shown = json_of(&server, &["meter", "show", "ada"], "").await;
    let full = json!({
        "username": "ada", "limit": 5, "used": 0, "remaining": 5, "resets_at": null, "subscribed": false,
    });
    assert_eq!(shown, full);
    assert_eq!(json_of(&server, &["meter", "set", "ada", "0"], "").await, full, "no period starts before a read");
    for _ in 0..5 {
        assert_eq!(client.get("/blog/1").await.status, 200);
    }
    assert_eq!(client.get("/blog/1").await.code(), "payment_required");

    let set = json_of(&server, &["meter", "set", "ada", "3"], "").await;
    assert_eq!((&set["used"], &set["remaining"]), (&json!(3), &json!(2)));
    assert_eq!(client.get("/blog/1").await.header("x-reads-remaining"), Some("1"));
    assert_eq!(client.get("/blog/1").await.status, 200);
    assert_eq!(client.get("/blog/1").await.code(), "payment_required");
    assert_eq!(last_event(&server, "ada").await, ("account_changed".to_owned(), actor("meter set")));
    let shown = text(&run(&server, &["meter", "show", "ada"], "").await.stdout);
    assert!(shown.starts_with("ada: 5 of 5 reads used, 0 left, resets at 20"), "{shown}");

    for wrong in ["6", "-1"] {
        let error = error_of(&server, &["meter", "set", "ada", "--", wrong], "").await;
        assert_eq!(error, "tollgate: the number of reads used must be between 0 and 5 (READS_LIMIT)\n");
    }
    let given = json_of(&server, &["meter", "give", "ada", "7"], "").await;
    assert_eq!((&given["limit"], &given["used"], &given["remaining"]), (&json!(7), &json!(0), &json!(7)));
    assert_eq!(last_event(&server, "ada").await, ("account_changed".to_owned(), actor("meter give")));
    let read = client.get("/blog/1").await;
    assert_eq!((read.header("x-reads-limit"), read.header("x-reads-remaining")), (Some("6"), Some("6")));
    for left in (0..6).rev() {
        assert_eq!(client.get("/blog/1").await.header("x-reads-remaining"), Some(&*left.to_string()));
    }
    assert_eq!(client.get("/blog/1").await.code(), "payment_required");
    let meter = client.get("/meter").await.body;
    assert_eq!((&meter["limit"], &meter["used"], &meter["remaining"]), (&json!(5), &json!(5), &json!(0)));
    assert_eq!(not_found_of(&server, &["meter", "give", "eve", "1"]).await, "tollgate: user not found: eve\n");
    // Extra reads can be negative, even for a user without reads.
    client.register("eve").await;
    assert_eq!(json_of(&server, &["meter", "set", "eve", "5"], "").await["remaining"], json!(0));
    client.login("eve").await;
    assert_eq!(client.get("/blog/1").await.code(), "payment_required");
}

#[both_databases::test]
async fn a_subscription_is_shown_as_paid_or_granted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.client();
    client.register("ada").await;
    client.register("eve").await;
    json_of(&server, &["grant", "ada", "--until", "2127-01-01T00:00:00Z"], "").await;
    assert_eq!(last_event(&server, "ada").await, ("account_changed".to_owned(), actor("grant")));
    server.execute(
            "INSERT INTO subscriptions (id, customer, status, status_event, status_at, last_good_at, started_at, current_period_end) \
         VALUES ('sub_1', 'cus_1', 'active', '1', 1000, 1000, 1000, 4985971200000)",
        ).await;
    server.execute("INSERT INTO customers (id, user_id, user_event) VALUES ('cus_1', 2, '1')").await;
    server.execute("UPDATE users SET subscribed_until = 4985971200000 WHERE id = 2").await;
    let granted = json_of(&server, &["user", "show", "ada"], "").await["subscription"].take();
    assert_eq!(
        granted,
        json!({
            "status": "active", "source": "granted", "current_period_end": "2127-01-01T00:00:00.000Z",
            "grace_until": null, "stripe_customers": [],
        })
    );
    let paid = json_of(&server, &["user", "find", "--stripe-customer", "cus_1"], "").await;
    assert_eq!(paid["username"], json!("eve"));
    assert_eq!(
        paid["subscription"],
        json!({
            "status": "active", "source": "paid", "current_period_end": "2128-01-01T00:00:00.000Z",
            "grace_until": null, "stripe_customers": ["cus_1"],
        })
    );
    let error = not_found_of(&server, &["user", "find", "--stripe-customer", "cus_2"]).await;
    assert_eq!(error, "tollgate: no user is linked to the Stripe customer cus_2\n");
    // A subscription that names the user is found without a checkout.
    server
        .execute("INSERT INTO subscriptions (id, user_id, user_event, customer) VALUES ('sub_2', 1, '1', 'cus_3')")
        .await;
    assert_eq!(json_of(&server, &["user", "find", "--stripe-customer", "cus_3"], "").await["username"], json!("ada"));
    json_of(&server, &["revoke", "ada"], "").await;
    let ended = json_of(&server, &["user", "show", "ada"], "").await["subscription"].take();
    assert_eq!((&ended["status"], &ended["source"]), (&json!("ended"), &json!("granted")));
    let shown = text(&run(&server, &["user", "show", "eve"], "").await.stdout);
    assert!(
        shown.ends_with("\nsubscription: active, paid, until 2128-01-01T00:00:00.000Z, customer cus_1\n"),
        "{shown}"
    );
}

#[both_databases::test]
async fn sessions_of_all_users_are_listed_and_revoked(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = node(&server, &[]).await;
    let (ada, eve, other) = (client.with_headers(&[]), client.with_headers(&[]), client.with_headers(&[]));
    for (client, name) in [(&ada, "ada"), (&eve, "eve")] {
        client.register(name).await;
        client.login(name).await;
    }
    other.login("eve").await;
    let listed = json_of(&server, &["session", "list", "--all"], "").await;
    assert_eq!(names(&listed), ["ada", "eve", "eve"]);
    assert_eq!(listed[2]["user_id"], json!(2));
    assert_eq!(listed[2]["ip"], json!("127.0.0.1"));
    let lines = text(&run(&server, &["session", "list", "--all"], "").await.stdout);
    assert!(lines.lines().count() == 3 && lines.starts_with("ada  1"), "{lines}");

    assert_eq!(json_of(&server, &["session", "revoke", "--all"], "").await, json!({ "ended": 3 }));
    for client in [&ada, &eve, &other] {
        client.until_signed_out().await;
    }
    for name in ["ada", "eve"] {
        assert_eq!(last_event(&server, name).await, ("revoked".to_owned(), actor("session revoke --all")));
    }
    assert_eq!(json_of(&server, &["session", "revoke", "--all"], "").await, json!({ "ended": 0 }));
    assert_eq!(json_of(&server, &["session", "list", "--all"], "").await, json!([]));
    for wrong in [&["session", "revoke"][..], &["session", "list"], &["session", "revoke", "ada", "--all"]] {
        assert_eq!(run(&server, wrong, "").await.status.code(), Some(2), "{wrong:?}");
    }
}

#[both_databases::test]
async fn stats_shows_the_same_numbers_as_the_api(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let admin = server.signed_in("ada").await;
    json_of(&server, &["user", "promote", "ada"], "").await;
    assert_eq!(admin.get("/blog/1").await.status, 200);
    let range = ["--from", "2026-11-20", "--to", "2026-11-21"];
    let shown = json_of(&server, &[&["stats"], &range[..]].concat(), "").await;
    let answer = admin.get_until("/stats?from=2026-11-20&to=2026-11-21", |answer| answer.status == 200).await;
    assert_eq!(shown, answer.body);
    assert_eq!((&shown[1]["day"], &shown[1]["reads"]), (&json!("2026-11-21"), &json!(1)));
    let lines = text(&run(&server, &[&["stats"], &range[..]].concat(), "").await.stdout);
    assert_eq!(
        lines.lines().next(),
        Some(
            "day         reads  refusals  readers  conversions  anonymous-reads  anonymous-refusals  anonymous-readers  \
             anonymous-conversions  subscribed-reads  subscribed-readers"
        )
    );
    assert_eq!(
        lines.lines().nth(2),
        Some(
            "2026-11-21  1      0         1        0            0                0                   0                  \
             0                      0                 0"
        )
    );
    for (from, error) in [
        ("yesterday", "must be a day such as 2026-11-21"),
        ("2026-11-22", "must be at most 731 days before `to`, and not after it"),
    ] {
        let told = error_of(&server, &["stats", "--from", from, "--to", "2026-11-21"], "").await;
        assert_eq!(told, format!("tollgate: --from {error}\n"));
    }
}

#[both_databases::test]
async fn the_audit_names_the_operator_of_every_change(database: TestDatabase) {
    let server = TestServer::start(database).await;
    json_of(&server, &["user", "add", "ada"], PASSWORD).await;
    assert_eq!(last_event(&server, "ada").await, ("registered".to_owned(), actor("user add")));
    for (arguments, event) in [
        (&["user", "promote", "ada"][..], "account_changed"),
        (&["user", "demote", "ada"], "account_changed"),
        (&["user", "disable", "ada"], "account_changed"),
        (&["user", "enable", "ada"], "account_changed"),
        (&["user", "password", "ada"], "password_reset"),
        (&["grant", "ada"], "account_changed"),
        (&["revoke", "ada"], "account_changed"),
    ] {
        json_of(&server, arguments, "seven wiser toads\n").await;
        let command = arguments.iter().filter(|word| **word != "ada").copied().collect::<Vec<_>>().join(" ");
        assert_eq!(last_event(&server, "ada").await, (event.to_owned(), actor(&command)));
    }
    let before = json_of(&server, &["user", "audit", "ada"], "").await;
    json_of(&server, &["user", "enable", "ada"], "").await;
    json_of(&server, &["user", "demote", "ada"], "").await;
    assert_eq!(json_of(&server, &["user", "audit", "ada"], "").await, before, "what changes nothing is no event");
    let lines = text(&run(&server, &["user", "audit", "ada", "--limit", "2"], "").await.stdout);
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.contains("  account_changed  127.0.0.1  tollgate revoke by "), "{lines}");

    json_of(&server, &["user", "delete", "ada"], "").await;
    let deleted = format!(
        "DELETE FROM audit WHERE event = 'deleted' AND user_id IS NULL AND user_agent = '{}'",
        actor("user delete")
    );
    assert_eq!(server.execute(&deleted).await, 1);
}

#[both_databases::test]
async fn a_closed_pipe_is_not_an_error(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let seed = if server.is_postgres() { "generate_series(1, 20000) AS seed (n)" } else { "seed" };
    let with = if server.is_postgres() {
        ""
    } else {
        "WITH RECURSIVE seed (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seed WHERE n < 20000) "
    };
    let insert = format!(
        "{with}INSERT INTO users (username, username_key, password_hash, role, is_active, created_at) \
         SELECT 'user' || n, 'user' || n, '!', 'user', TRUE, 0 FROM {seed}"
    );
    assert_eq!(server.execute(&insert).await, 20000);
    for arguments in [
        &["user", "list"][..],
        &["--json", "user", "list"],
        &["user", "export", "-", "--format", "csv"],
        &["user", "export", "-", "--format", "jsonl"],
        &["completions", "bash"],
    ] {
        let (status, told) = head(&server, arguments).await;
        assert!(told.is_empty() && matches!(status, 0 | 141), "{arguments:?}: {status} {told}");
    }
}

/// Runs a command whose reader closes the pipe after a line. Returns the exit code and standard error.
async fn head(server: &TestServer, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command.env_clear().env("DATABASE_URL", &server.database.url).env("SECRET_KEY", SECRET_KEY);
    command.current_dir(server.database.folder()).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = move || {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), text(&output.stderr))
    };
    actix_web::rt::task::spawn_blocking(run).await.unwrap()
}

/// Unicode occasionally changes the properties of a character.
#[both_databases::test]
async fn an_account_whose_name_would_be_rejected_today_can_be_managed(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = server.signed_in("ada").await;
    server.execute("UPDATE users SET username = 'ada☺', username_key = 'ada☺'").await;
    assert_eq!(json_of(&server, &["user", "show", "ada☺"], "").await["username"], json!("ada☺"));
    json_of(&server, &["user", "password", "ada☺"], "three honest herons\n").await;
    assert!(!client.is_signed_in().await);
    assert_eq!(server.client().try_login("ada☺", "three honest herons").await, 200);
}
