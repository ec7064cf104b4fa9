//! `tollgate doctor`: the mistakes that cost people hours, each with the setting to change.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use actix_web::rt::task::spawn_blocking;
use anyhow::bail;
use serde::Serialize;
use url::Url;

use super::{show, table};
use crate::{
    app::KEY_FILE,
    config::{self, Config, ConfigError, DatabaseUrl, ServerConfig},
    db::{Db, DbError},
};

/// What was found.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Finding {
    setting: String,
    /// Whether something does not work, rather than may not be meant.
    is_fault: bool,
    text: String,
}

fn fault(setting: &str, text: impl Into<String>) -> Finding {
    Finding { setting: setting.to_owned(), is_fault: true, text: text.into() }
}

fn warning(setting: &str, text: impl Into<String>) -> Finding {
    Finding { setting: setting.to_owned(), is_fault: false, text: text.into() }
}

/// Writes what it finds.
///
/// # Errors
/// There is something that does not work.
pub(super) async fn run(json: bool) -> anyhow::Result<()> {
    let findings = examine().await;
    if json {
        show(true, &findings, String::new)?;
    } else {
        table(findings.iter().map(|Finding { setting, is_fault, text }| {
            vec![if *is_fault { "wrong" } else { "look" }.to_owned(), setting.clone(), text.clone()]
        }))?;
    }
    match findings.iter().filter(|finding| finding.is_fault).count() {
        0 if !json && findings.is_empty() => show(false, &(), || "nothing is wrong".to_owned()),
        0 => Ok(()),
        faults => bail!("{faults} wrong"),
    }
}

async fn examine() -> Vec<Finding> {
    let config = match Config::load() {
        Ok(config) => config,
        Err(ConfigError(faults)) => return faults.iter().map(|text| refused(text)).collect(),
    };
    let mut findings = misspelt();
    findings.extend(key(&config, Path::new(KEY_FILE)));
    findings.extend(cookies(&config));
    findings.extend(origins(&config.server, config.cookie.secure));
    findings.extend(metrics(&config.server));
    findings.extend(database(&config.database).await);
    findings
}

/// A setting that is wrong by itself: what is wrong with it begins with its name.
fn refused(text: &str) -> Finding {
    let (setting, text) = text.split_once(' ').unwrap_or(("", text));
    fault(setting, text)
}

fn misspelt() -> Vec<Finding> {
    // A file that cannot be read was told of already.
    let unknown = config::unknown().unwrap_or_default().into_iter();
    let text = |(name, meant): (String, Option<&str>)| match meant {
        Some(meant) => format!("{name} is no setting: is {meant} meant?"),
        None => format!("{name} is no setting"),
    };
    unknown.map(|found| warning(".env", text(found))).collect()
}

fn key(config: &Config, file: &Path) -> Option<Finding> {
    if config.cookie.secret_key.is_some() {
        return None;
    }
    if matches!(config.database, DatabaseUrl::Postgres(_)) {
        let text = "is not set: each node makes a key of its own, and refuses the sessions of the others";
        return Some(warning("SECRET_KEY", text));
    }
    match fs::metadata(file) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            let text = format!("is not set, and others may read {}: chmod 600 it", file.display());
            Some(fault("SECRET_KEY", text))
        }
        Ok(_) => None,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            Some(warning("SECRET_KEY", format!("is not set: the server makes one at its start, in {}", file.display())))
        }
        Err(cause) => Some(fault("SECRET_KEY", format!("{}: {cause}", file.display()))),
    }
}

fn cookies(config: &Config) -> Vec<Finding> {
    let (server, secure) = (&config.server, config.cookie.secure);
    let is_https = |origin: &Option<String>| origin.as_deref().is_some_and(|origin| origin.starts_with("https:"));
    let mut findings = Vec::new();
    if !server.is_loopback() && !secure {
        let text = "is allowed: over plain HTTP anybody on the way reads passwords and sessions";
        findings.push(warning("ALLOW_INSECURE_COOKIES", text));
    }
    if is_https(&server.public_origin) && !secure {
        findings.push(warning("COOKIE_SECURE", "is false, while PUBLIC_URL is https: set it to true"));
    }
    if !is_https(&server.public_origin) && server.public_origin.is_some() && secure {
        let text = "is http, while COOKIE_SECURE is true: browsers keep no such cookie, and nobody stays signed in";
        findings.push(fault("PUBLIC_URL", text));
    }
    if is_https(&server.public_origin) && server.trusted_proxies.is_empty() {
        let text = "is empty, while PUBLIC_URL tells of a proxy: all visitors seem to have its address, and one who \
                    guesses passwords holds up everybody";
        findings.push(warning("TRUSTED_PROXIES", text));
    }
    findings
}

/// A cookie that is `SameSite=Lax` goes along with a page's own calls only where page and server are one site.
fn origins(server: &ServerConfig, secure: bool) -> Vec<Finding> {
    let own = server.public_origin.clone().unwrap_or_else(|| format!("http://{}:{}", server.host, server.port));
    let Some(own_host) = host(&own).filter(|_| server.public_origin.is_some() || server.is_loopback()) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for origin in &server.cors_origins {
        let Some(host) = host(origin) else { continue };
        // Each of the two names of this machine has an origin of its own in the defaults.
        if is_local(&host) && is_local(&own_host) {
            continue;
        }
        if is_local(&host) {
            let text =
                format!("lists {origin}, which is a developer's machine: a page there could act for whoever opens it");
            findings.push(warning("CORS_ORIGINS", text));
        } else if site(&host) != site(&own_host) {
            let text = format!(
                "lists {origin}, which is another site than {own}: browsers send no cookie from there. Give both a \
                 common domain, such as app.example and api.app.example"
            );
            findings.push(fault("CORS_ORIGINS", text));
        } else if origin.starts_with("http:") && secure {
            let text = format!("lists {origin}, which is plain HTTP: its pages are another site than one over HTTPS");
            findings.push(fault("CORS_ORIGINS", text));
        }
    }
    findings
}

