//! What a registry.pol says about a policy.
//!
//! Windows keeps no record of what an administrator chose, only of what that writes. So the state of
//! a policy is found by comparing what is written with what each state would write. The rules are
//! those of GPMC's reports, proved on 1,174 of them.

use std::collections::HashSet;

use gpo_core::{RegistryEntry, RegistryValue, fold_name};

use crate::element::{ElementKind, EnumItem, PolicyElement};
use crate::policy::Policy;
use crate::policy_ref::PolicyRef;
use crate::registry_index::{Decision, RegistryIndex};
use crate::value::{ListedValue, PolicyValue};

/// A policy that a registry.pol enables or disables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySetting<'a> {
    /// The policy.
    pub policy: PolicyRef<'a>,
    /// Whether it is enabled or disabled.
    pub state: PolicyState,
    /// What is written for each of its elements, in the order of the template; none at all where
    /// it is disabled.
    pub elements: Vec<ElementSetting<'a>>,
    /// The numbers of the entries that it accounts for, in order.
    pub entries: Vec<usize>,
}

/// The state of a policy that is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyState {
    /// Enabled.
    Enabled,
    /// Disabled.
    Disabled,
}

impl PolicyState {
    /// What Windows calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
        }
    }
}

/// What a registry.pol says about an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementSetting<'a> {
    /// The element.
    pub element: &'a PolicyElement,
    /// Its value; none where there is none that the element can have.
    pub value: Option<ElementValue<'a>>,
}

impl ElementSetting<'_> {
    /// Whether the value is text that [is a password](RegistryValue::is_secret), judged by its name.
    /// The items of a list have names of their own.
    pub fn is_secret(&self) -> bool {
        let name = self.element.value_name.as_deref().unwrap_or_default();
        let value = match &self.value {
            Some(ElementValue::Text(text)) => RegistryValue::Sz(text.clone()),
            Some(ElementValue::Lines(lines)) => RegistryValue::MultiSz(lines.clone()),
            _ => return false,
        };
        value.is_secret(name)
    }
}

/// The value of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElementValue<'a> {
    /// Of a `boolean`.
    Boolean(bool),
    /// Of a `decimal` or `longDecimal`.
    Number(u64),
    /// Of a `text`.
    Text(String),
    /// Of a `multiText`.
    Lines(Vec<String>),
    /// Of an `enum`.
    Item(&'a EnumItem),
    /// Of a `list`: names and data, in the order of the file.
    List(Vec<(String, RegistryValue)>),
}

/// The name of a value and its data, in a list.
fn list_item(entry: &RegistryEntry) -> (String, RegistryValue) {
    let name = entry.value_name.to_string_lossy().into_owned();
    (name, entry.value.clone())
}

/// What an element was found to be.
struct Found<'a> {
    value: Option<ElementValue<'a>>,
    /// Whether the entries say that it has none.
    deleted: bool,
    entries: Vec<usize>,
}

impl Found<'_> {
    const NOTHING: Self = Self {
        value: None,
        deleted: false,
        entries: Vec::new(),
    };
}

/// Finds what the entries say about a policy; none where they neither enable nor disable it.
/// Entries that are `taken` belong to other policies: no list takes them, too.
pub(crate) fn find_setting<'a>(
    policy: PolicyRef<'a>,
    entries: &RegistryIndex<'_>,
    taken: &[bool],
) -> Option<PolicySetting<'a>> {
    Comparison {
        policy: policy.definition(),
        entries,
        taken,
    }
    .setting(policy)
}

struct Comparison<'a, 'e> {
    policy: &'a Policy,
    entries: &'e RegistryIndex<'e>,
    taken: &'e [bool],
}

