//! PostgreSQL over TLS, as libpq's documentation defines the modes.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tollgate::{
    config::{DatabaseLimits, DatabaseUrl},
    db::{Db, DbError},
};

use crate::support::{port::ReservedPort, postgres::Postgres};

/// A server that accepts only TLS. Its certificate is for `localhost`, signed by a certificate authority of its own.
struct Secure {
    _postgres: Postgres,
    _folder: TempDir,
    port: ReservedPort,
    authority: PathBuf,
    stranger: PathBuf,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

impl Secure {
    fn start() -> Option<Self> {
        let folder = TempDir::with_prefix("tollgate-tls-").unwrap();
        let (trusted, other) = (authority("trusted"), authority("stranger"));
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &trusted).unwrap();
        let write = |name: &str, text: String| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (key, certificate) = (write("key.pem", key.serialize_pem()), write("cert.pem", certificate.pem()));
        let (authority, stranger) = (write("ca.pem", trusted.pem()), write("stranger.pem", other.pem()));

        let port = ReservedPort::new();
        let mut postgres = Postgres::start(Some(port.address().port()))?;
        postgres.install_certificate(&certificate, &key);
        Some(Self { _postgres: postgres, _folder: folder, port, authority, stranger })
    }

    async fn connect(&self, host: &str, parameters: &str) -> Result<(), DbError> {
        let port = self.port.address().port();
        let url = DatabaseUrl::Postgres(format!("postgres://tollgate@{host}:{port}/postgres?{parameters}"));
        let opened = actix_web::rt::task::spawn_blocking(move || Db::open(&url, DatabaseLimits::default(), |_| Ok(())))
            .await
            .unwrap();
        opened.map(drop)
    }
}

#[actix_web::test]
async fn each_sslmode_verifies_what_libpq_documents() {
    let Some(server) = Secure::start() else { return };
    let (ours, theirs) = (server.authority.display(), server.stranger.display());
    for (host, parameters) in [
        ("localhost", String::new()),
        ("localhost", "sslmode=prefer".to_owned()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={ours}")),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={ours}")),
        ("localhost", format!("sslmode=verify-full&sslrootcert={ours}")),
    ] {
        server.connect(host, &parameters).await.unwrap_or_else(|error| panic!("{host} {parameters}: {error}"));
    }
    for (host, parameters) in [
        ("localhost", "sslmode=disable".to_owned()),
        ("localhost", "sslmode=verify-full".to_owned()),
        ("localhost", "sslrootcert=system".to_owned()),
        ("localhost", format!("sslmode=verify-ca&sslrootcert={theirs}")),
        ("localhost", format!("sslmode=require&sslrootcert={theirs}")),
        ("localhost", format!("sslmode=verify-full&sslrootcert={theirs}")),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ours}")),
        ("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem".to_owned()),
        ("localhost", "sslmode=require&sslrootcert=system".to_owned()),
    ] {
        assert!(server.connect(host, &parameters).await.is_err(), "{host} {parameters}");
    }
}
