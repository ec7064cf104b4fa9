//! User imports.

use std::fs;

use serde_json::{Value, json};

use super::{command, error_of, json_of, run, text};
use crate::support::{
    client::PASSWORD,
    database::{Kind, TestDatabase},
    hashes::{Vector, stored, vectors},
    server::TestServer,
};

/// The hash of "four sneaky newts".
pub(crate) const HASH: &str = "$2b$04$QBiiD8Zgc92S4YjR6vomvu.qERWzzMfERxxzU/R5g69JtWBpJpey2";

/// Writes a file into the folder of a server, in which its commands run.
pub(crate) fn write(server: &TestServer, name: &str, text: &str) {
    fs::write(server.database.folder().join(name), text).unwrap();
}

/// The names of all users.
pub(crate) async fn names(server: &TestServer) -> Vec<String> {
    let listed = json_of(server, &["user", "list"], "").await;
    listed.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

fn counts(imported: u64, there_already: u64, refused: u64) -> Value {
    json!({ "imported": imported, "there_already": there_already, "refused": refused })
}

#[both_databases::test]
async fn imported_users_sign_in_with_their_old_passwords(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let vectors = vectors();
    let rows = vectors.iter().enumerate().map(|(number, vector)| format!("user{number},\"{}\"\n", vector.hash));
    let csv = format!("username,password_hash\n{}", rows.collect::<String>());
    let count = u64::try_from(vectors.len()).unwrap();
    assert_eq!(json_of(&server, &["user", "import", "-", "--format", "csv"], &csv).await, counts(count, 0, 0));
    for (number, Vector { made_by, password, hash }) in vectors.into_iter().enumerate() {
        let name = format!("user{number}");
        assert_eq!(stored(&server, &name).await, hash, "{made_by}");
        assert_eq!(server.client().try_login(&name, "wrong password").await, 400, "{made_by}");
        assert_eq!(server.client().try_login(&name, &password).await, 200, "{made_by}");
    }
}

#[both_databases::test]
async fn django_hashes_with_a_hasher_prefix_are_accepted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let argon2 = "$argon2id$v=19$m=64,t=1,p=2$+xn+Lvmo4kLD5d2sM6RuDQ$Tj8hGGtMb26gm6LVIhMTE9H107YhDBq+R3BlTtmbJ1U";
    let csv = format!(
        "username,password_hash\nada,bcrypt${HASH}\neve,\"argon2{argon2}\"\n\
         bob,bcrypt_sha256${HASH}\nbob,bcrypt{HASH}\nbob,\"bcrypt${argon2}\"\nbob,argon2{HASH}\nbob,\"argon2${argon2}\"\n"
    );
    let output = run(&server, &["user", "import", "-", "--format", "csv"], &csv).await;
    assert_eq!(text(&output.stdout), "2 imported, 0 already exist, 5 refused\n");
    let refused: String =
        (4..9).map(|line| format!("line {line} (bob): the password hash has an unknown format\n")).collect();
    assert_eq!(text(&output.stderr), refused + "tollgate: 5 lines were refused\n");
    for (name, bare) in [("ada", HASH), ("eve", argon2)] {
        assert_eq!(stored(&server, name).await, bare);
        assert_eq!(server.client().try_login(name, "wrong password").await, 400, "{name}");
        server.client().login(name).await;
    }
}

