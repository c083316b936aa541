//! Public key policies: certificates, autoenrollment, the encrypting file system.

use super::registry::TextLines;
use crate::record::{choice, record};

record! {
    /// The public key policies of registry.pol.
    #[derive(Default)]
    pub struct PublicKeySettings in Extension {
        /// The settings, in the order of the file.
        "a setting" settings: Vec<PublicKeySetting>,
    }
}

choice! {
    /// A setting of public key policies.
    pub enum PublicKeySetting in Extension {
        /// Which certificates users may trust.
        "certSettingsStores" CertificateStores(CertificateStores),
        /// The encrypting file system.
        "EFSSettings" Efs(EfsSettings),
        /// Who can read files of others that are encrypted.
        "EFSRecoveryAgent" EfsRecoveryAgent(ReportCertificate),
        /// What root certificates are trusted.
        "RootCertificateSettings" RootCertificates(RootCertificateSettings),
        /// Automatic enrollment.
        "AutoEnrollmentSettings" AutoEnrollment(AutoEnrollmentSettings),
        /// A trusted root.
        "RootCertificate" RootCertificate(ReportCertificate),
        /// An authority below a root.
        "IntermediateCACertificate" IntermediateCaCertificate(ReportCertificate),
        /// A publisher of programs that is trusted.
        "TrustedPublisherCertificate" TrustedPublisherCertificate(ReportCertificate),
        /// A certificate that is not trusted.
        "UntrustedCertificate" UntrustedCertificate(ReportCertificate),
        /// A person whose certificate is trusted.
        "TrustedPeopleCertificate" TrustedPeopleCertificate(ReportCertificate),
    }
}

record! {
    /// The encrypting file system.
    pub struct EfsSettings in Extension {
        /// 0 for off, 1 for on, 2 for not set.
        "AllowEFS" allow_efs: u32,
        /// Bits of options.
        "Options" options: u32,
        /// How long keys are kept, in minutes.
        "CacheTimeout" cache_timeout: u32,
        /// The length of self-signed keys, in bits.
        "KeyLen" key_length: u32,
    }
}

record! {
    /// What root certificates are trusted.
    pub struct RootCertificateSettings in Extension {
        /// Whether users may add their own.
        "AllowNewCAs" allow_new_cas: bool,
        /// Whether those of third parties are trusted for logon.
        "TrustThirdPartyCAs" trust_third_party_cas: bool,
        /// Whether a certificate must be allowed to name its user.
        "RequireUPNNamingConstraints" require_upn_naming_constraints: bool,
    }
}

record! {
    /// A certificate, as it is listed.
    pub struct ReportCertificate in Extension {
        /// Whom it is for.
        "IssuedTo" issued_to: String,
        /// Who issued it.
        "IssuedBy" issued_by: String,
        /// When it expires: `2021-09-22T13:37:50Z`.
        "ExpirationDate" expiration_date: String,
        /// What it is for, where that is limited.
        "CertificatePurpose" purposes: Option<CertificatePurposes>,
        /// The value of the certificate store in hexadecimal digits: properties and certificate.
        "Data" data: String,
    }
}

record! {
    /// What a certificate is for.
    pub struct CertificatePurposes in Extension {
        /// Object identifiers, `1.3.6.1.4.1.311.10.3.4.1`.
        "Purpose" purposes: Vec<String>,
    }
}

record! {
    /// Which certificates users may trust.
    pub struct CertificateStores in Extension {
        /// Flags.
        "PolicyValue" policy_value: PresentNumber,
        /// What certificates of peers may be used for.
        "PeerUsages" peer_usages: Option<TextLines>,
    }
}

record! {
    /// A number that may be missing.
    pub struct PresentNumber in Extension {
        /// Whether it is there.
        "Present" present: bool,
        /// The number.
        "Value" value: Option<u32>,
    }
}

record! {
    /// Automatic enrollment.
    pub struct AutoEnrollmentSettings in Extension {
        /// Whether certificates are enrolled without being asked for.
        "EnrollCertificatesAutomatically" enroll_automatically: bool,
        /// What else is done.
        "Options" options: Option<AutoEnrollmentOptions>,
        /// Whether the user is told that a certificate expires.
        "ExpiryNotification" expiry_notification: Option<bool>,
        /// How much of its time is left then, in percent.
        "NotifyPercent" notify_percent: Option<PresentNumber>,
        /// The stores that are looked at.
        "NotifyStoreNames" notify_store_names: Option<String>,
    }
}

record! {
    /// What automatic enrollment does.
    pub struct AutoEnrollmentOptions in Extension {
        /// Whether certificates are renewed and removed.
        "RenewUpdateRevoke" renew_update_revoke: bool,
        /// Whether certificates are replaced when their template is.
        "UpdateTemplates" update_templates: bool,
    }
}