fn host(origin: &str) -> Option<String> {
    Url::parse(origin).ok()?.host_str().map(str::to_owned)
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

/// The domain that is registered, as far as can be told without the list of public suffixes: its last two labels, which
/// takes two sites below such a suffix for one, and never one for two.
fn site(host: &str) -> Vec<&str> {
    host.rsplit('.').take(2).collect()
}

fn metrics(server: &ServerConfig) -> Option<Finding> {
    let address = server.metrics_address.filter(|address| !address.ip().is_loopback())?;
    let text = format!("is {address}, where other machines may ask without a password: keep strangers off");
    Some(warning("METRICS_ADDR", text))
}

async fn database(url: &DatabaseUrl) -> Option<Finding> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        let text = format!("names {}, which is not there: the server makes it at its start", path.display());
        return Some(warning("DATABASE_URL", text));
    }
    let url = url.clone();
    let opened = spawn_blocking(move || Db::open_current(&url)).await.ok()?;
    let answered = match opened {
        Ok(db) => db.ping().await,
        Err(cause) => Err(cause),
    };
    match answered {
        Ok(()) => None,
        Err(cause @ DbError::OldSchema) => Some(warning("DATABASE_URL", cause.to_string())),
        Err(cause) => Some(fault("DATABASE_URL", cause.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(values: &[(&str, &str)]) -> Config {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_values(values.collect()).expect("settings")
    }

    fn settings(findings: impl IntoIterator<Item = Finding>) -> Vec<(String, bool)> {
        findings.into_iter().map(|finding| (finding.setting, finding.is_fault)).collect()
    }

    fn of_origins(values: &[(&str, &str)]) -> Vec<(String, bool)> {
        let config = config(values);
        settings(origins(&config.server, config.cookie.secure))
    }

    #[test]
    fn the_defaults_are_fine() {
        assert_eq!(of_origins(&[]), []);
        assert_eq!(settings(cookies(&config(&[]))), []);
    }

    #[test]
    fn a_frontend_on_another_site_gets_no_cookie() {
        let public = ("PUBLIC_URL", "https://api.blog.example");
        assert_eq!(
            of_origins(&[public, ("CORS_ORIGINS", "https://other.example.org")]),
            [("CORS_ORIGINS".to_owned(), true)]
        );
        assert_eq!(of_origins(&[public, ("CORS_ORIGINS", "https://app.blog.example")]), []);
        let secure = ("COOKIE_SECURE", "true");
        assert_eq!(
            of_origins(&[public, secure, ("CORS_ORIGINS", "http://app.blog.example")]),
            [("CORS_ORIGINS".to_owned(), true)]
        );
        assert_eq!(
            of_origins(&[public, ("CORS_ORIGINS", "http://localhost:3000")]),
            [("CORS_ORIGINS".to_owned(), false)]
        );
    }

    #[test]
    fn cookies_and_the_public_address_fit() {
        let of = |values: &[(&str, &str)]| settings(cookies(&config(values)));
        let (https, http) = (("PUBLIC_URL", "https://blog.example"), ("PUBLIC_URL", "http://blog.example"));
        let (secure, proxy) = (("COOKIE_SECURE", "true"), ("TRUSTED_PROXIES", "10.0.0.1"));
        assert_eq!(of(&[https, secure, proxy]), []);
        assert_eq!(of(&[https, proxy]), [("COOKIE_SECURE".to_owned(), false)]);
        assert_eq!(of(&[http, secure, proxy]), [("PUBLIC_URL".to_owned(), true)]);
        assert_eq!(of(&[https, secure]), [("TRUSTED_PROXIES".to_owned(), false)]);
        let plain = [("HOST", "0.0.0.0"), ("ALLOW_INSECURE_COOKIES", "true")];
        assert_eq!(of(&plain), [("ALLOW_INSECURE_COOKIES".to_owned(), false)]);
    }

    #[test]
    fn metrics_are_for_who_is_meant_to_have_them() {
        let of = |address| settings(metrics(&config(&[("METRICS_ADDR", address)]).server));
        assert_eq!(of("127.0.0.1:9464"), []);
        assert_eq!(of("0.0.0.0:9464"), [("METRICS_ADDR".to_owned(), false)]);
    }

    #[test]
    fn nodes_have_one_key() {
        let nowhere = Path::new("/nonexistent/key");
        assert_eq!(
            settings(key(&config(&[("DATABASE_URL", "postgres://db/x")]), nowhere)),
            [("SECRET_KEY".to_owned(), false)]
        );
        assert_eq!(settings(key(&config(&[]), nowhere)), [("SECRET_KEY".to_owned(), false)]);
        assert_eq!(settings(key(&config(&[("SECRET_KEY", &"k".repeat(64))]), nowhere)), []);
    }
}
