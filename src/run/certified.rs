//! Whom a TLS connection of ours must meet: a certificate for one of the wanted names, from a public authority or
//! from one that the trunk names (TRK-27, TRK-28).

use crate::exchange::wire::Certified;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    version::{TLS12, TLS13},
};
use std::sync::Arc;

/// The configuration of one connection and the name that is asked for; an error says what is wrong with the wish.
pub fn client(certified: &Certified) -> Result<(Arc<ClientConfig>, ServerName<'static>), String> {
    let provider = Arc::new(ring::default_provider());
    let names: Vec<ServerName<'static>> =
        certified.names.iter().filter_map(|name| ServerName::try_from(name.clone()).ok()).collect();
    let first = names.first().cloned().ok_or("no name that a certificate could be for")?;
    let verifier: Arc<dyn ServerCertVerifier> = if certified.verify {
        let roots = Arc::new(roots(&certified.authorities)?);
        let chain = WebPkiServerVerifier::builder_with_provider(roots, provider.clone())
            .build()
            .map_err(|error| error.to_string())?;
        Arc::new(AnyName { names, chain })
    } else {
        Arc::new(Unchecked(provider.clone()))
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok((Arc::new(config), first))
}

fn roots(authorities: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
        let certificate = certificate.map_err(|_| "ca_certificate is no PEM")?;
        roots.add(certificate).map_err(|error| format!("ca_certificate: {error}"))?;
    }
    Ok(roots)
}

/// What is wrong with a certificate, by a word that the panel knows; of what is rare, what TLS says itself.
pub fn fault(why: &CertificateError) -> String {
    let word = match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "not_valid_yet",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "other_name",
        CertificateError::UnknownIssuer => "unknown_issuer",
        CertificateError::Revoked => "revoked",
        CertificateError::Other(other) => return other.0.to_string(),
        other => return other.to_string(),
    };
    word.into()
}

/// The chain must hold, and the certificate be for one of several names.
#[derive(Debug)]
struct AnyName {
    names: Vec<ServerName<'static>>,
    chain: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end: &CertificateDer,
        between: &[CertificateDer],
        _: &ServerName,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut last = Error::InvalidCertificate(CertificateError::NotValidForName);
        for name in &self.names {
            match self.chain.verify_server_cert(end, between, name, ocsp, now) {
                Ok(verified) => return Ok(verified),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// TRK-28: any certificate will do, but who has it must have its key.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer,
        _: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(names: &[&str], verify: bool, authorities: &str) -> Certified {
        let names = names.iter().map(|name| name.to_string()).collect();
        Certified { names, verify, authorities: authorities.into() }
    }

    /// TRK-27: what cannot be a name or an authority is told, not passed over.
    #[test]
    fn a_wish_that_cannot_be_met_says_why() {
        assert!(client(&wish(&["carrier.test", "192.0.2.1"], true, "")).is_ok());
        assert!(client(&wish(&[], true, "")).is_err_and(|why| why.contains("name")));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(client(&wish(&["carrier.test"], true, broken)).is_err_and(|why| why.contains("ca_certificate")));
        assert!(client(&wish(&["carrier.test"], false, broken)).is_ok(), "TRK-28: nothing is checked");
    }
}
