//! Sending messages: to an SMTP server, or into a folder.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    iter::successors,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        extension::ClientId,
        response::{Category, Detail, Severity},
    },
};
use tokio::{task::spawn_blocking, time::timeout};
use url::Url;

use crate::config::{MailConfig, MailUrl, SmtpServer, SmtpTls};

/// For connecting, and for each reply.
const REPLY_TIMEOUT: Duration = Duration::from_secs(20);

/// For a complete message.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// Connections to the SMTP server.
pub const CONNECTIONS: usize = 4;

/// How long an unused connection stays open.
const IDLE: Duration = Duration::from_secs(30);

/// The longest reply of a server that is stored.
const MAX_ERROR: usize = 300;

const NO_REPLY: &str = "the SMTP server did not reply in time";

/// The transport cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(String);

/// A message was not delivered.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct SendError {
    /// Whether another attempt would fail in the same way.
    pub is_final: bool,
    text: String,
}

impl SendError {
    pub(super) fn invalid(text: String) -> Self {
        Self { is_final: true, text }
    }
}

#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "the password must not be shown")]
pub enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    File(PathBuf),
}

impl Transport {
    /// Prepares the transport; `None` if email is off. Does not connect.
    pub fn new(config: &MailConfig) -> Result<Option<Self>, TransportError> {
        match &config.url {
            MailUrl::None => Ok(None),
            MailUrl::File(folder) => Ok(Some(Self::File(folder.clone()))),
            MailUrl::Smtp(server) => smtp(server, &config.app_url).map(|smtp| Some(Self::Smtp(smtp))),
        }
    }

    /// Sends a message. `name` is unique to it, and `recipient` is for the log.
    pub async fn send(&self, message: Message, name: String, recipient: &str) -> Result<(), SendError> {
        match self {
            Self::Smtp(smtp) => match timeout(SEND_TIMEOUT, smtp.send(message)).await {
                Ok(sent) => sent.map(drop).map_err(|error| of_smtp(&error)),
                Err(_) => Err(SendError { is_final: false, text: NO_REPLY.to_owned() }),
            },
            Self::File(folder) => {
                let (folder, bytes) = (folder.clone(), message.formatted());
                let path = spawn_blocking(move || write(&folder, &name, &bytes))
                    .await
                    .unwrap_or_else(|error| Err(error.into()));
                let path = path.map_err(|error| SendError { is_final: false, text: error.to_string() })?;
                tracing::info!(recipient, path = %path.display(), "email written to a file");
                Ok(())
            }
        }
    }

    /// Connects and signs in to the SMTP server, or checks that the folder can be written to.
    pub async fn check(&self) -> Result<(), SendError> {
        let unavailable = |text: String| SendError { is_final: false, text };
        match self {
            Self::Smtp(smtp) => match timeout(SEND_TIMEOUT, smtp.test_connection()).await {
                Ok(Ok(true)) => Ok(()),
                Ok(Ok(false)) => Err(unavailable("the SMTP server closed the connection".to_owned())),
                Ok(Err(error)) => Err(of_smtp(&error)),
                Err(_) => Err(unavailable(NO_REPLY.to_owned())),
            },
            Self::File(folder) => {
                let folder = folder.clone();
                let created = spawn_blocking(move || create(&folder)).await.unwrap_or_else(|error| Err(error.into()));
                created.map_err(|error| unavailable(error.to_string()))
            }
        }
    }
}

fn smtp(server: &SmtpServer, app_url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, TransportError> {
    let transport = match server.tls {
        SmtpTls::Implicit => AsyncSmtpTransport::<Tokio1Executor>::relay(&server.host),
        SmtpTls::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&server.host),
        SmtpTls::Off => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)),
    };
    let mut transport = transport
        .map_err(|error| TransportError(error.to_string()))?
        .port(server.port)
        .timeout(Some(REPLY_TIMEOUT))
        .pool_config(PoolConfig::new().max_size(u32::try_from(CONNECTIONS).unwrap_or(1)).idle_timeout(IDLE));
    if let Some(host) = Url::parse(app_url).ok().and_then(|url| url.host_str().map(str::to_owned)) {
        transport = transport.hello_name(ClientId::Domain(host));
    }
    if let Some((user, password)) = &server.credentials {
        transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(transport.build())
}

fn of_smtp(error: &lettre::transport::smtp::Error) -> SendError {
    let text = describe(error).chars().filter(|letter| !letter.is_control()).take(MAX_ERROR).collect();
    // A reply about the login, such as 535, concerns the settings rather than the message, which can be sent once they
    // are corrected (RFC 4954, section 6).
    let is_login = error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion
            && code.category == Category::Unspecified3
            && matches!(code.detail, Detail::Zero | Detail::Four | Detail::Five | Detail::Eight)
    });
    SendError { is_final: error.is_permanent() && !is_login, text }
}

/// A sentence for operators: lettre's own names the kind of its error, such as "transient error".
fn describe(error: &lettre::transport::smtp::Error) -> String {
    let causes = successors(std::error::Error::source(error), |cause| cause.source());
    let cause = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    match error.status() {
        Some(code) => format!("the SMTP server refused with {code}: {cause}"),
        None if error.is_timeout() => NO_REPLY.to_owned(),
        None if error.is_tls() => format!("TLS with the SMTP server failed: {cause}"),
        None if error.is_response() => format!("the SMTP server's reply cannot be understood: {cause}"),
        None if error.is_client() => format!("the SMTP server lacks what is needed: {cause}"),
        None => format!("the connection to the SMTP server failed: {cause}"),
    }
}

fn create(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes a temporary file and renames it, so that whoever watches the folder never reads half a message.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    create(folder)?;
    let (path, temporary) = (folder.join(format!("{name}.eml")), folder.join(format!(".{name}.tmp")));
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?.write_all(bytes)?;
    fs::rename(&temporary, &path)?;
    Ok(path)
}
