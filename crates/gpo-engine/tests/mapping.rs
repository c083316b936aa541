//! Mapping a GPO to another domain.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use std::collections::BTreeMap;

use gpo_core::{
    DirectoryAttribute, DirectoryObject, Domain, EntryKind, ExtensionList, Gpo, GpoPath, GpoStatus,
    Guid, HalfVersion, Inventory, MigrationDestination, MigrationEntry, MigrationSourceKind,
    MigrationTable, Principal, PrincipalKind, ReferenceSource, SourceError, SourceErrorKind,
};
use gpo_engine::{MappedGpo, Mapping, MappingRule, OperationCode, Severity, validate_destinations};
use gpo_testkit::{MemoryDomain, sample};
use sddl_parser::{SddlContext, SecurityDescriptor};

const OLD: &str = "S-1-5-21-1-2-3";
const NEW: &str = "S-1-5-21-7-8-9";

const TEMPLATE: &str = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
const GROUPS: &str = r"Machine\Preferences\Groups\Groups.xml";
const SCRIPTS: &str = r"User\Scripts\scripts.ini";
const PS_SCRIPTS: &str = r"User\Scripts\psscripts.ini";

fn domain(netbios: &str, dns: &str, sid: &str) -> Domain {
    Domain {
        dns_name: dns.into(),
        dn: String::new(),
        netbios_name: Some(netbios.into()),
        id: None,
        sid: Some(sid.parse().unwrap()),
        domain_controller: String::new(),
    }
}

fn principal(domain: &Domain, rid: u32, name: &str) -> Principal {
    Principal {
        sid: domain.sid.unwrap().with_rid(rid).unwrap(),
        sam_account_name: name.into(),
        kind: PrincipalKind::GlobalGroup,
        netbios_domain: domain.netbios_name.clone().unwrap(),
        dns_domain: domain.dns_name.clone(),
        upn: format!("{name}@{}", domain.dns_name),
    }
}

fn old() -> Domain {
    domain("OLD", "old.example", OLD)
}

/// What the source knows: Red and the administrators, but not everybody.
fn known() -> Vec<Principal> {
    [(512, "Domain Admins"), (1104, "Red")]
        .map(|(rid, name)| principal(&old(), rid, name))
        .into()
}

/// The domain NEW, with Red under another RID.
fn target() -> MemoryDomain {
    let new = domain("NEW", "new.example", NEW);
    let target = MemoryDomain::new(new.clone());
    for (rid, name) in [
        (512, "Domänen-Admins"),
        (2001, "Red"),
        (2002, "Blue"),
        (1105, "Else"),
    ] {
        target.add_principal(principal(&new, rid, name));
    }
    target
}

fn gpo(files: &BTreeMap<GpoPath, Vec<u8>>) -> Gpo {
    let mut inventory = Inventory::default();
    for (path, bytes) in files {
        let kind = EntryKind::File(bytes.len() as u64);
        inventory.insert(path.clone(), kind).unwrap();
    }
    Gpo {
        id: Guid::from_u128(1).into(),
        domain: "old.example".into(),
        display_name: "G".into(),
        status: GpoStatus::default(),
        machine_version: HalfVersion::default(),
        user_version: HalfVersion::default(),
        machine_extensions: ExtensionList::default(),
        user_extensions: ExtensionList::default(),
        wmi_filter: None,
        wmi_filter_name: String::new(),
        security_descriptor: None,
        inventory,
        machine_objects: vec![DirectoryObject {
            rdn: "CN=Packages".into(),
            children: vec![DirectoryObject {
                rdn: "CN=p".into(),
                class: "packageRegistration".into(),
                attributes: vec![DirectoryAttribute {
                    name: "msiFileList".into(),
                    values: vec![br"0:\\old\apps\x.msi".to_vec()],
                }],
                ..DirectoryObject::default()
            }],
            ..DirectoryObject::default()
        }],
        user_objects: Vec::new(),
    }
}