#[both_databases::test]
async fn every_column_of_a_file_is_imported(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let expected = |users: Value| -> Vec<Value> {
        let with_rest = |user: &Value| {
            let mut user = user.clone();
            user["email_verified"] = json!(false);
            user["pending_email"] = Value::Null;
            user["updated_at"] = Value::Null;
            user["subscribed_until"] = Value::Null;
            user
        };
        users.as_array().unwrap().iter().map(with_rest).collect()
    };
    let csv = format!(
        "\u{feff}is_active,email,created_at,username,password_hash,role\r\n\
         false,Ada@Example.org,2020-02-29T12:00:00+01:00,Ada,{HASH},admin\r\n\
         \r\n\
         1,,2021-01-01,\"e\"\"ve\",{HASH},"
    );
    write(&server, "users.csv", &csv);
    assert_eq!(json_of(&server, &["user", "import", "users.csv"], "").await, counts(2, 0, 0));
    let lines = format!(
        "{}\n\n{}\n{}\n",
        json!({ "username": "Bob", "password_hash": HASH, "email": "bob@example.org", "role": "admin",
                    "is_active": false, "created_at": "2019-12-31T23:59:59.999Z" }),
        json!({ "username": "zoë", "password_hash": HASH, "email": null, "is_active": "true", "created_at": "2022-01-01T00:00:00Z" }),
        json!({ "username": "max", "password_hash": HASH, "is_active": 0, "created_at": "2023-01-01" }),
    );
    write(&server, "users.NDJSON", &lines);
    assert_eq!(json_of(&server, &["user", "import", "users.NDJSON"], "").await, counts(3, 0, 0));
    let listed = json_of(&server, &["user", "list"], "").await;
    let listed: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(|mut user| {
            user.as_object_mut().unwrap().remove("id");
            user
        })
        .collect();
    assert_eq!(
        listed,
        expected(json!([
            { "username": "Ada", "email": "Ada@Example.org", "role": "admin", "is_active": false, "created_at": "2020-02-29T11:00:00.000Z" },
            { "username": "e\"ve", "email": null, "role": "user", "is_active": true, "created_at": "2021-01-01T00:00:00.000Z" },
            { "username": "Bob", "email": "bob@example.org", "role": "admin", "is_active": false, "created_at": "2019-12-31T23:59:59.999Z" },
            { "username": "zoë", "email": null, "role": "user", "is_active": true, "created_at": "2022-01-01T00:00:00.000Z" },
            { "username": "max", "email": null, "role": "user", "is_active": false, "created_at": "2023-01-01T00:00:00.000Z" },
        ]))
    );
    assert_eq!(server.client().try_login("ada", PASSWORD).await, 403);
    let client = server.client();
    client.login("ZOË").await;
    let events = client.get("/account/audit").await.body;
    assert_eq!((&events[1]["event"], &events[1]["ip"]), (&json!("registered"), &json!("127.0.0.1")));
}

#[both_databases::test]
async fn a_repeated_import_resumes_where_it_was_interrupted(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let header = "username,email,password_hash\n";
    let row = |number: usize| match number % 3 {
        0 => format!("user{number},,{HASH}\n"),
        _ => format!("user{number},user{number}@example.org,{HASH}\n"),
    };
    let rows = |range: std::ops::Range<usize>| format!("{header}{}", range.map(row).collect::<String>());
    let import = ["user", "import", "-", "--format", "csv"];
    assert_eq!(json_of(&server, &import, &rows(0..700)).await, counts(700, 0, 0));
    // A login has replaced the hash.
    server.client().login("user1").await;
    server.execute("UPDATE users SET password_hash = 'x' WHERE username_key = 'user1'").await;
    let whole = rows(0..1200);
    assert_eq!(json_of(&server, &import, &whole).await, counts(500, 700, 0));
    assert_eq!(
        json_of(
            &server,
            &import,
            &whole.to_uppercase().replacen(&header.to_uppercase(), header, 1).replace(&HASH.to_uppercase(), HASH)
        )
        .await,
        counts(0, 1200, 0)
    );
    assert_eq!(stored(&server, "user1").await, "x");
    let expected: Vec<_> = (0..1200).map(|number| format!("user{number}")).collect();
    assert_eq!(names(&server).await, expected);
}