impl<'a> Comparison<'a, '_> {
    fn setting(&self, policy: PolicyRef<'a>) -> Option<PolicySetting<'a>> {
        let setting = |state, elements, entries| PolicySetting {
            policy,
            state,
            elements,
            entries,
        };
        if let Some(switched) = self.enabled() {
            let (elements, mut entries) = self.elements(switched.own);
            entries.extend(switched.entries);
            return Some(setting(PolicyState::Enabled, elements, entries));
        }
        if let Some(entries) = self.disabled() {
            return Some(setting(PolicyState::Disabled, Vec::new(), entries));
        }
        if self.has_switch() {
            return None;
        }
        let (found, entries): (Vec<_>, Vec<_>) = self
            .policy
            .elements
            .iter()
            .map(|element| {
                let mut found = self.element(element, None);
                let entries = std::mem::take(&mut found.entries);
                ((element, found), entries)
            })
            .unzip();
        let entries = entries.concat();
        let state = state_of_elements(found.iter().map(|(_, found)| found))?;
        let elements = match state {
            PolicyState::Enabled => found
                .into_iter()
                .map(|(element, found)| ElementSetting {
                    element,
                    value: found.value,
                })
                .collect(),
            PolicyState::Disabled => Vec::new(),
        };
        Some(setting(state, elements, entries))
    }

    /// Whether a value or list of its own says that the policy is enabled.
    fn has_switch(&self) -> bool {
        self.policy.value_name.is_some() || !self.policy.enabled_list.is_empty()
    }

    fn enabled(&self) -> Option<Switched> {
        if !self.has_switch() {
            return None;
        }
        let mut entries = self.listed(&self.policy.enabled_list)?;
        let mut own = None;
        if let Some(name) = &self.policy.value_name {
            let decision = self.value(&self.policy.key, name)?;
            match &self.policy.enabled_value {
                Some(value) => decision.is(value).then_some(())?,
                None if decision.is(&PolicyValue::Decimal(1)) => own = Some(decision.entry),
                // The element that has the same value switches the policy on.
                None => (decision.data.is_some() && self.policy.switching_element().is_some())
                    .then_some(())?,
            }
            entries.push(decision.entry);
        }
        Some(Switched { own, entries })
    }

    fn disabled(&self) -> Option<Vec<usize>> {
        if self.policy.value_name.is_none() && self.policy.disabled_list.is_empty() {
            return None;
        }
        let mut entries = self.listed(&self.policy.disabled_list)?;
        if let Some(name) = &self.policy.value_name {
            let decision = self.value(&self.policy.key, name)?;
            let value = self.policy.disabled_value.as_ref();
            decision
                .is(value.unwrap_or(&PolicyValue::Delete))
                .then_some(())?;
            entries.push(decision.entry);
        }
        // A disabled policy deletes the values of its elements, or writes what means no.
        for element in &self.policy.elements {
            let found = self.element(element, None);
            if found.deleted || found.value == Some(ElementValue::Boolean(false)) {
                entries.extend(found.entries);
            }
        }
        Some(entries)
    }

    /// The elements of an enabled policy. The entry `own` is the policy's and no element's.
    fn elements(&self, own: Option<usize>) -> (Vec<ElementSetting<'a>>, Vec<usize>) {
        let mut entries = Vec::new();
        let elements = self.policy.elements.iter().map(|element| {
            let found = self.element(element, own);
            entries.extend(found.entries);
            ElementSetting {
                element,
                value: found.value,
            }
        });
        (elements.collect(), entries)
    }

    fn value(&self, key: &str, name: &str) -> Option<Decision<'_>> {
        self.entries.value(key, name)
    }

    /// The entries that are as the list says, if all are.
    fn listed(&self, list: &[ListedValue]) -> Option<Vec<usize>> {
        let entries = list.iter().map(|item| {
            let decision = self.value(self.policy.key_or(item.key.as_ref()), &item.name)?;
            decision.is(&item.value).then_some(decision.entry)
        });
        entries.collect()
    }

    fn element(&self, element: &'a PolicyElement, own: Option<usize>) -> Found<'a> {
        let key = self.policy.key_or(element.key.as_ref());
        if let ElementKind::List {
            value_prefix,
            explicit_value,
            ..
        } = &element.kind
        {
            return self.list(key, value_prefix.as_deref(), *explicit_value);
        }
        let name = element.value_name.as_deref().unwrap_or_default();
        let Some(decision) = self.value(key, name) else {
            return Found::NOTHING;
        };
        if own == Some(decision.entry) {
            return Found::NOTHING;
        }
        let mut entries = vec![decision.entry];
        let value = match &element.kind {
            ElementKind::Enum(items) => items.iter().find_map(|item| {
                decision.is(&item.value).then_some(())?;
                entries.extend(self.listed(&item.values)?);
                Some(ElementValue::Item(item))
            }),
            ElementKind::Boolean {
                true_value,
                false_value,
                true_list,
                false_list,
            } => self.boolean(
                decision,
                (true_value.as_ref(), true_list),
                (false_value.as_ref(), false_list),
                &mut entries,
            ),
            kind => decision.data.and_then(|data| plain_value(kind, data)),
        };
        Found {
            value,
            deleted: decision.data.is_none(),
            entries,
        }
    }

    fn boolean(
        &self,
        decision: Decision<'_>,
        (true_value, true_list): (Option<&PolicyValue>, &[ListedValue]),
        (false_value, false_list): (Option<&PolicyValue>, &[ListedValue]),
        entries: &mut Vec<usize>,
    ) -> Option<ElementValue<'a>> {
        if decision.is(true_value.unwrap_or(&PolicyValue::Decimal(1)))
            && let Some(more) = self.listed(true_list)
        {
            entries.extend(more);
            return Some(ElementValue::Boolean(true));
        }
        let is_false =
            decision.data.is_none() || decision.is(false_value.unwrap_or(&PolicyValue::Decimal(0)));
        if is_false {
            entries.extend(self.listed(false_list)?);
            return Some(ElementValue::Boolean(false));
        }
        None
    }

    fn list(&self, key: &str, prefix: Option<&str>, explicit: bool) -> Found<'a> {
        let prefix = prefix.filter(|_| !explicit).unwrap_or_default();
        // Values with a meaning of their own in the policy are not in its list.
        let own_names: HashSet<_> = self.policy.names_in(key).map(fold_name).collect();
        let belongs = |entry: &RegistryEntry| {
            let name = entry.value_name.to_string_lossy();
            let start = name.get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
                && !own_names.contains(&fold_name(&name))
        };
        let values = self.entries.values_of(key);
        let values = values
            .filter(|(number, entry)| self.taken.get(*number) != Some(&true) && belongs(entry));
        let (mut entries, items): (Vec<_>, Vec<_>) = values
            .map(|(number, entry)| (number, list_item(entry)))
            .unzip();
        let cleared = self
            .entries
            .cleared(key)
            .filter(|entry| self.taken.get(*entry) != Some(&true));
        entries.extend(cleared);
        Found {
            deleted: items.is_empty() && cleared.is_some(),
            value: (!items.is_empty()).then_some(ElementValue::List(items)),
            entries,
        }
    }
}