fn map_files(mapping: &Mapping, files: &[(&str, &str)]) -> MappedGpo {
    let files: BTreeMap<GpoPath, Vec<u8>> = files
        .iter()
        .map(|(path, text)| (path.parse().unwrap(), text.as_bytes().to_vec()))
        .collect();
    let read = |path: &GpoPath| {
        let missing = || SourceError::new(SourceErrorKind::NotFound, path.as_str(), "");
        files.get(path).cloned().ok_or_else(missing)
    };
    mapping
        .map(&gpo(&files), &known(), &target(), read)
        .unwrap()
}

/// The file afterwards, and what there is to say.
fn map(mapping: &Mapping, path: &str, text: &str) -> (String, Vec<String>) {
    let mapped = map_files(mapping, &[(path, text)]);
    let messages = mapped.messages.iter().map(ToString::to_string).collect();
    let new = mapped.files.get(&path.parse().unwrap());
    let new = new.map_or(text.to_owned(), |new| {
        String::from_utf8(new.clone()).unwrap()
    });
    let (_, size) = mapped.gpo.inventory.get(&path.parse().unwrap()).unwrap();
    assert_eq!(size, EntryKind::File(new.len() as u64));
    (new, messages)
}

fn entry(source: &str, destination: MigrationDestination) -> MigrationEntry {
    let kind = if source.starts_with(r"\\") {
        MigrationSourceKind::UncPath
    } else {
        MigrationSourceKind::Principal(PrincipalKind::Unknown)
    };
    MigrationEntry {
        kind,
        source: source.into(),
        destination,
    }
}

fn table(entries: &[(&str, &str)]) -> Mapping {
    let set = |to: &str| MigrationDestination::Set(to.into());
    let entries: Vec<_> = entries
        .iter()
        .map(|(from, to)| entry(from, set(to)))
        .collect();
    let table = MigrationTable::from_entries(&entries).unwrap();
    Mapping::new().with_table(&table).unwrap()
}

fn rules(rules: &[(&str, &str)]) -> Mapping {
    let rules = rules
        .iter()
        .map(|(from, to)| MappingRule::parse(from, to).unwrap());
    Mapping::new().with_rules(rules).unwrap()
}

#[test]
fn a_principal_is_matched_by_any_of_its_names() {
    let file = format!("[Privilege Rights]\r\nSeA = *{OLD}-1104 , *S-1-5-32-544\r\n");
    let expected = format!("[Privilege Rights]\r\nSeA = *{NEW}-2002 , *S-1-5-32-544\r\n");
    for source in [
        "S-1-5-21-1-2-3-1104",
        "*S-1-5-21-1-2-3-1104",
        "red@OLD.example",
        r"old\RED",
        r"old.example\red",
    ] {
        for destination in [
            r"NEW\Blue",
            "blue@new.example",
            r"new.example\Blue",
            "S-1-5-21-7-8-9-2002",
        ] {
            let (new, messages) = map(&table(&[(source, destination)]), TEMPLATE, &file);
            assert_eq!(new, expected, "{source} -> {destination}");
            assert_eq!(messages, [""; 0], "{source} -> {destination}");
        }
    }
}

