//! TLS of an SMTP server.

use std::{
    fs,
    io::{self, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

/// A certificate for `localhost`, signed by a certificate authority of its own.
pub(crate) struct SmtpTls {
    config: Arc<ServerConfig>,
    /// Whether connections begin with TLS; otherwise, with a command.
    pub(super) is_implicit: bool,
    /// Whether that command is offered.
    pub(super) is_offered: bool,
}

impl SmtpTls {
    /// Also returns the file with the authority's certificate.
    pub(crate) fn new(folder: &Path, is_implicit: bool) -> (Self, PathBuf) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let path = folder.join("authority.pem");
        fs::write(&path, authority.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        (Self { config: Arc::new(config), is_implicit, is_offered: !is_implicit }, path)
    }

    /// The same, without offering STARTTLS: what somebody on the network path makes of it.
    pub(crate) fn stripped(folder: &Path) -> (Self, PathBuf) {
        let (tls, authority) = Self::new(folder, false);
        (Self { is_offered: false, ..tls }, authority)
    }

    pub(super) fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        let connection = ServerConnection::new(self.config.clone()).unwrap();
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, stream))))
    }
}

pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
