//! How long it takes until a logout on one server takes effect on another.

use std::time::Instant;

use crate::{
    population,
    rows::{Row, median, p99},
    server::Server,
    support::{
        client::Client,
        database::{Kind, TestDatabase},
    },
};

const SESSIONS: usize = 200;

pub(crate) async fn delays() -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(database) = TestDatabase::new(kind) else { continue };
        let cookies = population::fill(&database, SESSIONS, SESSIONS).await;
        let (here, there) = (Server::tollgate(&database, &[]), Server::tollgate(&database, &[]));
        let mut delays = Vec::new();
        for cookie in &cookies {
            let client = Client::new(&here.address).with_headers(&[("cookie", cookie)]);
            let other = client.at(&there.address);
            assert!(other.is_signed_in().await);
            client.delete("/logout").await;
            let signed_out = Instant::now();
            other.until_signed_out().await;
            delays.push(signed_out.elapsed().as_secs_f64() * 1000.0);
        }
        let from = format!("median {:.1} ms", median(delays.clone()));
        let what = format!("logout on one server to refusal on another, {kind}, p99");
        rows.push(Row::new(what, p99(delays), " ms", from));
    }
    rows
}
