//! Certificates in the values of a certificate store.

use std::fmt::Write;

use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Any, Decode, Tag, Tagged};
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::name::{Name, RelativeDistinguishedName};

use crate::settings::{CertificatePurposes, ReportCertificate};

/// The property of a store's value that is the certificate itself (`CERT_CERT_PROP_ID`).
const CERTIFICATE: u32 = 32;

/// The certificate in a value: properties, each of a number, 1, a length (32 bits each, little-endian)
/// and so many bytes. None where there is none that can be read.
pub(super) fn certificate(blob: &[u8]) -> Option<ReportCertificate> {
    let mut rest = blob;
    loop {
        let (id, after) = number(rest)?;
        let (_, after) = number(after)?;
        let (length, after) = number(after)?;
        let (content, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        if id == CERTIFICATE {
            return listed(content, blob);
        }
        rest = after;
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number), rest))
}

fn listed(der: &[u8], blob: &[u8]) -> Option<ReportCertificate> {
    let certificate = Certificate::from_der(der).ok()?;
    let certificate = certificate.tbs_certificate();
    let expires = certificate.validity().not_after.to_date_time();
    let usage = certificate.get_extension::<ExtendedKeyUsage>();
    let purposes = usage.ok().flatten().map(|(_, usage)| CertificatePurposes {
        purposes: usage.0.iter().map(ToString::to_string).collect(),
    });
    let mut data = String::with_capacity(blob.len() * 2);
    for byte in blob {
        // Writing to a String cannot fail.
        let _ = write!(data, "{byte:02X}");
    }
    Some(ReportCertificate {
        issued_to: simple_name(certificate.subject()),
        issued_by: simple_name(certificate.issuer()),
        expiration_date: expires.to_string(),
        purposes,
        data,
    })
}

/// What Windows shows of a name: the common name, else the unit, the organization or the address.
fn simple_name(name: &Name) -> String {
    const TYPES: [&str; 4] = ["2.5.4.3", "2.5.4.11", "2.5.4.10", "1.2.840.113549.1.9.1"];
    for wanted in TYPES.map(ObjectIdentifier::new) {
        let Ok(wanted) = wanted else { continue };
        let mut parts = name.iter_rdn().flat_map(RelativeDistinguishedName::iter);
        if let Some(found) = parts.find(|part| part.oid == wanted) {
            return text(&found.value);
        }
    }
    String::new()
}

/// The text of a value: UTF-16 for a `BMPString`, else UTF-8.
fn text(value: &Any) -> String {
    if value.tag() == Tag::BmpString {
        let units = value.value().chunks_exact(2);
        let units = units.filter_map(|unit| Some(u16::from_be_bytes(unit.try_into().ok()?)));
        return String::from_utf16_lossy(&units.collect::<Vec<_>>());
    }
    String::from_utf8_lossy(value.value()).into_owned()
}