#[test]
fn a_name_stays_a_name_and_a_sid_a_sid() {
    let user_rights = |list: &str| format!("[Privilege Rights]\nSeA = {list}\n");
    for (list, source, destination, expected) in [
        (
            "ADD YOUR DOMAIN ADMINS",
            "add your domain admins",
            r"NEW\Blue",
            r"NEW\Blue",
        ),
        (r"OLD\Red", r"OLD\Red", r"NEW\Blue", r"NEW\Blue"),
        (
            r"OLD\Red",
            "Red@old.example",
            "Blue@new.example",
            r"NEW\Blue",
        ),
        (
            "Red@old.example",
            r"OLD\Red",
            "Blue@new.example",
            "Blue@new.example",
        ),
        (r"OLD\Red", r"OLD\Red", "S-1-5-21-7-8-9-2002", r"NEW\Blue"),
        (r"OLD\Red", r"OLD\Red", "S-1-5-32-545", r"BUILTIN\Users"),
        (r"OLD\Red", r"OLD\Red", "Administrators", "Administrators"),
        (
            "*S-1-5-21-1-2-3-1104",
            r"OLD\Red",
            "Administrators",
            "*S-1-5-32-544",
        ),
        (
            "Guests,Administrators",
            "S-1-5-32-544",
            r"NEW\Blue",
            r"Guests,NEW\Blue",
        ),
        (
            "*S-1-5-32-544",
            "administrators",
            r"NEW\Blue",
            "*S-1-5-21-7-8-9-2002",
        ),
    ] {
        let (new, messages) = map(
            &table(&[(source, destination)]),
            TEMPLATE,
            &user_rights(list),
        );
        assert_eq!(
            new,
            user_rights(expected),
            "{list}: {source} -> {destination}"
        );
        assert_eq!(messages, [""; 0]);
    }
}

#[test]
fn the_four_destinations() {
    let file = format!("[Privilege Rights]\nSeA = *{OLD}-1104,*{OLD}-512\nSeB = *{OLD}-1104\n");
    for (destination, a, b) in [
        (
            MigrationDestination::Set(r"NEW\Blue".into()),
            format!("*{NEW}-2002,*{OLD}-512"),
            format!("*{NEW}-2002"),
        ),
        (
            MigrationDestination::ByRelativeName,
            format!("*{NEW}-2001,*{OLD}-512"),
            format!("*{NEW}-2001"),
        ),
        (
            MigrationDestination::None,
            format!("*{OLD}-512"),
            String::new(),
        ),
        (
            MigrationDestination::SameAsSource,
            format!("*{OLD}-1104,*{OLD}-512"),
            format!("*{OLD}-1104"),
        ),
    ] {
        let entries = [entry(r"OLD\Red", destination.clone())];
        let table = MigrationTable::from_entries(&entries).unwrap();
        let mapping = Mapping::new().with_table(&table).unwrap();
        let (new, messages) = map(&mapping, TEMPLATE, &file);
        assert_eq!(new, format!("[Privilege Rights]\nSeA = {a}\nSeB = {b}\n"));
        let is_same = destination == MigrationDestination::SameAsSource;
        assert_eq!(messages.len(), if is_same { 2 } else { 0 }, "{messages:?}");
    }
}

#[test]
fn every_domain_has_the_accounts_with_low_rids_under_its_own_names() {
    let file = format!("[Privilege Rights]\nSeA = *{OLD}-512,*{OLD}-1104,OLD\\Domain Admins\n");
    let expected =
        format!("[Privilege Rights]\nSeA = *{NEW}-512,*{NEW}-2001,NEW\\Domänen-Admins\n");
    for mapping in [
        rules(&[(r"OLD\*", r"NEW\*")]),
        rules(&[("*@old.example", "*@new.example")]),
        rules(&[(r"old.example\*", r"NEW\*")]),
        rules(&[
            ("S-1-5-21-1-2-3-*", "S-1-5-21-7-8-9-*"),
            (r"OLD\*", r"NEW\*"),
        ]),
        Mapping::new()
            .with_rules([MappingRule::of_domains(
                &old(),
                &domain("NEW", "new.example", NEW),
            )])
            .unwrap(),
    ] {
        let bytes = file.clone();
        let mapped = map_files(&mapping, &[(TEMPLATE, &bytes)]);
        let new = mapped.files.values().next().unwrap();
        let new = gpo_core::Text::decode(new).unwrap();
        assert_eq!(new.as_str(), expected, "{:?}", mapped.references);
    }
}

