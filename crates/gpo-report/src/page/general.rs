//! The general part: who the GPO is, where it is linked, who it is for, who may edit it.

use sddl_parser::GpoPermission;

use super::{Section, enabled, fact, yes_or_no};
use crate::compare::Setting;
use crate::principal::ReportTrustee;
use crate::report::{Report, ReportHalf};
use crate::security::{PermissionType, TrusteePermissions};

pub(super) fn section(report: &Report) -> Section {
    let mut general = Section::new("General");
    general.sections.push(details(report));
    let mut links = Section::new("Links");
    links.add_table(
        &["Location", "Enforced", "Link Status", "Path"],
        report.links.iter().map(|link| {
            let cells = [
                link.name.as_str(),
                yes_or_no(link.no_override),
                enabled(link.enabled),
                &link.path,
            ];
            cells.map(str::to_owned).to_vec()
        }),
    );
    if links.blocks.is_empty() {
        let text = "No links are known.".to_owned();
        links.blocks.push(super::Block::Paragraph(text));
    }
    general.sections.push(links);
    if let Some(filter) = &report.filter {
        let mut wmi = Section::new("WMI Filtering");
        wmi.add_facts(vec![
            fact("WMI Filter Name", &filter.name),
            fact("Description", &filter.description),
        ]);
        general.sections.push(wmi);
    }
    let permissions = report
        .security
        .as_ref()
        .and_then(|s| s.permissions.as_ref());
    if let Some(permissions) = permissions {
        let trustees = &permissions.trustees;
        let mut filtering = Section::new("Security Filtering");
        let applied = trustees.iter().filter(|trustee| {
            trustee.permission_type == PermissionType::Allow
                && trustee.levels.contains(&GpoPermission::Apply)
        });
        filtering.add_table(
            &["The settings apply to"],
            applied.map(|trustee| vec![name(&trustee.trustee)]),
        );
        let mut delegation = Section::new("Delegation");
        delegation.add_table(
            &["Name", "Permissions", "Inherited"],
            trustees.iter().map(|trustee| {
                let inherited = yes_or_no(trustee.inherited).to_owned();
                vec![name(&trustee.trustee), levels(trustee), inherited]
            }),
        );
        // Filtering stands before the WMI filter.
        general.sections.insert(2, filtering);
        general.sections.push(delegation);
    }
    general
}

/// What two reports are compared by: what a backup holds, too.
pub(crate) fn compared(report: &Report) -> Vec<Setting> {
    let setting =
        |title: &str, name: &str, value: String| ((vec![title.to_owned()], name.to_owned()), value);
    let mut settings = vec![
        setting("Details", "User Revisions", revisions(&report.user)),
        setting("Details", "Computer Revisions", revisions(&report.computer)),
        setting("Details", "GPO Status", status(report).to_owned()),
    ];
    if let Some(filter) = &report.filter {
        let name = filter.name.clone();
        settings.push(setting("WMI Filtering", "WMI Filter Name", name));
    }
    let security = report.security.as_ref();
    let permissions = security.and_then(|security| security.permissions.as_ref());
    let trustees = permissions.into_iter().flat_map(|own| &own.trustees);
    settings.extend(
        trustees.map(|trustee| setting("Delegation", &name(&trustee.trustee), levels(trustee))),
    );
    settings
}

fn details(report: &Report) -> Section {
    let mut details = Section::new("Details");
    let owner = report.security.as_ref().and_then(|s| s.owner.as_ref());
    let mut facts = vec![fact("Domain", &report.domain)];
    facts.extend(owner.map(|owner| fact("Owner", name(owner))));
    for (title, time) in [("Created", report.created), ("Modified", report.modified)] {
        facts.extend(time.map(|time| fact(title, time.to_string().replace('T', " "))));
    }
    facts.extend([
        fact("User Revisions", revisions(&report.user)),
        fact("Computer Revisions", revisions(&report.computer)),
        fact("Unique ID", report.id.to_string()),
        fact("GPO Status", status(report)),
        fact(
            "Data collected on",
            report.read.strftime("%F %T UTC").to_string(),
        ),
    ]);
    details.add_facts(facts);
    details
}

fn revisions(half: &ReportHalf) -> String {
    let version = half.version;
    format!("{} (AD), {} (SYSVOL)", version.directory, version.sysvol)
}

fn status(report: &Report) -> &'static str {
    match (report.computer.enabled, report.user.enabled) {
        (true, true) => "Enabled",
        (true, false) => "User settings disabled",
        (false, true) => "Computer settings disabled",
        (false, false) => "All settings disabled",
    }
}

/// The name of a principal, or its SID.
pub(super) fn name(trustee: &ReportTrustee) -> String {
    let name = trustee.name.as_ref().or(trustee.sid.as_ref());
    name.cloned().unwrap_or_default()
}

fn levels(trustee: &TrusteePermissions) -> String {
    let levels = trustee.levels.iter().map(|level| match level {
        GpoPermission::Read => "Read",
        GpoPermission::Apply => "Read (from Security Filtering)",
        GpoPermission::Edit => "Edit settings",
        GpoPermission::EditSecurityAndDelete => "Edit settings, delete, modify security",
        GpoPermission::Custom => "Custom",
    });
    let levels = levels.collect::<Vec<_>>().join("; ");
    match trustee.permission_type {
        PermissionType::Allow => levels,
        PermissionType::Deny => format!("Denied: {levels}"),
    }
}
