//! Security settings from GptTmpl.inf.

use std::collections::HashMap;

use gpo_core::{
    GroupList, RegistrySetting, RegistryType, SecuredObject, SecuredObjectKind, SecurityTemplate,
    SettingGroup, TemplateSetting,
};

use super::security_option;
use crate::hidden::HIDDEN;
use crate::principal::ReportTrustee;
use crate::report_source::ReportSource;
use crate::settings::{
    AccountSetting, AccountSettingKind, AccountValue, AuditCategory, EventLogSetting,
    ObjectSecurity, PropagationMode, RestrictedGroup, SecuredPath, SecurityOption,
    SecurityOptionValue, SecuritySettings, SettingLines, StartupMode, SystemService,
    UserRightsAssignment,
};

/// The settings of a template.
pub(super) fn settings(template: &SecurityTemplate, source: &ReportSource<'_>) -> SecuritySettings {
    SecuritySettings {
        accounts: accounts(template),
        audits: audits(template),
        user_rights: user_rights(template, source),
        options: options(template),
        event_logs: event_logs(template),
        restricted_groups: restricted_groups(template, source),
        services: services(template, source),
        files: paths(template, SecuredObjectKind::File, source),
        registry_keys: paths(template, SecuredObjectKind::RegistryKey, source),
        blocked: Some(false),
    }
}

/// The settings of a group by name, in the order of their bytes.
fn sorted(template: &SecurityTemplate, group: SettingGroup) -> Vec<TemplateSetting<'_>> {
    let mut settings: Vec<_> = template.settings(group).collect();
    settings.sort_by_key(|setting| setting.key);
    settings
}

/// The settings about accounts, by section (census: 79 of 79). `RequireLogonToChangePassword` is not
/// shown (13 of 13).
fn accounts(template: &SecurityTemplate) -> Vec<AccountSetting> {
    use AccountSettingKind::{AccountLockout, Kerberos, Password};
    const SETTINGS: [(&str, AccountSettingKind, bool); 15] = [
        ("ClearTextPassword", Password, true),
        ("MaximumPasswordAge", Password, false),
        ("MinimumPasswordAge", Password, false),
        ("MinimumPasswordLength", Password, false),
        ("PasswordComplexity", Password, true),
        ("PasswordHistorySize", Password, false),
        ("AllowAdministratorLockout", AccountLockout, true),
        ("LockoutBadCount", AccountLockout, false),
        ("LockoutDuration", AccountLockout, false),
        ("ResetLockoutCount", AccountLockout, false),
        ("MaxClockSkew", Kerberos, false),
        ("MaxRenewAge", Kerberos, false),
        ("MaxServiceAge", Kerberos, false),
        ("MaxTicketAge", Kerberos, false),
        ("TicketValidateClient", Kerberos, true),
    ];
    let access = sorted(template, SettingGroup::SystemAccess);
    let kerberos = sorted(template, SettingGroup::KerberosPolicy);
    let settings = access.into_iter().chain(kerberos);
    let shown = settings.filter_map(|setting| {
        let known = SETTINGS.iter();
        let (name, kind, is_boolean) = known
            .copied()
            .find(|(name, ..)| name.eq_ignore_ascii_case(setting.key))?;
        let number = setting.number()?;
        Some(AccountSetting {
            name: name.to_owned(),
            value: if is_boolean {
                AccountValue::Boolean(number != 0)
            } else {
                AccountValue::Number(unsigned(number))
            },
            kind,
        })
    });
    shown.collect()
}

