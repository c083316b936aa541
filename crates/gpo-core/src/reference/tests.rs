use super::*;
use alloc::vec;
use proptest::prelude::*;

#[test]
fn sids_and_paths_are_found_in_texts() {
    for (text, value, list) in [
        (r"\\srv\a b;c", vec![r"\\srv\a b"], vec![r"\\srv\a"]),
        (r"\\srv", vec![r"\\srv"], vec![]),
        (
            r"\\srv\a;\\srv\b",
            vec![r"\\srv\a", r"\\srv\b"],
            vec![r"\\srv\a", r"\\srv\b"],
        ),
        (
            r#"-f "\\srv\a b" x"#,
            vec![r"\\srv\a b"],
            vec![r"\\srv\a b"],
        ),
        (
            r"/i \\srv\a.msi /q",
            vec![r"\\srv\a.msi"],
            vec![r"\\srv\a.msi"],
        ),
        (
            r"C:\\a\b \\?\C: \\.\pipe\x \\*\share \\\a\b x\\a\b",
            vec![],
            vec![],
        ),
        ("S-1-5-32-544", vec!["S-1-5-32-544"], vec!["S-1-5-32-544"]),
        (
            "D:(A;;GA;;;S-1-1-0)(XA;;;;;WD;(Member_of{SID(s-1-0x5-18)}))",
            vec!["S-1-1-0", "s-1-0x5-18"],
            vec!["S-1-1-0", "s-1-0x5-18"],
        ),
        (
            r"v2.10|App=\\srv\x\y.exe|LUAuth=O:LSD:(A;;CC;;;S-1-5-21-1-2-3-4)|",
            vec![r"\\srv\x\y.exe", "S-1-5-21-1-2-3-4"],
            vec![r"\\srv\x\y.exe", "S-1-5-21-1-2-3-4"],
        ),
        (
            r"HKU\S-1-5-18\x xS-1-1-0 S-1- S-1-5-1-",
            vec!["S-1-5-18"],
            vec!["S-1-5-18"],
        ),
    ] {
        let found = |parts: Vec<(Range<usize>, ReferenceKind)>| -> Vec<&str> {
            parts.into_iter().map(|(part, _)| &text[part]).collect()
        };
        assert_eq!(found(in_value(text)), value, "value {text}");
        assert_eq!(found(in_list(text)), list, "list {text}");
    }
}

proptest! {
    #[test]
    fn parts_of_any_text_follow_each_other(text in "(\\\\\\\\|S-1-|[sa5-9 ;\"',\\\\(é-]){0,12}") {
        for parts in [in_value(&text), in_list(&text)] {
            let mut end = 0;
            for (part, _) in parts {
                prop_assert!(part.start >= end && part.start < part.end);
                prop_assert!(text.get(part.clone()).is_some());
                end = part.end;
            }
        }
    }
}

#[cfg(feature = "xml")]
mod of_files {
    use super::*;
    use crate::directory_object::{DirectoryAttribute, DirectoryObject};
    use crate::extension_list::ExtensionList;
    use crate::gpo::{Gpo, GpoStatus, HalfVersion};
    use crate::inventory::{EntryKind, Inventory};
    use crate::path::GpoPath;
    use crate::registry_pol::{RegistryPol, RegistryValue};
    use crate::settings_file::SettingsFile;
    use alloc::string::ToString;

