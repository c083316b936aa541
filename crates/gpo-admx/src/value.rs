//! Values that a template writes into the registry.

use gpo_core::{Error, ErrorKind, Quoted, RegistryValue, Result, XmlElement};

use crate::read::{attribute, missing, number};

/// A value in a template: what a policy or an item of it writes ([ADMX schema] type `Value`).
///
/// [ADMX schema]: https://learn.microsoft.com/previous-versions/windows/desktop/policy/admx-schema
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PolicyValue {
    /// `decimal`: a `REG_DWORD`.
    Decimal(u32),
    /// `longDecimal`: a `REG_QWORD`.
    LongDecimal(u64),
    /// `string`: a `REG_SZ`.
    String(String),
    /// `delete`: the value is deleted, `**del.NAME` in registry.pol.
    Delete,
}

impl PolicyValue {
    /// Whether the data is what this writes. Text is compared without case, and a `REG_EXPAND_SZ`
    /// will do for it, as in GPMC's reports. Data is never [`Delete`](Self::Delete).
    pub fn is(&self, data: &RegistryValue) -> bool {
        match self {
            Self::Decimal(number) => data.as_dword() == Some(*number),
            Self::LongDecimal(number) => data.as_qword() == Some(*number),
            Self::String(text) => data
                .text()
                .is_some_and(|data| data.to_lowercase() == text.to_lowercase()),
            Self::Delete => false,
        }
    }

    /// The value in an element such as `enabledValue`, `trueValue` or `value`.
    pub(crate) fn read(parent: &XmlElement) -> Result<Self> {
        let Some(element) = parent.elements().next() else {
            return Err(missing(parent, "decimal, longDecimal, string or delete"));
        };
        match element.local_name() {
            "decimal" => Ok(Self::Decimal(number(
                element,
                "value",
                attribute(element, "value")?,
            )?)),
            "longDecimal" => Ok(Self::LongDecimal(number(
                element,
                "value",
                attribute(element, "value")?,
            )?)),
            "string" => Ok(Self::String(element.text())),
            "delete" => Ok(Self::Delete),
            other => {
                let message = format!(
                    "{} holds {}, expected decimal, longDecimal, string or delete",
                    parent.local_name(),
                    Quoted::new(other)
                );
                Err(Error::new(ErrorKind::Syntax, message))
            }
        }
    }
}

/// A value with its place in the registry: an item of `enabledList`, `valueList` and so on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListedValue {
    /// The key; none where it is that of the policy.
    pub key: Option<String>,
    /// The name of the value.
    pub name: String,
    /// What is written.
    pub value: PolicyValue,
}

impl ListedValue {
    /// The items of a list; `defaultKey` of the list is the key of those that have none.
    pub(crate) fn read_list(list: &XmlElement) -> Result<Vec<Self>> {
        let default_key = list.attribute("defaultKey");
        let items = list
            .elements()
            .filter(|item| item.local_name() == "item")
            .map(|item| {
                let value = item
                    .element("value")
                    .ok_or_else(|| missing(item, "value"))?;
                let key = item.attribute("key").or_else(|| default_key.clone());
                Ok(Self {
                    key: key.map(Into::into),
                    name: attribute(item, "valueName")?.into_owned(),
                    value: PolicyValue::read(value)?,
                })
            });
        items.collect()
    }
}