#[test]
fn a_sid_rule_keeps_rids_but_never_makes_somebody_else_of_a_known_principal() {
    let file = format!("[Privilege Rights]\nSeA = *{OLD}-1105,*{OLD}-3000,*{OLD}-1104\n");
    let mapping = rules(&[("S-1-5-21-1-2-3-*", "S-1-5-21-7-8-9")]);
    let (new, messages) = map(&mapping, TEMPLATE, &file);
    // 1105 has no known name; 3000 is nobody in NEW; Red would become nobody, which is said.
    let expected = format!("[Privilege Rights]\nSeA = *{NEW}-1105,*{NEW}-3000,*{NEW}-2001\n");
    assert_eq!(new, expected);
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].contains("not known there"), "{messages:?}");

    let renamed = table(&[]).with_rules([MappingRule::parse("S-1-5-21-1-2-3-*", NEW).unwrap()]);
    let file = format!("[Privilege Rights]\nSeA = *{OLD}-2002\n");
    let known = [principal(&old(), 2002, "Green")];
    let files = BTreeMap::from([(TEMPLATE.parse().unwrap(), file.into_bytes())]);
    let read = |path: &GpoPath| Ok(files[path].clone());
    let mapped = renamed
        .unwrap()
        .map(&gpo(&files), &known, &target(), read)
        .unwrap();
    assert!(mapped.files.is_empty(), "Green is not Blue");
    assert_eq!(mapped.messages[0].severity, Severity::Warning);
}

#[test]
fn a_path_is_mapped_by_its_longest_folder() {
    let mapping = table(&[
        (r"\\OLD\it", r"\\new\all"),
        (r"\\old\IT\scripts\", r"\\new2\s$\"),
        (r"\\old", r"\\newest"),
    ]);
    for (path, expected) in [
        (r"\\old\it\scripts\a b.cmd", r"\\new2\s$\a b.cmd"),
        (r"\\Old\It\x\y.cmd", r"\\new\all\x\y.cmd"),
        (r"\\old\itx\y.cmd", r"\\newest\itx\y.cmd"),
        (r"\\old", r"\\newest"),
        (r"\\older\it\y.cmd", r"\\older\it\y.cmd"),
    ] {
        let file = |path: &str| format!("[Logon]\r\n0CmdLine={path}\r\n0Parameters=\r\n");
        let (new, messages) = map(&mapping, SCRIPTS, &file(path));
        assert_eq!(new, file(expected));
        assert_eq!(messages, [""; 0]);
    }
}

#[test]
fn servers_of_a_domain_go_with_it() {
    let mapping = rules(&[("*.old.example", "*.new.example")]);
    for (path, expected) in [
        (r"\\srv.OLD.example\x\y", r"\\srv.new.example\x\y"),
        (
            r"\\old.example\SysVol\old.example\scripts\y",
            r"\\new.example\SysVol\new.example\scripts\y",
        ),
        (
            r"\\srv.old.example@SSL@8443\x",
            r"\\srv.new.example@SSL@8443\x",
        ),
        (r"\\srvold.example\x", r"\\srvold.example\x"),
        (r"\\srv\old.example.txt", r"\\srv\old.example.txt"),
    ] {
        let file = |path: &str| format!("[Logon]\n0CmdLine={path}\n");
        assert_eq!(map(&mapping, PS_SCRIPTS, &file(path)).0, file(expected));
    }
}

#[test]
fn preferences_keep_sid_and_name_together() {
    let groups = |name: &str, sid: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Groups clsid='{{x}}'><Group><Properties groupName=\"Administrators (built-in)\" \
             groupSid=\"S-1-5-32-544\"><Members>\n  <Member name='{name}'  sid=\"{sid}\" action=\"ADD\" />\n</Members></Properties>\
             <Filters><FilterGroup name=\"{name}\" sid=\"{sid}\"/></Filters></Group></Groups>"
        )
    };
    // The source knows nothing of Green: the file itself says who that is.
    let old = groups(r"OLD\R&amp;D", "S-1-5-21-1-2-3-1200");
    for source in [r"OLD\R&D", "S-1-5-21-1-2-3-1200", "r&d@old.example"] {
        let (new, messages) = map(&table(&[(source, r"NEW\Blue")]), GROUPS, &old);
        assert_eq!(new, groups(r"NEW\Blue", "S-1-5-21-7-8-9-2002"), "{source}");
        assert_eq!(messages, [""; 0]);
    }
    // Nobody in NEW has the name: both stay.
    let (new, messages) = map(&rules(&[(r"OLD\*", r"NEW\*")]), GROUPS, &old);
    assert_eq!(new, old);
    assert_eq!(messages.len(), 4, "{messages:?}");
}

