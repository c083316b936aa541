//! What TLS is set up with.

use std::path::Path;
use std::sync::Arc;

use gpo_core::{SourceError, SourceErrorKind};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::settings::CertificateCheck;

/// The client's side of TLS, with the certificates checked as asked for.
pub(crate) fn client_config(check: &CertificateCheck) -> Result<ClientConfig, SourceError> {
    // Named, because a program may hold several and then has no default.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| SourceError::new(SourceErrorKind::Other, "TLS", e.to_string()))?;
    let config = match check {
        CertificateCheck::System => config.with_root_certificates(system_roots()?),
        CertificateCheck::CaFile(file) => config.with_root_certificates(roots_of(file)?),
        CertificateCheck::NoneInsecure => config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate { provider })),
    };
    Ok(config.with_no_client_auth())
}

fn system_roots() -> Result<RootCertStore, SourceError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Systems hold certificates that no program can use; the others count.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(roots);
    }
    let why = found.errors.first().map(ToString::to_string);
    let message = format!(
        "the system has no authorities that certificates could be checked against{}",
        why.map(|why| format!(": {why}")).unwrap_or_default()
    );
    Err(SourceError::new(SourceErrorKind::NotFound, "TLS", message))
}

fn roots_of(file: &Path) -> Result<RootCertStore, SourceError> {
    let label = file.display().to_string();
    let invalid =
        |message: String| SourceError::new(SourceErrorKind::Invalid, label.as_str(), message);
    let bytes = std::fs::read(file).map_err(|e| SourceError::io(label.as_str(), e))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        certificate
            .map_err(|e| invalid(format!("not a certificate in PEM: {e}")))
            .and_then(|c| roots.add(c).map_err(|e| invalid(e.to_string())))?;
    }
    if roots.is_empty() {
        let message = "no certificate is in it: it must hold \"-----BEGIN CERTIFICATE-----\"";
        return Err(invalid(message.into()));
    }
    Ok(roots)
}

/// Takes any certificate, but only from who holds its key.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let load = || client_config(&CertificateCheck::CaFile(file.clone())).unwrap_err();
        assert_eq!(load().kind(), SourceErrorKind::NotFound);
        for content in [
            "",
            "text",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            std::fs::write(&file, content).unwrap();
            assert_eq!(load().kind(), SourceErrorKind::Invalid, "{content}");
        }
    }
}
