//! Policies.

use gpo_core::{Error, ErrorKind, Half, Quoted, Result, XmlElement, same_name};

use crate::element::{ElementKind, PolicyElement};
use crate::policy_setting::PolicyState;
use crate::read::{attribute, optional};
use crate::value::{ListedValue, PolicyValue};
use crate::why_not::NeededValue;

/// A policy as its template defines it. Texts are as they stand there, mostly `$(string.ID)`; a
/// [`PolicyRef`](crate::PolicyRef) has them in a language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// The name, by which comments refer to it.
    pub name: String,
    /// The half of a GPO that it is for.
    pub class: PolicyClass,
    /// What editors call it.
    pub display_name: String,
    /// What it does.
    pub explain_text: Option<String>,
    /// The controls of its elements, `$(presentation.ID)`.
    pub presentation: Option<String>,
    /// The key below `HKEY_LOCAL_MACHINE` or `HKEY_CURRENT_USER` where it writes.
    pub key: String,
    /// The value that says whether it is enabled.
    pub value_name: Option<String>,
    /// The category it is in, with the prefix of a namespace unless that is its own.
    pub parent_category: Option<String>,
    /// The systems that obey it, likewise.
    pub supported_on: Option<String>,
    /// What the value is when it is enabled; a `REG_DWORD` of 1 where the template says nothing.
    pub enabled_value: Option<PolicyValue>,
    /// What the value is when it is disabled; it is deleted where the template says nothing.
    pub disabled_value: Option<PolicyValue>,
    /// What is written besides when it is enabled.
    pub enabled_list: Vec<ListedValue>,
    /// What is written besides when it is disabled.
    pub disabled_list: Vec<ListedValue>,
    /// What an administrator fills in.
    pub elements: Vec<PolicyElement>,
}

/// The half of a GPO that a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyClass {
    /// The computer half.
    Machine,
    /// The user half.
    User,
    /// Either half.
    Both,
}

impl PolicyClass {
    /// Whether a policy of this class can be in this half.
    pub const fn is_for(self, half: Half) -> bool {
        matches!(
            (self, half),
            (Self::Both, _) | (Self::Machine, Half::Machine) | (Self::User, Half::User)
        )
    }

    /// The name in ADMX.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "Machine",
            Self::User => "User",
            Self::Both => "Both",
        }
    }

    fn read(text: &str) -> Result<Self> {
        [Self::Machine, Self::User, Self::Both]
            .into_iter()
            .find(|class| class.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| {
                let message = format!(
                    "the class {} is not Machine, User or Both",
                    Quoted::new(text)
                );
                Error::new(ErrorKind::Value, message)
            })
    }
}

impl Policy {
    pub(crate) fn read(policy: &XmlElement) -> Result<Self> {
        let value = |name| policy.element(name).map(PolicyValue::read).transpose();
        let list = |name| {
            policy
                .element(name)
                .map_or(Ok(Vec::new()), ListedValue::read_list)
        };
        let reference = |name| policy.element(name).and_then(|e| optional(e, "ref"));
        let elements = policy.element("elements").into_iter();
        Ok(Self {
            name: attribute(policy, "name")?.into_owned(),
            class: PolicyClass::read(&attribute(policy, "class")?)?,
            display_name: attribute(policy, "displayName")?.into_owned(),
            explain_text: optional(policy, "explainText"),
            presentation: optional(policy, "presentation"),
            key: attribute(policy, "key")?.into_owned(),
            value_name: optional(policy, "valueName"),
            parent_category: reference("parentCategory"),
            supported_on: reference("supportedOn"),
            enabled_value: value("enabledValue")?,
            disabled_value: value("disabledValue")?,
            enabled_list: list("enabledList")?,
            disabled_list: list("disabledList")?,
            elements: elements
                .flat_map(XmlElement::elements)
                .map(PolicyElement::read)
                .collect::<Result<_>>()?,
        })
    }

    /// The places in the registry where it writes: keys, and names of values; no name for a list,
    /// which has the whole key.
    pub fn places(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let own = self
            .value_name
            .iter()
            .map(|name| (self.key.as_str(), Some(name.as_str())));
        let listed = self.enabled_list.iter().chain(&self.disabled_list);
        let listed = listed.chain(self.elements.iter().flat_map(PolicyElement::listed_values));
        let listed = listed.map(|item| (self.key_or(item.key.as_ref()), Some(item.name.as_str())));
        let elements = self.elements.iter().map(|element| {
            (
                self.key_or(element.key.as_ref()),
                element.value_name.as_deref(),
            )
        });
        own.chain(listed).chain(elements)
    }

    /// The element, no list, that has the value which says whether the policy is enabled. Where
    /// there is one and no [`enabled_value`](Self::enabled_value), any data enables the policy.
    pub fn switching_element(&self) -> Option<&PolicyElement> {
        let name = self.value_name.as_deref()?;
        let mut elements = self.elements.iter();
        elements.find(|element| {
            let own = element.value_name.as_deref();
            own.is_some_and(|own| same_name(own, name))
                && same_name(self.key_or(element.key.as_ref()), &self.key)
        })
    }

    /// The values that put it in a state, its elements aside.
    pub(crate) fn needed(&self, state: PolicyState) -> Vec<NeededValue<'_>> {
        let (value, default, list) = match state {
            PolicyState::Enabled => (
                &self.enabled_value,
                &PolicyValue::Decimal(1),
                &self.enabled_list,
            ),
            PolicyState::Disabled => (
                &self.disabled_value,
                &PolicyValue::Delete,
                &self.disabled_list,
            ),
        };
        let own = self.value_name.as_deref().map(|name| NeededValue {
            key: &self.key,
            name,
            value: value.as_ref().unwrap_or(default),
        });
        let listed = list.iter().map(|item| NeededValue {
            key: self.key_or(item.key.as_ref()),
            name: &item.name,
            value: &item.value,
        });
        own.into_iter().chain(listed).collect()
    }

    /// Whether one of its elements is a list.
    pub(crate) fn has_list(&self) -> bool {
        let mut elements = self.elements.iter();
        elements.any(|element| matches!(element.kind, ElementKind::List { .. }))
    }

    /// The names of the values that it writes in a key, lists aside.
    pub(crate) fn names_in<'a, 'k>(
        &'a self,
        key: &'k str,
    ) -> impl Iterator<Item = &'a str> + use<'a, 'k> {
        let places = self.places().filter(move |(own, _)| same_name(own, key));
        places.filter_map(|(_, name)| name)
    }

    /// A key of a part of the policy: its own, or that of the policy.
    pub fn key_or<'a>(&'a self, key: Option<&'a String>) -> &'a str {
        key.unwrap_or(&self.key)
    }
}

impl PolicyElement {
    /// What is written besides the value of the element.
    fn listed_values(&self) -> impl Iterator<Item = &ListedValue> {
        let (items, first, second): (&[_], &[_], &[_]) = match &self.kind {
            ElementKind::Enum(items) => (items, &[], &[]),
            ElementKind::Boolean {
                true_list,
                false_list,
                ..
            } => (&[], true_list, false_list),
            _ => (&[], &[], &[]),
        };
        let items = items.iter().flat_map(|item| &item.values);
        items.chain(first).chain(second)
    }
}
