//! Many rounds of `kill -9`.

use rustix::process::Signal;
use serde_json::json;

use crate::support::{client::Client, database::TestDatabase, process::Process};

#[both_databases::test]
async fn kill_9_loses_nothing_that_was_answered(database: TestDatabase) {
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("SEED_DEMO", "true"),
        ("READS_LIMIT", "1000"),
        ("READS_ANONYMOUS", "1000"),
    ];
    let (mut used, mut signed_in) = (0, None::<Client>);
    let (mut reader, mut reads) = (None::<Client>, 0);
    for attempt in 0..50 {
        let mut server = Process::start(database.folder(), &settings);
        if let Some(client) = &signed_in {
            let client = client.at(&server.address);
            assert_eq!(client.get("/check_session").await.status, 200, "the session of attempt {attempt} is lost");
            assert_eq!(client.get("/meter").await.body["used"], json!(used), "a read of attempt {attempt} is lost");
        }
        let anonymous = reader.map_or_else(|| server.client(), |reader| reader.at(&server.address));
        assert_eq!(anonymous.get("/meter").await.body["used"], json!(attempt), "an anonymous read is lost");
        assert_eq!(anonymous.get("/blog/1").await.status, 200);
        reader = Some(anonymous);
        let client = server.client();
        let name = format!("ada{attempt}");
        client.register(&name).await;
        client.login(&name).await;
        used = 1 + attempt % 3;
        reads += used;
        for _ in 0..used {
            assert_eq!(client.get("/blog/1").await.status, 200);
        }
        server.signal(Signal::KILL);
        server.wait();
        signed_in = Some(client);
    }
    database.execute("UPDATE users SET role = 'admin'").await;
    let server = Process::start(database.folder(), &settings);
    let days = signed_in.unwrap().at(&server.address).get("/stats").await.body;
    let sum = |number: &str| -> i64 {
        days.as_array().unwrap().iter().map(|day| day.pointer(number).unwrap().as_i64().unwrap()).sum()
    };
    assert_eq!((sum("/registered/reads"), sum("/registered/readers")), (reads, 50));
    assert_eq!(sum("/anonymous/reads"), 50);
}
