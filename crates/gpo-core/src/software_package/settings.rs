//! What a package is made of.

use alloc::string::ToString;
use alloc::vec::Vec;
use alloc::{format, vec};

use super::{PackageFlags, SoftwarePackage};
use crate::directory_object::{DirectoryAttribute, DirectoryObject};
use crate::dn::Dn;
use crate::guid::Guid;
use crate::msi_file_list::MsiFile;

/// The settings of a package of software installation, and the object that is made of them.
///
/// The default is what Windows writes for every package of Windows Installer (census: 3 of 3).
///
/// ```
/// use gpo_core::{Dn, MsiFile, PackageFlags, SoftwarePackage, SoftwarePackageSettings, class_store};
///
/// let mut settings = SoftwarePackageSettings {
///     script_name: Some("A"),
///     files: vec![MsiFile { number: 0, path: r"\\srv\apps\tool.msi" }],
///     architectures: vec![0x0900_0102],
///     locales: vec![1033],
///     ..SoftwarePackageSettings::named("Tool 3.1")
/// };
/// settings.flags |= PackageFlags::ASSIGNED | PackageFlags::USER_INSTALL;
/// let package = settings.to_object("{5C9A0001-1D2E-4F55-8A5B-000000000001}".parse()?);
/// assert_eq!(package.rdn, "CN=5c9a0001-1d2e-4f55-8a5b-000000000001");
/// assert_eq!(SoftwarePackage::new(&package).unwrap().settings(), settings);
///
/// let gpo = Dn::new("CN={6AC1786C-016F-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=example,DC=test");
/// let store = class_store(gpo, "Tools", vec![package.clone()]);
/// assert_eq!(store.software_packages().len(), 1);
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftwarePackageSettings<'a> {
    /// `objectGUID`, which the directory gives: not for a package that is yet to be made there.
    pub id: Option<Guid>,
    /// `cOMClassID`: the classes that it provides.
    pub classes: Vec<&'a str>,
    /// `cOMProgID`: their names.
    pub class_names: Vec<&'a str>,
    /// `fileExtPriority`: the extensions of file names that it opens.
    pub file_extensions: Vec<&'a str>,
    /// `localeID`: its languages.
    pub locales: Vec<u32>,
    /// `machineArchitecture`: see [`SoftwarePackage::architectures`].
    pub architectures: Vec<u32>,
    /// `versionNumberHi` and `versionNumberLo` of the product.
    pub version: Option<(u32, u32)>,
    /// `revision`: how often it was deployed again.
    pub revision: Option<u32>,
    /// `packageType`: 5 for Windows Installer.
    pub package_type: Option<u32>,
    /// `packageFlags`.
    pub flags: PackageFlags,
    /// `packageName`.
    pub package_name: Option<&'a str>,
    /// `msiScriptPath`: its advertise script in SYSVOL.
    pub script_path: Option<&'a str>,
    /// `msiScriptName`: `A` assigned, `P` published, `R` removed.
    pub script_name: Option<&'a str>,
    /// `msiScriptSize`: the bytes of the script.
    pub script_size: Option<u32>,
    /// `url`: where to get help.
    pub urls: Vec<&'a str>,
    /// `setupCommand`: how a package that is not of Windows Installer is installed.
    pub setup_command: Option<&'a str>,
    /// `lastUpdateSequence`, `yyyyMMddHHmmss`.
    pub last_update: Option<&'a str>,
    /// `msiFileList`: the package and its transforms.
    pub files: Vec<MsiFile<'a>>,
    /// `categories` of the control panel.
    pub categories: Vec<&'a str>,
    /// `canUpgradeScript`: the packages that it upgrades.
    pub upgrades: Vec<&'a str>,
    /// `installUiLevel`.
    pub ui_level: Option<u32>,
    /// `msiScript`: the script, where it lies in the directory.
    pub script: Option<&'a [u8]>,
    /// `displayName`.
    pub display_name: Option<&'a str>,
    /// `productCode` of Windows Installer.
    pub product_code: Option<Guid>,
    /// `upgradeProductCode`: the products that it upgrades.
    pub upgrade_product_codes: Vec<Guid>,
    /// `Vendor`.
    pub vendor: Option<&'a str>,
}

impl Default for SoftwarePackageSettings<'_> {
    fn default() -> Self {
        Self {
            id: None,
            classes: vec!["00000000-0000-0000-0000-000000000000:0"],
            class_names: Vec::new(),
            file_extensions: Vec::new(),
            locales: Vec::new(),
            architectures: Vec::new(),
            version: None,
            revision: Some(0),
            package_type: Some(5),
            // The two bits without a name are in all packages.
            flags: PackageFlags::VALID | PackageFlags::from_bits_retain(0xa000_0000),
            package_name: None,
            script_path: None,
            script_name: None,
            script_size: None,
            urls: Vec::new(),
            setup_command: None,
            last_update: None,
            files: Vec::new(),
            categories: Vec::new(),
            upgrades: Vec::new(),
            ui_level: Some(5),
            script: None,
            display_name: None,
            product_code: None,
            upgrade_product_codes: Vec::new(),
            vendor: None,
        }
    }
}

impl<'a> SoftwarePackageSettings<'a> {
    /// The default with a name, which the directory holds twice.
    pub fn named(name: &'a str) -> Self {
        Self {
            package_name: Some(name),
            display_name: Some(name),
            ..Self::default()
        }
    }

