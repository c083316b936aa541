use super::*;
use crate::error::ErrorKind;
use alloc::string::String;
use alloc::vec;
use proptest::prelude::*;

fn template(text: &str) -> SecurityTemplate {
    SecurityTemplate::parse(text.as_bytes()).unwrap()
}

fn text(template: &SecurityTemplate) -> String {
    String::from_utf8(template.to_bytes().unwrap()).unwrap()
}

#[test]
fn a_new_file_is_the_one_of_windows() {
    let expected =
        "[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature=\"$CHICAGO$\"\r\nRevision=1\r\n";
    let bytes = SecurityTemplate::new().unwrap().to_bytes().unwrap();
    let mut utf16 = b"\xff\xfe".to_vec();
    utf16.extend(expected.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(bytes, utf16);
}

#[test]
fn principals_come_in_file_order_with_their_role() {
    let template = template(
        "[Privilege Rights]\nSeBackupPrivilege = *S-1-5-32-544,Backup Operators , ,x\n\
         SeTcbPrivilege=\n[System Access]\nx = y\n[Group Membership]\n\
         *S-1-5-32-544__Members = *S-1-5-20\nTeam__memberof =\nodd = *S-1-1-0\n",
    );
    let read: Vec<_> = template
        .principals()
        .map(|principal| (principal.line, principal.role, principal.text))
        .collect();
    let listed = PrincipalRole::Listed;
    let expected = [
        (2, listed(0), "*S-1-5-32-544"),
        (2, listed(1), "Backup Operators"),
        (2, listed(2), "x"),
        (7, PrincipalRole::Group, "*S-1-5-32-544"),
        (7, listed(0), "*S-1-5-20"),
        (8, PrincipalRole::Group, "Team"),
    ];
    assert_eq!(read, expected);
    assert_eq!(template.unknown_lines(), [9]);
}

#[test]
fn a_principal_is_a_sid_or_a_name() {
    for (text, sid, name) in [
        ("*S-1-5-32-544", Some("S-1-5-32-544"), None),
        ("*s-1-1-0", Some("S-1-1-0"), None),
        ("*nobody", None, None),
        ("S-1-1-0", None, Some("S-1-1-0")),
        ("CORP\\Team", None, Some("CORP\\Team")),
    ] {
        let principal = TemplatePrincipal {
            line: 1,
            role: PrincipalRole::Group,
            text,
        };
        assert_eq!(
            principal.sid(),
            sid.map(|sid| sid.parse().unwrap()),
            "{text}"
        );
        assert_eq!(principal.name(), name);
    }
}

#[test]
fn a_principal_is_replaced_in_its_place() {
    let before = "[Privilege Rights]\nSeA = a, a ,a\n[Group Membership]\na__Members = a\n";
    for (line, role, after) in [
        (
            2,
            PrincipalRole::Listed(1),
            before.replace(", a ,", ", *S-1-1-0 ,"),
        ),
        (4, PrincipalRole::Group, before.replace("a__", "*S-1-1-0__")),
        (
            4,
            PrincipalRole::Listed(0),
            before.replace("= a\n", "= *S-1-1-0\n"),
        ),
    ] {
        let mut template = template(before);
        template.set_principal(line, role, "*S-1-1-0").unwrap();
        if line == 4 && role == PrincipalRole::Listed(0) {
            assert!(text(&template).ends_with("a__Members = *S-1-1-0\n"));
        } else {
            assert_eq!(text(&template), after);
        }
    }
    let mut template = template(before);
    let error = template
        .set_principal(3, PrincipalRole::Group, "x")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    for (line, role, text) in [
        (2, PrincipalRole::Listed(0), "x,y"),
        (2, PrincipalRole::Listed(0), " x"),
        (2, PrincipalRole::Listed(0), ""),
        (4, PrincipalRole::Group, "x=y"),
        (4, PrincipalRole::Group, "[x]"),
        (4, PrincipalRole::Group, ";x"),
    ] {
        let error = template.set_principal(line, role, text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unwritable, "{text}");
    }
    let path = "[x]";
    let error = template
        .set_registry_value(path, &RegistryValue::Dword(1))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unwritable);
}

#[test]
fn a_group_whose_name_has_a_comma_can_stay() {
    let before = "[Group Membership]\na,b__Members = c\n";
    let mut template = template(before);
    template
        .set_principal(2, PrincipalRole::Group, "a,b")
        .unwrap();
    assert_eq!(text(&template), before);
}

