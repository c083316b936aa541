//! Software installation.

use super::object_security::ObjectSecurity;
use crate::record::{record, texts};

record! {
    /// The packages that a half of a GPO installs.
    #[derive(Default)]
    pub struct SoftwareInstallationSettings in Extension {
        /// The packages.
        "MsiApplication" applications: Vec<MsiApplication>,
    }
}

record! {
    /// A package of the Windows Installer.
    #[allow(clippy::struct_excessive_bools)] // The elements of the file.
    pub struct MsiApplication in Extension {
        /// The GUID of the deployment.
        "Identifier" identifier: String,
        /// Its name.
        "Name" name: String,
        /// The path of the package.
        "Path" path: String,
        /// The version of the product, before the point.
        "MajorVersion" major_version: u32,
        /// The version of the product, behind it.
        "MinorVersion" minor_version: u32,
        /// The language.
        "LanguageId" language_id: u32,
        /// The kind of processor.
        "Architecture" architecture: u32,
        /// Whether it is installed on Windows of another language.
        "IgnoreLanguage" ignore_language: bool,
        /// Whether a 32-bit package is installed on 64-bit Windows.
        "Allowx86Onia64" allow_x86_on_ia64: bool,
        /// The address of its support.
        "SupportURL" support_url: String,
        /// Whether it is installed when a file of its kind is opened.
        "AutoInstall" auto_install: bool,
        /// Whether it can be seen among the programs of the control panel.
        "DisplayInARP" display_in_arp: bool,
        /// Whether its COM classes are advertised.
        "IncludeCOM" include_com: bool,
        /// Who may do what with it.
        "SecurityDescriptor" security_descriptor: Option<ObjectSecurity>,
        /// Whether it is assigned or published.
        "DeploymentType" deployment_type: DeploymentType,
        /// The GUID of the product.
        "ProductId" product_id: String,
        /// The path of the advertise script.
        "ScriptPath" script_path: String,
        /// How often it was deployed again.
        "DeploymentCount" deployment_count: u32,
        /// How much the user sees: `Maximum`, `Basic`.
        "InstallationUILevel" installation_ui_level: String,
        /// What becomes of older versions.
        "Upgrades" upgrades: Option<PackageUpgrades>,
        /// Whether an installation of another origin is removed.
        "UninstallUnmanaged" uninstall_unmanaged: bool,
        /// What becomes of it without the policy: `Unmanage`, `Uninstall`.
        "LossOfScopeAction" loss_of_scope_action: String,
    }
}

texts! {
    /// How a package gets to its users.
    pub enum DeploymentType {
        /// It is installed.
        Assign = "Assign",
        /// It is offered.
        Publish = "Publish",
    }
}

record! {
    /// What becomes of older versions.
    pub struct PackageUpgrades in Extension {
        /// Whether they are replaced without a choice.
        "Mandatory" mandatory: bool,
    }
}