    /// The object below `CN=Packages,CN=Class Store`, named by a GUID as Windows names it. What is
    /// none or empty has no attribute.
    pub fn to_object(&self, name: Guid) -> DirectoryObject {
        let guid = |guid: Guid| guid.to_bytes().to_vec();
        let pair = |part: fn((u32, u32)) -> u32| numbers(self.version.map(part).as_slice());
        let files: Vec<_> = self.files.iter().map(ToString::to_string).collect();
        let codes = self.upgrade_product_codes.iter().copied();
        let all = [
            ("objectGUID", self.id.map(guid).into_iter().collect()),
            ("cOMClassID", texts(&self.classes)),
            ("cOMProgID", texts(&self.class_names)),
            ("fileExtPriority", texts(&self.file_extensions)),
            ("localeID", numbers(&self.locales)),
            ("machineArchitecture", numbers(&self.architectures)),
            ("versionNumberHi", pair(|(high, _)| high)),
            ("versionNumberLo", pair(|(_, low)| low)),
            ("revision", numbers(self.revision.as_slice())),
            ("packageType", numbers(self.package_type.as_slice())),
            ("packageFlags", numbers(&[self.flags.bits()])),
            ("packageName", texts(self.package_name.as_slice())),
            ("msiScriptPath", texts(self.script_path.as_slice())),
            ("msiScriptName", texts(self.script_name.as_slice())),
            ("msiScriptSize", numbers(self.script_size.as_slice())),
            ("url", texts(&self.urls)),
            ("setupCommand", texts(self.setup_command.as_slice())),
            ("lastUpdateSequence", texts(self.last_update.as_slice())),
            ("msiFileList", texts(&files)),
            ("categories", texts(&self.categories)),
            ("canUpgradeScript", texts(&self.upgrades)),
            ("installUiLevel", numbers(self.ui_level.as_slice())),
            (
                "msiScript",
                self.script.map(<[u8]>::to_vec).into_iter().collect(),
            ),
            ("displayName", texts(self.display_name.as_slice())),
            (
                "productCode",
                self.product_code.map(guid).into_iter().collect(),
            ),
            ("upgradeProductCode", codes.map(guid).collect()),
            ("Vendor", texts(self.vendor.as_slice())),
        ];
        let name = name.to_lower().to_string();
        DirectoryObject {
            rdn: format!("CN={}", name.trim_matches(['{', '}'])),
            class: "packageRegistration".into(),
            attributes: attributes(all),
            ..DirectoryObject::default()
        }
    }
}

impl<'a> SoftwarePackage<'a> {
    /// All that the accessors read.
    pub fn settings(self) -> SoftwarePackageSettings<'a> {
        SoftwarePackageSettings {
            id: self.id(),
            classes: self.classes().collect(),
            class_names: self.class_names().collect(),
            file_extensions: self.file_extensions().collect(),
            locales: self.locales().collect(),
            architectures: self.architectures().collect(),
            version: self.version(),
            revision: self.revision(),
            package_type: self.package_type(),
            flags: self.flags().unwrap_or(PackageFlags::empty()),
            package_name: self.text("packageName"),
            script_path: self.script_path(),
            script_name: self.script_name(),
            script_size: self.script_size(),
            urls: self.urls().collect(),
            setup_command: self.setup_command(),
            last_update: self.last_update(),
            files: self.files().collect(),
            categories: self.categories().collect(),
            upgrades: self.upgrades().collect(),
            ui_level: self.ui_level(),
            script: self.script(),
            display_name: self.text("displayName"),
            product_code: self.product_code(),
            upgrade_product_codes: self.upgrade_product_codes().collect(),
            vendor: self.vendor(),
        }
    }
}

/// The object `CN=Class Store` of a half, with packages in it, of the GPO with this container and
/// this name.
///
/// Needs the objects of packages that [`SoftwarePackageSettings::to_object`] makes; the example is
/// there.
pub fn class_store(gpo: Dn<'_>, name: &str, packages: Vec<DirectoryObject>) -> DirectoryObject {
    let store = |rdn: &str, children| DirectoryObject {
        rdn: rdn.into(),
        class: "classStore".into(),
        children,
        ..DirectoryObject::default()
    };
    let display_name = format!("LDAP://{}", gpo.as_str());
    DirectoryObject {
        attributes: attributes([
            // Of the version of the layout (census: 5 of 5).
            ("appSchemaVersion", numbers(&[1740])),
            ("extensionName", texts(&[name])),
            ("description", texts(&["Application Store"])),
            ("displayName", texts(&[display_name])),
        ]),
        ..store("CN=Class Store", vec![store("CN=Packages", packages)])
    }
}

/// The attributes that have values.
fn attributes<const N: usize>(all: [(&str, Vec<Vec<u8>>); N]) -> Vec<DirectoryAttribute> {
    let set = all.into_iter().filter(|(_, values)| !values.is_empty());
    set.map(|(name, values)| DirectoryAttribute {
        name: name.into(),
        values,
    })
    .collect()
}

fn texts(values: &[impl AsRef<str>]) -> Vec<Vec<u8>> {
    let values = values.iter();
    values
        .map(|text| text.as_ref().as_bytes().to_vec())
        .collect()
}

/// As LDAP gives them: with a sign.
fn numbers(values: &[u32]) -> Vec<Vec<u8>> {
    let values = values.iter().map(|number| number.cast_signed());
    values
        .map(|number: i32| number.to_string().into_bytes())
        .collect()
}
