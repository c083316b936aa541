//! ADMX files.

use gpo_admx::{AdmxSet, PolicyRef, Policy, PolicyValue, Template, TemplateResources};
use gpo_core::{Encoding, Half, RegistryEntry, RegistryValue, Text};

/// A template says the same in UTF-16 and in a folder of templates, and what enables a policy
/// belongs to a policy.
pub fn admx(data: &[u8]) {
    let Ok(template) = Template::parse(data) else {
        return;
    };
    if let Ok(text) = Text::decode_xml(data) {
        let text = Text::new(text.into_str(), Encoding::Utf16Le, true);
        let bytes = text.encode().expect("UTF-16 has all characters");
        assert_eq!(Template::parse(&bytes).as_ref(), Ok(&template));
    }
    let mut set = AdmxSet::default();
    set.add("a.admx", template.clone(), TemplateResources::default());
    assert!(set.policies().map(PolicyRef::definition).eq(&template.policies));
    for policy in set.policies() {
        let half = if policy.is_for(Half::Machine) {
            Half::Machine
        } else {
            Half::User
        };
        if let Some(entry) = enabling(policy.definition()) {
            let entries = [entry];
            let found = set.find(half, &entries);
            assert!(found.rest.is_empty(), "{policy:?}: {found:?}");
        }
        for (key, name) in policy.definition().places() {
            assert!(set.policies_writing(key, name).contains(&policy));
        }
    }
}

/// What enables a policy that writes nothing but its own value.
fn enabling(policy: &Policy) -> Option<RegistryEntry> {
    let name = policy.value_name.as_deref()?;
    // Such names are directives.
    if !policy.enabled_list.is_empty() || name.starts_with("**") {
        return None;
    }
    let value = match policy.enabled_value.as_ref() {
        None => RegistryValue::Dword(1),
        Some(PolicyValue::Decimal(number)) => RegistryValue::Dword(*number),
        Some(PolicyValue::LongDecimal(number)) => RegistryValue::Qword(*number),
        Some(PolicyValue::String(text)) => RegistryValue::Sz(text.clone()),
        Some(PolicyValue::Delete) => return None,
    };
    RegistryEntry::set(&policy.key, name, value).ok()
}
