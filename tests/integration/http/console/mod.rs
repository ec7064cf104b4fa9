//! The console, in a browser without scripts.

mod access;
mod escaping;
mod money_and_mail;
mod posts;
mod users;

use crate::support::client::{Answer, Client};

/// Where a form leads to.
fn led(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("location").unwrap_or_default())
}

fn html(page: &Answer) -> &str {
    page.body.as_str().unwrap_or_default()
}

/// The body of a form with a file, if one is chosen; browsers send an empty one otherwise.
fn multipart(fields: &[(&str, &str)], picture: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    body.extend(b"--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n");
    body.extend(b"Content-Type: image/png\r\n\r\n");
    body.extend(picture);
    body.extend(b"\r\n--x--\r\n");
    body
}

async fn submit_post(client: &Client, path: &str, fields: &[(&str, &str)], picture: &[u8]) -> Answer {
    let request = client.request(reqwest::Method::POST, path);
    let request = request.header("content-type", "multipart/form-data; boundary=x").body(multipart(fields, picture));
    client.browse(request).await
}
