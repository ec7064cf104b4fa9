//! Prometheus metrics.

use std::{collections::BTreeSet, time::Duration};

use actix_web::rt::task::yield_now;
use serde_json::{Value, json};
use tollgate::base::clock::Clock;

use super::{
    email::{ADA, mail_settings, register, verified},
    email_outbox::{until, until_recorded},
};
#[cfg(feature = "passkeys")]
use crate::support::{
    authenticator::{enrol, first_step, second_step},
    passkeys::{self, Device, add, log_in, options},
};
use crate::support::{
    client::PASSWORD,
    database::{Kind, TestDatabase},
    fixtures::{HOUR, MINUTE},
    server::TestServer,
    smtp::{Behaviour, SmtpServer},
};

async fn server(database: TestDatabase, settings: &[(&str, &str)]) -> TestServer {
    TestServer::with(database, &[&[("METRICS_ADDR", "127.0.0.1:0")], settings].concat()).await
}

/// The text of the metrics page.
async fn page(server: &TestServer) -> String {
    let response = reqwest::get(format!("http://{}/metrics", server.metrics.unwrap())).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.text().await.unwrap()
}

#[both_databases::test]
async fn tools_of_prometheus_get_its_text_format(database: TestDatabase) {
    let server = server(database, &[]).await;
    server.signed_in("ada").await.get("/blog/1").await;
    let open_metrics = page(&server).await;
    let request = reqwest::Client::new().get(format!("http://{}/metrics", server.metrics.unwrap()));
    let response = request.header("accept", "text/plain").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = response.text().await.unwrap();
    let series = |page: &str| -> Vec<_> {
        let samples = page.lines().filter(|line| !line.starts_with('#'));
        samples.filter_map(|line| line.rsplit_once(' ')).map(|(series, _)| series.to_owned()).collect()
    };
    assert_eq!(series(&text), series(&open_metrics));
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    for (name, kind) in types {
        let prefix = if kind == "histogram" { format!("{name}_bucket") } else { name.to_owned() };
        assert!(series(&text).iter().any(|series| series.starts_with(&prefix)), "{name} {kind}");
        assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{name} {kind}");
    }
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"), "{text}");
}

