//! The GPOs of the domain.

use gpo_core::{ExtensionGroup, ExtensionList, GpoVersion};
use sddl_parser::{AccessMask, Ace, AceFlags, GpoPermission, ObjectTypes, SecurityDescriptor, Sid};

use super::{Tree, preferences, settings};
use crate::Result;

/// Where the folders of the GPOs are.
pub(crate) const POLICIES: &str = "sysvol/example.test/Policies";
/// The SID of the domain.
pub(crate) const DOMAIN_SID: &str = "S-1-5-21-1111111111-2222222222-3333333333";

/// A GPO: its container, its folder, or one without the other.
pub(crate) struct SampleGpo {
    pub(crate) id: &'static str,
    pub(crate) container: Option<Container>,
    pub(crate) files: Tree,
}

/// What the directory says about a GPO.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) name: &'static str,
    pub(crate) flags: u32,
    pub(crate) version: GpoVersion,
    pub(crate) machine_extensions: String,
    pub(crate) user_extensions: String,
    pub(crate) wmi_filter: bool,
    pub(crate) descriptor: Vec<u8>,
    pub(crate) objects: Objects,
}

/// Which objects stand below the container.
#[derive(Default, PartialEq, Eq)]
pub(crate) enum Objects {
    /// `CN=Machine` and `CN=User`.
    #[default]
    None,
    /// A class store with a package in the machine half.
    SoftwarePackage,
    /// A pushed printer in the user half.
    PushedPrinter,
}

pub(crate) const DEFAULT_DOMAIN_POLICY: &str = "{31B2F340-016D-11D2-945F-00C04FB984F9}";
pub(crate) const BASELINE: &str = "{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}";
pub(crate) const SECURITY: &str = "{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}";
pub(crate) const LOGON: &str = "{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}";
pub(crate) const PREFERENCES: &str = "{10AD0004-6C1B-4F55-9B5C-7E3A4C2F0004}";
pub(crate) const SOFTWARE: &str = "{10AD0005-6C1B-4F55-9B5C-7E3A4C2F0005}";
const VERSIONS_DIFFER: &str = "{10AD0006-6C1B-4F55-9B5C-7E3A4C2F0006}";
const CONTAINER_ONLY: &str = "{10AD0007-6C1B-4F55-9B5C-7E3A4C2F0007}";
const FOLDER_ONLY: &str = "{10AD0008-6C1B-4F55-9B5C-7E3A4C2F0008}";

pub(crate) fn all() -> Result<Vec<SampleGpo>> {
    Ok(vec![
        default_domain_policy()?,
        baseline()?,
        security()?,
        logon()?,
        preference_items()?,
        software()?,
        versions_differ()?,
        SampleGpo {
            id: CONTAINER_ONLY,
            container: Some(Container {
                name: "Verwaister Container",
                version: GpoVersion::from_halves(1, 0),
                descriptor: descriptor(vec![])?,
                ..Container::default()
            }),
            files: Tree::new(),
        },
        SampleGpo {
            id: FOLDER_ONLY,
            container: None,
            files: folder(GpoVersion::from_halves(1, 0), vec![])?,
        },
    ])
}

/// The policy of every domain: its administrators have no right to delete it.
fn default_domain_policy() -> Result<SampleGpo> {
    const RIGHTS: &str = "CCLCSWRPWPLORCWDWO";
    let own = |sid: &str| format!("(A;;{RIGHTS};;;{sid})(A;CIIO;CCDCLCSWRPWPDTLOSDRCWDWO;;;{sid})");
    let sddl = format!(
        "O:DAG:DAD:PAI{}{}{}(A;CI;LCRPLORC;;;AU)(A;CI;LCRPLORC;;;ED)\
         (OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)(A;CIIO;CCDCLCSWRPWPDTLOSDRCWDWO;;;CO)",
        own("DA"),
        own("EA"),
        own("SY")
    );
    let domain: Sid = DOMAIN_SID.parse()?;
    let context = sddl_parser::SddlContext::new()
        .with_domain(domain)
        .with_forest(domain);
    let version = GpoVersion::from_halves(0, 3);
    Ok(SampleGpo {
        id: DEFAULT_DOMAIN_POLICY,
        container: Some(Container {
            name: "Default Domain Policy",
            version,
            machine_extensions: extensions(&[(SECURITY_CSE, &[SECURITY_TOOL])])?,
            descriptor: SecurityDescriptor::from_sddl(&sddl, &context)?.to_bytes()?,
            ..Container::default()
        }),
        files: folder(
            version,
            vec![(
                "MACHINE/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
                settings::utf16(settings::ACCOUNT_POLICY),
            )],
        )?,
    })
}

