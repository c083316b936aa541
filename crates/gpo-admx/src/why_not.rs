//! Why an entry of a registry.pol belongs to no policy.

use std::collections::BTreeMap;

use gpo_core::{Half, RegistryAction, RegistryEntry, fold_name, same_name};

use crate::admx_set::AdmxSet;
use crate::element::PolicyElement;
use crate::policy_ref::PolicyRef;
use crate::policy_setting::PolicyState;
use crate::registry_index::RegistryIndex;
use crate::value::PolicyValue;

/// Why an entry of a registry.pol belongs to no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot<'a> {
    /// No template writes to its key.
    UnknownKey,
    /// Templates write to its key, but no value of this name: these they know.
    UnknownValue(Vec<&'a str>),
    /// It is about the key as a whole, and no template has a list there.
    WholeKey,
    /// These policies write the value, but in the other half.
    OtherHalf(Vec<PolicyRef<'a>>),
    /// These policies write the value, but with what else is there they are neither enabled nor
    /// disabled.
    NoState(Vec<NoState<'a>>),
}

/// A policy that entries neither enable nor disable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoState<'a> {
    /// The policy.
    pub policy: PolicyRef<'a>,
    /// What is missing in each state that has values of its own.
    pub missing: Vec<(PolicyState, Vec<NeededValue<'a>>)>,
    /// The element that has the value, if one has. Where its policy is not switched on by other
    /// values, the data is none that the element can have.
    pub element: Option<&'a PolicyElement>,
}

/// A value that has to be there for a policy to be in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeededValue<'a> {
    /// The key.
    pub key: &'a str,
    /// The name of the value.
    pub name: &'a str,
    /// The data.
    pub value: &'a PolicyValue,
}

impl AdmxSet {
    /// The policies that write to a value, of either half; to anything in the key where no name is
    /// given. A list in the key may write any value of it.
    pub fn policies_writing(&self, key: &str, name: Option<&str>) -> Vec<PolicyRef<'_>> {
        let at_key = self.policies_at(&fold_name(key));
        let writes = |policy: &PolicyRef<'_>| {
            let mut places = policy.policy.places();
            places.any(|(own_key, own)| {
                same_name(own_key, key)
                    && match (name, own) {
                        (Some(name), Some(own)) => same_name(name, own),
                        (None, _) | (_, None) => true,
                    }
            })
        };
        at_key.filter(writes).collect()
    }

    /// The names of the values of a key that templates know, sorted.
    pub fn value_names(&self, key: &str) -> Vec<&str> {
        let policies = self.policies_at(&fold_name(key));
        let names = policies.flat_map(|policy| policy.policy.names_in(key));
        let names: BTreeMap<_, _> = names.map(|name| (fold_name(name), name)).collect();
        names.into_values().collect()
    }

    /// Why an entry of a half's registry.pol belongs to no policy; for one that
    /// [`find`](Self::find) left in the rest. `None` where there is no entry of this number.
    pub fn why_not(
        &self,
        half: Half,
        entries: &[RegistryEntry],
        number: usize,
    ) -> Option<WhyNot<'_>> {
        let entry = entries.get(number)?;
        let key = entry.key.to_string_lossy();
        if self.policies_at(&fold_name(&key)).next().is_none() {
            return Some(WhyNot::UnknownKey);
        }
        let name = match entry.action() {
            RegistryAction::SetValue => entry.value_name.to_string_lossy().into_owned(),
            RegistryAction::SetIfAbsent(name) | RegistryAction::DeleteValue(name) => {
                name.to_string_lossy().into_owned()
            }
            _ => return Some(WhyNot::WholeKey),
        };
        let (own, other): (Vec<_>, Vec<_>) = self
            .policies_writing(&key, Some(&name))
            .into_iter()
            .partition(|policy| policy.is_for(half));
        Some(match (own.is_empty(), other.is_empty()) {
            (true, true) => WhyNot::UnknownValue(self.value_names(&key)),
            (true, false) => WhyNot::OtherHalf(other),
            (false, _) => {
                let index = RegistryIndex::new(entries);
                let no_state = |policy| NoState::of(policy, &index, &key, &name);
                WhyNot::NoState(own.into_iter().map(no_state).collect())
            }
        })
    }
}

impl<'a> NoState<'a> {
    fn of(policy: PolicyRef<'a>, index: &RegistryIndex<'_>, key: &str, name: &str) -> Self {
        let definition = policy.policy;
        let states = [PolicyState::Enabled, PolicyState::Disabled].into_iter();
        let missing = states.filter_map(|state| {
            let needed = definition.needed(state);
            let missing = |needed: &NeededValue<'_>| {
                !index
                    .value(needed.key, needed.name)
                    .is_some_and(|decision| decision.is(needed.value))
            };
            let missing: Vec<_> = needed.into_iter().filter(missing).collect();
            (!missing.is_empty()).then_some((state, missing))
        });
        let mut elements = definition.elements.iter();
        Self {
            policy,
            missing: missing.collect(),
            element: elements.find(|element| {
                let own = element.value_name.as_deref();
                own.is_none_or(|own| same_name(own, name))
                    && same_name(definition.key_or(element.key.as_ref()), key)
            }),
        }
    }
}
