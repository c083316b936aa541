//! Software installation from the class store.

use gpo_core::{DirectoryObject, PackageFlags, SoftwarePackage};

use crate::settings::{
    DeploymentType, MsiApplication, PackageUpgrades, SoftwareInstallationSettings,
};

/// The packages of a half that are assigned or published. A backup has no descriptors of packages, so
/// none is shown.
pub(super) fn settings(objects: &[DirectoryObject]) -> SoftwareInstallationSettings {
    let mut applications = Vec::new();
    for object in objects {
        applications.extend(
            object
                .software_packages()
                .into_iter()
                .filter_map(application),
        );
    }
    SoftwareInstallationSettings { applications }
}

fn application(package: SoftwarePackage<'_>) -> Option<MsiApplication> {
    let flags = package.flags()?;
    let deployment_type = if flags.contains(PackageFlags::ASSIGNED) {
        DeploymentType::Assign
    } else if flags.contains(PackageFlags::PUBLISHED) {
        DeploymentType::Publish
    } else {
        return None;
    };
    let (major_version, minor_version) = package.version().unwrap_or_default();
    let guid = |guid: Option<gpo_core::Guid>| {
        guid.map_or_else(String::new, |guid| guid.to_string().to_ascii_lowercase())
    };
    let file = package.files().next();
    Some(MsiApplication {
        identifier: guid(package.id()),
        name: package.name().unwrap_or_default().to_owned(),
        path: file.map_or_else(String::new, |file| file.path.to_owned()),
        major_version,
        minor_version,
        language_id: package.locales().next().unwrap_or_default(),
        architecture: package.architectures().next().unwrap_or_default() >> 24,
        ignore_language: flags.contains(PackageFlags::IGNORE_LANGUAGE),
        allow_x86_on_ia64: !flags.contains(PackageFlags::EXCLUDE_X86_ON_WIN64),
        support_url: package.urls().next().unwrap_or_default().to_owned(),
        auto_install: flags.contains(PackageFlags::ON_DEMAND_INSTALL),
        display_in_arp: flags.contains(PackageFlags::USER_INSTALL),
        include_com: !flags.contains(PackageFlags::PRESERVE_CLASSES),
        security_descriptor: None,
        deployment_type,
        product_id: guid(package.product_code()),
        script_path: package.script_path().unwrap_or_default().to_owned(),
        deployment_count: package.revision().unwrap_or_default(),
        installation_ui_level: match package.ui_level() {
            Some(3) => "Basic",
            _ => "Maximum",
        }
        .to_owned(),
        upgrades: Some(PackageUpgrades {
            mandatory: flags.contains(PackageFlags::FORCE_UPGRADE),
        }),
        uninstall_unmanaged: flags.contains(PackageFlags::UNINSTALL_UNMANAGED),
        loss_of_scope_action: if flags.contains(PackageFlags::UNINSTALL_ON_POLICY_REMOVAL) {
            "Uninstall"
        } else {
            "Unmanage"
        }
        .to_owned(),
    })
}
