//! The policies in a registry.pol.

use gpo_core::{Half, RegistryEntry};

use crate::admx_set::AdmxSet;
use crate::policy_setting::{PolicySetting, find_setting};
use crate::registry_index::RegistryIndex;

/// What the templates make of the entries of a registry.pol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPolicies<'a> {
    /// The policies that are enabled or disabled, in the order of the set.
    pub settings: Vec<PolicySetting<'a>>,
    /// The numbers of the entries that belong to no policy, in order, without those that a later
    /// one for the same value overrides.
    pub rest: Vec<usize>,
}

impl AdmxSet {
    /// Finds the policies that the entries of one half's registry.pol enable or disable.
    ///
    /// Of policies that write the same values only the first is found; policies that share some of
    /// their values are all found.
    pub fn find(&self, half: Half, entries: &[RegistryEntry]) -> FoundPolicies<'_> {
        let index = RegistryIndex::new(entries);
        let candidates = index.keys().flat_map(|key| self.policies_at(key));
        let mut candidates: Vec<_> = candidates.filter(|policy| policy.is_for(half)).collect();
        // A list takes any value of its key, so the policies that name their values go first.
        candidates.sort_by_key(|policy| (policy.definition().has_list(), policy.number));
        candidates.dedup();
        let mut taken = vec![false; entries.len()];
        for entry in index.overridden() {
            if let Some(taken) = taken.get_mut(*entry) {
                *taken = true;
            }
        }
        let mut settings = Vec::new();
        for policy in candidates {
            let Some(mut setting) = find_setting(policy, &index, &taken) else {
                continue;
            };
            setting.entries.sort_unstable();
            setting.entries.dedup();
            let mut is_new = false;
            for entry in &setting.entries {
                if let Some(taken) = taken.get_mut(*entry) {
                    is_new |= !*taken;
                    *taken = true;
                }
            }
            if is_new {
                settings.push(setting);
            }
        }
        settings.sort_by_key(|setting| setting.policy.number);
        let rest = taken.iter().enumerate().filter(|(_, taken)| !**taken);
        FoundPolicies {
            settings,
            rest: rest.map(|(number, _)| number).collect(),
        }
    }
}
