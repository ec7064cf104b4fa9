//! Proxies that `TRUSTED_PROXIES` does not list.

use std::fs;

use serde_json::{Value, json};

use super::{run, text};
use crate::support::{
    database::TestDatabase, log::warnings_of_stopped, port::ReservedPort, process::Process, server::TestServer,
};

fn is_of_proxy(warning: &Value) -> bool {
    warning["message"].as_str().unwrap().starts_with("X-Forwarded-For ignored")
}

#[actix_web::test]
async fn an_unlisted_proxy_is_logged_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    let forwarded = server.client().behind_proxy("203.0.113.7");
    for path in ["/healthz", "/check_session", "/healthz"] {
        forwarded.get(path).await;
    }
    let warnings: Vec<_> = warnings_of_stopped(server).into_iter().filter(is_of_proxy).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!((&warnings[0]["peer"], &warnings[0]["setting"]), (&json!("127.0.0.1"), &json!("TRUSTED_PROXIES")));

    let listed = [("TRUSTED_PROXIES", "127.0.0.1"), ("ALLOW_INSECURE_TESTING", "true")];
    let server = Process::start(folder.path(), &listed);
    server.client().behind_proxy("203.0.113.7").get("/healthz").await;
    server.client().get("/healthz").await;
    assert!(!warnings_of_stopped(server).iter().any(is_of_proxy));
}

#[both_databases::test]
async fn the_doctor_finds_an_unlisted_proxy_in_the_metrics(database: TestDatabase) {
    let server = TestServer::with(database, &[("METRICS_ADDR", "127.0.0.1:0")]).await;
    let metrics = format!("METRICS_ADDR={}\n", server.metrics.unwrap());
    fs::write(server.database.folder().join(".env"), metrics).unwrap();
    let doctor = async || text(&run(&server, &["doctor"], "").await.stdout);
    server.client().get("/healthz").await;
    assert_eq!(doctor().await, "no problems found\n");

    server.client().behind_proxy("203.0.113.7").get("/healthz").await;
    server.client().with_headers(&[("forwarded", "for=203.0.113.7")]).get("/healthz").await;
    let found = doctor().await;
    let start = "warning  TRUSTED_PROXIES  does not list an address that sends X-Forwarded-For: the server has ignored the header in 2 requests";
    assert!(found.starts_with(start), "{found}");

    // Without metrics there is no finding.
    let free = ReservedPort::new();
    fs::write(server.database.folder().join(".env"), format!("METRICS_ADDR={}\n", free.address())).unwrap();
    assert_eq!(doctor().await, "no problems found\n");
}