#[both_databases::test]
async fn an_import_does_not_change_existing_users(database: TestDatabase) {
    let server = TestServer::start(database).await;
    json_of(&server, &["user", "add", "ada", "--email", "ada@example.org"], PASSWORD).await;
    json_of(&server, &["user", "add", "eve"], PASSWORD).await;
    let csv = format!(
        "username,email,password_hash\n\
         ADA,,{HASH}\n\
         ada,other@example.org,{HASH}\n\
         eve,eve@example.org,{HASH}\n\
         bob,ADA@example.org,{HASH}\n\
         zoe,zoe@example.org,{HASH}\n\
         Zoe,,{HASH}\n\
         max,zoe@EXAMPLE.org,{HASH}\n\
         zoe,zoe@example.org,{HASH}\n\
         eve,,{HASH}\n"
    );
    let output = run(&server, &["user", "import", "-", "--format", "csv"], &csv).await;
    assert_eq!(text(&output.stdout), "1 imported, 1 already exist, 7 refused\n");
    assert_eq!(
        text(&output.stderr),
        "line 2 (ADA): the name is taken\n\
         line 3 (ada): the name is taken\n\
         line 4 (eve): the name is taken\n\
         line 5 (bob): the email address is taken\n\
         line 7 (Zoe): another line of this file has the same name\n\
         line 8 (max): the email address is taken\n\
         line 9 (zoe): another line of this file has the same name\n\
         tollgate: 7 lines were refused\n"
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(names(&server).await, ["ada", "eve", "zoe"]);
}

#[both_databases::test]
async fn a_duplicate_name_in_a_file_is_rejected_on_every_import(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let other = bcrypt::hash("six sneaky newts", 4).unwrap();
    // Enough lines for a second batch.
    let between: String = (0..600).map(|number| format!("user{number},{HASH}\n")).collect();
    write(
        &server,
        "users.csv",
        &format!("username,password_hash\nAnn,{HASH}\nann,{other}\n{between}ANN,{other}\nAnn,{HASH}\n"),
    );
    let refused = |end| {
        let reason = "another line of this file has the same name";
        format!("line 3 (ann): {reason}\nline 604 (ANN): {reason}\nline 605 (Ann): {reason}\ntollgate: 3 lines {end}\n")
    };
    for (arguments, counted, end) in [
        (
            &["user", "import", "users.csv", "--dry-run"][..],
            "601 would be imported, 0 already exist, 3 would be refused\n",
            "would be refused",
        ),
        (&["user", "import", "users.csv"], "601 imported, 0 already exist, 3 refused\n", "were refused"),
        (&["user", "import", "users.csv"], "0 imported, 601 already exist, 3 refused\n", "were refused"),
        (
            &["user", "import", "users.csv", "--dry-run"],
            "0 would be imported, 601 already exist, 3 would be refused\n",
            "would be refused",
        ),
    ] {
        let output = run(&server, arguments, "").await;
        assert_eq!((text(&output.stdout), text(&output.stderr)), (counted.to_owned(), refused(end)));
    }
    server.client().login("ann").await;
}

#[both_databases::test]
async fn the_server_responds_during_an_import(database: TestDatabase) {
    let server = TestServer::with(database, &[("READS_LIMIT", "100000")]).await;
    let client = server.signed_in("ada").await;
    let csv: String = (0..5000).map(|number| format!("user{number},{HASH}\n")).collect();
    write(&server, "users.csv", &format!("username,password_hash\n{csv}"));
    let imported = json_of(&server, &["user", "import", "users.csv"], "");
    let serving = async {
        for _ in 0..50 {
            assert_eq!(client.get("/blog/1").await.status, 200);
        }
    };
    let (imported, ()) = futures_util::future::join(imported, serving).await;
    assert_eq!(imported, counts(5000, 0, 0));
    server.client().login("user4999").await;
}

#[both_databases::test]
async fn two_simultaneous_imports_add_each_user_once(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let rows: String = (0..2000).map(|number| format!("user{number},user{number}@example.org,{HASH}\n")).collect();
    write(&server, "users.csv", &format!("username,email,password_hash\n{rows}"));
    let import = ["user", "import", "users.csv"];
    let (one, other) = futures_util::future::join(json_of(&server, &import, ""), json_of(&server, &import, "")).await;
    let sum = |key: &str| one[key].as_u64().unwrap() + other[key].as_u64().unwrap();
    assert_eq!((sum("imported"), sum("there_already"), sum("refused")), (2000, 2000, 0));
    assert_eq!(names(&server).await.len(), 2000);
}

#[actix_web::test]
async fn the_format_comes_from_the_file_name_or_the_option() {
    let server = TestServer::start(TestDatabase::new(Kind::Sqlite).unwrap()).await;
    write(&server, "users.txt", &format!("username,password_hash\nada,{HASH}\n"));
    for (name, error) in [("users.txt", "the format of users.txt is unknown"), ("-", "the format of - is unknown")] {
        let told = format!("tollgate: {error}: add --format csv or --format jsonl\n");
        assert_eq!(error_of(&server, &["user", "import", name], "").await, told);
    }
    let import = ["--json", "user", "import", "users.txt", "--format", "csv"];
    let output = command(server.database.folder(), &server.database.url, &import, "").await;
    assert_eq!(text(&output.stderr), "", "there is no bar for what is no terminal");
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), counts(1, 0, 0));
}

#[both_databases::test]
async fn an_address_that_another_program_has_verified_stays_verified(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let csv = format!(
        "username,password_hash,email,email_verified\nada,{HASH},ada@example.org,1\neve,{HASH},eve@example.org,false\n\
         bob,{HASH},,true\nmax,{HASH},max@example.org,yes\n"
    );
    let output = run(&server, &["user", "import", "-", "--format", "csv"], &csv).await;
    let refused = "line 4 (bob): email_verified must be false without an email address\n\
                   line 5 (max): email_verified must be true or false, or 1 or 0\ntollgate: 2 lines were refused\n";
    assert_eq!(text(&output.stderr), refused);
    for (name, is_verified) in [("ada", true), ("eve", false)] {
        assert_eq!(server.client().login(name).await.body["email_verified"], json!(is_verified), "{name}");
    }
    let line = json!({ "username": "zoe", "password_hash": HASH, "email": "zoe@example.org", "email_verified": true });
    run(&server, &["user", "import", "-", "--format", "jsonl"], &line.to_string()).await;
    assert_eq!(server.client().login("zoe").await.body["email_verified"], json!(true));
}
