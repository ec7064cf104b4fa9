//! TLS to PostgreSQL, in pure Rust; `sslmode` and `sslrootcert` have the same meaning as in libpq.
//! <https://www.postgresql.org/docs/current/libpq-ssl.html>

use std::{fs, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres::{Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::DbError;

#[derive(Clone)]
pub(super) struct TlsConfig(Arc<ClientConfig>);

impl TlsConfig {
    pub(super) fn connector(&self) -> MakeRustlsConnect {
        MakeRustlsConnect::new((*self.0).clone())
    }
}

/// How much of a server's certificate is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// Nothing: this protects against eavesdropping, not against an active attacker.
    Nothing,
    /// That a trusted authority signed it.
    Chain,
    /// That a trusted authority signed it for this host.
    ChainAndName,
}

/// The connection string's parameters that tokio-postgres does not support.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TlsParameters {
    mode: Option<String>,
    root_cert: Option<String>,
}

/// Removes `sslmode` and `sslrootcert` from a connection string.
///
/// # Errors
/// One of them occurs twice.
pub(super) fn split_parameters(url: &str) -> Result<(String, TlsParameters), DbError> {
    let mut parameters = TlsParameters::default();
    let Some((address, query)) = url.split_once('?') else { return Ok((url.to_owned(), parameters)) };
    let mut rest = Vec::new();
    for part in query.split('&') {
        let pair = form_urlencoded::parse(part.as_bytes()).next();
        let parameter = match &pair {
            Some((name, _)) if name == "sslmode" => &mut parameters.mode,
            Some((name, _)) if name == "sslrootcert" => &mut parameters.root_cert,
            _ => {
                rest.push(part);
                continue;
            }
        };
        if parameter.replace(pair.map(|(_, value)| value.into_owned()).unwrap_or_default()).is_some() {
            return Err(DbError::Url("sslmode and sslrootcert must not be repeated".to_owned()));
        }
    }
    Ok((format!("{address}?{}", rest.join("&")), parameters))
}

impl TlsParameters {
    /// Sets the mode in `config` and returns the TLS configuration for it.
    ///
    /// # Errors
    /// The mode is unknown, or the certificate file cannot be read.
    pub(super) fn apply(&self, config: &mut Config) -> Result<TlsConfig, DbError> {
        let (mode, proof) = match (self.mode.as_deref(), self.root_cert.as_deref()) {
            // The system's authorities sign certificates for anyone: without checking the host name they prove nothing.
            (None | Some("verify-full"), Some("system")) => (SslMode::Require, Proof::ChainAndName),
            (Some(_), Some("system")) => {
                return Err(DbError::Url("sslrootcert=system requires sslmode=verify-full".to_owned()));
            }
            (Some("disable"), _) => (SslMode::Disable, Proof::Nothing),
            (None | Some("prefer"), _) => (SslMode::Prefer, Proof::Nothing),
            (Some("require"), None) => (SslMode::Require, Proof::Nothing),
            (Some("require"), Some(_)) | (Some("verify-ca"), _) => (SslMode::Require, Proof::Chain),
            (Some("verify-full"), _) => (SslMode::Require, Proof::ChainAndName),
            (Some(_), _) => {
                let modes = "sslmode must be disable, prefer, require, verify-ca or verify-full";
                return Err(DbError::Url(modes.to_owned()));
            }
        };
        config.ssl_mode(mode);
        self.client(proof).map_err(|error| DbError::Url(format!("cannot set up TLS: {error}")))
    }

    fn client(&self, proof: Proof) -> Result<TlsConfig, Box<dyn std::error::Error>> {
        let provider = Arc::new(ring::default_provider());
        let chain = match proof {
            Proof::Nothing => None,
            Proof::Chain | Proof::ChainAndName => {
                Some(WebPkiServerVerifier::builder_with_provider(self.roots()?.into(), provider.clone()).build()?)
            }
        };
        let verifier = Arc::new(Verifier { proof, chain, provider: provider.clone() });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(TlsConfig(Arc::new(config)))
    }

    fn roots(&self) -> Result<RootCertStore, Box<dyn std::error::Error>> {
        let mut roots = RootCertStore::empty();
        match self.root_cert.as_deref() {
            None | Some("system") => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            Some(path) => {
                let pem = fs::read(path).map_err(|error| format!("{path}: {error}"))?;
                for certificate in CertificateDer::pem_slice_iter(&pem) {
                    roots.add(certificate?)?;
                }
            }
        }
        Ok(roots)
    }
}

/// Verifies a certificate as far as the mode requires.
#[derive(Debug)]
struct Verifier {
    proof: Proof,
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is checked last: the chain has been verified by then.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.proof == Proof::Chain => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
