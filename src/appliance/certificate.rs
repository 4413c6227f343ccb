//! The box's own certificate authority and the certificate it signs for the box's names and addresses.

use crate::time::Timestamp;
use pair::{Pair, Subject};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use std::{
    fmt,
    fs::DirBuilder,
    io,
    net::IpAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
};
use time::OffsetDateTime;

/// Keys with their certificates: made, read, kept.
mod pair;

/// The certificates of the box; every `ServerConfig` made here uses a renewed one from its next handshake (BOX-37).
pub struct Certificates {
    dir: PathBuf,
    authority: RwLock<String>,
    current: Arc<Current>,
}

impl Certificates {
    /// Reads what lies in `dir` and makes what is missing, ended, or for other names and addresses (BOX-31, BOX-32).
    /// Each file holds a key with its certificate, mode 0600.
    pub fn open(
        dir: &Path,
        names: &[String],
        addresses: &[IpAddr],
        now: Timestamp,
    ) -> Result<Certificates, CertificateError> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let (authority, key) = authority_and_leaf(dir, names, addresses, now)?;
        let current = Arc::new(Current(RwLock::new(Arc::new(key))));
        Ok(Certificates { dir: dir.to_path_buf(), authority: RwLock::new(authority), current })
    }

    /// Looks again: at each change of names or addresses, and daily.
    pub fn renew(&self, names: &[String], addresses: &[IpAddr], now: Timestamp) -> Result<(), CertificateError> {
        let (authority, key) = authority_and_leaf(&self.dir, names, addresses, now)?;
        *self.authority.write().expect("no panic while written") = authority;
        *self.current.0.write().expect("no panic while written") = Arc::new(key);
        Ok(())
    }

    /// TLS 1.2 and 1.3 with forward secrecy (BOX-39). `protocols` for ALPN: `h2`, `http/1.1`; none for SIP.
    pub fn server_config(&self, protocols: &[&str]) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .expect("ring speaks both versions")
            .with_no_client_auth()
            .with_cert_resolver(self.current.clone());
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    /// The authority's certificate as PEM, for phones and browsers to trust (BOX-33).
    pub fn authority(&self) -> String {
        self.authority.read().expect("no panic while written").clone()
    }
}

#[derive(Debug)]
pub enum CertificateError {
    Disk(io::Error),
    /// A name that cannot stand in a certificate, or no randomness.
    NotMade(rcgen::Error),
    Tls(rustls::Error),
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            CertificateError::Disk(error) => write!(f, "the certificates cannot be read or written: {error}"),
            CertificateError::NotMade(error) => write!(f, "no certificate could be made: {error}"),
            CertificateError::Tls(error) => write!(f, "the certificate cannot be used: {error}"),
        }
    }
}

impl std::error::Error for CertificateError {}

impl From<io::Error> for CertificateError {
    fn from(error: io::Error) -> Self {
        CertificateError::Disk(error)
    }
}

impl From<rcgen::Error> for CertificateError {
    fn from(error: rcgen::Error) -> Self {
        CertificateError::NotMade(error)
    }
}

#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().expect("no panic while written").clone())
    }
}

/// Named each time: no process-wide default is relied upon.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn authority_and_leaf(
    dir: &Path,
    names: &[String],
    addresses: &[IpAddr],
    now: Timestamp,
) -> Result<(String, CertifiedKey), CertificateError> {
    let now = moment(now);
    let (authority_file, leaf_file) = (dir.join("authority.pem"), dir.join("box.pem"));
    let authority = match Pair::read(&authority_file)? {
        Some(pair) if pair.lasts(now) => pair,
        _ => Pair::make_authority(now)?.keep(&authority_file)?,
    };
    let wanted = Subject::new(names, addresses);
    let leaf = match Pair::read(&leaf_file)? {
        Some(pair) if pair.lasts(now) && pair.is_for(&wanted) && pair.is_from(&authority) => pair,
        _ => authority.sign(&wanted, now)?.keep(&leaf_file)?,
    };
    let chain = vec![leaf.certificate, authority.certificate.clone()];
    let key = CertifiedKey::from_der(chain, leaf.key, &provider()).map_err(CertificateError::Tls)?;
    Ok((pair::pem(&authority.certificate), key))
}

fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.0 / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{
        ClientConfig, ClientConnection, RootCertStore, ServerConnection,
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
        time_provider::TimeProvider,
    };
    use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, time::Duration};
    use x509_parser::prelude::{FromDer, X509Certificate};

    const NOW: Timestamp = Timestamp(1_795_000_000_000);
    const DAY: Duration = Duration::from_secs(86_400);

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|name| name.to_string()).collect()
    }

    fn addresses(of: &[&str]) -> Vec<IpAddr> {
        of.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[derive(Debug)]
    struct Fixed(Timestamp);

    impl TimeProvider for Fixed {
        fn current_time(&self) -> Option<UnixTime> {
            Some(UnixTime::since_unix_epoch(Duration::from_millis(self.0.0 as u64)))
        }
    }

    fn roots(authority: &str) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        roots
    }

    fn client(authority: &str, now: Timestamp, versions: &[&'static rustls::SupportedProtocolVersion]) -> ClientConfig {
        ClientConfig::builder_with_details(provider(), Arc::new(Fixed(now)))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots(authority))
            .with_no_client_auth()
    }

    /// A whole handshake in memory; gives the client's side.
    fn shake(server: Arc<ServerConfig>, client: ClientConfig, name: &str) -> Result<ClientConnection, rustls::Error> {
        let name = ServerName::try_from(name.to_string()).unwrap();
        let mut client = ClientConnection::new(Arc::new(client), name)?;
        let mut server = ServerConnection::new(server)?;
        while client.is_handshaking() {
            let mut flight = Vec::new();
            client.write_tls(&mut flight).unwrap();
            server.read_tls(&mut flight.as_slice()).unwrap();
            server.process_new_packets()?;
            let mut flight = Vec::new();
            server.write_tls(&mut flight).unwrap();
            client.read_tls(&mut flight.as_slice()).unwrap();
            client.process_new_packets()?;
        }
        Ok(client)
    }

    fn leaf(certificates: &Certificates) -> CertificateDer<'static> {
        certificates.current.0.read().unwrap().cert[0].clone()
    }

    /// BOX-31, BOX-33: a client that trusts the authority gets in by every name and address, and by no other.
    #[test]
    fn a_box_is_trusted_by_its_names_and_addresses() {
        let dir = tempfile::tempdir().unwrap();
        let (names, addresses) = (names(&["callbox.local", "Desk"]), addresses(&["192.0.2.7", "::1"]));
        let box_ = Certificates::open(dir.path(), &names, &addresses, NOW).unwrap();
        for name in ["callbox.local", "desk", "192.0.2.7", "::1"] {
            let done = shake(box_.server_config(&[]), client(&box_.authority(), NOW, &[&TLS13]), name);
            assert!(done.is_ok(), "{name}: {:?}", done.err());
        }
        for name in ["other.local", "192.0.2.8"] {
            assert!(shake(box_.server_config(&[]), client(&box_.authority(), NOW, &[&TLS13]), name).is_err());
        }
    }

    /// BOX-31: ten years and 397 days.
    #[test]
    fn lives_are_as_long_as_written() {
        let dir = tempfile::tempdir().unwrap();
        let box_ = Certificates::open(dir.path(), &names(&["a"]), &[], NOW).unwrap();
        let life = |der: &CertificateDer| {
            let validity = X509Certificate::from_der(der).unwrap().1.validity().clone();
            (validity.not_after.to_datetime() - validity.not_before.to_datetime()).whole_days()
        };
        assert_eq!(life(&leaf(&box_)), 397);
        assert_eq!(life(&CertificateDer::from_pem_slice(box_.authority().as_bytes()).unwrap()), 3652);
    }

    /// BOX-39: both versions, and only suites with a fresh key for each connection.
    #[test]
    fn only_forward_secret_tls_is_spoken() {
        let dir = tempfile::tempdir().unwrap();
        let box_ = Certificates::open(dir.path(), &names(&["a.example"]), &[], NOW).unwrap();
        for version in [&TLS12, &TLS13] {
            let done = shake(box_.server_config(&["h2"]), client(&box_.authority(), NOW, &[version]), "a.example");
            let suite = done.unwrap().negotiated_cipher_suite().unwrap();
            let name = format!("{:?}", suite.suite());
            assert!(name.starts_with("TLS13_") || name.contains("ECDHE"), "{name}");
        }
        for suite in &provider().cipher_suites {
            let name = format!("{:?}", suite.suite());
            assert!(name.starts_with("TLS13_") || name.contains("_ECDHE_"), "{name}");
        }
    }

    /// BOX-32: the same certificate at the next start; a new one, from the same authority, when a name or address
    /// comes or goes, and 30 days before the end.
    #[test]
    fn a_certificate_is_renewed_when_it_must_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let (names_, addresses_) = (names(&["a", "b"]), addresses(&["10.0.0.1"]));
        let open = |names: &[String], addresses: &[IpAddr], now| {
            let opened = Certificates::open(dir.path(), names, addresses, now).unwrap();
            (leaf(&opened), opened.authority())
        };
        let (first, authority) = open(&names_, &addresses_, NOW);
        assert_eq!(open(&names(&["b", "A"]), &addresses_, NOW + 366 * DAY).0, first);
        let (renewed, same) = open(&names_, &addresses_, NOW + 367 * DAY);
        assert_ne!(renewed, first);
        assert_eq!(same, authority);
        let (fewer, same) = open(&names(&["a"]), &addresses_, NOW + 367 * DAY);
        assert_ne!(fewer, renewed);
        assert_eq!(same, authority);
        let (more, same) = open(&names(&["a"]), &addresses(&["10.0.0.1", "10.0.0.2"]), NOW + 367 * DAY);
        assert_ne!(more, fewer);
        assert_eq!(same, authority);
    }

    /// BOX-37: a config that is in use takes the new certificate with its next handshake.
    #[test]
    fn a_renewed_certificate_is_used_without_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let box_ = Certificates::open(dir.path(), &names(&["old.example"]), &[], NOW).unwrap();
        let config = box_.server_config(&[]);
        box_.renew(&names(&["new.example"]), &[], NOW).unwrap();
        assert!(shake(config.clone(), client(&box_.authority(), NOW, &[&TLS12]), "new.example").is_ok());
        assert!(shake(config, client(&box_.authority(), NOW, &[&TLS12]), "old.example").is_err());
    }

    /// BOX-7: a damaged file is put aside and the box still starts.
    #[test]
    fn a_damaged_certificate_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Certificates::open(dir.path(), &names(&["a"]), &[], NOW).unwrap();
        let first = leaf(&open());
        fs::write(dir.path().join("box.pem"), "no certificate").unwrap();
        assert_ne!(leaf(&open()), first);
        assert_eq!(fs::read_to_string(dir.path().join("box.damaged")).unwrap(), "no certificate");
    }

    /// BOX-57: nobody else on the machine reads a key.
    #[test]
    fn keys_are_readable_by_the_box_only() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("certificates");
        Certificates::open(&inner, &names(&["a"]), &[], NOW).unwrap();
        let modes: BTreeMap<String, u32> = fs::read_dir(&inner)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|file| {
                (file.file_name().into_string().unwrap(), file.metadata().unwrap().permissions().mode() & 0o777)
            })
            .collect();
        assert_eq!(modes, BTreeMap::from([("authority.pem".into(), 0o600), ("box.pem".into(), 0o600)]));
        assert_eq!(fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