#[test]
fn a_member_can_be_dropped_and_a_filter_cannot() {
    let file = "<Groups><Group><Properties><Members>\r\n\t<Member name=\"OLD\\Red\" sid=\"S-1-5-21-1-2-3-1104\"/>\r\n\t\
                <Member name=\"OLD\\Red\" sid=\"\"/>\r\n\t<Member name=\"OLD\\x\"/></Members></Properties>\
                <Filters><FilterGroup name=\"OLD\\Red\"/></Filters></Group></Groups>";
    let entries = [entry(r"OLD\Red", MigrationDestination::None)];
    let table = MigrationTable::from_entries(&entries).unwrap();
    let mapping = Mapping::new().with_table(&table).unwrap();
    let (new, messages) = map(&mapping, GROUPS, file);
    assert_eq!(
        new,
        "<Groups><Group><Properties><Members>\r\n\t<Member name=\"OLD\\x\"/></Members></Properties>\
         <Filters><FilterGroup name=\"OLD\\Red\"/></Filters></Group></Groups>"
    );
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].contains("cannot be taken out"), "{messages:?}");
    assert!(messages[0].starts_with("warning: Machine"), "{messages:?}");
    let (_, messages) = map(&mapping.table_only(true), GROUPS, file);
    assert!(
        messages
            .iter()
            .all(|message| message.starts_with("error: "))
    );
}

#[test]
fn objects_are_mapped() {
    let mapped = map_files(&table(&[(r"\\old\apps", r"\\new\apps")]), &[]);
    let package = &mapped.gpo.machine_objects[0].children[0];
    assert_eq!(package.values("msiFileList"), [br"0:\\new\apps\x.msi"]);
    let found = &mapped.references[0];
    assert!(matches!(&found.source, ReferenceSource::Object { rdns, .. } if rdns.len() == 2));
    assert_eq!(
        found.fate.to_string(),
        r"becomes \\new\apps\x.msi (mapping 1: \\old\apps -> \\new\apps)"
    );
}

