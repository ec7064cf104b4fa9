//! `tollgate payment`

use serde_json::json;

use super::{json_of, not_found_of, run, text};
use crate::support::{database::TestDatabase, server::TestServer};

const ONE_TIME: &str = "INSERT INTO payments (id, email, amount, currency, received_at) \
                        VALUES ('cs_1', 'ada@example.org', 990, 'eur', 1795255200000)";

#[both_databases::test]
async fn an_operator_lists_assigns_and_deletes_payments(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.signed_in("ada").await;
    server.execute(ONE_TIME).await;
    let listed = run(&server, &["payment", "list", "--unmatched"], "").await;
    let line = "cs_1  2026-11-21T10:00:00.000Z  990  eur  one-time  ada@example.org  unmatched\n";
    assert_eq!(text(&listed.stdout), line);
    assert_eq!(
        not_found_of(&server, &["payment", "assign", "cs_2", "ada"]).await,
        "tollgate: no payment has the id cs_2\n"
    );
    assert_eq!(not_found_of(&server, &["payment", "assign", "cs_1", "eve"]).await, "tollgate: user not found: eve\n");
    let assigned = run(&server, &["payment", "assign", "cs_1", "ada"], "").await;
    let sentence = "the payment is ada's now; it was made once and unlocks nothing: see `tollgate grant`\n";
    assert_eq!(text(&assigned.stdout), sentence);
    assert_eq!(json_of(&server, &["payment", "list", "--unmatched"], "").await, json!([]));
    let line = "cs_1  2026-11-21T10:00:00.000Z  990  eur  one-time    user 1\n";
    assert_eq!(text(&run(&server, &["payment", "list"], "").await.stdout), line);
    let kept = "tollgate: no payment that belongs to no account has the id cs_1\n";
    assert_eq!(not_found_of(&server, &["payment", "delete", "cs_1"]).await, kept);
    server.execute(&ONE_TIME.replace("cs_1", "cs_3")).await;
    let deleted = json_of(&server, &["payment", "delete", "cs_3"], "").await;
    assert_eq!(deleted, json!({ "id": "cs_3", "deleted": true }));
}

#[both_databases::test]
async fn the_doctor_reports_payments_that_belong_to_no_account(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.execute(ONE_TIME).await;
    let report = run(&server, &["doctor"], "").await;
    let finding = "has 1 payments that belong to no account";
    assert!(text(&report.stdout).contains(finding) || text(&report.stderr).contains(finding), "{report:?}");
}