/// Registry policies with comments, an old template, a WMI filter.
fn baseline() -> Result<SampleGpo> {
    let version = GpoVersion::from_halves(2, 5);
    Ok(SampleGpo {
        id: BASELINE,
        container: Some(Container {
            name: "Arbeitsplätze – Grundschutz",
            version,
            machine_extensions: extensions(&[(REGISTRY_CSE, &[REGISTRY_MACHINE_TOOL])])?,
            user_extensions: extensions(&[(REGISTRY_CSE, &[REGISTRY_USER_TOOL])])?,
            wmi_filter: true,
            descriptor: descriptor(vec![])?,
            ..Container::default()
        }),
        files: folder(
            version,
            vec![
                ("Machine/Registry.pol", settings::machine_registry_pol()?),
                (
                    "Machine/comment.cmtx",
                    settings::utf8_with_bom(settings::COMMENTS),
                ),
                (
                    "User/Registry.pol",
                    settings::user_registry_pol(
                        "Software\\Policies\\Example\\Desktop",
                        "Wallpaper",
                        "%SystemRoot%\\Größe.jpg",
                    )?,
                ),
                (
                    "User/comment.cmtx",
                    settings::utf8_with_bom(settings::COMMENTS),
                ),
                (
                    "Adm/grundschutz.adm",
                    settings::windows_1252(settings::ADM)?,
                ),
                (
                    "GPO.cmt",
                    settings::utf16_without_bom(
                        "Grundschutz für alle Arbeitsplätze.\nNicht ändern!",
                    ),
                ),
            ],
        )?,
    })
}

/// A security template and an audit policy, with delegated permissions.
fn security() -> Result<SampleGpo> {
    let version = GpoVersion::from_halves(0, 7);
    let domain: Sid = DOMAIN_SID.parse()?;
    let account = |rid| domain.with_rid(rid).ok_or("the SID has no room");
    let mut entries = Vec::new();
    for (permission, rid) in [(GpoPermission::Edit, 1104), (GpoPermission::Apply, 1105)] {
        entries.extend(permission.to_aces(account(rid)?).unwrap_or_default());
    }
    let apply = ObjectTypes::new(Some(sddl_parser::APPLY_GROUP_POLICY), None);
    let denied = Ace::new(
        sddl_parser::AceType::ACCESS_DENIED_OBJECT,
        AccessMask::CONTROL_ACCESS,
        account(1108)?,
    );
    entries.extend(denied.map(|ace| {
        ace.with_object_types(apply)
            .with_flags(AceFlags::CONTAINER_INHERIT)
    }));
    let with_domain = |text: &str| settings::utf16(&text.replace("{domain}", DOMAIN_SID));
    Ok(SampleGpo {
        id: SECURITY,
        container: Some(Container {
            name: "Рабочие станции: безопасность",
            version,
            machine_extensions: extensions(&[
                (SECURITY_CSE, &[SECURITY_TOOL]),
                (AUDIT_CSE, &[AUDIT_TOOL]),
            ])?,
            descriptor: descriptor(entries)?,
            ..Container::default()
        }),
        files: folder(
            version,
            vec![
                (
                    "MACHINE/Microsoft/Windows NT/SecEdit/GptTmpl.inf",
                    with_domain(settings::SECURITY_TEMPLATE),
                ),
                (
                    "MACHINE/Microsoft/Windows NT/Audit/audit.csv",
                    settings::utf8(settings::AUDIT_CSV),
                ),
            ],
        )?,
    })
}