#[test]
fn a_path_in_the_own_folder_needs_no_rule() {
    let mut gpo = gpo(&BTreeMap::new());
    let script = &mut gpo.machine_objects[0].children[0].attributes[0];
    let own = format!(
        r"\\old.example\SysVol\old.example\Policies\{}\Machine\x.aas",
        gpo.id
    );
    let other = own.replace("0001}", "0002}");
    *script = DirectoryAttribute {
        name: "msiScriptPath".into(),
        values: vec![own.clone().into_bytes(), other.into_bytes()],
    };
    let read = |_: &GpoPath| unreachable!("there are no files");
    let rule = rules(&[("*.old.example", "*.new.example")]).table_only(true);
    let mapped = rule.map(&gpo, &known(), &target(), read).unwrap();
    let values = &mapped.gpo.machine_objects[0].children[0].attributes[0].values;
    assert_eq!(values[0], own.as_bytes());
    assert!(values[1].starts_with(br"\\new.example\SysVol\new.example\"));
    assert!(mapped.messages.is_empty(), "{:?}", mapped.messages);
}

#[test]
fn permissions_are_mapped_where_asked_for() {
    let context = SddlContext::new();
    let sddl = |domain: &str, rids: [u32; 3]| {
        let [owner, trustee, other] = rids.map(|rid| format!("{domain}-{rid}"));
        let text = format!("O:{owner}D:P(A;CI;GA;;;{trustee})(A;CI;GR;;;AU)(A;CI;GR;;;{other})");
        SecurityDescriptor::from_sddl(&text, &context)
            .unwrap()
            .to_bytes()
            .unwrap()
    };
    let (before, after) = (sddl(OLD, [512, 1104, 512]), sddl(NEW, [512, 2001, 512]));
    let mut gpo = gpo(&BTreeMap::new());
    gpo.security_descriptor = Some(before.clone());
    gpo.machine_objects[0].children[0].security_descriptor = Some(before.clone());
    let map = |mapping: Mapping| {
        let read = |_: &GpoPath| unreachable!("there are no files");
        mapping.map(&gpo, &known(), &target(), read).unwrap()
    };
    let rule = rules(&[(r"OLD\*", r"NEW\*")]);
    let mapped = map(rule.clone()).gpo;
    assert_eq!(mapped.security_descriptor, Some(before));
    let mapped = map(rule.with_permissions(true));
    assert!(mapped.messages.is_empty(), "{:?}", mapped.messages);
    let object = &mapped.gpo.machine_objects[0].children[0];
    assert_eq!(mapped.gpo.security_descriptor, Some(after.clone()));
    assert_eq!(object.security_descriptor, Some(after));

    let nobody = [entry(r"OLD\Domain Admins", MigrationDestination::None)];
    let table = MigrationTable::from_entries(&nobody).unwrap();
    let mapped = map(Mapping::new()
        .with_table(&table)
        .unwrap()
        .with_permissions(true));
    let left = SecurityDescriptor::from_bytes(&mapped.gpo.security_descriptor.unwrap()).unwrap();
    assert_eq!(left.dacl().unwrap().aces.len(), 2);
    assert_eq!(
        mapped.messages.len(),
        2,
        "the owners stay: {:?}",
        mapped.messages
    );
}

#[test]
fn like_gpmc_maps_what_gpmc_maps() {
    let files = |server: &str, sid: &str, rest: &str| {
        [
            (
                TEMPLATE,
                format!(
                    "[Privilege Rights]\nSeA = *{sid}\n[Registry Values]\nM\\v=1,\"O:BAD:(A;;RC;;;{OLD}-1104)\"\n\
                     [File Security]\n\"C:\\x\",0,\"D:(A;;FA;;;{sid})\"\n"
                ),
            ),
            (
                SCRIPTS,
                format!("[Logon]\n0CmdLine=\\\\{server}\\x.cmd\n1CmdLine=\\\\{rest}\\a\\x.cmd\n"),
            ),
            (PS_SCRIPTS, "[Logon]\n0CmdLine=\\\\old\\it\\x.ps1\n".into()),
        ]
    };
    let before = files(r"old\it", &format!("{OLD}-1104"), r"old\it");
    let before: Vec<_> = before
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let mapping = table(&[(r"\\old\it", r"\\new\it"), (r"OLD\Red", r"NEW\Blue")]).like_gpmc(true);
    let mapped = map_files(&mapping, &before);
    let after: Vec<_> = mapped
        .files
        .iter()
        .map(|(path, bytes)| (path.to_string(), String::from_utf8(bytes.clone()).unwrap()))
        .collect();
    let expected = files(r"new\it", &format!("{NEW}-2002"), r"old\it");
    let expected: Vec<_> = expected[..2]
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.clone()))
        .collect();
    assert_eq!(after, expected);
}

