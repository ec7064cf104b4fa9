//! Passkeys on the server's own pages.

use data_encoding::BASE64;
use reqwest::Method;
use sha2::{Digest, Sha256};

use crate::support::{
    authenticator::Authenticator,
    client::{Answer, CHROMIUM, Client, PASSWORD},
    database::TestDatabase,
    passkeys::{Device, enrolled},
    server::TestServer,
};

async fn show(client: &Client, path: &str) -> Answer {
    client.get_with(path, &[("accept", CHROMIUM)]).await
}

fn has(answer: &Answer, text: &str) -> bool {
    answer.body.as_str().unwrap_or_default().contains(text)
}

#[both_databases::test]
async fn the_pages_offer_passkeys_with_a_script_that_the_policy_names(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let mut device = Device::new(&server);
    let client = enrolled(&server, "ada", &mut device).await;
    let login = show(&server.client(), "/login").await;
    assert!(has(&login, "autocomplete=\"username webauthn\"") && has(&login, "data-passkey=\"login\" hidden"));
    let scripts = login.body.as_str().unwrap().split("<script").skip(1);
    let scripts = scripts.map(|rest| rest.split_once('>').unwrap().1.split("</script>").next().unwrap());
    let digests: Vec<_> = scripts.map(|script| BASE64.encode(&Sha256::digest(script.as_bytes()))).collect();
    let [digest, password] = &digests[..] else { panic!("{digests:?}") };
    let policy = login.header("content-security-policy").unwrap();
    assert!(
        policy.contains(&format!("script-src 'sha256-{digest}' 'sha256-{password}'; connect-src 'self';")),
        "{policy}"
    );

    let own = show(&client, "/second-factor").await;
    assert!(has(&own, "Signing in needs a passkey.") && has(&own, "You have no recovery codes."), "{own:?}");
    assert!(has(&own, "Delete the passkey “Passkey”") && has(&own, "data-passkey=\"add\" hidden"), "{own:?}");
    assert!(has(&own, "Set up an authenticator app") && !has(&own, "Remove the authenticator app"), "{own:?}");
    let browser = server.client();
    let first = {
        let form = [("username", "ada"), ("password", PASSWORD)];
        let request = browser.request(Method::POST, "/login").header("accept", CHROMIUM).form(&form);
        browser.send(request).await
    };
    assert_eq!((first.status, first.header("location")), (303, Some("/login/second-factor?next=%2F")));
    let step = show(&browser, "/login/second-factor").await;
    assert!(has(&step, "data-passkey=\"step\" hidden") && !has(&step, "name=\"code\""), "{step:?}");
    assert!(has(&step, "name=\"trust_browser\"") && has(&step, "name=\"next\" value=\"/\""), "{step:?}");
}

#[both_databases::test]
async fn an_app_that_is_added_to_a_passkey_brings_no_recovery_codes(database: TestDatabase) {
    let server = TestServer::start(database).await;
    let client = enrolled(&server, "ada", &mut Device::new(&server)).await;
    let submit = async |form: &[(&str, &str)]| {
        client.send(client.request(Method::POST, "/second-factor").header("accept", CHROMIUM).form(form)).await
    };
    let started = submit(&[("action", "start")]).await;
    let secret = started.body.as_str().unwrap().split("type in this key: <code>").nth(1).unwrap();
    let app = Authenticator::of_secret(&server, secret.split('<').next().unwrap());
    let confirmed = submit(&[("action", "confirm"), ("code", &app.code())]).await;
    assert_eq!((confirmed.status, confirmed.header("location")), (303, Some("/second-factor")));
    let page = show(&client, "/second-factor").await;
    assert!(has(&page, "Signing in needs a code from your authenticator app, or a passkey."), "{page:?}");
}