/// Scripts of both halves, redirected folders; the computer half is switched off.
fn logon() -> Result<SampleGpo> {
    let version = GpoVersion::from_halves(4, 1);
    let redirection = settings::FOLDER_REDIRECTION.replace("{domain}", DOMAIN_SID);
    let mut files = folder(
        version,
        vec![
            (
                "Machine/Scripts/scripts.ini",
                settings::utf16(settings::STARTUP_SCRIPTS),
            ),
            (
                "Machine/Scripts/Startup/start.cmd",
                settings::utf8("@echo off\nrem does nothing\n"),
            ),
            (
                "User/Scripts/scripts.ini",
                settings::utf16(settings::LOGON_SCRIPTS),
            ),
            (
                "User/Scripts/psscripts.ini",
                settings::utf16(settings::LOGON_POWERSHELL),
            ),
            (
                "User/Scripts/Logon/anmelden.cmd",
                settings::utf8("@echo off\nrem does nothing\n"),
            ),
            (
                "User/Scripts/Logon/ログオン.ps1",
                settings::utf8_with_bom("Write-Verbose 'こんにちは'\n"),
            ),
            (
                "User/Scripts/Logon/bilder/logo.bin",
                (0..=255).collect::<Vec<u8>>(),
            ),
            (
                "User/Documents & Settings/fdeploy1.ini",
                settings::utf16(&redirection),
            ),
            (
                "User/Documents & Settings/fdeploy.ini",
                settings::utf16("\n\n"),
            ),
        ],
    )?;
    files.insert("Machine/Scripts/Shutdown".into(), None);
    files.insert("User/Scripts/Logoff".into(), None);
    Ok(SampleGpo {
        id: LOGON,
        container: Some(Container {
            name: "営業部 ログオン",
            flags: 2,
            version,
            machine_extensions: extensions(&[(SCRIPTS_CSE, &[SCRIPTS_MACHINE_TOOL])])?,
            user_extensions: extensions(&[
                (REDIRECTION_CSE, &[REDIRECTION_TOOL]),
                (SCRIPTS_CSE, &[SCRIPTS_USER_TOOL]),
            ])?,
            descriptor: descriptor(vec![])?,
            ..Container::default()
        }),
        files,
    })
}

/// Preferences with item-level targeting in both halves, and a pushed printer.
fn preference_items() -> Result<SampleGpo> {
    let version = GpoVersion::from_halves(6, 9);
    let file = |text: &str| settings::utf8(&text.replace("{domain}", DOMAIN_SID));
    Ok(SampleGpo {
        id: PREFERENCES,
        container: Some(Container {
            name: "Laufwerke & <Drucker> \"Etage 2\"",
            version,
            machine_extensions: extensions(&[
                (
                    CORE,
                    &[
                        FILES_TOOL,
                        GROUPS_TOOL,
                        PRINTERS_TOOL,
                        GPP_REGISTRY_TOOL,
                        TASKS_TOOL,
                    ],
                ),
                (GROUPS_CSE, &[GROUPS_TOOL]),
                (FILES_CSE, &[FILES_TOOL]),
                (TASKS_CSE, &[TASKS_TOOL]),
                (GPP_REGISTRY_CSE, &[GPP_REGISTRY_TOOL]),
                (PRINTERS_CSE, &[PRINTERS_TOOL]),
            ])?,
            user_extensions: extensions(&[(CORE, &[DRIVES_TOOL]), (DRIVES_CSE, &[DRIVES_TOOL])])?,
            descriptor: descriptor(vec![])?,
            objects: Objects::PushedPrinter,
            ..Container::default()
        }),
        files: folder(
            version,
            vec![
                (
                    "Machine/Preferences/Files/Files.xml",
                    file(preferences::FILES),
                ),
                (
                    "Machine/Preferences/Groups/Groups.xml",
                    file(preferences::GROUPS),
                ),
                (
                    "Machine/Preferences/Printers/Printers.xml",
                    file(preferences::PRINTERS),
                ),
                (
                    "Machine/Preferences/Registry/Registry.xml",
                    file(preferences::REGISTRY),
                ),
                (
                    "Machine/Preferences/ScheduledTasks/ScheduledTasks.xml",
                    file(preferences::SCHEDULED_TASKS),
                ),
                (
                    "User/Preferences/Drives/Drives.xml",
                    file(preferences::DRIVES),
                ),
            ],
        )?,
    })
}

/// A software package; the user half is switched off.
fn software() -> Result<SampleGpo> {
    let version = GpoVersion::from_halves(0, 2);
    Ok(SampleGpo {
        id: SOFTWARE,
        container: Some(Container {
            name: "Software für alle",
            flags: 1,
            version,
            machine_extensions: extensions(&[(SOFTWARE_CSE, &[SOFTWARE_MACHINE_TOOL])])?,
            descriptor: descriptor(vec![])?,
            objects: Objects::SoftwarePackage,
            ..Container::default()
        }),
        files: folder(
            version,
            vec![(
                "Machine/Applications/{5C9A0002-1D2E-4F55-8A5B-000000000002}.aas",
                settings::ADVERTISE_SCRIPT.to_vec(),
            )],
        )?,
    })
}

/// A GPO without settings, all switched off, whose versions differ: SYSVOL is one step behind.
fn versions_differ() -> Result<SampleGpo> {
    Ok(SampleGpo {
        id: VERSIONS_DIFFER,
        container: Some(Container {
            name: "Versionen verschieden",
            flags: 3,
            version: GpoVersion::from_halves(1, 2),
            descriptor: descriptor(vec![])?,
            ..Container::default()
        }),
        files: folder(GpoVersion::from_halves(1, 1), vec![])?,
    })
}

