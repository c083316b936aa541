//! The firewall's settings in registry.pol.

use std::borrow::Cow;

use gpo_core::{RegistryEntry, RegistryPol, RegistryValue};

use super::registry::{FIREWALL, below};
use crate::settings::{FirewallProperties, FirewallRule, WindowsFirewallSettings};

/// The settings; none where there is no key of this firewall. What the profiles had before Windows Vista
/// (ports, programs, services, `StandardProfile`) is of the templates and makes no such extension
/// (census: 22 of 22 and 1 of 1).
pub(super) fn settings(pol: &RegistryPol) -> Option<WindowsFirewallSettings> {
    let mut settings = WindowsFirewallSettings::default();
    for entry in &pol.entries {
        if let Some(key) = below(entry, FIREWALL) {
            add_entry(&mut settings, entry, &key.to_ascii_lowercase());
        }
    }
    for properties in [
        &mut settings.domain_profile,
        &mut settings.public_profile,
        &mut settings.private_profile,
    ]
    .into_iter()
    .flatten()
    {
        let order = |(name, _): &(String, String)| {
            let all = PROFILE.iter().chain(&LOGGING);
            all.clone().position(|(own, _)| own == name)
        };
        properties.0.sort_by_key(order);
    }
    settings.global.is_some().then_some(settings)
}

/// Adds an entry; the key is in lower case. With any of the firewall, there are global settings.
fn add_entry(settings: &mut WindowsFirewallSettings, entry: &RegistryEntry, key: &str) {
    let (profile, rest) = key.split_once('\\').unwrap_or((key, ""));
    let known = match rest {
        "" => &PROFILE[..],
        "logging" => &LOGGING[..],
        _ => return,
    };
    let properties = match profile {
        "" => {
            let known = [("PolicyVersion", Form::Number)];
            settings.global.get_or_insert_default();
            return add(&mut settings.global, entry, &known);
        }
        "firewallrules" => {
            settings.global.get_or_insert_default();
            return add_rule(settings, entry);
        }
        "domainprofile" => &mut settings.domain_profile,
        "publicprofile" => &mut settings.public_profile,
        "privateprofile" => &mut settings.private_profile,
        _ => return,
    };
    add(properties, entry, known);
    settings.global.get_or_insert_default();
}

#[derive(Clone, Copy)]
enum Form {
    Boolean,
    Number,
    Text,
}

/// The values of a profile, in the order of a report (census: 45 profiles).
const PROFILE: [(&str, Form); 8] = [
    ("AllowLocalIPsecPolicyMerge", Form::Boolean),
    ("AllowLocalPolicyMerge", Form::Boolean),
    ("DefaultInboundAction", Form::Boolean),
    ("DefaultOutboundAction", Form::Boolean),
    ("DisableNotifications", Form::Boolean),
    ("DisableUnicastResponsesToMulticastBroadcast", Form::Boolean),
    ("DoNotAllowExceptions", Form::Boolean),
    ("EnableFirewall", Form::Boolean),
];

/// Those of its log, which come behind them.
const LOGGING: [(&str, Form); 4] = [
    ("LogFilePath", Form::Text),
    ("LogFileSize", Form::Number),
    ("LogDroppedPackets", Form::Boolean),
    ("LogSuccessfulConnections", Form::Boolean),
];

/// Adds the value of an entry, if it is one of these.
fn add(properties: &mut Option<FirewallProperties>, entry: &RegistryEntry, known: &[(&str, Form)]) {
    let name = entry.value_name.to_string_lossy();
    let Some((name, form)) = known
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(&name))
    else {
        return;
    };
    let value = match form {
        Form::Boolean => entry
            .value
            .as_dword()
            .map(|number| (number != 0).to_string()),
        Form::Number => entry.value.as_dword().map(|number| number.to_string()),
        Form::Text => entry.value.text().map(Cow::into_owned),
    };
    if let Some(value) = value {
        let properties = &mut properties.get_or_insert_default().0;
        properties.retain(|(own, _)| own != name);
        properties.push(((*name).to_owned(), value));
    }
}

/// The fields of a rule in the order of a report (census: 152 rules); others stay behind them.
const FIELDS: [&str; 22] = [
    "Version",
    "Action",
    "Name",
    "Dir",
    "App",
    "Svc",
    "IF",
    "IFType",
    "Profile",
    "LA4",
    "LA6",
    "RA4",
    "RA6",
    "LPort",
    "RPort",
    "Protocol",
    "ICMP4",
    "ICMP6",
    "Desc",
    "Active",
    "Edge",
    "EmbedCtxt",
];

/// Adds a rule, `v2.20|Action=Allow|Dir=In|…|` ([MS-GPFAS] 2.2.2).
fn add_rule(settings: &mut WindowsFirewallSettings, entry: &RegistryEntry) {
    let RegistryValue::Sz(rule) = &entry.value else {
        return;
    };
    let mut parts = rule.split('|');
    let version = parts.next().unwrap_or_default();
    let mut fields = vec![(
        "Version".to_owned(),
        version.trim_start_matches(['v', 'V']).to_owned(),
    )];
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        // `LPort2_10` is `LPort` with a keyword that version 2.10 brought.
        let name = match name.split_once('_') {
            Some((start, _)) => start.trim_end_matches(|c: char| c.is_ascii_digit()),
            None => name,
        };
        let is_name = |c: char| c.is_ascii_alphanumeric();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_name) {
            continue;
        }
        let value = match value {
            "TRUE" => "true",
            "FALSE" => "false",
            value => value,
        };
        fields.push((name.to_owned(), value.to_owned()));
    }
    let place = |name: &str| FIELDS.iter().position(|own| *own == name);
    fields.sort_by_key(|(name, _)| place(name).unwrap_or(FIELDS.len()));
    let is_inbound = fields
        .iter()
        .any(|(name, value)| name == "Dir" && value.eq_ignore_ascii_case("In"));
    let rules = if is_inbound {
        &mut settings.inbound_rules
    } else {
        &mut settings.outbound_rules
    };
    rules.push(FirewallRule(fields));
}
