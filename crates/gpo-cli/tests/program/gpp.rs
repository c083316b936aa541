use crate::run::{gpo, gpo_with_input, policy_file};

const FILE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<RegistrySettings clsid="{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}"><Collection name="All">
<Registry clsid="{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}" name="DefaultPassword" uid="{EB3A9A8F-2852-421C-963E-7F496EA5F15A}" disabled="1">
<Properties action="U" key="Winlogon" name="DefaultPassword" type="REG_SZ" value="hunter2"/>
<Filters><FilterGroup bool="AND" not="1" name="CORP\Guests"/><FilterCollection bool="OR" not="0"><FilterOs bool="AND" not="0" type="NT"/></FilterCollection></Filters>
</Registry></Collection></RegistrySettings>"#;

#[test]
fn items_are_listed_with_properties_and_targeting() {
    let run = gpo_with_input(["gpp", "dump", "-"], FILE.as_bytes());
    assert_eq!(
        run.lines(),
        [
            "Registry All > DefaultPassword (update, disabled)",
            "  Properties action=\"U\" key=\"Winlogon\" name=\"DefaultPassword\" type=\"REG_SZ\" \
             value=(password, not shown)",
            "  Targeting",
            "    not Group name=\"CORP\\Guests\"",
            "    or Collection",
            "      Os type=\"NT\"",
        ]
    );
    let json = gpo_with_input(["gpp", "dump", "-", "--format", "json"], FILE.as_bytes());
    assert!(!json.out.contains("hunter2"), "{json:?}");
    let item = &json.json()["items"][0];
    assert_eq!(
        (&item["type"], &item["collections"][0]),
        (&"Registry".into(), &"All".into())
    );
    assert_eq!(item["targeting"][1]["filters"][0]["kind"], "Os");
}

#[test]
fn no_password_is_shown() {
    for properties in [
        "name=\"AdminPassword\" type=\"REG_SZ\" value=\"hunter2\"/>",
        "name=\"AdminPassword\" type=\"REG_MULTI_SZ\" value=\"\">\
         <Values><Value>hunter2</Value></Values></Properties>",
        "section=\"Login\" property=\"Password\" value=\"hunter2\"/>",
    ] {
        let from = FILE.find("name=\"DefaultPassword\" type").unwrap();
        let to = FILE.find("\n<Filters").unwrap();
        let file = [&FILE[..from], properties, &FILE[to..]].concat();
        for format in ["text", "json"] {
            let run = gpo_with_input(["gpp", "dump", "-", "--format", format], file.as_bytes());
            assert_eq!(run.status, 0, "{run:?}");
            assert!(run.out.contains("(password, not shown)"), "{run:?}");
            assert!(!run.out.contains("hunter2"), "{run:?}");
        }
    }
    let path = "{10AD0004-6C1B-4F55-9B5C-7E3A4C2F0004}/Machine/Preferences/Groups/Groups.xml";
    let bytes = std::fs::read(policy_file(path)).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let with = text.replace(
        "cpassword=\"\"",
        "cpassword=\"j1Uyj3Vx8TY9LtLZil2uAuZkFQA\"",
    );
    assert_ne!(with, text);
    for format in ["text", "json"] {
        let run = gpo_with_input(["gpp", "dump", "-", "--format", format], with.as_bytes());
        assert!(
            run.out.contains("cpassword") && !run.out.contains("j1Uyj3"),
            "{run:?}"
        );
    }
}

#[test]
fn what_is_no_preferences_file_is_an_error_at_its_place() {
    let run = gpo_with_input(["gpp", "dump", "-"], b"<Other/>");
    assert!(
        run.status == 2 && run.err.contains("standard input"),
        "{run:?}"
    );
    let run = gpo_with_input(["gpp", "dump", "-"], b"<Drives>\n<Drive></Drives>");
    assert!(run.err.contains("standard input: line 2"), "{run:?}");
    assert_eq!(gpo(["gpp", "dump"]).status, 2);
}
