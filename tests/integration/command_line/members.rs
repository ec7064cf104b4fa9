//! Members of other programs: Ghost, WordPress and Stripe, and users without a password.

use serde_json::{Value, json};

use super::{command_with, error_of, json_of, run, text, user_import::write};
use crate::support::{client::PASSWORD, database::TestDatabase, hashes::stored, server::TestServer, smtp::SmtpServer};

const ADA: &str = "ada@example.org";

const GHOST: &str = "\
id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
6f1,Ada@example.org,\"Lovelace, Ada\",,true,false,cus_ada,2024-05-06T07:08:09.000Z,,\"VIP,Founder\",Gold
6f2,eve@example.org,,,false,true,,2024-05-07T07:08:09.000Z,,,
6f3,not an address,,,false,false,,2024-05-07T07:08:09.000Z,,,
";

async fn users(server: &TestServer) -> Vec<Value> {
    json_of(server, &["user", "list"], "").await.as_array().unwrap().clone()
}

fn is_random(name: &Value) -> bool {
    let random = name.as_str().unwrap().strip_prefix("reader-").unwrap_or_default();
    random.len() == 8 && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[both_databases::test]
async fn members_of_ghost_come_in_by_e_mail_once(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let url = smtp.url();
    let mail = [("MAIL_URL", &*url), ("MAIL_FROM", "blog@blog.example"), ("PUBLIC_URL", "https://blog.example")];
    let server = TestServer::with(database, &[&mail[..], &[("SIGN_IN_EMAIL", "true")]].concat()).await;
    write(&server, "members.csv", GHOST);
    let first = run(&server, &["user", "import", "members.csv"], "").await;
    assert_eq!(text(&first.stdout), "2 imported, 0 already exist, 1 refused\n");
    let refused = "line 4: the email address must have a form such as ada@example.org\ntollgate: 1 line was refused\n";
    assert_eq!(text(&first.stderr), refused);
    let dry = run(&server, &["user", "import", "members.csv", "--dry-run"], "").await;
    assert_eq!(text(&dry.stdout), "0 would be imported, 2 already exist, 1 would be refused\n");
    let second = run(&server, &["user", "import", "members.csv"], "").await;
    assert_eq!(text(&second.stdout), "0 imported, 2 already exist, 1 refused\n");

    let users = users(&server).await;
    let of = |user: &Value| [&user["email"], &user["email_verified"], &user["created_at"]].map(Clone::clone);
    let expected = [json!("Ada@example.org"), json!(true), json!("2024-05-06T07:08:09.000Z")];
    assert_eq!((users.len(), of(&users[0]), is_random(&users[0]["username"])), (2, expected, true));
    assert_eq!(users[0]["subscribed_until"], Value::Null, "the next event of Stripe decides");
    assert_ne!(users[1]["subscribed_until"], Value::Null, "a complimentary plan does not end");
    assert_eq!(server.execute("UPDATE customers SET id = id WHERE id = 'cus_ada' AND user_id = 1").await, 1);

    let client = server.client();
    assert_eq!(client.post("/login/email", &json!({ "email": ADA })).await.status, 202);
    let token = smtp.nth(1).await.token();
    let login = client.post("/login/email/confirm", &json!({ "token": token })).await;
    assert_eq!((login.status, &login.body["id"]), (200, &json!(1)));
    assert_eq!(server.client().try_login(ADA, PASSWORD).await, 400, "there is no password");
}

#[both_databases::test]
async fn users_of_wordpress_keep_their_passwords(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let old = "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0";
    let new = "$wp$2y$04$abcdefghijklmnopqrstuuO4OK.BmZXatJSjRaNkTO3U1tKhQlPV2";
    let csv = format!(
        "ID,user_login,user_pass,user_nicename,user_email,user_url,user_registered,user_status,display_name\n\
         1,ada,{old},ada,{ADA},,2019-02-03 04:05:06,0,Ada\n2,eve,{new},eve,eve@example.org,,0000-00-00 00:00:00,0,Eve\n"
    );
    let counts = json_of(&server, &["user", "import", "-", "--format", "csv"], &csv).await;
    assert_eq!(counts, json!({ "imported": 2, "there_already": 0, "refused": 0 }));
    let users = users(&server).await;
    assert_eq!(
        (&users[0]["created_at"], &users[0]["email_verified"]),
        (&json!("2019-02-03T04:05:06.000Z"), &json!(false))
    );
    for (name, password, before) in [("ada", "test12345", old), ("eve", PASSWORD, new)] {
        assert_eq!(stored(&server, name).await, before);
        assert_eq!(server.client().try_login(name, "wrong password").await, 400, "{name}");
        assert_eq!(server.client().try_login(name, password).await, 200, "{name}");
        assert!(stored(&server, name).await.starts_with("$2b$04$"), "the first login replaces it");
        assert_eq!(server.client().try_login(name, password).await, 200, "{name}");
    }
}

#[both_databases::test]
async fn customers_of_stripe_have_a_subscription_until_the_next_event(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let csv = "id,Description,Email,Name,Created (UTC),Delinquent,plan (metadata)\n\
               cus_1,,ada@example.org,Ada,2023-05-04 12:34,false,gold\ncus_2,,,Nobody,2023-05-04 12:34,false,\n";
    write(&server, "customers.csv", csv);
    let arguments = ["user", "import", "customers.csv", "--subscribed-until", "2027-01-01"];
    let output = run(&server, &arguments, "").await;
    assert_eq!(text(&output.stdout), "1 imported, 0 already exist, 1 refused\n");
    let users = users(&server).await;
    let of = |name: &str| users[0][name].clone();
    assert_eq!(of("subscribed_until"), json!("2027-01-01T00:00:00.000Z"));
    assert_eq!((of("email"), of("created_at")), (json!(ADA), json!("2023-05-04T12:34:00.000Z")));
    assert_eq!(server.execute("UPDATE customers SET id = id WHERE id = 'cus_1' AND user_event = ''").await, 1);
    let past = error_of(&server, &["user", "import", "customers.csv", "--subscribed-until", "2020-01-01"], "").await;
    assert_eq!(past, "tollgate: --subscribed-until must be in the future\n");
}

#[both_databases::test]
async fn a_customer_that_is_linked_already_stays_with_its_user(database: TestDatabase) {
    let server = TestServer::start(database).await;
    server.client().register("eve").await;
    server.execute("INSERT INTO customers (id, user_id, user_event) VALUES ('cus_1', 1, 'x')").await;
    let csv = "email,stripe_customer\nada@example.org,cus_1\nbob@example.org,cus 2\n";
    let output = run(&server, &["user", "import", "-", "--format", "csv"], csv).await;
    assert_eq!(text(&output.stdout), "1 imported, 0 already exist, 1 refused\n");
    let refused =
        "line 3: the Stripe customer must be an id such as cus_9s6XKzkNRiz8i3\ntollgate: 1 line was refused\n";
    assert_eq!(text(&output.stderr), refused);
    assert_eq!(server.execute("UPDATE customers SET id = id WHERE user_id = 1").await, 1);
}

#[both_databases::test]
async fn a_user_without_a_password_needs_an_address_which_counts_as_verified(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let lines = "{\"username\":\"ada\",\"email\":\"ada@example.org\"}\n{\"username\":\"eve\"}\n{\"email\":\"eve@example.org\"}\n";
    let output = run(&server, &["user", "import", "-", "--format", "jsonl"], lines).await;
    assert_eq!(text(&output.stdout), "2 imported, 0 already exist, 1 refused\n");
    let refused = "line 2 (eve): the username and the password hash are required without an email address\n\
                   tollgate: 1 line was refused\n";
    assert_eq!(text(&output.stderr), refused);
    let users = users(&server).await;
    assert_eq!((&users[0]["username"], &users[0]["email_verified"]), (&json!("ada"), &json!(true)));
    assert!(is_random(&users[1]["username"]), "{users:?}");
    for guess in ["none", PASSWORD] {
        assert_eq!(server.client().try_login("ada", guess).await, 400, "{guess}");
    }
}

#[both_databases::test]
async fn users_without_a_password_are_invited_once_in_batches(database: TestDatabase) {
    let smtp = SmtpServer::start();
    let url = smtp.url();
    let mail = [("MAIL_URL", &*url), ("MAIL_FROM", "blog@blog.example"), ("PUBLIC_URL", "http://localhost:8080")];
    let settings = [&mail[..], &[("SIGN_IN_EMAIL", "true")]].concat();
    // Delivers nothing: to its clock, the commands are far in the future, which counts as due.
    let server = TestServer::start(database).await;
    server.client().register("mallory").await;
    let rows: String = (0..5).map(|number| format!("reader{number}@example.org\n")).collect();
    run(&server, &["user", "import", "-", "--format", "csv"], &format!("email\n{rows}")).await;
    let invite = async |batch: &str| {
        let arguments = ["--json", "mail", "invite", "--batch", batch, "--every", "30"];
        let (folder, url) = (server.database.folder(), &server.database.url);
        let output = command_with(folder, url, &settings, &arguments, "").await;
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))["invited"].clone()
    };
    let (first, second) = tokio::join!(invite("2"), invite("2"));
    assert_eq!(first.as_i64().unwrap() + second.as_i64().unwrap(), 5, "each once");
    assert_eq!(invite("2").await, json!(0));
    for span in [0, 30, 60] {
        let due = "(SELECT min(invited_at) FROM invitations)";
        let sql = format!("UPDATE invitations SET user_id = user_id WHERE invited_at >= {due} + {span} * 60000");
        assert!(server.execute(&sql).await > 0, "{span}");
    }
    let listed = json_of(&server, &["mail", "list"], "").await;
    let kinds: Vec<_> = listed.as_array().unwrap().iter().map(|message| message["kind"].clone()).collect();
    assert_eq!(kinds, vec!["invitation"; 5]);
    server.execute("UPDATE outbox SET next_attempt_at = 0, created_at = 1795255200000").await;
    server.second_node(&settings).await;
    let message = smtp.arrived("reader0@example.org").await;
    assert_eq!(message.subject(), "Your account at localhost:8080");
    assert!(message.text().contains("\r\nhttp://localhost:8080/login\r\n"), "{}", message.text());
}

#[both_databases::test]
async fn nobody_is_invited_where_messages_sign_nobody_in(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let error = error_of(&server, &["mail", "invite"], "").await;
    assert_eq!(error, "tollgate: SIGN_IN_EMAIL is false: users without a password could not sign in\n");
}
