//! Packages of software installation.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use bitflags::bitflags;

use crate::directory_object::{DirectoryObject, DirectoryObjectKind, number};
use crate::error::Quoted;
use crate::guid::Guid;
use crate::msi_file_list::MsiFile;

mod settings;

pub use settings::{SoftwarePackageSettings, class_store};

/// A package of software installation: a `packageRegistration` object below
/// `CN=Packages,CN=Class Store` of a half ([MS-GPSI] 2.2.2).
///
/// The accessors read the attributes that Backup.xml holds of it; one that is not set, or not of its
/// syntax, is none.
///
/// ```
/// use gpo_core::{DirectoryAttribute, DirectoryObject, PackageFlags, SoftwarePackage};
///
/// let attribute = |name: &str, value: &str| DirectoryAttribute {
///     name: name.into(),
///     values: vec![value.into()],
/// };
/// let object = DirectoryObject {
///     rdn: "CN=6d9b3bb0-2a1f-4c6e-9d6c-6a1f8b1c0a77".into(),
///     class: "packageRegistration".into(),
///     attributes: vec![
///         attribute("packageFlags", "-1610462096"),
///         attribute("msiFileList", r"0:\\srv\apps\tool.msi"),
///     ],
///     ..DirectoryObject::default()
/// };
/// let package = SoftwarePackage::new(&object).ok_or("no package")?;
/// assert!(package.flags().unwrap().contains(PackageFlags::ASSIGNED));
/// assert_eq!(package.files().next().unwrap().path, r"\\srv\apps\tool.msi");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SoftwarePackage<'a> {
    /// The object.
    pub object: &'a DirectoryObject,
}

bitflags! {
    /// `packageFlags` of a package ([MS-GPSI] 2.2.2.4.3; `PILOT`, `HAS_UPGRADES`,
    /// `FULL_INSTALL_UI` and `PRESERVE_CLASSES` are from the schema of the directory). Bits without a
    /// name are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct PackageFlags: u32 {
        /// Copies that Group Policy did not install are removed first.
        const UNINSTALL_UNMANAGED = 0x4;
        /// The user may install it.
        const PUBLISHED = 0x8;
        /// Set in every package; one without it is ignored.
        const VALID = 0x10;
        /// It is shown in the control panel.
        const USER_INSTALL = 0x20;
        /// It is installed when a document or class asks for it.
        const ON_DEMAND_INSTALL = 0x40;
        /// It was withdrawn, and copies stay.
        const ORPHAN = 0x80;
        /// It was withdrawn, and copies are removed.
        const UNINSTALL = 0x100;
        /// Only for a trial.
        const PILOT = 0x200;
        /// It is installed or advertised for everybody.
        const ASSIGNED = 0x400;
        /// Where the GPO no longer applies, copies stay.
        const ORPHAN_ON_POLICY_REMOVAL = 0x800;
        /// Where the GPO no longer applies, copies are removed.
        const UNINSTALL_ON_POLICY_REMOVAL = 0x1000;
        /// It is installed in full at logon.
        const INSTALL_USER_ASSIGN = 0x2000;
        /// Packages that it upgrades are upgraded whether users want it or not.
        const FORCE_UPGRADE = 0x4000;
        /// The installation shows little.
        const MINIMAL_INSTALL_UI = 0x8000;
        /// Not for 64-bit Windows.
        const EXCLUDE_X86_ON_WIN64 = 0x1_0000;
        /// For every language of Windows.
        const IGNORE_LANGUAGE = 0x2_0000;
        /// Other packages upgrade it.
        const HAS_UPGRADES = 0x4_0000;
        /// The installation shows everything.
        const FULL_INSTALL_UI = 0x8_0000;
        /// Its classes are kept in the directory.
        const PRESERVE_CLASSES = 0x10_0000;
        const _ = !0;
    }
}

impl fmt::Display for PackageFlags {
    /// The names, and the rest in hexadecimal, with ` | ` between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bitflags::parser::to_writer(self, f)
    }
}

