//! The settings of an extension.

use crate::element::ReportElement;
use crate::record::{Fields, Misfit};

mod auditing;
mod folder_redirection;
mod object_security;
mod public_key;
mod registry;
mod scripts;
mod security;
mod software_installation;
mod windows_firewall;

pub use auditing::{AuditSetting, AuditSettings, GlobalSacl};
pub use folder_redirection::{FolderRedirectionSettings, RedirectedFolder, RedirectionLocation};
pub use object_security::{
    AuditType, ObjectAccess, ObjectAuditing, ObjectPermissions, ObjectSecurity,
    ObjectTrusteeAuditing, ObjectTrusteePermissions,
};
pub(crate) use object_security::{read_typed, write_typed};
pub use public_key::{
    AutoEnrollmentOptions, AutoEnrollmentSettings, CertificatePurposes, CertificateStores,
    EfsSettings, PresentNumber, PublicKeySetting, PublicKeySettings, ReportCertificate,
    RootCertificateSettings,
};
pub use registry::{
    CheckBox, DropDownItem, DropDownList, EditText, ExtraRegistryData, ExtraRegistrySetting,
    ExtraRegistryValue, ListBox, ListBoxElement, ListBoxValue, MultiText, Numeric, Policy,
    PolicyControl, PolicyState, PolicyText, RegistrySettings, TextLines,
};
pub use scripts::{ReportScript, ReportScriptEvent, ScriptRunOrder, ScriptsSettings};
pub use security::{
    AccountSetting, AccountSettingKind, AccountValue, AuditCategory, DisplayField, DisplayFields,
    EventLogSetting, PropagationMode, RestrictedGroup, SecuredPath, SecurityOption,
    SecurityOptionDisplay, SecurityOptionDisplayValue, SecurityOptionValue, SecuritySettings,
    SettingLines, StartupMode, SystemService, UserRightsAssignment,
};
pub use software_installation::{
    DeploymentType, MsiApplication, PackageUpgrades, SoftwareInstallationSettings,
};
pub use windows_firewall::{FirewallProperties, FirewallRule, WindowsFirewallSettings};

/// Declares [`Settings`]: the namespace's last part and the name of the type in `xsi:type`, the name
/// for people, and the type here.
macro_rules! settings {
    ($(
        $(#[$attribute:meta])*
        $namespace:literal $type_name:literal $name:literal $variant:ident($type:ty),
    )*) => {
        /// The settings of an extension.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(untagged))]
        #[non_exhaustive]
        pub enum Settings {
            $($(#[$attribute])* $variant($type),)*
            /// Those of any other extension, preferences for one, and those that have a form not
            /// known here.
            Elements(Vec<ReportElement>),
        }

        impl Settings {
            /// Takes the elements of an extension as what its type says; elements that are not
            /// exactly that stay elements.
            pub(crate) fn of_elements(
                namespace: &str,
                type_name: &str,
                elements: Vec<ReportElement>,
            ) -> Self {
                let settings = match (namespace, type_name) {
                    $(($namespace, $type_name) => {
                        read(&elements, <$type>::read_fields).map(Self::$variant)
                    })*
                    _ => None,
                };
                match settings {
                    Some(settings) if settings.to_elements() == elements => settings,
                    _ => Self::Elements(elements),
                }
            }

            /// The elements of the extension.
            pub fn to_elements(&self) -> Vec<ReportElement> {
                match self {
                    $(Self::$variant(settings) => settings.write_fields(),)*
                    Self::Elements(elements) => elements.clone(),
                }
            }

            /// Namespace, type and name of the extension whose settings these are; none for
            /// [`Elements`](Self::Elements), which any extension can have.
            pub(crate) const fn extension(&self) -> Option<[&'static str; 3]> {
                match self {
                    $(Self::$variant(_) => Some([$namespace, $type_name, $name]),)*
                    Self::Elements(_) => None,
                }
            }
        }
    };
}

settings! {
    /// Administrative templates.
    "Registry" "RegistrySettings" "Registry" Registry(RegistrySettings),
    /// Security settings.
    "Security" "SecuritySettings" "Security" Security(SecuritySettings),
    /// Advanced audit policy.
    "Auditing" "AuditSettings" "Advanced Audit Configuration" Auditing(AuditSettings),
    /// Scripts.
    "Scripts" "Scripts" "Scripts" Scripts(ScriptsSettings),
    /// Folder redirection.
    "FolderRedirection" "FolderRedirectionSettings" "Folder Redirection"
        FolderRedirection(FolderRedirectionSettings),
    /// Software installation.
    "SoftwareInstallation" "SoftwareInstallationSettings" "Software Installation"
        SoftwareInstallation(SoftwareInstallationSettings),
    /// Public key policies.
    "PublicKey" "PublicKeySettings" "Public Key" PublicKey(PublicKeySettings),
    /// The firewall.
    "WindowsFirewall" "WindowsFirewallSettings" "Windows Firewall"
        WindowsFirewall(WindowsFirewallSettings),
}

fn read<T>(
    elements: &[ReportElement],
    read_fields: impl FnOnce(&mut Fields<'_>) -> Result<T, Misfit>,
) -> Option<T> {
    let mut fields = Fields::new("Extension", elements);
    let settings = read_fields(&mut fields).ok()?;
    fields.finish().ok()?;
    Some(settings)
}