#[test]
fn registry_values_have_five_types() {
    let multi =
        |texts: &[&str]| RegistryValue::MultiSz(texts.iter().map(ToString::to_string).collect());
    for (line, value) in [
        (r"M\v=4,1", RegistryValue::Dword(1)),
        (r#"M\v=1,"10""#, RegistryValue::Sz("10".into())),
        (
            r#"M\v=1,"O:BAG:BAD:(A;;RC;;;BA)""#,
            RegistryValue::Sz("O:BAG:BAD:(A;;RC;;;BA)".into()),
        ),
        (
            r#"M\v=2,"%x%, "y"""#,
            RegistryValue::ExpandSz("%x%, \"y\"".into()),
        ),
        (r"M\v=3,0", RegistryValue::Binary(vec![0])),
        (r"M\v=3,", RegistryValue::Binary(vec![])),
        (r"M\v=3,a,ff", RegistryValue::Binary(vec![10, 255])),
        (r"M\v=7,", multi(&[])),
        (r"M\v=7,a b,c", multi(&["a b", "c"])),
        (
            r#"M\v=7,Dear User",",See below.,Call 1"","2"#,
            multi(&["Dear User,", "See below.", "Call 1\",2"]),
        ),
    ] {
        let mut template = template(&format!("[Registry Values]\n{line}\n"));
        let own = template.registry_values().next().unwrap();
        assert_eq!(
            (own.path, own.value().unwrap()),
            ("M\\v", value.clone()),
            "{line}"
        );
        let before = text(&template);
        template.set_registry_value("m\\V", &value).unwrap();
        assert_eq!(text(&template), before);
    }
}

#[test]
fn a_registry_path_may_hold_an_equals_sign() {
    let mut template = template("[Registry Values]\nM\\a=b\\c=4\\v = 4,1 \nM\\a=\n");
    let own = template.registry_values().next().unwrap();
    assert_eq!((own.path, own.data), ("M\\a=b\\c=4\\v", "1"));
    assert_eq!(template.unknown_lines(), [3]);
    template
        .set_registry_value("M\\a=b\\c=4\\v", &RegistryValue::Dword(20))
        .unwrap();
    assert_eq!(
        text(&template),
        "[Registry Values]\nM\\a=b\\c=4\\v = 4,20 \nM\\a=\n"
    );
}

#[test]
fn bad_registry_data_is_an_error_at_its_place() {
    let template = template("[Registry Values]\nM\\v=4,x\nM\\v=3,100\nM\\v=11,1\n");
    let errors: Vec<_> = template
        .registry_values()
        .map(|value| value.value().unwrap_err().to_string())
        .collect();
    let expected = [
        "line 2, column 7 (byte 24): \"x\" is no REG_DWORD value",
        "line 3, column 7 (byte 32): \"100\" is no REG_BINARY value",
        "line 4, column 8 (byte 43): \"1\" is no REG_QWORD value",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn secured_objects_are_read_and_set() {
    let before = "[Service General Setting]\n\"WinRM\",2,\"\"\n Old , 3 , D:(A;;GA;;;BA) \nodd\n";
    let mut template = template(before);
    let kind = SecuredObjectKind::Service;
    let read: Vec<_> = template
        .secured_objects(kind)
        .map(|object| (object.line, object.name, object.mode, object.sddl))
        .collect();
    assert_eq!(
        read,
        [(2, "WinRM", 2, ""), (3, "Old ", 3, "D:(A;;GA;;;BA)")]
    );
    assert_eq!(template.unknown_lines(), [4]);

    template
        .set_secured_object(kind, "winrm", 2, "D:P")
        .unwrap();
    template.set_secured_object(kind, "New", 4, "").unwrap();
    template
        .set_secured_object(SecuredObjectKind::File, "C:\\x", 0, "D:P")
        .unwrap();
    let after = before.replace("2,\"\"", "2,\"D:P\"")
        + "\"New\",4,\"\"\n[File Security]\n\"C:\\x\",0,\"D:P\"\n";
    assert_eq!(text(&template), after);
    for (name, sddl) in [("a\"b", ""), ("a", "D:\n")] {
        let error = template
            .set_secured_object(kind, name, 1, sddl)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unwritable);
    }
}

#[test]
fn settings_are_numbers_or_texts() {
    let before = "[System Access]\nLockoutDuration = -1\nNewGuestName = \"Guest\"\n";
    let mut template = template(before);
    let group = SettingGroup::SystemAccess;
    let read: Vec<_> = template
        .settings(group)
        .map(|s| (s.key, s.number(), s.text()))
        .collect();
    let expected = [
        ("LockoutDuration", Some(-1), "-1"),
        ("NewGuestName", None, "Guest"),
    ];
    assert_eq!(read, expected);
    template.set_number(group, "lockoutduration", -1).unwrap();
    template.set_text(group, "NewGuestName", "Guest").unwrap();
    assert_eq!(text(&template), before);
    template.set_number(group, "LockoutBadCount", 5).unwrap();
    template.set_text(group, "NewGuestName", "Visitor").unwrap();
    assert_eq!(
        text(&template),
        before.replace("Guest\"", "Visitor\"") + "LockoutBadCount = 5\n"
    );
}

/// Sets everything that the views read to what they read.
fn set_to_itself(template: &mut SecurityTemplate) {
    let read = template.clone();
    for group in SettingGroup::ALL {
        for setting in read.settings(group) {
            if read.document.value(group.section(), setting.key) != Some(setting.value) {
                continue;
            }
            match setting.number() {
                Some(number) => template.set_number(group, setting.key, number).unwrap(),
                None if setting.value.contains('"') => {
                    template
                        .set_text(group, setting.key, setting.text())
                        .unwrap();
                }
                None => {}
            }
        }
    }
    for principal in read.principals() {
        template
            .set_principal(principal.line, principal.role, principal.text)
            .unwrap();
    }
    for value in read.registry_values() {
        let first = read
            .registry_values()
            .find(|v| v.path.eq_ignore_ascii_case(value.path));
        if first.is_some_and(|first| first.line == value.line)
            && let Ok(typed) = value.value()
        {
            template.set_registry_value(value.path, &typed).unwrap();
        }
    }
    for kind in SecuredObjectKind::ALL {
        for object in read.secured_objects(kind) {
            let mut others = read.secured_objects(kind);
            let first = others.find(|o| o.name.eq_ignore_ascii_case(object.name));
            // A name without quotes may hold one, which cannot be written between quotes.
            if first == Some(object) && !object.name.contains('"') && !object.sddl.contains('"') {
                template
                    .set_secured_object(kind, object.name, object.mode, object.sddl)
                    .unwrap();
            }
        }
    }
}

fn any_template() -> impl Strategy<Value = SecurityTemplate> {
    let section = prop::sample::select(vec![
        "[System Access]",
        "[Privilege Rights]",
        "[Group Membership]",
        "[Registry Values]",
        "[File Security]",
        "[Odd]",
    ]);
    let line = prop_oneof![
        2 => "(Key|SeX|\\*S-1-1-0__Members|x__Memberof|M\\\\v|M\\\\v=)[ ]?=[ ]?(-?[0-9]{1,3}|\"[a-z]*\"|[1-47],[\",a-f0-9 ]{0,6}|[*,ab ]{0,6})",
        1 => "[ ]?\"?[a-c\\\\]{1,3}\"?[ ]?,[ ]?[0-2][ ]?,[ ]?\"?[D:P;()]{0,4}\"?[ ]?",
        1 => "[\\PC]{0,8}",
    ];
    let sections = prop::collection::vec((section, prop::collection::vec(line, 0..5)), 0..6);
    sections.prop_map(|sections| {
        let mut document = InfDocument::new(Encoding::Utf16Le, true);
        for (section, lines) in sections {
            document.push_line(section).unwrap();
            for line in lines {
                document.push_line(&line).unwrap();
            }
        }
        document.into()
    })
}

proptest! {
    #[test]
    fn setting_each_field_to_its_value_changes_no_byte(template in any_template()) {
        let bytes = template.to_bytes().unwrap();
        let mut template = SecurityTemplate::parse(&bytes).unwrap();
        set_to_itself(&mut template);
        prop_assert_eq!(template.to_bytes().unwrap(), bytes);
        let _ = template.unknown_lines();
    }

    #[test]
    fn what_was_set_is_read(
        mut template in any_template(),
        names in prop::collection::vec("[*a-zé ,]{0,5}", 0..4),
        texts in prop::collection::vec("[ab,\" ]{0,4}", 0..3),
        name in "[a-c\"\\\\=]{1,4}",
        sddl in "[D:P\"]{0,4}",
        mode: u32,
    ) {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        if template.set_privilege_right("SeNew", &names).is_ok() {
            let right = template.privilege_rights().find(|right| right.privilege == "SeNew").unwrap();
            prop_assert_eq!(right.principals().map(|p| p.text).collect::<Vec<_>>(), names);
        }
        let value = RegistryValue::MultiSz(texts);
        if template.set_registry_value(&name, &value).is_ok() {
            let own = template.registry_values().find(|v| v.path.eq_ignore_ascii_case(&name)).unwrap();
            prop_assert_eq!(own.value().unwrap(), value);
        }
        if template.set_secured_object(SecuredObjectKind::File, &name, mode, &sddl).is_ok() {
            let mut objects = template.secured_objects(SecuredObjectKind::File);
            let own = objects.find(|o| o.name.eq_ignore_ascii_case(&name)).unwrap();
            prop_assert_eq!((own.mode, own.sddl), (mode, sddl.as_str()));
        }
    }
}
