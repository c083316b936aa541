//! Public key policies in registry.pol.

use gpo_core::{RegistryEntry, RegistryPol, RegistryValue};

use super::certificate::certificate;
use super::registry::{AUTO_ENROLLMENT, below};
use crate::settings::{
    CertificateStores, EfsSettings, PresentNumber, PublicKeySetting, PublicKeySettings,
    ReportCertificate, RootCertificateSettings, TextLines,
};

const KEY: &str = r"Software\Policies\Microsoft\SystemCertificates";

/// Stores that make the extension appear (census: 30 of 30).
const STORES: [&str; 9] = [
    "CA",
    "Root",
    "EFS",
    "Disallowed",
    "Trust",
    "TrustedPeople",
    "TrustedPublisher",
    "ACRS",
    "AuthRoot",
];

/// The settings; none where registry.pol has no store of certificates and nothing about automatic
/// enrollment.
pub(super) fn settings(pol: &RegistryPol) -> Option<PublicKeySettings> {
    let mut any = false;
    let mut flags = None;
    let mut usages = None;
    let mut certificates: Vec<(&str, ReportCertificate)> = Vec::new();
    for entry in &pol.entries {
        any |= below(entry, AUTO_ENROLLMENT).is_some();
        let Some((store, path)) = stored(entry) else {
            continue;
        };
        any = true;
        let name = entry.value_name.to_string_lossy();
        if store == "Root" && path.eq_ignore_ascii_case("ProtectedRoots") {
            if name.eq_ignore_ascii_case("Flags") {
                flags = entry.value.as_dword();
            } else if name.eq_ignore_ascii_case("PeerUsages") {
                usages = entry.value.as_multi_sz();
            }
        }
        let is_certificate = path
            .get(..CERTIFICATES.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(CERTIFICATES));
        if let (true, RegistryValue::Binary(blob)) = (is_certificate, &entry.value)
            && name.eq_ignore_ascii_case("Blob")
        {
            certificates.extend(certificate(blob).map(|found| (store, found)));
        }
    }
    any.then(|| PublicKeySettings {
        settings: in_order(flags, usages, &certificates),
    })
}

const CERTIFICATES: &str = r"Certificates\";

/// The store of an entry, and the key in it.
fn stored(entry: &RegistryEntry) -> Option<(&'static str, &str)> {
    let path = below(entry, KEY)?;
    let (store, rest) = path.split_once('\\').unwrap_or((path, ""));
    let known = STORES.iter().find(|own| own.eq_ignore_ascii_case(store))?;
    Some((known, rest))
}

/// Makes a setting of a certificate.
type Make = fn(ReportCertificate) -> PublicKeySetting;

/// The stores whose certificates are listed, in the order of a report.
const KINDS: [(&str, Make); 5] = [
    ("Root", PublicKeySetting::RootCertificate),
    ("CA", PublicKeySetting::IntermediateCaCertificate),
    (
        "TrustedPublisher",
        PublicKeySetting::TrustedPublisherCertificate,
    ),
    ("Disallowed", PublicKeySetting::UntrustedCertificate),
    ("TrustedPeople", PublicKeySetting::TrustedPeopleCertificate),
];

/// The settings in the order of a report.
fn in_order(
    flags: Option<u32>,
    usages: Option<&[String]>,
    certificates: &[(&str, ReportCertificate)],
) -> Vec<PublicKeySetting> {
    let mut settings = Vec::new();
    if flags.is_some() || usages.is_some() {
        settings.push(PublicKeySetting::CertificateStores(CertificateStores {
            policy_value: PresentNumber {
                present: flags.is_some(),
                value: flags,
            },
            peer_usages: usages.map(|usages| TextLines {
                lines: usages.iter().map(|oid| usage(oid).to_owned()).collect(),
            }),
        }));
    }
    settings.push(PublicKeySetting::Efs(EfsSettings {
        allow_efs: 2,
        options: 0,
        cache_timeout: 0,
        key_length: 0,
    }));
    let agents = certificates.iter().filter(|(store, _)| *store == "EFS");
    settings.extend(agents.map(|(_, agent)| PublicKeySetting::EfsRecoveryAgent(agent.clone())));
    let flag = |bit| flags.unwrap_or_default() & bit != 0;
    settings.push(PublicKeySetting::RootCertificates(
        RootCertificateSettings {
            // The bits of the value are those of wincrypt.h, CERT_PROT_ROOT_….
            allow_new_cas: !flag(0x1),
            trust_third_party_cas: !flag(0x8),
            require_upn_naming_constraints: flag(0x20),
        },
    ));
    for (store, make) in KINDS {
        let own = certificates.iter().filter(|(own, _)| *own == store);
        settings.extend(own.map(|(_, certificate)| {
            make(ReportCertificate {
                purposes: None,
                ..certificate.clone()
            })
        }));
    }
    settings
}

/// What a certificate is for, by its object identifier (census: these three).
fn usage(oid: &str) -> &str {
    match oid {
        "1.3.6.1.5.5.7.3.2" => "Client Authentication",
        "1.3.6.1.5.5.7.3.4" => "Secure Email",
        "1.3.6.1.4.1.311.10.3.4" => "Encrypting File System",
        oid => oid,
    }
}