#[test]
fn table_only_names_all_that_is_not_mapped() {
    let file =
        format!("[Privilege Rights]\nSeA = *{OLD}-1104,*S-1-5-32-544,Administrators,Somebody\n");
    let mapped = map_files(&Mapping::new().table_only(true), &[(TEMPLATE, &file)]);
    let texts: Vec<_> = mapped.messages.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            format!("error: {TEMPLATE}: line 2: \"*{OLD}-1104\" stays: no rule is for it"),
            format!("error: {TEMPLATE}: line 2: \"Somebody\" stays: no rule is for it"),
            r#"error: Machine: CN=Packages, CN=p: msiFileList: "\\old\apps\x.msi" stays: no rule is for it"#.into(),
        ]
    );
    let unmapped = mapped.references.iter().filter(|own| !own.is_mapped());
    assert_eq!(unmapped.count(), 3);
    assert!(
        map_files(&Mapping::new(), &[(TEMPLATE, &file)])
            .messages
            .is_empty()
    );
}

#[test]
fn a_destination_that_nobody_knows_is_an_error_where_a_sid_is_needed() {
    let file = format!("[Privilege Rights]\nSeA = *{OLD}-1104\nSeB = OLD\\Red\n");
    let mapped = map_files(&table(&[(r"OLD\Red", r"NEW\Nobody")]), &[(TEMPLATE, &file)]);
    let shown: Vec<_> = mapped
        .messages
        .iter()
        .map(|message| (message.severity, message.operation, message.error_code))
        .collect();
    let unresolved = OperationCode::ResolveDestination;
    assert_eq!(
        shown,
        [
            (Severity::Error, unresolved, 0x8007_0534),
            (Severity::Warning, unresolved, 0x8007_0534),
        ]
    );
}

#[test]
fn what_a_destination_would_make_of_a_file_is_refused() {
    let rule =
        "<FilePathRule UserOrGroupSid=\"S-1-1-0\"><FilePathCondition Path=\"\\\\old\\a\\*\"/>";
    let mut pol = gpo_core::RegistryPol::default();
    let value = gpo_core::RegistryValue::Sz(rule.into());
    pol.set(
        r"Software\Policies\Microsoft\Windows\SrpV2\Exe\{2}",
        "Value",
        value,
    )
    .unwrap();
    let value = gpo_core::RegistryValue::Sz(r"/i \\old\a\x.msi /q".into());
    pol.set("Software\\x", "Run", value).unwrap();
    let bytes = pol.to_bytes().unwrap();
    let files = BTreeMap::from([(r"Machine\registry.pol".parse().unwrap(), bytes)]);
    let read = |path: &GpoPath| Ok(files[path].clone());
    // A blank would end the path in the parameters of a program.
    let mapping = table(&[(r"\\old\a", r"\\new\a b")]);
    let mapped = mapping
        .map(&gpo(&files), &[], &sample_target(), read)
        .unwrap();
    let texts: Vec<_> = mapped.messages.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(
        texts[0].contains("it would be read as something else"),
        "{texts:?}"
    );
    assert_eq!(mapped.files.len(), 1);
}

fn sample_target() -> MemoryDomain {
    MemoryDomain::new(sample::domain())
}