/// What switches a policy on.
struct Switched {
    /// The entry that is the policy's own although an element has the same value.
    own: Option<usize>,
    entries: Vec<usize>,
}

/// The value of an element that takes what an administrator types.
fn plain_value<'a>(kind: &ElementKind, data: &RegistryValue) -> Option<ElementValue<'a>> {
    match kind {
        ElementKind::Decimal { store_as_text, .. }
        | ElementKind::LongDecimal { store_as_text, .. } => {
            let number = if *store_as_text {
                data.text()?.trim().parse().ok()?
            } else {
                let wide = data.as_dword().map(u64::from);
                wide.or_else(|| data.as_qword())?
            };
            Some(ElementValue::Number(number))
        }
        ElementKind::Text { .. } => Some(ElementValue::Text(data.text()?.into_owned())),
        // The first empty line ends the list.
        ElementKind::MultiText { .. } => {
            let lines = data
                .as_multi_sz()?
                .iter()
                .take_while(|line| !line.is_empty());
            Some(ElementValue::Lines(lines.cloned().collect()))
        }
        ElementKind::Boolean { .. } | ElementKind::Enum(_) | ElementKind::List { .. } => None,
    }
}

/// The state of a policy that has only elements. It is enabled when one has a value, unless all are
/// booleans, of which one must be true; disabled when the entries take all values away.
fn state_of_elements<'a, 'f>(
    found: impl Iterator<Item = &'f Found<'a>> + Clone,
) -> Option<PolicyState>
where
    'a: 'f,
{
    let (mut any, mut all_deleted, mut all_false) = (false, true, true);
    let mut seen = false;
    for found in found {
        seen = true;
        let is_false = matches!(found.value, Some(ElementValue::Boolean(false)));
        any |= found.value.is_some() && !is_false;
        all_deleted &= found.deleted;
        all_false &= is_false;
    }
    if any {
        Some(PolicyState::Enabled)
    } else if seen && (all_deleted || all_false) {
        Some(PolicyState::Disabled)
    } else {
        None
    }
}
