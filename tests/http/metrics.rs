//! What Prometheus is told.

use actix_web::rt::task::yield_now;
use serde_json::json;

use crate::{
    on_both_databases,
    support::{client::PASSWORD, database::TestDatabase, server::TestServer},
};

async fn server(database: TestDatabase, settings: &[(&str, &str)]) -> TestServer {
    TestServer::with(database, &[&[("METRICS_ADDR", "127.0.0.1:0")], settings].concat()).await
}

/// The page, as it came.
async fn page(server: &TestServer) -> String {
    let response = reqwest::get(format!("http://{}/metrics", server.metrics.unwrap())).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.text().await.unwrap()
}

/// The value of a series; `None` where there is no such line.
fn value(page: &str, series: &str) -> Option<f64> {
    let line = page.lines().find(|line| line.rsplit_once(' ').is_some_and(|(name, _)| name == series))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

fn assert_values(page: &str, expected: &[(&str, f64)]) {
    let found: Vec<_> = expected.iter().map(|(series, _)| (*series, value(page, series))).collect();
    let expected: Vec<_> = expected.iter().map(|(series, value)| (*series, Some(*value))).collect();
    assert_eq!(found, expected, "{page}");
}

on_both_databases! {
    async fn requests_are_told_by_method_route_and_status(database) {
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
        assert_values(&page, &[
            ("tollgate_http_requests_total{method=\"POST\",route=\"/login\",status=\"200\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"/blog/{id}\",status=\"200\"}", 2.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"/blog/{id}\",status=\"404\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"/meter\",status=\"401\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"}", 1.0),
            ("tollgate_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"401\"}", 1.0),
            ("tollgate_http_requests_total{method=\"other\",route=\"/blog/{id}\",status=\"401\"}", 1.0),
            ("tollgate_http_request_duration_seconds_count{method=\"GET\",route=\"/blog/{id}\"}", 3.0),
            // One of each browser; Prometheus itself comes by another door.
            ("tollgate_http_connections", 2.0),
        ]);
        assert!(page.ends_with("# EOF\n") && !page.contains("wp-login"), "{page}");
    }

    async fn the_meter_the_sessions_and_the_hashes_are_told(database) {
        let server = server(database, &[("READS_LIMIT", "2")]).await;
        let client = server.signed_in("ada").await;
        server.signed_in("eve").await.delete("/logout").await;
        for _ in 0..3 {
            client.get("/blog/1").await;
        }
        server.execute("UPDATE users SET subscribed_until = 9000000000000 WHERE username = 'ada'").await;
        client.get("/blog/2").await;
        let page = page(&server).await;
        assert_values(&page, &[
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
        ]);
        let pools = if server.is_postgres() { vec!["connections"] } else { vec!["readers", "writer"] };
        for pool in pools {
            assert_values(&page, &[
                (&format!("tollgate_database_queries_waiting{{pool=\"{pool}\"}}"), 0.0),
                (&format!("tollgate_database_connections_busy{{pool=\"{pool}\"}}"), 0.0),
            ]);
            let queries = value(&page, &format!("tollgate_database_query_duration_seconds_count{{pool=\"{pool}\"}}"));
            assert!(queries > Some(2.0), "{page}");
        }
    }

    async fn refusals_of_the_throttle_are_told(database) {
        let server = server(database, &[("THROTTLE", "on")]).await;
        server.client().register("ada").await;
        for _ in 0..7 {
            server.client().try_login("ada", "not this one").await;
        }
        for number in 0..20 {
            server.client().post("/register", &json!({ "username": format!("ada{number}"), "password": PASSWORD })).await;
        }
        assert_values(&page(&server).await, &[
            ("tollgate_throttle_refusals_total{of=\"passwords\"}", 2.0),
            ("tollgate_throttle_refusals_total{of=\"registrations\"}", 1.0),
        ]);
    }

    async fn what_is_found_in_memory_is_told(database) {
        let server = server(database, &[("SESSION_CACHE", "100")]).await;
        let client = server.signed_in("ada").await;
        let hits = "tollgate_cache_lookups_total{cache=\"sessions\",result=\"hit\"}";
        // Nothing in memory is believed before the first word of what others change.
        while value(&page(&server).await, hits) < Some(3.0) {
            assert_eq!(client.get("/check_session").await.status, 200);
            yield_now().await;
        }
        let misses = value(&page(&server).await, "tollgate_cache_lookups_total{cache=\"sessions\",result=\"miss\"}");
        assert!(misses >= Some(1.0));
    }

    async fn without_an_address_nobody_is_told_and_readers_never_are(database) {
        let server = TestServer::start(database).await;
        assert_eq!(server.metrics, None);
        let client = server.signed_in("ada").await;
        assert_eq!(client.get("/metrics").await.code(), "not_found");
        assert_eq!(server.client().get("/metrics").await.code(), "login_required");
    }
}
