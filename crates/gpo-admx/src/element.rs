//! The elements of a policy: what an administrator fills in.

use gpo_core::{Error, ErrorKind, Quoted, Result, XmlElement};

use crate::read::{attribute, flag, missing, optional, optional_number};
use crate::value::{ListedValue, PolicyValue};

/// An element of a policy: one value, or one list of values, that an administrator fills in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyElement {
    /// The name that a control of the presentation refers to.
    pub id: String,
    /// The key; none where it is that of the policy.
    pub key: Option<String>,
    /// The name of the value; none for a list.
    pub value_name: Option<String>,
    /// Whether the editor asks for a value.
    pub required: bool,
    /// Which kind it is, with what that kind has.
    pub kind: ElementKind,
}

/// The kinds of elements.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ElementKind {
    /// `boolean`: one thing or another.
    Boolean {
        /// What is written for true; a `REG_DWORD` of 1 where the template says nothing.
        true_value: Option<PolicyValue>,
        /// What is written for false; the value is deleted where the template says nothing.
        false_value: Option<PolicyValue>,
        /// What is written besides for true.
        true_list: Vec<ListedValue>,
        /// What is written besides for false.
        false_list: Vec<ListedValue>,
    },
    /// `decimal`: a `REG_DWORD`.
    Decimal {
        /// The smallest and the largest number that the editor takes.
        range: (Option<u64>, Option<u64>),
        /// Whether it is written as text, a `REG_SZ`.
        store_as_text: bool,
    },
    /// `longDecimal`: a `REG_QWORD`.
    LongDecimal {
        /// The smallest and the largest number that the editor takes.
        range: (Option<u64>, Option<u64>),
        /// Whether it is written as text, a `REG_SZ`.
        store_as_text: bool,
    },
    /// `text`: a `REG_SZ`.
    Text {
        /// The most characters that the editor takes.
        max_length: Option<u64>,
        /// Whether it is written as `REG_EXPAND_SZ`.
        expandable: bool,
    },
    /// `multiText`: a `REG_MULTI_SZ`.
    MultiText {
        /// The most characters of a line that the editor takes.
        max_length: Option<u64>,
        /// The most lines that the editor takes.
        max_strings: Option<u64>,
    },
    /// `enum`: one of several items.
    Enum(Vec<EnumItem>),
    /// `list`: any number of values of one key.
    List {
        /// What the names begin with, a number from 1 behind it; none where the name is the data.
        value_prefix: Option<String>,
        /// Whether values that are there stay; else all values of the key are deleted first.
        additive: bool,
        /// Whether the administrator gives names and data.
        explicit_value: bool,
        /// Whether the data is written as `REG_EXPAND_SZ`.
        expandable: bool,
    },
}

/// An item of an `enum`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnumItem {
    /// The name, as it stands in the template: mostly `$(string.ID)`.
    pub display_name: String,
    /// What is written.
    pub value: PolicyValue,
    /// What is written besides.
    pub values: Vec<ListedValue>,
}

impl ElementKind {
    /// The name of the element in ADMX.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Boolean { .. } => "boolean",
            Self::Decimal { .. } => "decimal",
            Self::LongDecimal { .. } => "longDecimal",
            Self::Text { .. } => "text",
            Self::MultiText { .. } => "multiText",
            Self::Enum(_) => "enum",
            Self::List { .. } => "list",
        }
    }

    fn read(element: &XmlElement) -> Result<Self> {
        let range = || -> Result<_> {
            Ok((
                optional_number(element, "minValue")?,
                optional_number(element, "maxValue")?,
            ))
        };
        Ok(match element.local_name() {
            "boolean" => {
                let value = |name| element.element(name).map(PolicyValue::read).transpose();
                let list = |name| {
                    element
                        .element(name)
                        .map_or(Ok(Vec::new()), ListedValue::read_list)
                };
                Self::Boolean {
                    true_value: value("trueValue")?,
                    false_value: value("falseValue")?,
                    true_list: list("trueList")?,
                    false_list: list("falseList")?,
                }
            }
            "decimal" => Self::Decimal {
                range: range()?,
                store_as_text: flag(element, "storeAsText"),
            },
            "longDecimal" => Self::LongDecimal {
                range: range()?,
                store_as_text: flag(element, "storeAsText"),
            },
            "text" => Self::Text {
                max_length: optional_number(element, "maxLength")?,
                expandable: flag(element, "expandable"),
            },
            "multiText" => Self::MultiText {
                max_length: optional_number(element, "maxLength")?,
                max_strings: optional_number(element, "maxStrings")?,
            },
            "enum" => {
                let items = element
                    .elements()
                    .filter(|item| item.local_name() == "item");
                Self::Enum(items.map(EnumItem::read).collect::<Result<_>>()?)
            }
            "list" => Self::List {
                value_prefix: optional(element, "valuePrefix"),
                additive: flag(element, "additive"),
                explicit_value: flag(element, "explicitValue"),
                expandable: flag(element, "expandable"),
            },
            other => {
                let message = format!("{} is no kind of element", Quoted::new(other));
                return Err(Error::new(ErrorKind::Syntax, message));
            }
        })
    }
}

impl EnumItem {
    fn read(item: &XmlElement) -> Result<Self> {
        let value = item
            .element("value")
            .ok_or_else(|| missing(item, "value"))?;
        Ok(Self {
            display_name: attribute(item, "displayName")?.into_owned(),
            value: PolicyValue::read(value)?,
            values: item
                .element("valueList")
                .map_or(Ok(Vec::new()), ListedValue::read_list)?,
        })
    }
}

impl PolicyElement {
    pub(crate) fn read(element: &XmlElement) -> Result<Self> {
        let kind = ElementKind::read(element)?;
        let value_name = match kind {
            ElementKind::List { .. } => None,
            _ => Some(attribute(element, "valueName")?.into_owned()),
        };
        Ok(Self {
            id: attribute(element, "id")?.into_owned(),
            key: optional(element, "key"),
            value_name,
            required: flag(element, "required"),
            kind,
        })
    }
}
