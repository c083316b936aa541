//! Security settings, area by area.

use super::general::name;
use super::user_rights::user_right;
use super::{Block, Section, enabled, fact};
use crate::hidden::{HIDDEN, is_secret};
use crate::principal::ReportTrustee;
use crate::settings::{
    AccountSetting, AccountSettingKind, AccountValue, ObjectSecurity, PropagationMode, SecuredPath,
    SecurityOption, SecurityOptionDisplayValue, SecurityOptionValue, SecuritySettings,
    SettingLines, SystemService,
};

/// Names and units of account policies, as the security template has them.
const ACCOUNTS: [(&str, &str, &str); 15] = [
    (
        "AllowAdministratorLockout",
        "Allow Administrator account lockout",
        "",
    ),
    (
        "ClearTextPassword",
        "Store passwords using reversible encryption",
        "",
    ),
    (
        "LockoutBadCount",
        "Account lockout threshold",
        "invalid logon attempts",
    ),
    ("LockoutDuration", "Account lockout duration", "minutes"),
    (
        "MaxClockSkew",
        "Maximum tolerance for computer clock synchronization",
        "minutes",
    ),
    (
        "MaxRenewAge",
        "Maximum lifetime for user ticket renewal",
        "days",
    ),
    (
        "MaxServiceAge",
        "Maximum lifetime for service ticket",
        "minutes",
    ),
    ("MaxTicketAge", "Maximum lifetime for user ticket", "hours"),
    ("MaximumPasswordAge", "Maximum password age", "days"),
    ("MinimumPasswordAge", "Minimum password age", "days"),
    (
        "MinimumPasswordLength",
        "Minimum password length",
        "characters",
    ),
    (
        "PasswordComplexity",
        "Password must meet complexity requirements",
        "",
    ),
    (
        "PasswordHistorySize",
        "Enforce password history",
        "passwords remembered",
    ),
    (
        "ResetLockoutCount",
        "Reset account lockout counter after",
        "minutes",
    ),
    (
        "TicketValidateClient",
        "Enforce user logon restrictions",
        "",
    ),
];

/// Names of the security options that are no registry values. A report has the constants only
/// (census: 305 of 305); a number is 0 or 1.
const ACCESS_OPTIONS: [(&str, &str); 6] = [
    (
        "EnableAdminAccount",
        "Accounts: Administrator account status",
    ),
    ("EnableGuestAccount", "Accounts: Guest account status"),
    (
        "ForceLogoffWhenHourExpire",
        "Network security: Force logoff when logon hours expire",
    ),
    (
        "LSAAnonymousNameLookup",
        "Network access: Allow anonymous SID/Name translation",
    ),
    (
        "NewAdministratorName",
        "Accounts: Rename administrator account",
    ),
    ("NewGuestName", "Accounts: Rename guest account"),
];

pub(super) fn sections(settings: &SecuritySettings) -> Vec<Section> {
    let mut sections = Vec::from(account_policies(settings));
    sections.extend(local_policies(settings));
    let logs = settings.event_logs.iter().map(|log| {
        let number = log.value.to_string();
        vec![log.log.clone(), log.name.clone(), number]
    });
    sections.push(table("Event Log", &["Log", "Policy", "Setting"], logs));
    let groups = settings.restricted_groups.iter().map(|group| {
        vec![
            name(&group.group),
            names(&group.members),
            names(&group.member_of),
        ]
    });
    let columns = ["Group", "Members", "Member of"];
    sections.push(table("Restricted Groups", &columns, groups));
    let mut services = Section::new("System Services");
    services.sections = settings.services.iter().map(service).collect();
    sections.push(services);
    sections.push(paths("File System", &settings.files));
    sections.push(paths("Registry", &settings.registry_keys));
    sections.retain(|section| !section.blocks.is_empty() || !section.sections.is_empty());
    sections
}

fn account_policies(settings: &SecuritySettings) -> [Section; 3] {
    [
        (
            AccountSettingKind::Password,
            "Account Policies/Password Policy",
        ),
        (
            AccountSettingKind::AccountLockout,
            "Account Policies/Account Lockout Policy",
        ),
        (
            AccountSettingKind::Kerberos,
            "Account Policies/Kerberos Policy",
        ),
    ]
    .map(|(kind, title)| {
        let accounts = settings.accounts.iter().filter(|own| own.kind == kind);
        table(title, &["Policy", "Setting"], accounts.map(account))
    })
}