    /// `SID` stands for one of a domain; references are shown as place, setting and text.
    #[test]
    fn each_format_names_its_settings_and_replaces_in_place() {
        let sid = "S-1-5-21-1-2-3-4";
        for (path, file, expected) in [
            (
                r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
                "[Privilege Rights]\nSeA = *SID,Bob\n[Group Membership]\n*SID__Members = a b\n\
                 [Registry Values]\nM\\v=1,\"O:BAG:BAD:(A;;RC;;;SID)\"\nM\\w=7,\\\\s\\a,\\\\s\\b\n\
                 [File Security]\n\"C:\\x\",0,\"D:(A;;FA;;;SID)(A;;FA;;;BA)\"\n",
                vec![
                    "line 2: user right: *SID",
                    "line 2: user right: Bob",
                    "line 4: restricted group: *SID",
                    "line 4: restricted group: a b",
                    "line 6: security option: SID",
                    r"line 7: security option: \\s\a",
                    r"line 7: security option: \\s\b",
                    "line 9: file permissions: SID",
                ],
            ),
            (
                r"Machine\Microsoft\Windows NT\Audit\audit.csv",
                "Header\n,SID,Logon,{0},x,,1\n,,FileGlobalSacl,,,,\"S:(AU;SA;FA;;;SID)(AU;SA;FA;;;\"\"WD)\"\n",
                vec![
                    "line 2, Policy Target: audited user: SID",
                    "line 3, Setting Value: global SACL: SID",
                ],
            ),
            (
                r"User\Scripts\scripts.ini",
                "\n[Logon]\n0CmdLine=\\\\s\\a b.cmd\n0Parameters=/x \\\\s\\c\n1CmdLine=own.cmd\n",
                vec![
                    r"line 3: script: \\s\a b.cmd",
                    r"line 4: script parameters: \\s\c",
                ],
            ),
            (
                r"User\Scripts\psscripts.ini",
                "[Logon]\n0CmdLine=\\\\s\\a.ps1\n",
                vec![r"line 2: PowerShell script: \\s\a.ps1"],
            ),
            (
                r"User\Documents & Settings\fdeploy1.ini",
                "[Folder_Redirection]\n{FDD39AD0-238F-46AF-ADB4-6C85480369C7}=s-1-1-0;SID;\n\
                 [{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_SID]\nFullPath=\\\\s\\%USERNAME%\\Documents\n",
                vec![
                    "line 2: redirected group: s-1-1-0",
                    "line 2: redirected group: SID",
                    r"line 4: redirected folder: \\s\%USERNAME%\Documents",
                ],
            ),
        ] {
            let expected: Vec<String> = expected
                .iter()
                .map(|line| line.replace("SID", sid))
                .collect();
            let file = file.replace("SID", sid);
            let path: GpoPath = path.parse().unwrap();
            let read = SettingsFile::parse(&path, file.as_bytes()).unwrap();
            assert_eq!(shown(&read), expected, "{path}");
            let mut changed = read.clone();
            for reference in read.references().iter().rev() {
                let other = reference
                    .text
                    .replace("\\\\s\\", "\\\\other\\")
                    .replace(sid, "S-1-5-21-7-8-9-10");
                changed.set_reference(reference, &other).unwrap();
                if other != reference.text {
                    let error = changed.set_reference(reference, &other).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Missing);
                }
            }
            let after = file
                .replace("\\\\s\\", "\\\\other\\")
                .replace(sid, "S-1-5-21-7-8-9-10");
            assert_eq!(
                String::from_utf8(changed.to_bytes().unwrap()).unwrap(),
                after
            );
        }
    }

    fn shown(file: &SettingsFile) -> Vec<String> {
        let references = file.references().into_iter();
        let shown = references.map(|r| format!("{}: {}: {}", r.place, r.setting.name(), r.text));
        shown.collect()
    }

    #[test]
    fn rules_in_registry_pol_are_told_apart() {
        let rule = "<FilePathRule UserOrGroupSid=\"S-1-5-21-1-2-3-4\"><FilePathCondition Path=\"\\\\s\\a b\\*\"/>";
        let mut pol = RegistryPol::default();
        let key = r"Software\Policies\Microsoft\WindowsFirewall\FirewallRules";
        let firewall = "v2.10|App=C:\\x|LUAuth=O:LSD:(A;;CC;;;S-1-5-21-1-2-3-4)|";
        pol.set(key, "{1}", RegistryValue::Sz(firewall.into()))
            .unwrap();
        let key = r"Software\Policies\Microsoft\Windows\SrpV2\Exe\{2}";
        pol.set(key, "Value", RegistryValue::Sz(rule.into()))
            .unwrap();
        let hosts = vec!["x".into(), r"\\s\b".into()];
        pol.set("K", r"\\t", RegistryValue::MultiSz(hosts)).unwrap();
        pol.set(r"K\S-1-5-18", "v", RegistryValue::Dword(1))
            .unwrap();
        let read: Vec<_> = pol.references();
        let shown: Vec<_> = read.iter().map(|r| (r.setting, r.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                (ReferenceSetting::FirewallRule, "S-1-5-21-1-2-3-4"),
                (ReferenceSetting::AppLockerRule, "S-1-5-21-1-2-3-4"),
                (ReferenceSetting::AppLockerRule, r"\\s\a b\*"),
                (ReferenceSetting::RegistryPolicy, r"\\t"),
                (ReferenceSetting::RegistryPolicy, r"\\s\b"),
                (ReferenceSetting::RegistryPolicy, "S-1-5-18"),
            ]
        );
        for reference in read.iter().rev() {
            pol.set_reference(reference, "other").unwrap();
        }
        let of_data = pol.entries[1].value.as_sz().unwrap();
        assert_eq!(
            of_data,
            "<FilePathRule UserOrGroupSid=\"other\"><FilePathCondition Path=\"other\"/>"
        );
        assert_eq!(pol.entries[2].value_name.as_str(), Some("other"));
        assert_eq!(pol.entries[2].value.as_multi_sz().unwrap(), ["x", "other"]);
        assert_eq!(pol.entries[3].key.as_str(), Some(r"K\other"));
    }

    #[test]
    fn a_gpo_has_those_of_its_files_and_objects() {
        let mut inventory = Inventory::default();
        for path in [
            r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
            r"Machine\Preferences\Drives\Drives.xml",
            r"Machine\Scripts\Startup\x.cmd",
            r"User\Scripts\scripts.ini",
        ] {
            inventory
                .insert(path.parse().unwrap(), EntryKind::File(1))
                .unwrap();
        }
        let package = DirectoryObject {
            rdn: "CN=p".into(),
            class: "packageRegistration".into(),
            attributes: vec![DirectoryAttribute {
                name: "msiFileList".into(),
                values: vec![
                    br"1:C:\x.mst".to_vec(),
                    br"0:\\s\x.msi".to_vec(),
                    vec![0xff],
                ],
            }],
            ..DirectoryObject::default()
        };
        let mut gpo = Gpo {
            id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse().unwrap(),
            domain: "corp.example".into(),
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
                rdn: "CN=c".into(),
                children: vec![package],
                ..DirectoryObject::default()
            }],
            user_objects: Vec::new(),
        };
        let read = |path: &GpoPath| match path.file_name().unwrap() {
            "GptTmpl.inf" => Ok(b"[Privilege Rights]\nSeA = *S-1-1-0\n[File Security]\n\
                \"x\",0,\"D:(A;;FA;;;S-1-5-21-1-2-3-9)(A;;FA;;;S-1-5-32-9)\"\n"
                .to_vec()),
            "scripts.ini" => Ok(b"[Logon]\n0CmdLine=\\\\s\\a.cmd\n1CmdLine=\\\\s\n".to_vec()),
            "Drives.xml" => Ok(b"<Drives".to_vec()),
            other => Err(other.to_owned()),
        };
        let shown = |gpo: &Gpo| -> Vec<_> {
            let found = references(gpo, read).unwrap();
            assert_eq!(found.unread.len(), 1);
            assert_eq!(
                found.unread[0].file(),
                Some(r"Machine\Preferences\Drives\Drives.xml")
            );
            found
                .found
                .into_iter()
                .map(|r| (r.reference.text, r.is_listed))
                .collect()
        };
        let expected = |listed| {
            [
                ("*S-1-1-0", listed),
                ("S-1-5-21-1-2-3-9", listed),
                ("S-1-5-32-9", false),
                (r"\\s\a.cmd", listed),
                (r"\\s", false),
                (r"\\s\x.msi", listed),
            ]
            .map(|(text, listed)| (text.to_string(), listed))
        };
        assert_eq!(shown(&gpo), expected(false));
        let lists = "[{827D319E-6EAC-11D2-A4EA-00C04F79F83A}]\
                     [{C6DC5466-785A-11D2-84D0-00C04FB169F7}]";
        gpo.machine_extensions = ExtensionList::from_text(lists);
        let scripts = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}]";
        gpo.user_extensions = ExtensionList::from_text(scripts);
        assert_eq!(shown(&gpo), expected(true));

        let package = &mut gpo.machine_objects[0].children[0];
        let reference = package.references().remove(0);
        package.set_reference(&reference, r"\\t\y.msi").unwrap();
        assert_eq!(package.values("msiFileList")[1], br"0:\\t\y.msi");
    }
}
