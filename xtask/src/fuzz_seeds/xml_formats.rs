//! Seeds of the XML files of the backup layout.

use gpo_core::{
    BackupInst, BackupXml, BkupInfo, DirectoryAttribute, DirectoryObject, EntryKind,
    ExtensionGroup, ExtensionList, Gpo, GpoStatus, GroupSource, Guid, HalfVersion, Inventory,
    Manifest, SecurityGroup, WmiFilterLink,
};

use super::Add;
use crate::Result;

pub(super) fn add(add: &mut Add<'_>) -> Result {
    add("bkup_info", "gpmc", &BkupInfo::new(inst()?).to_bytes()?);
    add("bkup_info", "unusual", UNUSUAL_INFO.as_bytes());

    let mut manifest = Manifest::default();
    add("manifest", "empty", &manifest.to_bytes()?);
    manifest.insert(inst()?);
    let mut second = inst()?;
    second.id = "{00000000-0000-4000-8000-00000000000B}".parse()?;
    second.software_installation = true;
    manifest.insert(second);
    manifest.form.bom = true;
    add("manifest", "two", &manifest.to_bytes()?);
    add("manifest", "unusual", UNUSUAL_MANIFEST.as_bytes());

    let gpo = gpo()?;
    let groups = vec![
        SecurityGroup::named("CORP\\Grüße & <Co>"),
        SecurityGroup::unresolved("S-1-5-21-1-2-3-512", GroupSource::Dacl),
    ];
    let paths = vec![r"\\server\share".to_owned()];
    let build = |layout: Build| layout(&gpo, "dc.corp.example", groups.clone(), paths.clone());
    add("backup_xml", "gpmc", &build(BackupXml::build).to_bytes()?);
    add(
        "backup_xml",
        "lgpo",
        &build(BackupXml::build_lgpo).to_bytes()?,
    );
    add("backup_xml", "unusual", UNUSUAL_BACKUP.as_bytes());
    Ok(())
}

type Build = fn(&Gpo, &str, Vec<SecurityGroup>, Vec<String>) -> BackupXml;

fn inst() -> Result<BackupInst> {
    Ok(BackupInst {
        gpo_id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse()?,
        gpo_domain: "corp.example".into(),
        gpo_domain_id: Some("{6ac1786c-016f-11d2-945f-00c04fb984f9}".parse()?),
        domain_controller: "dc.corp.example".into(),
        time: "2026-04-22T18:36:39".parse()?,
        id: "{00000000-0000-4000-8000-00000000000A}".parse()?,
        comment: "before & after ]]> of \u{1f600}".into(),
        display_name: "Größe".into(),
        software_installation: false,
        unusual: None,
    })
}

/// A GPO with something of every kind that Backup.xml has.
fn gpo() -> Result<Gpo> {
    let mut inventory = Inventory::default();
    for path in [
        "GPO.cmt",
        r"Machine\registry.pol",
        r"Machine\comment.cmtx",
        r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
        r"Machine\Scripts\Startup\run.cmd",
        r"User\Preferences\Drives\Drives.xml",
        r"User\mine.txt",
    ] {
        inventory.insert(path.parse()?, EntryKind::File(1))?;
    }
    inventory.insert(r"User\Empty".parse()?, EntryKind::Folder)?;
    let text = |name: &str, value: &str| DirectoryAttribute {
        name: name.into(),
        values: vec![value.into()],
    };
    Ok(Gpo {
        id: "{31b2F340-016D-11D2-945F-00C04FB984F9}".parse()?,
        domain: "corp.example".into(),
        display_name: "Größe & Co".into(),
        status: GpoStatus::USER_DISABLED,
        machine_version: HalfVersion {
            directory: 3,
            sysvol: 3,
        },
        user_version: HalfVersion {
            directory: 1,
            sysvol: 2,
        },
        machine_extensions: extensions(&[
            0x35378EAC_683F_11D2_A89A_00C04FBBCFA2,
            0x42B5FAAE_6536_11D2_AE5A_0000F87571E3,
            0x827D319E_6EAC_11D2_A4EA_00C04F79F83A,
            0xC6DC5466_785A_11D2_84D0_00C04FB169F7,
        ]),
        user_extensions: extensions(&[0x5794DAFD_BE60_433F_88A2_1A31939AC01F]),
        wmi_filter: Some(WmiFilterLink::in_backup(
            "{594C8924-FB64-437d-BAB7-4D13A89C879C}".parse()?,
            "corp.example",
        )?),
        wmi_filter_name: "Only laptops".into(),
        security_descriptor: Some(vec![1, 0, 4, 0x80, 0, 0]),
        inventory,
        machine_objects: vec![DirectoryObject {
            rdn: "CN=Class Store".into(),
            class: "classStore".into(),
            attributes: vec![text("cn", "Class Store"), text("appSchemaVersion", "1740")],
            security_descriptor: Some(vec![1, 0, 4, 0x80]),
            children: vec![DirectoryObject {
                rdn: "CN=Packages".into(),
                class: "classStore".into(),
                attributes: vec![text("cn", "Packages")],
                ..DirectoryObject::default()
            }],
        }],
        user_objects: Vec::new(),
    })
}