/// The folder of a GPO with these files and the ones that every GPO has.
fn folder(version: GpoVersion, files: Vec<(&str, Vec<u8>)>) -> Result<Tree> {
    let mut tree: Tree = files
        .into_iter()
        .map(|(path, bytes)| (path.to_owned(), Some(bytes)))
        .collect();
    tree.insert("GPT.INI".into(), Some(settings::gpt_ini(version)?));
    for half in ["Machine", "User"] {
        let prefix = format!("{}/", half.to_uppercase());
        if !tree
            .keys()
            .any(|path| path.to_uppercase().starts_with(&prefix))
        {
            tree.insert(half.into(), None);
        }
    }
    Ok(tree)
}

/// The descriptor of a new GPO with these entries, in canonical order.
fn descriptor(entries: Vec<Ace>) -> Result<Vec<u8>> {
    let domain: Sid = DOMAIN_SID.parse()?;
    let mut descriptor = SecurityDescriptor::new_gpo(&domain, &domain);
    if let Some(dacl) = descriptor.dacl_mut() {
        for entry in entries {
            dacl.insert_canonical(entry);
        }
    }
    Ok(descriptor.to_bytes()?)
}

/// An extension list; the groups and the tools in them ascend.
fn extensions(groups: &[(&str, &[&str])]) -> Result<String> {
    let mut list = Vec::new();
    for (cse, tools) in groups {
        let tools: Result<Vec<_>, _> = tools.iter().map(|tool| tool.parse()).collect();
        list.push(ExtensionGroup {
            cse: cse.parse()?,
            tools: tools?,
        });
    }
    Ok(ExtensionList::from_groups(&list).as_str().to_owned())
}

const CORE: &str = "{00000000-0000-0000-0000-000000000000}";
const REGISTRY_CSE: &str = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}";
const REGISTRY_MACHINE_TOOL: &str = "{D02B1F72-3407-48AE-BA88-E8213C6761F1}";
const REGISTRY_USER_TOOL: &str = "{D02B1F73-3407-48AE-BA88-E8213C6761F1}";
const SECURITY_CSE: &str = "{827D319E-6EAC-11D2-A4EA-00C04F79F83A}";
const SECURITY_TOOL: &str = "{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}";
const AUDIT_CSE: &str = "{F3CCC681-B74C-4060-9F26-CD84525DCA2A}";
const AUDIT_TOOL: &str = "{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}";
const SCRIPTS_CSE: &str = "{42B5FAAE-6536-11D2-AE5A-0000F87571E3}";
const SCRIPTS_MACHINE_TOOL: &str = "{40B6664F-4972-11D1-A7CA-0000F87571E3}";
const SCRIPTS_USER_TOOL: &str = "{40B66650-4972-11D1-A7CA-0000F87571E3}";
const REDIRECTION_CSE: &str = "{25537BA6-77A8-11D2-9B6C-0000F8080861}";
const REDIRECTION_TOOL: &str = "{88E729D6-BDC1-11D1-BD2A-00C04FB9603F}";
const SOFTWARE_CSE: &str = "{C6DC5466-785A-11D2-84D0-00C04FB169F7}";
const SOFTWARE_MACHINE_TOOL: &str = "{942A8E4F-A261-11D1-A760-00C04FB9603F}";
const GROUPS_CSE: &str = "{17D89FEC-5C44-4972-B12D-241CAEF74509}";
const GROUPS_TOOL: &str = "{79F92669-4224-476C-9C5C-6EFB4D87DF4A}";
const DRIVES_CSE: &str = "{5794DAFD-BE60-433F-88A2-1A31939AC01F}";
const DRIVES_TOOL: &str = "{2EA1A81B-48E5-45E9-8BB7-A6E3AC170006}";
const FILES_CSE: &str = "{7150F9BF-48AD-4DA4-A49C-29EF4A8369BA}";
const FILES_TOOL: &str = "{3BAE7E51-E3F4-41D0-853D-9BB9FD47605F}";
const TASKS_CSE: &str = "{AADCED64-746C-4633-A97C-D61349046527}";
const TASKS_TOOL: &str = "{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}";
const GPP_REGISTRY_CSE: &str = "{B087BE9D-ED37-454F-AF9C-04291E351182}";
const GPP_REGISTRY_TOOL: &str = "{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}";
const PRINTERS_CSE: &str = "{BC75B1ED-5833-4858-9BB8-CBF0B166DF9D}";
const PRINTERS_TOOL: &str = "{A8C42CEA-CDB8-4388-97F4-5831F933DA84}";
