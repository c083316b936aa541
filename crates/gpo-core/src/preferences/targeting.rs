//! Item-level targeting: to whom an item applies.

use alloc::string::String;
use alloc::vec::Vec;

use super::flag;
use crate::xml_document::XmlElement;

/// A filter of item-level targeting ([MS-GPPREF] 2.2.1.1.5).
///
/// Filters of an item stand side by side; each is joined to those before it by AND or OR, and may be
/// negated. A collection of filters is one, with a tree of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetingFilter<'a> {
    /// The element, whose attributes say what is looked for.
    pub element: &'a XmlElement,
    /// The filters in a collection.
    pub filters: Vec<TargetingFilter<'a>>,
}

impl<'a> TargetingFilter<'a> {
    /// The filters in an element. Files nest at most 100 elements, so the recursion ends.
    pub(super) fn children(parent: &'a XmlElement) -> Vec<Self> {
        let elements = parent.elements();
        let filters = elements.filter(|element| element.local_name().starts_with(PREFIX));
        let filters = filters.map(|element| Self {
            element,
            filters: Self::children(element),
        });
        filters.collect()
    }

    /// What it looks at.
    pub fn kind(&self) -> TargetingKind {
        let name = self.element.local_name();
        TargetingKind::from_name(name.strip_prefix(PREFIX).unwrap_or(name))
    }

    /// Whether it is joined to those before it by OR; else by AND.
    pub fn is_or(&self) -> bool {
        self.element.attribute("bool").as_deref() == Some("OR")
    }

    /// Whether it holds where its condition does not.
    pub fn is_not(&self) -> bool {
        flag(self.element, "not")
    }

    /// Whether the editor hides it: it added the filter on its own.
    pub fn is_hidden(&self) -> bool {
        flag(self.element, "hidden")
    }
}

const PREFIX: &str = "Filter";

macro_rules! targeting_kinds {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// What a filter looks at.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum TargetingKind {
            $(#[doc = $doc] $variant,)*
            /// A filter that is not known here, by its name behind `Filter`.
            Other(String),
        }

        impl TargetingKind {
            /// The name of the element behind `Filter`.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }

            fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Other(other.into()),
                }
            }
        }
    };
}

targeting_kinds! {
    Battery "Battery" "Whether the computer has a battery.",
    Collection "Collection" "Other filters.",
    Computer "Computer" "The computer's name.",
    Cpu "Cpu" "The speed of the processor.",
    Date "Date" "The date.",
    DialUp "Dun" "A dial-up connection.",
    Disk "Disk" "Free space on a disk.",
    Domain "Domain" "The domain or workgroup.",
    EnvironmentVariable "Variable" "An environment variable.",
    File "File" "Whether a file exists, or its version.",
    Group "Group" "A security group.",
    IpRange "IpRange" "The IP address.",
    Language "Language" "The language.",
    Ldap "Ldap" "An LDAP query.",
    MacRange "MacRange" "The MAC address.",
    Msi "Msi" "An installed product.",
    OrgUnit "OrgUnit" "The organizational unit.",
    Os "Os" "The operating system.",
    Pcmcia "Pcmcia" "Whether a PCMCIA slot is there.",
    Portable "Portable" "Whether the computer is portable, or docked.",
    ProcessingMode "ProcMode" "How Group Policy is processed.",
    Ram "Ram" "The size of the memory.",
    Registry "Registry" "A registry key or value.",
    RunOnce "RunOnce" "Whether the item was applied before.",
    Site "Site" "The Active Directory site.",
    TerminalSession "Terminal" "A terminal session.",
    Time "Time" "The time of day.",
    User "User" "The user.",
    Wmi "Wmi" "A WMI query.",
}
