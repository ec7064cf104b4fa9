//! What is the same for everybody: health and the contract itself.

use serde_json::{Value, json};

use crate::{on_both_databases, support::server::TestServer};

on_both_databases! {
    async fn a_server_with_its_database_is_well(database) {
        let server = TestServer::start(database).await;
        for path in ["/healthz", "/readyz"] {
            let answer = server.client().get(path).await;
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.parts(), (200, json!({ "status": "ok" })));
            assert_eq!(server.client().head(path).await.parts(), (200, Value::Null));
        }
    }

    async fn the_contract_is_served_in_both_forms(database) {
        let server = TestServer::start(database).await;
        let json = server.client().get("/openapi.json").await;
        assert_eq!((json.status, &json.body["openapi"]), (200, &json!("3.1.0")));
        let yaml: Value = serde_saphyr::from_str(include_str!("../../openapi.yaml")).unwrap();
        assert_eq!(json.body, yaml);
        let written = server.client().get("/openapi.yaml").await;
        assert_eq!((written.status, written.header("content-type")), (200, Some("application/yaml")));
    }

    async fn every_answer_has_a_number_of_its_own(database) {
        let server = TestServer::start(database).await;
        let client = server.client();
        let first = client.get_with("/healthz", &[("x-request-id", "mine")]).await;
        let second = client.get_with("/nowhere", &[("x-request-id", "mine")]).await;
        assert_ne!(first.header("x-request-id"), Some("mine"));
        assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    }
}