/// A number as Windows shows it: -1 is 4,294,967,295.
fn unsigned(number: i64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

fn audits(template: &SecurityTemplate) -> Vec<AuditCategory> {
    let settings = sorted(template, SettingGroup::EventAudit).into_iter();
    let audits = settings.filter_map(|setting| {
        let number = setting.number()?;
        Some(AuditCategory {
            name: setting.key.to_owned(),
            success: number & 1 != 0,
            failure: number & 2 != 0,
        })
    });
    audits.collect()
}

/// The constants of user rights, as GPMC spells them whatever the template has (census: 110 of 2,534
/// differ from it, all of them `SeSystemTimePrivilege`).
const RIGHTS: [&str; 46] = [
    "SeAssignPrimaryTokenPrivilege",
    "SeAuditPrivilege",
    "SeBackupPrivilege",
    "SeBatchLogonRight",
    "SeChangeNotifyPrivilege",
    "SeCreateGlobalPrivilege",
    "SeCreatePagefilePrivilege",
    "SeCreatePermanentPrivilege",
    "SeCreateSymbolicLinkPrivilege",
    "SeCreateTokenPrivilege",
    "SeDebugPrivilege",
    "SeDelegateSessionUserImpersonatePrivilege",
    "SeDenyBatchLogonRight",
    "SeDenyInteractiveLogonRight",
    "SeDenyNetworkLogonRight",
    "SeDenyRemoteInteractiveLogonRight",
    "SeDenyServiceLogonRight",
    "SeEnableDelegationPrivilege",
    "SeImpersonatePrivilege",
    "SeIncreaseBasePriorityPrivilege",
    "SeIncreaseQuotaPrivilege",
    "SeIncreaseWorkingSetPrivilege",
    "SeInteractiveLogonRight",
    "SeLoadDriverPrivilege",
    "SeLockMemoryPrivilege",
    "SeMachineAccountPrivilege",
    "SeManageVolumePrivilege",
    "SeNetworkLogonRight",
    "SeProfileSingleProcessPrivilege",
    "SeRelabelPrivilege",
    "SeRemoteInteractiveLogonRight",
    "SeRemoteShutdownPrivilege",
    "SeRestorePrivilege",
    "SeSecurityPrivilege",
    "SeServiceLogonRight",
    "SeShutdownPrivilege",
    "SeSyncAgentPrivilege",
    "SeSystemEnvironmentPrivilege",
    "SeSystemProfilePrivilege",
    "SeSystemTimePrivilege",
    "SeTakeOwnershipPrivilege",
    "SeTcbPrivilege",
    "SeTimeZonePrivilege",
    "SeTrustedCredManAccessPrivilege",
    "SeUndockPrivilege",
    "SeUnsolicitedInputPrivilege",
];

/// Who has what right: the rights by constant, the principals in the order of the template (census:
/// 141 of 141, 2,450 of 2,450).
fn user_rights(
    template: &SecurityTemplate,
    source: &ReportSource<'_>,
) -> Vec<UserRightsAssignment> {
    let rights = template.privilege_rights().map(|right| {
        let mut names = RIGHTS.iter();
        let known = names.find(|name| name.eq_ignore_ascii_case(right.privilege));
        UserRightsAssignment {
            name: (*known.unwrap_or(&right.privilege)).to_owned(),
            members: right
                .principals()
                .map(|own| named(own.text, source))
                .collect(),
        }
    });
    let mut rights: Vec<_> = rights.collect();
    rights.sort_by(|a, b| a.name.cmp(&b.name));
    rights
}

/// A principal of the template: the name of a SID, or a name that nobody has resolved.
fn named(text: &str, source: &ReportSource<'_>) -> ReportTrustee {
    let sid = text.strip_prefix('*').and_then(|sid| sid.parse().ok());
    match sid {
        Some(sid) => source.trustee(&sid),
        None => ReportTrustee {
            sid: None,
            name: Some(text.to_owned()),
        },
    }
}

/// The options of `[Registry Values]` by path, then those of `[System Access]` (census: 144 of 144).
fn options(template: &SecurityTemplate) -> Vec<SecurityOption> {
    let mut options: Vec<SecurityOption> = template
        .registry_values()
        .map(|setting| {
            let data = if is_secret(&setting) {
                HIDDEN
            } else {
                setting.data
            };
            SecurityOption {
                key_name: Some(setting.path.to_owned()),
                system_access_policy_name: None,
                value: option_value(setting.data_type, data),
                display: security_option::display(setting.path, data),
            }
        })
        .collect();
    options.sort_by_cached_key(|option| option.key_name.as_ref().map(|key| key.to_lowercase()));
    options.extend(access_options(template));
    options
}

/// Whether a registry value is text that is a password, such as `DefaultPassword` of the automatic
/// logon: a report goes where a GPO does not.
fn is_secret(setting: &RegistrySetting<'_>) -> bool {
    let is_text = matches!(
        setting.data_type,
        RegistryType::SZ | RegistryType::EXPAND_SZ | RegistryType::MULTI_SZ
    );
    let name = setting.path.rsplit('\\').next().unwrap_or_default();
    is_text && setting.value().is_ok_and(|value| value.is_secret(name))
}

fn option_value(data_type: RegistryType, data: &str) -> Option<SecurityOptionValue> {
    match data_type {
        RegistryType::DWORD | RegistryType::BINARY => {
            Some(SecurityOptionValue::Number(data.to_owned()))
        }
        RegistryType::SZ | RegistryType::EXPAND_SZ => {
            Some(SecurityOptionValue::Text(data.to_owned()))
        }
        RegistryType::MULTI_SZ => Some(SecurityOptionValue::Lines(SettingLines {
            lines: lines_of(data),
        })),
        _ => None,
    }
}

/// The lines of a text of several: they are apart by commas, and `","` is a comma in a line.
pub(super) fn lines_of(data: &str) -> Vec<String> {
    if data.is_empty() {
        return Vec::new();
    }
    let escaped = data.replace("\",\"", "\u{0}");
    let lines = escaped.split(',');
    lines.map(|line| line.replace('\u{0}', ",")).collect()
}

/// The options of `[System Access]` (census: 305 of 305), which have no explanation.
fn access_options(template: &SecurityTemplate) -> Vec<SecurityOption> {
    const NUMBERS: [&str; 4] = [
        "EnableAdminAccount",
        "EnableGuestAccount",
        "ForceLogoffWhenHourExpire",
        "LSAAnonymousNameLookup",
    ];
    const TEXTS: [&str; 2] = ["NewAdministratorName", "NewGuestName"];
    let is_one = |names: &[&str], key: &str| names.iter().any(|n| n.eq_ignore_ascii_case(key));
    let settings = sorted(template, SettingGroup::SystemAccess).into_iter();
    let options = settings.filter_map(|setting| {
        let value = if is_one(&NUMBERS, setting.key) {
            SecurityOptionValue::Number(setting.value.to_owned())
        } else if is_one(&TEXTS, setting.key) {
            SecurityOptionValue::Text(setting.value.to_owned())
        } else {
            return None;
        };
        Some(SecurityOption {
            key_name: None,
            system_access_policy_name: Some(setting.key.to_owned()),
            value: Some(value),
            display: None,
        })
    });
    options.collect()
}

/// The logs in this order (census: 27 of 30), their settings by name (30 of 30).
fn event_logs(template: &SecurityTemplate) -> Vec<EventLogSetting> {
    let logs = [
        ("Application", SettingGroup::ApplicationLog),
        ("System", SettingGroup::SystemLog),
        ("Security", SettingGroup::SecurityLog),
    ];
    let settings = logs.iter().flat_map(|(log, group)| {
        let settings = sorted(template, *group).into_iter();
        settings.filter_map(|setting| {
            Some(EventLogSetting {
                name: setting.key.to_owned(),
                log: (*log).to_owned(),
                value: unsigned(setting.number()?),
            })
        })
    });
    settings.collect()
}

/// The groups in the order of the template, each once (census: 18 of 19).
fn restricted_groups(
    template: &SecurityTemplate,
    source: &ReportSource<'_>,
) -> Vec<RestrictedGroup> {
    let mut groups: Vec<RestrictedGroup> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for list in template.group_membership() {
        let place = places.entry(list.group.to_ascii_lowercase());
        let place = *place.or_insert_with(|| {
            groups.push(RestrictedGroup {
                group: named(list.group, source),
                members: Vec::new(),
                member_of: Vec::new(),
            });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(place) else {
            continue;
        };
        let of = match list.of {
            GroupList::Members => &mut group.members,
            GroupList::MemberOf => &mut group.member_of,
        };
        of.extend(list.principals().map(|own| named(own.text, source)));
    }
    groups
}

fn services(template: &SecurityTemplate, source: &ReportSource<'_>) -> Vec<SystemService> {
    let services = template.secured_objects(SecuredObjectKind::Service);
    let services = services.filter_map(|service| {
        Some(SystemService {
            name: service.name.to_owned(),
            startup_mode: match service.mode {
                2 => StartupMode::Automatic,
                3 => StartupMode::Manual,
                4 => StartupMode::Disabled,
                _ => return None,
            },
            security_descriptor: Some(descriptor(&service, "ServiceGroupedAccessEnum", source)),
        })
    });
    services.collect()
}

/// Files or registry keys in the order of the template (census: 21 of 22).
fn paths(
    template: &SecurityTemplate,
    kind: SecuredObjectKind,
    source: &ReportSource<'_>,
) -> Vec<SecuredPath> {
    let access = match kind {
        SecuredObjectKind::File => "FileGroupedAccessEnum",
        _ => "RegistryGroupedAccessEnum",
    };
    let objects = template.secured_objects(kind);
    let paths = objects.map(|object| SecuredPath {
        path: object.name.to_owned(),
        security_descriptor: Some(descriptor(&object, access, source)),
        mode: match object.mode {
            0 => PropagationMode::Propagate,
            1 => PropagationMode::Replace,
            _ => PropagationMode::Ignore,
        },
    });
    paths.collect()
}

fn descriptor(
    object: &SecuredObject<'_>,
    access: &str,
    source: &ReportSource<'_>,
) -> ObjectSecurity {
    super::object_security::of_sddl(object.sddl, access, source)
}
