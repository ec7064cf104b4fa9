//! `tollgate health`: for a container without a shell, or a unit that watches itself.

use anyhow::bail;
use serde_json::json;

use super::{http_get::get, show};
use crate::config::ServerConfig;

/// Asks the server that these settings describe whether it is ready.
///
/// # Errors
/// It is not, or there is none.
pub(super) fn check(server: &ServerConfig, json: bool) -> anyhow::Result<()> {
    match get(&server.host, server.port, "/readyz")?.0.as_str() {
        "200" => show(json, &json!({ "status": "ok" }), || "ready".to_owned()),
        status => bail!("/readyz is answered {status}"),
    }
}
