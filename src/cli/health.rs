//! `tollgate health`: for containers without a shell, and for units that monitor themselves.

use anyhow::bail;
use serde_json::json;

use super::show;
use crate::{config::ServerConfig, edge::local_http::get};

/// Checks whether the server described by these settings is ready.
///
/// # Errors
/// The server is not ready, or not running.
pub(super) fn check(server: &ServerConfig, json: bool) -> anyhow::Result<()> {
    match get(&server.host, server.port, "/readyz")?.0.as_str() {
        "200" => show(json, &json!({ "status": "ok" }), || "ready".to_owned()),
        status => bail!("the server is not ready: /readyz returned {status}"),
    }
}