/// The value of a series, if it exists.
pub(super) fn value(page: &str, series: &str) -> Option<f64> {
    let line = page.lines().find(|line| line.rsplit_once(' ').is_some_and(|(name, _)| name == series))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

fn assert_values(page: &str, expected: &[(&str, f64)]) {
    let found: Vec<_> = expected.iter().map(|(series, _)| (*series, value(page, series))).collect();
    let expected: Vec<_> = expected.iter().map(|(series, value)| (*series, Some(*value))).collect();
    assert_eq!(found, expected, "{page}");
}

#[both_databases::test]
async fn requests_are_counted_by_method_route_and_status(database: TestDatabase) {
    let server = server(database, &[]).await;
    let client = server.signed_in("ada").await;
    client.get("/blog/1").await;
    client.get("/blog/2").await;
    client.get("/blog/4711").await;
    client.get("/nowhere").await;
    let stranger = server.client();
    stranger.get("/wp-login.php").await;
    stranger.get("/meter").await;
    let odd = stranger.request("BREW".parse().unwrap(), "/blog/1").send().await.unwrap();
    assert_eq!(odd.status().as_u16(), 401);
    let page = page(&server).await;
    assert_values(
        &page,
        &[
            ("tollgate_http_requests_total{method=\"POST\",route=\"/login\",status=\"200\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"/blog/{id}\",status=\"200\"}", 2.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"/blog/{id}\",status=\"404\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"/meter\",status=\"401\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"401\"}", 1.0),
            ("tollgate_http_requests_total{method=\"other\",route=\"/blog/{id}\",status=\"401\"}", 1.0),
            ("tollgate_http_request_duration_seconds_count{method=\"GET\",route=\"/blog/{id}\"}", 3.0),
            // One request of each browser; Prometheus itself uses another port.
            ("tollgate_http_connections", 2.0),
        ],
    );
    assert!(page.ends_with("# EOF\n") && !page.contains("wp-login"), "{page}");
}

#[both_databases::test]
async fn reads_sessions_and_hashes_are_counted(database: TestDatabase) {
    let server = server(database, &[("READS_LIMIT", "2")]).await;
    let client = server.signed_in("ada").await;
    server.signed_in("eve").await.delete("/logout").await;
    for _ in 0..3 {
        client.get("/blog/1").await;
    }
    server.execute("UPDATE users SET subscribed_until = 9000000000000 WHERE username = 'ada'").await;
    client.get("/blog/2").await;
    let page = page(&server).await;
    assert_values(
        &page,
        &[
            ("tollgate_meter_decisions_total{decision=\"metered\"}", 2.0),
            ("tollgate_meter_decisions_total{decision=\"refused\"}", 1.0),
            ("tollgate_meter_decisions_total{decision=\"free\"}", 1.0),
            ("tollgate_meter_batch_reads_count", 3.0),
            ("tollgate_sessions_live", 1.0),
            ("tollgate_database_up", 1.0),
            ("tollgate_password_hash_wait_seconds_count", 4.0),
            ("tollgate_password_hash_duration_seconds_count", 4.0),
            ("tollgate_password_hashes_waiting", 0.0),
            ("tollgate_password_hashes_refused_total", 0.0),
            ("tollgate_throttle_refusals_total{of=\"passwords\"}", 0.0),
        ],
    );
    let pools = if server.is_postgres() { vec!["connections"] } else { vec!["readers", "writer"] };
    for pool in pools {
        assert_values(
            &page,
            &[
                (&format!("tollgate_database_queries_waiting{{pool=\"{pool}\"}}"), 0.0),
                (&format!("tollgate_database_connections_busy{{pool=\"{pool}\"}}"), 0.0),
            ],
        );
        let queries = value(&page, &format!("tollgate_database_query_duration_seconds_count{{pool=\"{pool}\"}}"));
        assert!(queries > Some(2.0), "{page}");
    }
}

#[both_databases::test]
async fn throttled_requests_are_counted(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let url = smtp.url();
    let server = server(database, &[&mail_settings(&url)[..], &[("THROTTLE", "on")]].concat()).await;
    server.client().register("ada").await;
    for _ in 0..7 {
        server.client().try_login("ada", "not this one").await;
    }
    for number in 0..20 {
        server.client().post("/register", &json!({ "username": format!("ada{number}"), "password": PASSWORD })).await;
    }
    for _ in 0..4 {
        server.client().post("/password/forgot", &json!({ "email": "ada@example.org" })).await;
    }
    assert_values(
        &page(&server).await,
        &[
            ("tollgate_throttle_refusals_total{of=\"codes\"}", 0.0),
            ("tollgate_throttle_refusals_total{of=\"messages\"}", 1.0),
            ("tollgate_throttle_refusals_total{of=\"passwords\"}", 2.0),
            ("tollgate_throttle_refusals_total{of=\"registrations\"}", 1.0),
        ],
    );
}

#[both_databases::test]
async fn cache_hits_are_counted(database: TestDatabase) {
    let server = server(database, &[("SESSION_CACHE", "100")]).await;
    let client = server.signed_in("ada").await;
    let hits = "tollgate_cache_lookups_total{cache=\"sessions\",result=\"hit\"}";
    // The cache is unused until the listener has started.
    while value(&page(&server).await, hits) < Some(3.0) {
        assert_eq!(client.get("/check_session").await.status, 200);
        yield_now().await;
    }
    let misses = value(&page(&server).await, "tollgate_cache_lookups_total{cache=\"sessions\",result=\"miss\"}");
    assert!(misses >= Some(1.0));
}

#[both_databases::test]
async fn metrics_need_an_address_and_are_not_on_the_public_port(database: TestDatabase) {
    let server = TestServer::start(database).await;
    assert_eq!(server.metrics, None);
    let client = server.signed_in("ada").await;
    assert_eq!(client.get("/metrics").await.code(), "not_found");
    assert_eq!(server.client().get("/metrics").await.code(), "login_required");
}

#[both_databases::test]
async fn limits_are_exported_beside_their_usage(database: TestDatabase) {
    let settings = [("MAX_CONNECTIONS", "77"), ("HASH_QUEUE", "33"), ("DATABASE_QUEUE", "44")];
    let server = server(database, &settings).await;
    let page = page(&server).await;
    assert_values(
        &page,
        &[("tollgate_http_connections_limit", 77.0), ("tollgate_password_hashes_waiting_limit", 33.0)],
    );
    let pools = if server.is_postgres() { vec!["connections"] } else { vec!["readers", "writer"] };
    for pool in pools {
        assert_values(&page, &[(&format!("tollgate_database_queries_waiting_limit{{pool=\"{pool}\"}}"), 44.0)]);
    }
}

#[both_databases::test]
async fn logins_are_counted_by_result(database: TestDatabase) {
    let server = server(database, &[("THROTTLE", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let outcomes = async || {
        let page = page(&server).await;
        let names = ["success", "unknown_user", "wrong_password", "disabled", "throttled", "overloaded", "unavailable"];
        names.map(|name| value(&page, &format!("tollgate_logins_total{{outcome=\"{name}\"}}")).unwrap())
    };
    assert_eq!(outcomes().await, [0.0; 7]);
    let client = server.signed_in("ada").await;
    for _ in 0..6 {
        client.try_login("ada", "not this one").await;
    }
    let elsewhere = client.behind_proxy("203.0.113.7");
    elsewhere.try_login("nobody", PASSWORD).await;
    server.execute("UPDATE users SET is_active = FALSE").await;
    assert_eq!(elsewhere.try_login("ada", PASSWORD).await, 403);
    // A request without a password is not an attempt.
    elsewhere.post("/login", &json!({ "username": "ada" })).await;
    assert_eq!(outcomes().await, [1.0, 1.0, 5.0, 1.0, 1.0, 0.0, 0.0]);
}

#[cfg(feature = "passkeys")]
#[both_databases::test]
async fn second_factors_and_passkeys_are_counted_by_method_and_outcome(database: TestDatabase) {
    let server = server(database, &[("THROTTLE", "on")]).await;
    let counted = async |is_wanted: fn(&str) -> bool| {
        let page = page(&server).await;
        let names = ["tollgate_second_factors_total{", "tollgate_passkey_logins_total{"];
        let lines = page.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
        let mut lines: Vec<_> = lines.filter(|line| is_wanted(line)).map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(counted(|line| line.ends_with(" 0")).await.len(), 3 * 5 + 6, "all exist from the start");
    let mut device = Device::new(&server);
    let owner = server.signed_in("ada").await;
    let (app, codes) = enrol(&server, &owner).await;
    assert_eq!(add(&owner, &mut device).await.status, 201);
    let client = server.client();
    first_step(&client, "ada").await;
    assert_eq!(second_step(&client, "totp", &app.wrong_code()).await.status, 400);
    assert_eq!(second_step(&client, "recovery_code", &codes[0]).await.status, 200);
    let signed = device.sign(&options(&client, "/login/passkey/options").await).await;
    let signed = json!({ "credential": signed });
    assert_eq!(client.post("/login/passkey", &signed).await.status, 200);
    assert_eq!(client.post("/login/passkey", &signed).await.status, 401);
    first_step(&client, "ada").await;
    server.execute("DELETE FROM pending_logins").await;
    assert_eq!(second_step(&client, "totp", &app.code()).await.status, 401);
    first_step(&client, "ada").await;
    assert_eq!(passkeys::second_step(&client, &mut device).await.status, 200);
    first_step(&client, "ada").await;
    device.set_verified(false);
    for _ in 0..2 {
        assert_eq!(log_in(&client, &mut device).await.status, 400);
    }
    for _ in 0..7 {
        assert_eq!(passkeys::second_step(&client, &mut device).await.status, 400);
    }
    for limited in [log_in(&client, &mut device).await, passkeys::second_step(&client, &mut device).await] {
        assert_eq!(limited.status, 429);
    }
    server.advance(HOUR);
    server.execute("UPDATE users SET is_active = FALSE").await;
    device.set_verified(true);
    assert_eq!(log_in(&client, &mut device).await.status, 403);
    let expected = [
        "tollgate_passkey_logins_total{outcome=\"disabled\"} 1",
        "tollgate_passkey_logins_total{outcome=\"invalid_credential\"} 2",
        "tollgate_passkey_logins_total{outcome=\"login_expired\"} 1",
        "tollgate_passkey_logins_total{outcome=\"success\"} 1",
        "tollgate_passkey_logins_total{outcome=\"throttled\"} 1",
        "tollgate_second_factors_total{method=\"passkey\",outcome=\"invalid_credential\"} 7",
        "tollgate_second_factors_total{method=\"passkey\",outcome=\"success\"} 1",
        "tollgate_second_factors_total{method=\"passkey\",outcome=\"throttled\"} 1",
        "tollgate_second_factors_total{method=\"recovery_code\",outcome=\"success\"} 1",
        "tollgate_second_factors_total{method=\"totp\",outcome=\"incorrect_code\"} 1",
        "tollgate_second_factors_total{method=\"totp\",outcome=\"login_expired\"} 1",
    ];
    assert_eq!(counted(|line| !line.ends_with(" 0")).await, expected);
}

#[both_databases::test]
async fn process_metrics_and_database_size_are_exported(database: TestDatabase) {
    let server = server(database, &[]).await;
    server.signed_in("ada").await;
    let first = page(&server).await;
    let of = |page: &str, name: &str| value(page, name).unwrap();
    for name in ["resident_memory_bytes", "virtual_memory_bytes", "open_fds", "max_fds"] {
        assert!(of(&first, &format!("process_{name}")) > 0.0, "{name}");
    }
    assert!(of(&first, "process_open_fds") < of(&first, "process_max_fds"));
    assert!(of(&first, "process_cpu_seconds_total") > 0.0);
    // After 2020 and not in the future.
    let started = Duration::from_secs_f64(of(&first, "process_start_time_seconds"));
    let now = Duration::from_millis(u64::try_from(Clock::system().now().millis()).unwrap());
    assert!(started > Duration::from_secs(1_577_836_800) && started < now + Duration::from_secs(2), "{started:?}");

    let size = of(&first, "tollgate_database_size_bytes");
    assert!(size >= 4096.0, "{size}");
    let wal = value(&first, "tollgate_database_wal_size_bytes");
    assert!(if server.is_postgres() { wal.is_none() } else { wal > Some(0.0) }, "{wal:?}");
    let insert = format!(
        "INSERT INTO posts (title, slug, data, excerpt, published, access, created_at) \
         VALUES ('t', '', '{}', 'e', TRUE, 'metered', 0)",
        "long ".repeat(100_000)
    );
    server.execute(&insert).await;
    let measured = |page: &str| {
        of(page, "tollgate_database_size_bytes") + value(page, "tollgate_database_wal_size_bytes").unwrap_or(0.0)
    };
    assert_eq!(measured(&page(&server).await), measured(&first), "it is looked at once a minute");
    server.advance(Duration::from_secs(60));
    assert!(measured(&page(&server).await) > measured(&first));
}

#[both_databases::test]
async fn messages_that_wait_are_measured_from_when_they_are_due(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let url = smtp.url();
    let server = server(database, &[&mail_settings(&url)[..], &[("THROTTLE", "on")]].concat()).await;
    verified(&server, &smtp, "ada", ADA, 0).await;
    for _ in 0..11 {
        server.client().login("ada").await;
    }
    smtp.notice(ADA, 10).await;
    until(&server, "kind = 'summary' AND attempts = 0").await;
    until_recorded(&server).await;
    server.advance(HOUR - MINUTE);
    let sent = [("tollgate_mail_sent_total", 11.0), ("tollgate_mail_errors_total", 0.0)];
    let waiting = [("tollgate_mail_queued", 1.0), ("tollgate_mail_oldest_age_seconds", 0.0)];
    assert_values(&page(&server).await, &[sent, waiting].concat());

    smtp.set(Behaviour::Refuse("451 try again later"));
    register(&server.client(), "eve", "eve@example.org").await;
    until(&server, "kind = 'verify' AND attempts = 1 AND claimed_until IS NULL AND last_error IS NOT NULL").await;
    server.advance(MINUTE / 2);
    let waiting = [("tollgate_mail_queued", 2.0), ("tollgate_mail_oldest_age_seconds", 30.0)];
    assert_values(&page(&server).await, &[&waiting[..], &[("tollgate_mail_errors_total", 1.0)]].concat());
}

/// The names of metrics in an expression.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| ["tollgate_", "process_"].iter().any(|prefix| word.starts_with(prefix))).collect()
}

#[actix_web::test]
async fn the_dashboard_and_the_alerts_name_metrics_that_exist() {
    let smtp = SmtpServer::start();
    let server = server(TestDatabase::new(Kind::Sqlite).unwrap(), &mail_settings(&smtp.url())).await;
    assert_eq!(server.signed_in("ada").await.get("/blog/1").await.status, 200);
    let page = page(&server).await;
    let mut exported = BTreeSet::new();
    for (name, kind) in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')) {
        let suffixes: &[&str] = match kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_sum", "_count"],
            "info" => &["_info"],
            _ => &[""],
        };
        exported.extend(suffixes.iter().map(|suffix| format!("{name}{suffix}")));
    }
    let dashboard: Value =
        serde_json::from_str(include_str!("../../../docs/operations/grafana-dashboard.json")).unwrap();
    let targets = dashboard["panels"].as_array().unwrap().iter().filter_map(|panel| panel["targets"].as_array());
    let expressions: Vec<_> = targets.flatten().map(|target| target["expr"].as_str().unwrap()).collect();
    let variables = dashboard["templating"]["list"].to_string();
    let alerts = include_str!("../../../docs/operations/alerts.yaml");
    let rules: Value = serde_saphyr::from_str(alerts).unwrap();
    let rules = rules["groups"][0]["rules"].as_array().unwrap();
    let rules: Vec<_> = rules.iter().map(|rule| rule["expr"].as_str().unwrap()).collect();
    assert!(expressions.len() > 30 && rules.len() > 15, "{expressions:?} {rules:?}");
    let texts = expressions.into_iter().chain(rules).chain([&*variables]);
    let missing: Vec<_> = texts.flat_map(named).filter(|name| !exported.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