#[test]
fn a_bad_table_is_refused_with_its_place() {
    let set = |to: &str| MigrationDestination::Set(to.into());
    for (entries, expected) in [
        (
            vec![entry("a", set("b")), entry("A", set("c"))],
            "mapping 2 of the migration table: \"A\" has a destination in mapping 1 of the migration table already",
        ),
        (
            vec![
                entry("x", set("y")),
                entry("a", set("B")),
                entry("b", set("A")),
            ],
            "mapping 2 of the migration table: it leads back to its source",
        ),
        (
            vec![entry(r"\\a\b", MigrationDestination::None)],
            "mapping 1 of the migration table: a path cannot be mapped to no destination",
        ),
        (
            vec![entry(r"\\a\b", set(r"C:\x"))],
            "mapping 1 of the migration table: \"C:\\x\" is no path like \\\\server\\share",
        ),
        (
            vec![entry("", set("b"))],
            "mapping 1 of the migration table: the source is empty",
        ),
    ] {
        let table = MigrationTable::from_entries(&entries).unwrap();
        let error = Mapping::new().with_table(&table).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    // What stays as it is, and a chain, are no cycles.
    let fine = [
        entry("a", set("a")),
        entry("b", set("c")),
        entry("c", set("d")),
    ];
    let table = MigrationTable::from_entries(&fine).unwrap();
    assert!(Mapping::new().with_table(&table).is_ok());
}

#[test]
fn destinations_are_looked_up_in_a_domain() {
    let set = |to: &str| MigrationDestination::Set(to.into());
    let mapping = |kind: PrincipalKind, source: &str, destination| MigrationEntry {
        kind: MigrationSourceKind::Principal(kind),
        ..entry(source, destination)
    };
    let group = || PrincipalKind::GlobalGroup;
    let entries = [
        mapping(group(), "a", set("Blue@new.example")),
        mapping(group(), "b", set(r"NEW\Nobody")),
        mapping(PrincipalKind::User, "c", set(r"new.example\blue")),
        mapping(
            group(),
            "red@old.example",
            MigrationDestination::ByRelativeName,
        ),
        mapping(group(), r"OLD\Green", MigrationDestination::ByRelativeName),
        mapping(PrincipalKind::Unknown, "e", set("Administrators")),
        mapping(PrincipalKind::Unknown, "f", set("S-1-5-21-7-8-9-999")),
        mapping(
            PrincipalKind::Unknown,
            "g",
            MigrationDestination::SameAsSource,
        ),
        entry(r"\\a\b", set(r"\\nowhere\b")),
    ];
    let table = MigrationTable::from_entries(&entries).unwrap();
    let found = validate_destinations(&table, &target()).unwrap();
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            r#"error: mapping 2: the domain does not know "NEW\Nobody" [unknown-destination]"#,
            r#"warning: mapping 3: "new.example\blue" is a GlobalGroup, the mapping is for a User [other-kind]"#,
            r#"error: mapping 5: the domain does not know "NEW\Green" [unknown-destination]"#,
            r#"error: mapping 7: the domain does not know "S-1-5-21-7-8-9-999" [unknown-destination]"#,
            r#"warning: mapping 8: the domain does not know "g" [unknown-source]"#,
        ]
    );
}

/// Time grows with the number of references, not with its square, however a file is laid out: these
/// take a second each, and took minutes.
#[test]
fn many_references_take_little_time() {
    let sid = format!("{OLD}-1104");
    let count = 4_000;
    let list = |separator: &str| vec![sid.as_str(); count].join(separator);
    let members = format!("<Member name=\"OLD\\Red\" sid=\"{sid}\"/>").repeat(count);
    let row = format!(",{sid},Logon,{{0}},x,,1\n").repeat(count);
    for (path, text) in [
        (
            TEMPLATE,
            format!("[Privilege Rights]\nSeA = *{}\n", list(",*")),
        ),
        (
            TEMPLATE,
            format!("[Privilege Rights]\nSeA = *{}\n", list("\nSeA = *")),
        ),
        (
            GROUPS,
            format!(
                "<Groups><Group><Properties><Members>{members}</Members></Properties></Group></Groups>"
            ),
        ),
        (
            GROUPS,
            format!(
                "<Groups><Group><Properties x=\"{}\"/></Group></Groups>",
                list(" ")
            ),
        ),
        (
            r"Machine\Microsoft\Windows NT\Audit\audit.csv",
            format!("Header\n{row}"),
        ),
    ] {
        for destination in [
            MigrationDestination::Set(r"NEW\Blue".into()),
            MigrationDestination::None,
        ] {
            let table = MigrationTable::from_entries(&[entry(r"OLD\Red", destination)]).unwrap();
            let mapping = Mapping::new().with_table(&table).unwrap();
            let start = std::time::Instant::now();
            let mapped = map_files(&mapping, &[(path, &text)]);
            assert!(
                start.elapsed().as_secs() < 20,
                "{path}: {:?}",
                start.elapsed()
            );
            assert_eq!(
                mapped.references.len() - 1,
                text.matches("1104").count() + text.matches("OLD").count()
            );
        }
    }
}
