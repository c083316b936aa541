//! The templates of Windows: each policy is found again from what an editor writes for it.

use gpo_admx::{
    AdmxSet, ElementKind, ElementValue, Policy, PolicyElement, PolicyState, PolicyValue,
};
use gpo_core::{GpoPath, Half, RegistryEntry, RegistryValue};
use gpo_local::FolderContents;

use crate::common::shared;

pub(crate) fn windows() -> Option<AdmxSet> {
    let folder = FolderContents::open(shared("admx")?).unwrap();
    Some(AdmxSet::load(&folder, &GpoPath::root(), "en-US").unwrap())
}

#[test]
fn all_are_read() {
    let Some(set) = windows() else { return };
    assert_eq!((set.len(), set.policies().count()), (200, 3160));
    let warnings: Vec<_> = set.warnings().iter().map(ToString::to_string).collect();
    // One of Microsoft's slips, which every central store has.
    let slip = "Thumbnails.admx: the supportedOn definition \"products:MicrosoftWindowsVista_SP1\" is not there";
    assert_eq!(warnings, [slip]);
    for policy in set.policies() {
        assert!(!policy.display_name().contains("$("), "{policy:?}");
        assert!(!policy.categories().is_empty(), "{policy:?}");
    }
}

/// Writes what an editor writes.
#[derive(Default)]
struct Editor {
    entries: Vec<RegistryEntry>,
}

impl Editor {
    fn write(&mut self, key: &str, name: &str, value: &PolicyValue) {
        let set = |value| RegistryEntry::set(key, name, value).unwrap();
        self.entries.push(match value {
            PolicyValue::Decimal(number) => set(RegistryValue::Dword(*number)),
            PolicyValue::LongDecimal(number) => set(RegistryValue::Qword(*number)),
            PolicyValue::String(text) => set(RegistryValue::Sz(text.clone())),
            PolicyValue::Delete => RegistryEntry::delete(key, name).unwrap(),
        });
    }

    fn set_state(&mut self, policy: &Policy, state: PolicyState) {
        let (value, default, list) = match state {
            PolicyState::Enabled => (
                &policy.enabled_value,
                PolicyValue::Decimal(1),
                &policy.enabled_list,
            ),
            PolicyState::Disabled => (
                &policy.disabled_value,
                PolicyValue::Delete,
                &policy.disabled_list,
            ),
        };
        if let Some(name) = &policy.value_name {
            self.write(&policy.key, name, value.as_ref().unwrap_or(&default));
        }
        for item in list {
            self.write(policy.key_or(item.key.as_ref()), &item.name, &item.value);
        }
    }

    /// Gives an element a value, which is returned.
    fn fill<'a>(
        &mut self,
        policy: &'a Policy,
        element: &'a PolicyElement,
    ) -> Option<ElementValue<'a>> {
        let key = policy.key_or(element.key.as_ref());
        let name = element.value_name.as_deref().unwrap_or("1");
        let mut set = |value| {
            let entry = RegistryEntry::set(key, name, value);
            self.entries.push(entry.unwrap());
        };
        Some(match &element.kind {
            ElementKind::Boolean { true_value, .. } => {
                self.write(
                    key,
                    name,
                    true_value.as_ref().unwrap_or(&PolicyValue::Decimal(1)),
                );
                ElementValue::Boolean(true)
            }
            ElementKind::Decimal {
                store_as_text: true,
                ..
            } => {
                set(RegistryValue::Sz("7".into()));
                ElementValue::Number(7)
            }
            ElementKind::Decimal { .. } => {
                set(RegistryValue::Dword(7));
                ElementValue::Number(7)
            }
            ElementKind::LongDecimal { .. } => {
                set(RegistryValue::Qword(7));
                ElementValue::Number(7)
            }
            ElementKind::Text { expandable, .. } => {
                let text = String::from("%some% text");
                set(if *expandable {
                    RegistryValue::ExpandSz(text.clone())
                } else {
                    RegistryValue::Sz(text.clone())
                });
                ElementValue::Text(text)
            }
            ElementKind::MultiText { .. } => {
                set(RegistryValue::MultiSz(vec!["line".into()]));
                ElementValue::Lines(vec!["line".into()])
            }
            ElementKind::Enum(items) => {
                let item = items.last()?;
                self.write(key, name, &item.value);
                for more in &item.values {
                    self.write(policy.key_or(more.key.as_ref()), &more.name, &more.value);
                }
                ElementValue::Item(item)
            }
            ElementKind::List { value_prefix, .. } => {
                let name = format!("{}1", value_prefix.as_deref().unwrap_or_default());
                let value = RegistryValue::Sz("item".into());
                self.entries
                    .push(RegistryEntry::set(key, &name, value.clone()).unwrap());
                ElementValue::List(vec![(name, value)])
            }
        })
    }
}

#[test]
fn each_policy_is_found_from_what_enables_and_what_disables_it() {
    let Some(set) = windows() else { return };
    let mut other = Vec::new();
    for policy in set.policies() {
        let definition = policy.definition();
        let half = if policy.is_for(Half::Machine) {
            Half::Machine
        } else {
            Half::User
        };
        for state in [PolicyState::Enabled, PolicyState::Disabled] {
            let mut editor = Editor::default();
            editor.set_state(definition, state);
            let mut values = Vec::new();
            if state == PolicyState::Enabled {
                let elements = definition.elements.iter();
                values.extend(elements.map(|element| editor.fill(definition, element)));
            }
            if editor.entries.is_empty() {
                continue;
            }
            let found = set.find(half, &editor.entries);
            let own = found.settings.iter().find(|own| own.policy == policy);
            let is_right = own.is_some_and(|own| {
                let read = own.elements.iter().map(|element| &element.value);
                own.state == state && read.eq(&values)
            });
            if !is_right || !found.rest.is_empty() {
                other.push(format!("{policy:?} {}", state.name()));
            }
        }
    }
    assert_eq!(other, NOT_ITSELF);
}

/// A policy that another one with the same values stands for, and one with an item that deletes its
/// own value.
const NOT_ITSELF: &[&str] = &[
    "Microsoft.Policies.BITS:BITS_SetTransferPolicyOnCostedNetwork Enabled",
    "Microsoft.Policies.FaultTolerantHeap:WdiScenarioExecutionPolicy Disabled",
    "Microsoft.Policies.PowerManagement:InboxActiveSchemeOverride_2 Enabled",
    "Microsoft.Policies.TerminalServer:TS_SERVER_LEGACY_RFX Enabled",
    "Microsoft.Policies.TerminalServer:TS_SERVER_LEGACY_RFX Disabled",
    "Microsoft.Policies.WindowsStore:DisableAutoDownloadWin8 Enabled",
];