fn local_policies(settings: &SecuritySettings) -> [Section; 3] {
    let columns = ["Policy", "Setting"];
    let audits = settings.audits.iter().map(|audit| {
        let value = match (audit.success, audit.failure) {
            (true, true) => "Success, Failure",
            (true, false) => "Success",
            (false, true) => "Failure",
            (false, false) => "No auditing",
        };
        vec![audit.name.clone(), value.to_owned()]
    });
    let rights = settings.user_rights.iter();
    let rights = rights.map(|right| vec![user_right(&right.name), names(&right.members)]);
    let options = settings.options.iter().map(option);
    [
        table("Local Policies/Audit Policy", &columns, audits),
        table("Local Policies/User Rights Assignment", &columns, rights),
        table("Local Policies/Security Options", &columns, options),
    ]
}

/// The names of principals, each on a line.
fn names(trustees: &[ReportTrustee]) -> String {
    let names: Vec<_> = trustees.iter().map(name).collect();
    names.join("\n")
}

fn table(title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Section {
    let mut section = Section::new(title);
    section.add_table(columns, rows);
    section
}

fn account(setting: &AccountSetting) -> Vec<String> {
    let known = ACCOUNTS.iter().find(|(own, ..)| *own == setting.name);
    let (name, units) = known.map_or((setting.name.as_str(), ""), |(_, name, units)| {
        (name, units)
    });
    let value = match setting.value {
        AccountValue::Boolean(value) => enabled(value).to_owned(),
        AccountValue::Number(u32::MAX) if setting.name == "LockoutDuration" => {
            "Until an administrator unlocks it".to_owned()
        }
        // Passwords that never expire.
        AccountValue::Number(u32::MAX) => "Never".to_owned(),
        AccountValue::Number(number) => with_units(&number.to_string(), units),
    };
    vec![name.to_owned(), value]
}

fn with_units(number: &str, units: &str) -> String {
    format!("{number} {units}").trim_end().to_owned()
}

fn option(option: &SecurityOption) -> Vec<String> {
    let own = option
        .key_name
        .as_ref()
        .or(option.system_access_policy_name.as_ref());
    let own = own.map(String::as_str).unwrap_or_default();
    let mut known = ACCESS_OPTIONS.iter();
    if let Some((_, name)) = known.find(|(constant, _)| *constant == own) {
        let value = match &option.value {
            Some(SecurityOptionValue::Number(number)) if number == "0" => enabled(false).to_owned(),
            Some(SecurityOptionValue::Number(number)) if number == "1" => enabled(true).to_owned(),
            value => option_value(value.as_ref()),
        };
        return vec![(*name).to_owned(), value];
    }
    let Some(display) = &option.display else {
        return vec![own.to_owned(), unexplained(own, option.value.as_ref())];
    };
    let units = display.units.as_deref().unwrap_or_default();
    let value = match &display.value {
        Some(SecurityOptionDisplayValue::Boolean(value)) => enabled(*value).to_owned(),
        Some(SecurityOptionDisplayValue::Number(number)) => with_units(number, units),
        Some(SecurityOptionDisplayValue::Text(text)) => text.clone(),
        Some(SecurityOptionDisplayValue::Lines(lines)) => lines.lines.join("\n"),
        Some(SecurityOptionDisplayValue::Fields(fields)) => {
            let fields = fields.fields.iter();
            let lines = fields.map(|field| format!("{}: {}", field.name, enabled(field.value)));
            lines.collect::<Vec<_>>().join("\n")
        }
        None => unexplained(own, option.value.as_ref()),
    };
    vec![display.name.clone(), value]
}

/// The value of an option of which Windows knows no more than where it is: any value of the registry.
fn unexplained(path: &str, value: Option<&SecurityOptionValue>) -> String {
    let name = path.rsplit('\\').next().unwrap_or_default();
    let shown = option_value(value);
    match value {
        Some(SecurityOptionValue::Text(_) | SecurityOptionValue::Lines(_))
            if is_secret(name, &shown) =>
        {
            HIDDEN.to_owned()
        }
        _ => shown,
    }
}

fn option_value(value: Option<&SecurityOptionValue>) -> String {
    match value {
        Some(SecurityOptionValue::Number(text) | SecurityOptionValue::Text(text)) => text.clone(),
        Some(SecurityOptionValue::Lines(SettingLines { lines })) => lines.join("\n"),
        None => String::new(),
    }
}

fn service(service: &SystemService) -> Section {
    let mut section = Section::new(&service.name);
    section.add_facts(vec![fact("Startup Mode", service.startup_mode.name())]);
    add_descriptor(&mut section, service.security_descriptor.as_ref());
    section
}

fn paths(title: &str, paths: &[SecuredPath]) -> Section {
    let mut section = Section::new(title);
    for path in paths {
        let mut inner = Section::new(&path.path);
        let below = match path.mode {
            PropagationMode::Propagate => "Inherited by what is below",
            PropagationMode::Replace => "Replaces the permissions of all that is below",
            PropagationMode::Ignore => "The path is left alone",
        };
        inner.add_facts(vec![fact("Inheritance", below)]);
        add_descriptor(&mut inner, path.security_descriptor.as_ref());
        section.sections.push(inner);
    }
    section
}

fn add_descriptor(section: &mut Section, descriptor: Option<&ObjectSecurity>) {
    let Some(descriptor) = descriptor else {
        return;
    };
    let owner = descriptor.owner.as_ref();
    section.add_facts(
        owner
            .map(|owner| fact("Owner", name(owner)))
            .into_iter()
            .collect(),
    );
    if descriptor.permissions.is_none() && descriptor.auditing.is_none() {
        let text = "No permissions are set.".to_owned();
        section.blocks.push(Block::Paragraph(text));
    }
    if let Some(permissions) = &descriptor.permissions {
        section.add_table(
            &["Type", "Name", "Permission"],
            permissions.trustees.iter().map(|trustee| {
                let levels: Vec<_> = trustee.levels.iter().map(|l| l.name.as_str()).collect();
                let kind = trustee.permission_type.name().to_owned();
                vec![kind, name(&trustee.trustee), levels.join(", ")]
            }),
        );
    }
    if let Some(auditing) = &descriptor.auditing {
        section.add_table(
            &["Audited", "Name", "Access"],
            auditing.trustees.iter().map(|trustee| {
                let levels: Vec<_> = trustee.levels.iter().map(|l| l.name.as_str()).collect();
                vec![
                    trustee.audit_type.0.clone(),
                    name(&trustee.trustee),
                    levels.join(", "),
                ]
            }),
        );
    }
    // A denial is one of all rights above, as GPMC has it; this says what it is.
    let sddl = descriptor.sddl.iter();
    section.add_facts(sddl.map(|sddl| fact("SDDL", sddl)).collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_its_units_and_minus_one_its_meaning() {
        for (name, number, expected) in [
            ("LockoutDuration", 30, "30 minutes"),
            (
                "LockoutDuration",
                u32::MAX,
                "Until an administrator unlocks it",
            ),
            ("MaximumPasswordAge", 42, "42 days"),
            ("MaximumPasswordAge", u32::MAX, "Never"),
            ("Other", 1, "1"),
        ] {
            let shown = account(&AccountSetting {
                name: name.to_owned(),
                value: AccountValue::Number(number),
                kind: AccountSettingKind::Password,
            });
            assert_eq!(shown[1], expected);
        }
    }

    #[test]
    fn an_option_that_is_no_registry_value_has_its_name() {
        for (constant, value, expected) in [
            (
                "EnableGuestAccount",
                SecurityOptionValue::Number("0".to_owned()),
                ["Accounts: Guest account status", "Disabled"],
            ),
            (
                "NewGuestName",
                SecurityOptionValue::Text("\"Visitor\"".to_owned()),
                ["Accounts: Rename guest account", "\"Visitor\""],
            ),
            (
                "Other",
                SecurityOptionValue::Number("1".to_owned()),
                ["Other", "1"],
            ),
        ] {
            let shown = option(&SecurityOption {
                key_name: None,
                system_access_policy_name: Some(constant.to_owned()),
                value: Some(value),
                display: None,
            });
            assert_eq!(shown, expected);
        }
    }
}
