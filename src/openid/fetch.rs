//! Requests to a provider. Its documents name addresses to send further requests to, so that a hostile or broken provider
//! could aim them at this server's own network, keep them waiting, or fill the memory: no redirects, no private addresses
//! except the issuer's own, an end after ten seconds, and no answer above one MiB.

use std::{
    error::Error,
    fmt::{self, Write},
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};

use bytes::Bytes;
use chrono::DateTime;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use openidconnect::{HttpRequest, HttpResponse, IssuerUrl, http};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tower_service::Service;
use url::{Host, Origin, Url};

use super::error::TlsError;
use crate::base::clock::Timestamp;

/// From the connection to the last byte of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);

const MAX_BYTES: usize = 1024 * 1024;

/// Why a request to a provider has no answer.
#[derive(Debug)]
pub(super) struct FetchError(String);

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for FetchError {}

/// The client of one provider.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    /// Where the issuer is, which may be a private network.
    issuer: Origin,
    to_issuer: HttpClient,
    elsewhere: HttpClient,
}

type HttpClient = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// The system's certificates. Read once, because there are many.
pub(super) fn tls() -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| TlsError(error.to_string()))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

impl Fetch {
    pub(super) fn new(issuer: &IssuerUrl, tls: &ClientConfig) -> Self {
        Self {
            issuer: issuer.url().origin(),
            to_issuer: client(tls, Resolver { only_public: false }),
            elsewhere: client(tls, Resolver { only_public: true }),
        }
    }

    /// Sends a request. An answer with any status is one, except for a redirect.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|error| FetchError(error.to_string()))?;
        let exchange = timeout(TIMEOUT, exchange(self.client_for(&url)?, request));
        let late = |_| FetchError(format!("{} did not answer within {} s", url.authority(), TIMEOUT.as_secs()));
        exchange.await.map_err(late)?
    }

    /// The time at the issuer, if it answers and says.
    pub(super) async fn date(&self, issuer: &IssuerUrl) -> Option<Timestamp> {
        let request = http::Request::get(issuer.as_str()).body(Vec::new()).ok()?;
        let answer = self.send(request).await.ok()?;
        let date = answer.headers().get(http::header::DATE)?.to_str().ok()?;
        let date = DateTime::parse_from_rfc2822(date).ok()?;
        Some(Timestamp::from_millis(date.timestamp_millis()))
    }

    fn client_for(&self, url: &Url) -> Result<&HttpClient, FetchError> {
        if url.origin() == self.issuer {
            return Ok(&self.to_issuer);
        }
        let is_public = match url.host() {
            Some(Host::Ipv4(ip)) => is_public(ip.into()),
            Some(Host::Ipv6(ip)) => is_public(ip.into()),
            // The resolver decides.
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if url.scheme() != "https" || !is_public {
            let text = format!("names {url}, which is not an address with HTTPS in a public network");
            return Err(FetchError(text));
        }
        Ok(&self.elsewhere)
    }
}

fn client(tls: &ClientConfig, resolver: Resolver) -> HttpClient {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    // Or else it would refuse to connect for TLS.
    tcp.enforce_http(false);
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http().enable_http1();
    // Connections are not kept: each belongs to the thread that opened it, and sign-ins are rare.
    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector.wrap_connector(tcp))
}

async fn exchange(client: &HttpClient, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut request = request.map(|body| Full::new(Bytes::from(body)));
    let agent = http::HeaderValue::from_static(concat!("tollgate/", env!("CARGO_PKG_VERSION")));
    request.headers_mut().insert(http::header::USER_AGENT, agent);
    let (head, mut body) = client.request(request).await.map_err(|error| FetchError(causes(&error)))?.into_parts();
    if head.status.is_redirection() {
        return Err(FetchError(format!("answered with a redirect ({})", head.status)));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| FetchError(causes(&error)))?;
        let data = frame.data_ref().map(Bytes::as_ref).unwrap_or_default();
        if bytes.len() + data.len() > MAX_BYTES {
            return Err(FetchError(format!("answered with more than {MAX_BYTES} bytes")));
        }
        bytes.extend_from_slice(data);
    }
    Ok(http::Response::from_parts(head, bytes))
}

/// Finds the addresses of names.
#[derive(Clone, Copy, Debug)]
struct Resolver {
    /// Finds no others: a name in the network of whoever owns it may have any address.
    only_public: bool,
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let only_public = self.only_public;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<_> = found.filter(|address| !only_public || is_public(address.ip())).collect();
            if usable.is_empty() {
                return Err(io::Error::other(format!("{name} has no address in a public network")));
            }
            Ok(usable.into_iter())
        })
    }
}

/// Whether an address is one of the Internet, by the registries of special addresses (RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let is_special =
                matches!((a, b, c), (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) | (240.., ..));
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || is_special)
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            // Only this block is assigned; within it, 2002::/16, 2001::/32 and others may stand for an IPv4 address.
            let is_special =
                matches!((a, b), (0x2001, 0 | 2 | 0xdb8 | 0x10..=0x2f) | (0x2002, _) | (0x3fff, 0..=0xfff));
            (0x2000..=0x3fff).contains(&a) && !is_special
        }
    }
}

/// An error with its causes, which reqwest's own text leaves out.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for public in ["1.1.1.1", "100.63.255.255", "198.20.0.1", "2606:4700::1111", "2a00:1450::1", "2001:4860::8888"]
        {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        for special in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:a00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(special.parse().expect("an address")), "{special}");
        }
    }

    fn fetch(issuer: &str) -> Fetch {
        let issuer = IssuerUrl::new(issuer.to_owned()).expect("a URL");
        Fetch::new(&issuer, &tls().expect("certificates"))
    }

    #[test]
    fn private_addresses_are_those_of_the_issuer_only() {
        let local = fetch("http://127.0.0.1:9000/realm");
        let is_allowed = |fetch: &Fetch, url: &str| fetch.client_for(&Url::parse(url).expect("a URL")).is_ok();
        assert!(is_allowed(&local, "http://127.0.0.1:9000/keys"));
        let public = fetch("https://sso.example");
        assert!(is_allowed(&public, "https://keys.example/jwks") && is_allowed(&public, "https://1.1.1.1/"));
        for url in [
            "http://127.0.0.1:9001/",
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1/",
            "http://keys.example/",
            "https://169.254.169.254/latest",
            "file:///etc/passwd",
        ] {
            assert!(!is_allowed(&local, url) && !is_allowed(&public, url), "{url}");
        }
    }

    #[tokio::test]
    async fn names_of_private_addresses_are_not_resolved() {
        let name = "localhost".parse().expect("a name");
        let error = Resolver { only_public: true }.call(name).await.err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("localhost has no address in a public network"));
    }

    /// The clock of the runtime runs ahead whenever nothing else is to be done.
    #[tokio::test(start_paused = true)]
    async fn a_provider_that_hangs_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let request = http::Request::get(&issuer).body(Vec::new()).expect("a request");
        let error = fetch(&issuer).send(request).await.expect_err("no answer").to_string();
        assert!(error.ends_with("did not answer within 10 s"), "{error}");
    }
}
