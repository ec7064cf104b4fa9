//! Clients that send the bodies of Stripe events slowly.

use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, select_all},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::billing::{checkout, now, reads_on, start_with, take};
use crate::support::{database::TestDatabase, fixtures::TIMEOUT, server::TestServer};

/// How many bodies are received at once.
const SLOTS: usize = 64;

/// Announces a body that does not come, and returns the response.
async fn slow_event(server: &TestServer, network: usize) -> String {
    let head = format!(
        "POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.{network}.1\r\n\
         Stripe-Signature: t={},v1={}\r\nContent-Length: 9\r\nConnection: close\r\n\r\n",
        now(server),
        "0".repeat(64),
    );
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    // The server may disconnect while the body could still come, which is an error here.
    let _ = timeout(TIMEOUT, stream.read_to_end(&mut response)).await.unwrap();
    String::from_utf8_lossy(&response).into_owned()
}

type Slow<'s> = Vec<LocalBoxFuture<'s, String>>;

/// Waits until one of them is rejected, so that all slots are in use, and returns the others.
async fn until_one_is_rejected(slow: Slow<'_>) -> Slow<'_> {
    let (response, _, others) = select_all(slow).await;
    assert!(response.starts_with("HTTP/1.1 503 ") && response.contains("\"code\":\"unavailable\""), "{response}");
    others
}

async fn stripe_is_heard_despite(database: TestDatabase, networks: usize) {
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("BODY_TIMEOUT", "60s")];
    let server = start_with(database, &settings).await;
    let reader = server.signed_in("ada").await;
    assert!(!reads_on(&reader).await);
    let slow: Slow<'_> = (0..=SLOTS).map(|number| slow_event(&server, number % networks).boxed_local()).collect();
    let slow = until_one_is_rejected(slow).await;
    assert_eq!(slow.len(), SLOTS);
    take(&server, &checkout("evt_1", now(&server), 1)).await;
    assert!(reads_on(&reader).await);
    assert_eq!(until_one_is_rejected(slow).await.len(), SLOTS - 1);
}

#[both_databases::test]
async fn slow_senders_of_four_networks_do_not_keep_stripe_out(database: TestDatabase) {
    stripe_is_heard_despite(database, 4).await;
}

#[both_databases::test]
async fn slow_senders_of_as_many_networks_as_slots_do_not_keep_stripe_out(database: TestDatabase) {
    stripe_is_heard_despite(database, SLOTS + 1).await;
}