fn extensions(ids: &[u128]) -> ExtensionList {
    let groups: Vec<_> = ids
        .iter()
        .map(|&id| ExtensionGroup {
            cse: Guid::from_u128(id),
            tools: vec![Guid::from_u128(0xD02B1F72_3407_48AE_BA88_E8213C6761F1)],
        })
        .collect();
    ExtensionList::from_groups(&groups)
}

/// Another order, another spelling, unknown things, and what a hand can do to XML.
const UNUSUAL_INFO: &str = "\u{feff}<?xml version='1.0'?>\n<!-- mine -->\n\
<BackupInst xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\" mine='1'>\n\
 <ID>{00000000-0000-4000-8000-00000000000a}</ID><BackupTime>2026-04-22T18:36:39</BackupTime>\n\
 <GPOGuid>{31b2f340-016d-11d2-945f-00c04fb984f9}</GPOGuid>\n\
 <Comment/><mine:x xmlns:mine='urn:x'>&amp;&#65;<y/></mine:x>\n\
</BackupInst>\n";

const UNUSUAL_MANIFEST: &str = "<Backups \
xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\" \
xmlns:mfst=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\" \
mfst:version=\"1.0\" mine=\"1\"><!-- a --><BackupInst \
xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\" \
xmlns:mfst=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\">\
<GPOGuid><![CDATA[{31B2F340-016D-11D2-945F-00C04FB984F9}]]></GPOGuid>\
<ID><![CDATA[{00000000-0000-4000-8000-00000000000A}]]></ID>\
<BackupTime><![CDATA[2026-04-22T18:36:39]]></BackupTime>\
<GPODisplayName>a<![CDATA[ <b> ]]>&lt;c&gt;</GPODisplayName>\
</BackupInst><other/></Backups>\n";

const UNUSUAL_BACKUP: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
<GroupPolicyBackupScheme bkp:version=\"1.0\" bkp:type=\"GroupPolicyBackupTemplate\" \
xmlns:bkp=\"http://www.microsoft.com/GroupPolicy/GPOOperations\" \
xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations\" mine=\"1\">\n\
<GroupPolicyObject><GroupPolicyCoreSettings>\n\
<ID><![CDATA[{31B2F340-016D-11D2-945F-00C04FB984F9}]]></ID><Domain>corp.example</Domain>\n\
<SecurityDescriptor/><DisplayName>mine</DisplayName><Options/>\n\
<UserVersionNumber>00</UserVersionNumber><MachineVersionNumber/>\n\
<MachineExtensionGuids> </MachineExtensionGuids><UserExtensionGuids/><new>1</new>\n\
</GroupPolicyCoreSettings><SecurityGroups/><FilePaths><Path>\\\\server\\share</Path></FilePaths>\n\
<GroupPolicyExtension bkp:ID=\"{F15C46CD-82A0-4C2D-A210-5D0D3182A418}\" \
bkp:DescName=\"Unknown Extension\"><!-- x -->\
<FSObjectFile bkp:Path=\"%GPO_MACH_FSPATH%\\a&amp;b\" \
bkp:SourceExpandedPath=\"\\\\dc\\sysvol\\corp.example\\Policies\\{X}\\Machine\\a&amp;b\" \
bkp:Location=\"DomainSysvol\\GPO\\Machine\\a&amp;b\"/>\
<FSObjectDir bkp:Path=\"%GPO_FSPATH%\\..\\x\" bkp:Location=\"..\\x\"/>\
</GroupPolicyExtension></GroupPolicyObject>\n\
</GroupPolicyBackupScheme>\n";
