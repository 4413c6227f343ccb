//! A key with its certificate: made, signed, read from its file and kept there.

use super::{CertificateError, provider};
use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use std::{
    collections::BTreeSet,
    fs,
    fs::OpenOptions,
    io::{self, Write},
    net::IpAddr,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

const AUTHORITY_LIFE: Duration = Duration::days(3652);
const LEAF_LIFE: Duration = Duration::days(397);
const RENEW_BEFORE: Duration = Duration::days(30);
/// How far other clocks may be behind ours.
const CLOCK_MARGIN: Duration = Duration::hours(1);

pub struct Pair {
    pub key: PrivateKeyDer<'static>,
    pub certificate: CertificateDer<'static>,
}

impl Pair {
    /// An authority of ten years (BOX-31).
    pub fn make_authority(now: OffsetDateTime) -> Result<Pair, CertificateError> {
        let key = KeyPair::generate()?;
        // Named by its key: a browser that knows several boxes must not take one authority for another.
        let mark: String = key.public_key_raw()[1..5].iter().map(|byte| format!("{byte:02x}")).collect();
        let mut params = lasting(now, AUTHORITY_LIFE, &format!("Callbox authority {mark}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?.into();
        Ok(Pair { key: key.into(), certificate })
    }

    /// A certificate of 397 days from this authority (BOX-31).
    pub fn sign(&self, subject: &Subject, now: OffsetDateTime) -> Result<Pair, CertificateError> {
        let issuer = Issuer::from_ca_cert_der(&self.certificate, KeyPair::try_from(&self.key)?)?;
        let key = KeyPair::generate()?;
        let mut params = lasting(now, LEAF_LIFE, subject.names.first().map_or("Callbox", String::as_str));
        params.subject_alt_names = subject.alternatives()?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &issuer)?.into();
        Ok(Pair { key: key.into(), certificate })
    }

    /// `None` if there is no such file, or it holds no pair; then it is kept aside as `.damaged`.
    pub fn read(file: &Path) -> Result<Option<Pair>, CertificateError> {
        let text = match fs::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let pair = Pair::parse(&text);
        if pair.is_none() {
            tracing::warn!(file = %file.display(), "a certificate is not readable and is made anew");
            fs::rename(file, file.with_extension("damaged"))?;
        }
        Ok(pair)
    }

    /// Written whole or not at all, mode 0600, so a power cut leaves no half certificate.
    pub fn keep(self, file: &Path) -> Result<Pair, CertificateError> {
        let fresh = file.with_extension("new");
        let _ = fs::remove_file(&fresh);
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        let key = block("PRIVATE KEY", self.key.secret_der());
        out.write_all((key + &pem(&self.certificate)).as_bytes())?;
        out.sync_all()?;
        fs::rename(&fresh, file)?;
        if let Some(dir) = file.parent() {
            fs::File::open(dir)?.sync_all()?;
        }
        Ok(self)
    }

    /// Valid now and for 30 days more (BOX-32).
    pub fn lasts(&self, now: OffsetDateTime) -> bool {
        let validity = self.x509().validity().clone();
        validity.not_before.to_datetime() <= now && now < validity.not_after.to_datetime() - RENEW_BEFORE
    }

    pub fn is_for(&self, wanted: &Subject) -> bool {
        Subject::of(&self.x509()) == *wanted
    }

    pub fn is_from(&self, authority: &Pair) -> bool {
        let (own, theirs) = (self.x509(), authority.x509());
        own.issuer() == theirs.subject() && own.verify_signature(Some(theirs.public_key())).is_ok()
    }

    fn parse(text: &[u8]) -> Option<Pair> {
        let key = PrivateKeyDer::from_pem_slice(text).ok()?;
        let certificate = CertificateDer::from_pem_slice(text).ok()?;
        X509Certificate::from_der(&certificate).ok()?;
        // Refused if the key is not that of the certificate.
        CertifiedKey::from_der(vec![certificate.clone()], key.clone_key(), &provider()).ok()?;
        Some(Pair { key, certificate })
    }

    fn x509(&self) -> X509Certificate<'_> {
        X509Certificate::from_der(&self.certificate).expect("made here or parsed when read").1
    }
}

/// Whom a certificate is for.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    names: BTreeSet<String>,
    addresses: BTreeSet<IpAddr>,
}

impl Subject {
    pub fn new(names: &[String], addresses: &[IpAddr]) -> Subject {
        Subject {
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            addresses: addresses.iter().map(IpAddr::to_canonical).collect(),
        }
    }

    fn of(certificate: &X509Certificate) -> Subject {
        let mut subject = Subject { names: BTreeSet::new(), addresses: BTreeSet::new() };
        let Ok(Some(alternatives)) = certificate.subject_alternative_name() else { return subject };
        for name in &alternatives.value.general_names {
            match name {
                GeneralName::DNSName(name) => drop(subject.names.insert(name.to_string())),
                GeneralName::IPAddress(bytes) => subject.addresses.extend(address(bytes)),
                _ => {}
            }
        }
        subject
    }

    fn alternatives(&self) -> Result<Vec<SanType>, rcgen::Error> {
        let names = self.names.iter().map(|name| Ok(SanType::DnsName(name.as_str().try_into()?)));
        let addresses = self.addresses.iter().map(|address| Ok(SanType::IpAddress(*address)));
        names.chain(addresses).collect()
    }
}

pub fn pem(certificate: &CertificateDer) -> String {
    block("CERTIFICATE", certificate)
}

fn block(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| str::from_utf8(line).expect("base64")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

fn lasting(now: OffsetDateTime, life: Duration, name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = now - CLOCK_MARGIN;
    params.not_after = params.not_before + life;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