impl<'a> SoftwarePackage<'a> {
    /// The object as a package, if it is one.
    pub fn new(object: &'a DirectoryObject) -> Option<Self> {
        (object.kind() == DirectoryObjectKind::SoftwarePackage).then_some(Self { object })
    }

    /// `objectGUID`: the ID of the deployment, which a package that is made again does not keep.
    pub fn id(self) -> Option<Guid> {
        self.guid("objectGUID")
    }

    /// `packageName`, else `displayName`: what the editor shows.
    pub fn name(self) -> Option<&'a str> {
        self.text("packageName")
            .or_else(|| self.text("displayName"))
    }

    /// `Vendor`.
    pub fn vendor(self) -> Option<&'a str> {
        self.text("Vendor")
    }

    /// `versionNumberHi` and `versionNumberLo` of the product.
    pub fn version(self) -> Option<(u32, u32)> {
        Some((
            self.number("versionNumberHi")?,
            self.number("versionNumberLo")?,
        ))
    }

    /// `revision`: how often it was deployed again.
    pub fn revision(self) -> Option<u32> {
        self.number("revision")
    }

    /// `packageType`: 5 for Windows Installer.
    pub fn package_type(self) -> Option<u32> {
        self.number("packageType")
    }

    /// `packageFlags`.
    pub fn flags(self) -> Option<PackageFlags> {
        self.number("packageFlags")
            .map(PackageFlags::from_bits_retain)
    }

    /// `installUiLevel`: how much the installation shows, as `INSTALLUILEVEL` of Windows Installer.
    pub fn ui_level(self) -> Option<u32> {
        self.number("installUiLevel")
    }

    /// `machineArchitecture`: for each architecture a number whose highest byte is the one of
    /// `SYSTEM_INFO`, 0 for x86 and 9 for x64.
    pub fn architectures(self) -> impl Iterator<Item = u32> + use<'a> {
        self.numbers("machineArchitecture")
    }

    /// `localeID`: its languages.
    pub fn locales(self) -> impl Iterator<Item = u32> + use<'a> {
        self.numbers("localeID")
    }

    /// `msiFileList`: the package and its transforms. Values of another form are left out.
    pub fn files(self) -> impl Iterator<Item = MsiFile<'a>> + use<'a> {
        let values = self.texts("msiFileList");
        values.filter_map(|value| MsiFile::parse(value).ok())
    }

    /// `msiScriptName`: letters for how it was deployed, `A` assigned, `P` published, `R` removed.
    pub fn script_name(self) -> Option<&'a str> {
        self.text("msiScriptName")
    }

    /// `msiScriptPath`: its advertise script in SYSVOL.
    pub fn script_path(self) -> Option<&'a str> {
        self.text("msiScriptPath")
    }

    /// `msiScriptSize`: the bytes of that script.
    pub fn script_size(self) -> Option<u32> {
        self.number("msiScriptSize")
    }

    /// `msiScript`: the script itself, where it lies in the directory.
    pub fn script(self) -> Option<&'a [u8]> {
        self.object.values("msiScript").first().map(Vec::as_slice)
    }

    /// `setupCommand`: how a package that is not of Windows Installer is installed.
    pub fn setup_command(self) -> Option<&'a str> {
        self.text("setupCommand")
    }

    /// `lastUpdateSequence`: when it was last changed, `yyyyMMddHHmmss`.
    pub fn last_update(self) -> Option<&'a str> {
        self.text("lastUpdateSequence")
    }

    /// `productCode` of Windows Installer.
    pub fn product_code(self) -> Option<Guid> {
        self.guid("productCode")
    }

    /// `upgradeProductCode`: the products that it upgrades.
    pub fn upgrade_product_codes(self) -> impl Iterator<Item = Guid> + use<'a> {
        let values = self.object.values("upgradeProductCode");
        values
            .iter()
            .filter_map(|value| Some(Guid::from_bytes(value.as_slice().try_into().ok()?)))
    }

    /// `canUpgradeScript`: the packages that it upgrades, as text.
    pub fn upgrades(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.texts("canUpgradeScript")
    }

    /// `categories` of the control panel.
    pub fn categories(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.texts("categories")
    }

    /// `url`: where to get help.
    pub fn urls(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.texts("url")
    }

    /// `cOMClassID`: the classes that it provides.
    pub fn classes(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.texts("cOMClassID")
    }

    /// `cOMProgID`: their names.
    pub fn class_names(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.texts("cOMProgID")
    }

    /// `fileExtPriority`: the extensions of file names that it opens.
    pub fn file_extensions(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.texts("fileExtPriority")
    }

    /// What is wrong with single attributes: values that are not of their syntax, which the accessors
    /// leave out.
    ///
    /// ```
    /// use gpo_core::{DirectoryAttribute, DirectoryObject, SoftwarePackage};
    ///
    /// let object = DirectoryObject {
    ///     rdn: "CN=tool".into(),
    ///     class: "packageRegistration".into(),
    ///     attributes: vec![DirectoryAttribute {
    ///         name: "packageFlags".into(),
    ///         values: vec!["many".into()],
    ///     }],
    ///     ..DirectoryObject::default()
    /// };
    /// let package = SoftwarePackage::new(&object).ok_or("no package")?;
    /// assert_eq!(package.problems(), ["packageFlags: \"many\" is no number of 32 bits"]);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn problems(self) -> Vec<String> {
        let mut found = Vec::new();
        for attribute in &self.object.attributes {
            let name = attribute.name.as_str();
            let is_one_of =
                |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            for value in &attribute.values {
                let text = str::from_utf8(value).ok();
                let wrong = if is_one_of(&NUMBERS) {
                    let is_right = text.and_then(number).is_some();
                    (!is_right).then_some("is no number of 32 bits")
                } else if is_one_of(&GUIDS) {
                    (value.len() != 16).then_some("is no GUID of 16 bytes")
                } else if is_one_of(&["msiFileList"]) {
                    let is_right = text.is_some_and(|text| MsiFile::parse(text).is_ok());
                    (!is_right).then_some("is no number, colon and path")
                } else {
                    None
                };
                let shown = || match text {
                    Some(text) => Quoted::new(text).to_string(),
                    None => format!("a value of {} bytes", value.len()),
                };
                found.extend(wrong.map(|wrong| format!("{name}: {} {wrong}", shown())));
            }
        }
        found
    }

    fn texts(self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let values = self.object.values(name);
        values.iter().filter_map(|value| str::from_utf8(value).ok())
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.texts(name).next()
    }

    fn numbers(self, name: &str) -> impl Iterator<Item = u32> + use<'a> {
        self.texts(name).filter_map(number)
    }

    fn number(self, name: &str) -> Option<u32> {
        self.numbers(name).next()
    }

    fn guid(self, name: &str) -> Option<Guid> {
        let value = self.object.values(name).first()?;
        Some(Guid::from_bytes(value.as_slice().try_into().ok()?))
    }
}

/// The attributes whose values are numbers of 32 bits.
const NUMBERS: [&str; 9] = [
    "installUiLevel",
    "localeID",
    "machineArchitecture",
    "msiScriptSize",
    "packageFlags",
    "packageType",
    "revision",
    "versionNumberHi",
    "versionNumberLo",
];

/// The attributes whose values are GUIDs.
const GUIDS: [&str; 3] = ["objectGUID", "productCode", "upgradeProductCode"];

impl DirectoryObject {
    /// The packages among this object and those below it, in the order of the source.
    pub fn software_packages(&self) -> Vec<SoftwarePackage<'_>> {
        let mut open = Vec::from([self]);
        let mut packages = Vec::new();
        while let Some(object) = open.pop() {
            packages.extend(SoftwarePackage::new(object));
            open.extend(object.children.iter().rev());
        }
        packages
    }
}
