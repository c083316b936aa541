//! GptTmpl.inf.

use gpo_core::{SecuredObjectKind, SecurityTemplate, SettingGroup};

/// The file is written back to the same bytes, also with every principal set to what it is; every
/// line is known to a view or named as unknown.
pub fn security_template(data: &[u8]) {
    let Ok(template) = SecurityTemplate::parse(data) else {
        return;
    };
    assert_eq!(template.to_bytes().as_deref(), Ok(data));
    let mut same = template.clone();
    for principal in template.principals() {
        same.set_principal(principal.line, principal.role, principal.text)
            .expect("the principal was read");
    }
    assert_eq!(same, template);

    for setting in template.registry_values() {
        let _ = setting.value();
    }
    for group in SettingGroup::ALL {
        assert!(template.settings(group).is_sorted_by_key(|setting| setting.line));
    }
    for kind in SecuredObjectKind::ALL {
        assert!(template.secured_objects(kind).is_sorted_by_key(|object| object.line));
    }
    assert!(template.unknown_lines().is_sorted());
    let mut set = template.clone();
    if set.set_privilege_right("SeNewPrivilege", &["*S-1-1-0"]).is_ok() {
        let mut rights = set.privilege_rights();
        let right = rights.find(|right| right.privilege.eq_ignore_ascii_case("SeNewPrivilege"));
        let principals: Vec<_> = right.expect("it was set").principals().map(|p| p.text).collect();
        assert_eq!(principals, ["*S-1-1-0"]);
    }
}
