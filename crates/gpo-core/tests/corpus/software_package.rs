//! Packages of software installation.

use std::fs;

use gpo_core::{
    BackupXml, DirectoryObject, Dn, Half, Inventory, PackageFlags, SoftwarePackage, class_store,
};

use crate::shared::{files_below, shared};

/// The backups of the corpus hold three packages; every attribute of them is read.
#[test]
fn software_packages() {
    let Some(shared) = shared() else { return };
    let mut files = Vec::new();
    files_below(&shared.join("corpus/backups"), &mut files);
    files.retain(|file| file.file_name().is_some_and(|name| name == "Backup.xml"));
    files.sort();
    let mut seen = Vec::new();
    let mut rebuilt = 0;
    for file in files {
        let Ok(xml) = BackupXml::parse(&fs::read(&file).unwrap()) else {
            continue;
        };
        let Ok(gpo) = xml.to_gpo(Inventory::default()) else {
            continue;
        };
        let objects = Half::BOTH.into_iter().flat_map(|half| gpo.objects(half));
        for store in objects.filter(|object| object.class == "classStore") {
            let id = gpo.id;
            let domain = gpo.domain.replace('.', ",DC=");
            let dn = format!("CN={id},CN=Policies,CN=System,DC={domain}");
            check_rebuilt(store, &dn);
            rebuilt += 1;
        }
        let objects = Half::BOTH.into_iter().flat_map(|half| gpo.objects(half));
        for package in objects.flat_map(DirectoryObject::software_packages) {
            check(package);
            // Two bits above the last one with a name are always set.
            let flags = package.flags().unwrap().bits();
            let (named, others) = (flags & 0x1f_ffff, flags & !0x1f_ffff);
            assert_eq!(others, 0xa000_0000);
            let flags = PackageFlags::from_bits_retain(named);
            seen.push((package.script_name().unwrap().to_owned(), flags.to_string()));
        }
    }
    // The reports of these say the same: "AutoInstall", "Unmanage" where the policy is lost, …
    let assigned = "VALID | USER_INSTALL | ON_DEMAND_INSTALL | ASSIGNED | ORPHAN_ON_POLICY_REMOVAL | \
                    FORCE_UPGRADE | IGNORE_LANGUAGE";
    let expected = [("A", assigned), ("A", assigned), ("R", "VALID | UNINSTALL")];
    seen.sort();
    let expected = expected.map(|(name, flags)| (name.to_owned(), flags.to_owned()));
    assert_eq!(seen, expected);
    assert_eq!(rebuilt, 5);
}

/// A class store and its packages made anew of what the accessors say.
fn check_rebuilt(store: &DirectoryObject, gpo: &str) {
    let packages = store.software_packages().into_iter().map(|package| {
        let name = package.object.rdn.trim_start_matches("CN=");
        let object = package
            .settings()
            .to_object(format!("{{{name}}}").parse().unwrap());
        DirectoryObject {
            security_descriptor: package.object.security_descriptor.clone(),
            ..object
        }
    });
    let name = store.values("extensionName").first().unwrap();
    let name = str::from_utf8(name).unwrap();
    let mut fresh = class_store(Dn::new(gpo), name, packages.collect());
    // GPMC's template spells them so.
    fresh.rdn = "cn=Class Store".into();
    fresh.children.first_mut().unwrap().rdn = "cn=Packages".into();
    assert_eq!(&fresh, store);
}

fn check(package: SoftwarePackage<'_>) {
    let numbers = [
        package.revision(),
        package.package_type(),
        package.ui_level(),
        package.version().map(|(high, _)| high),
        package.locales().next(),
        package.architectures().next(),
    ];
    assert!(numbers.iter().all(Option::is_some), "{numbers:?}");
    assert!(package.id().is_some() && package.product_code().is_some());
    assert_eq!(package.files().next().unwrap().number, 0);
    let name = package.name().unwrap();
    assert!(name.contains("Password Solution"), "{name}");
    assert!(package.script_path().unwrap().starts_with(r"\\"));
    assert_eq!(package.last_update().unwrap().len(), 14);
    // Each attribute has an accessor: those that the packages have without values, too.
    let known = [
        "objectGUID",
        "cOMClassID",
        "cOMProgID",
        "fileExtPriority",
        "localeID",
        "machineArchitecture",
        "versionNumberHi",
        "versionNumberLo",
        "revision",
        "packageType",
        "packageFlags",
        "packageName",
        "msiScriptPath",
        "msiScriptName",
        "msiScriptSize",
        "url",
        "setupCommand",
        "lastUpdateSequence",
        "msiFileList",
        "categories",
        "canUpgradeScript",
        "installUiLevel",
        "msiScript",
        "displayName",
        "productCode",
        "upgradeProductCode",
        "Vendor",
    ];
    for attribute in &package.object.attributes {
        assert!(
            known.contains(&attribute.name.as_str()),
            "{}",
            attribute.name
        );
    }
}
