//! Seeds of the formats that are text or lists of values.

use gpo_core::{
    Encoding, GpoVersion, GptIni, InfDocument, RegistryEntry, RegistryName, RegistryPol,
    RegistryType, RegistryValue, Text,
};

use super::Add;
use crate::Result;

pub(super) fn add(add: &mut Add<'_>) -> Result {
    for (target, name, text) in TEXTS {
        add(target, name, text.as_bytes());
    }
    add("guid", "bytes", &[7; 16]);
    add("text", "lone-surrogate", b"\xff\xfeA\0\x00\xd8B\0");
    add("text", "odd-length", b"\xff\xfeA\0B");
    add("text", "windows-1252", b"gr\xfc\xdfe\r\n");
    add("text", "broken-utf-8", b"\xef\xbb\xbfa\xc3(\xf0\x9f\x98");
    for (name, encoding, bom) in [
        ("utf-8-bom", Encoding::Utf8, true),
        ("utf-16le", Encoding::Utf16Le, false),
        ("utf-16le-bom", Encoding::Utf16Le, true),
        ("utf-16be-bom", Encoding::Utf16Be, true),
    ] {
        let text = Text::new("grüße 😀\r\nline\nold\rend", encoding, bom);
        add("text", name, &text.encode()?);
        add("inf", name, &inf(encoding, bom)?);
    }
    // Of these, each byte is a choice.
    for target in ["inf_lines", "registry_pol_entries", "targeting_tree"] {
        let choices: Vec<u8> = (0..64_u8).map(|n| n.wrapping_mul(37)).collect();
        add(target, "choices", &choices);
        add(target, "nothing", &[0; 16]);
    }
    add("targeting_tree", "deep", &[12, 4].repeat(64));
    let gpt = GptIni::new(GpoVersion::from_halves(1, 2), "New Group Policy Object")?;
    add("gpt_ini", "new", &gpt.to_bytes()?);
    registry_pol(add)
}

fn inf(encoding: Encoding, bom: bool) -> Result<Vec<u8>> {
    let mut document = InfDocument::new(encoding, bom);
    document.push_section("Unicode")?;
    document.push_entry("Unicode", "yes")?;
    document.push_line("; comment")?;
    document.push_section("Registry Values")?;
    document.push_entry(r"MACHINE\Software\Demo\Größe", "4,1")?;
    document.push_line("odd line")?;
    Ok(document.to_bytes()?)
}

fn registry_pol(add: &mut Add<'_>) -> Result {
    let key = r"Software\Policies\Demo";
    let values = [
        RegistryValue::Sz("grüße".into()),
        RegistryValue::ExpandSz("%windir%".into()),
        RegistryValue::MultiSz(vec!["a".into(), String::new(), "b".into()]),
        RegistryValue::Binary(vec![0, 1, 0x5d, 0]),
        RegistryValue::Dword(42),
        RegistryValue::Qword(1 << 40),
        RegistryValue::None,
        RegistryValue::from_bytes(RegistryType::DWORD, &[1; 8]),
        RegistryValue::from_bytes(RegistryType::SZ, b"A\0B"),
    ];
    let mut pol = RegistryPol::default();
    for (n, value) in values.into_iter().enumerate() {
        pol.entries
            .push(RegistryEntry::set(key, &format!("Value {n}"), value)?);
    }
    add("registry_pol", "types", &pol.to_bytes()?);

    let mut pol = RegistryPol::default();
    pol.entries.push(RegistryEntry::delete(key, "Old")?);
    pol.entries.push(RegistryEntry::delete_all_values(key)?);
    pol.entries.push(RegistryEntry::create_key(key)?);
    for name in [
        "**soft.Level",
        "**DeleteKeys",
        "**DeleteValues",
        "**SecureKey",
    ] {
        let value = RegistryValue::Sz("A;B".into());
        pol.entries.push(RegistryEntry::set(key, name, value)?);
    }
    pol.entries.push(RegistryEntry {
        key: RegistryName::from_units(&[0x41, 0xd800])?,
        value_name: RegistryName::default(),
        value: RegistryValue::Dword(0),
    });
    let bytes = pol.to_bytes()?;
    add("registry_pol", "directives", &bytes);

    let mut wrong_size = bytes.clone();
    let dword = b"\x04\0\0\0;\0\x04\0\0\0;\0";
    if let Some(place) = bytes.windows(dword.len()).position(|w| w == dword) {
        wrong_size.splice(place + 6..place + 10, [0xff; 4]);
    }
    add("registry_pol", "wrong-size", &wrong_size);
    add("registry_pol", "header", b"PReg\x01\0\0\0");
    Ok(())
}

const TEXTS: &[(&str, &str, &str)] = &[
    (
        "reg_text",
        "values",
        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\Software\\Demo]\r\n\
         @=\"x\"\r\n\"Level\"=dword:0000002a\r\n\"Old\"=-\r\n\"List\"=hex(7):61,00,00,00,\\\r\n  00,00\r\n\
         \"Path\"=\"C:\\\\x\\\"\"\r\n\r\n[-HKEY_CURRENT_USER\\Software\\Gone]\r\n",
    ),
    (
        "wmi_filter_queries",
        "one",
        r"1;3;10;23;WQL;root\CIMv2;SELECT * FROM Win32_BIOS;",
    ),
    (
        "wmi_filter_queries",
        "two",
        "2;3;4;2;WQL;root;a;;3;4;1;WQL;root;b;",
    ),
    (
        "wmi_filter_mof",
        "two-rules",
        "\ninstance of MSFT_SomFilter\n{\n\tDomain = \"d.test\";\n\
         \tID = \"{39B2BA78-1111-2222-3333-444455556666}\";\n\tName = \"a \\\"b\\\\\";\n\tRules = {\n\
         instance of MSFT_Rule\n{\n\tQuery = \"A\";\n\tQueryLanguage = \"WQL\";\n\
         \tTargetNameSpace = \"root\";\n}, \ninstance of MSFT_Rule\n{\n\tQuery = \"B\";\n}};\n};\n",
    ),
    (
        "sidecar",
        "whole",
        r#"{"schema": "gpo/sidecar/1", "tool": "gpo 1", "links": [{"som": "OU=a,DC=x", "order": 0, "enforced": true, "disabled": false, "block_inheritance": true, "gp_link": "[LDAP://x;2]"}], "wmi_filter": {"id": "{39B2BA78-1111-2222-3333-444455556666}", "name": "a", "description": "", "queries": "1;3;10;1;WQL;root;a;", "author": "", "created": "", "changed": ""}, "owner": "S-1-5-18", "group": null, "sacl": "AQI=", "gpt_ini": "Ww==", "files": [{"path": "Backup.xml", "size": 1, "sha256": "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"}], "later": [1]}"#,
    ),
    (
        "references",
        "template",
        "\u{1}[Privilege Rights]\nSeA = *S-1-1-0, b\n[File Security]\n\"C:\\x\",0,\"D:(A;;FA;;;S-1-5-21-1-2-3-9)\"\n",
    ),
    (
        "references",
        "audit",
        "\u{2}h\n,S-1-5-21-1-2-3-9,x,{0cce9215-69ae-11d9-bed3-505054503030},,,1\n,,FileGlobalSacl,,,,S:(AU;SA;FA;;;S-1-1-0)\n",
    ),
    (
        "references",
        "scripts",
        "\u{3}[Logon]\n0CmdLine=\\\\s\\x\\a.cmd\n0Parameters=S-1-1-0 \\\\s\\y\n",
    ),
    (
        "references",
        "blank-behind-a-path",
        "\u{3}[Logon]\n0CmdLine=\\\\s\\x >a\n",
    ),
    (
        "references",
        "folders",
        "\u{5}[Folder_Redirection]\n{FDD39AD0-238F-46AF-ADB4-6C85480369C7}=s-1-1-0;\n[{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_s-1-1-0]\nFullPath=\\\\s\\d\n",
    ),
    (
        "references",
        "drives",
        "\u{6}<Drives><Drive><Properties path=\"\\\\s\\d\"/><Filters><FilterGroup name=\"A\\b\" sid=\"S-1-5-21-1-2-3-9\"/></Filters></Drive></Drives>",
    ),
    (
        "security_template",
        "views",
        "[Privilege Rights]\nSeA = *S-1-1-0, b ,\n[Group Membership]\nb__Members = a\n\
         b__Memberof =\n[Registry Values]\nM\\a=b=7,x\",\"y,z\nM\\b=3,0,ff\n\
         [File Security]\n\"C:\\x\",0,\"D:P\"\n x , 1 , D: \nodd\n",
    ),
    (
        "scripts_ini",
        "gaps",
        "\n[ScriptsConfig]\nEndExecutePSFirst=true\n[Logoff]\n2CmdLine=a\n0CmdLine=b\n2Parameters=c\n\
         7Parameters=\n",
    ),
    (
        "folder_redirection",
        "two-groups",
        "[Folder_Redirection]\n{FDD39AD0-238F-46AF-ADB4-6C85480369C7}=s-1-1-0; S-1-5-11\n\
         [{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_s-1-1-0]\nFlags=1021\nFullPath=\\\\s\\d\n",
    ),
    ("folder_redirection", "old", "[FolderStatus]\nDesktop=11\n"),
    (
        "audit_csv",
        "quotes",
        "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,\
         Exclusion Setting,Setting Value\n,,FileGlobalSacl,,,,\"S:(AU;SA;FA;;;WD) \"\"x\"\", y\"\n\
         PC,S-1-1-0,a,{0cce9215-69ae-11d9-bed3-505054503030},\"b\"c,,3\nodd\n",
    ),
    (
        "lgpo_text",
        "commands",
        "; x\n\nComputer\nK\\s\nv\nDWORD:0x10\n\nUser\nK\n\nSZ:a\\\\b\\n\n\nUser\nK\nm\n\
         MULTISZ:a\\0b\n\nUser\nK\nb\nBINARY:01,ff\n\nUser\nK\n*\nCREATEKEY\n",
    ),
    (
        "xml_document",
        "spellings",
        "<?xml version='1.0'?>\n<!-- a -->\n<r  x = '1' y=\"&#65;&amp;\" ><a/><b ></b>t<![CDATA[<]]>\
         <?p q?></r >\n",
    ),
    (
        "preferences",
        "collections",
        "<RegistrySettings><Collection disabled='1'><Filters><FilterOs not='1'/></Filters>\
         <Registry><Properties action='D' value='\\\\s\\x'/><Filters><FilterCollection bool='OR'>\
         <FilterUser name='a' sid='S-1-1-0'/></FilterCollection></Filters></Registry></Collection>\
         </RegistrySettings>",
    ),
    (
        "migration_table",
        "all-destinations",
        "<m:MigrationTable xmlns:m='http://www.microsoft.com/GroupPolicy/GPOOperations/\
         MigrationTable'><m:Mapping><m:Type>User</m:Type><m:Source>a</m:Source><m:DestinationNone/>\
         </m:Mapping><m:Mapping><m:Type>UNCPath</m:Type><m:Source/><m:Destination>b</m:Destination>\
         </m:Mapping></m:MigrationTable>",
    ),
    (
        "policy_comments",
        "tables",
        "<policyComments><policyNamespaces><using prefix='a' namespace='A'/></policyNamespaces>\
         <comments><admTemplate><comment policyRef='a:P' commentText='$(resource.i)'/>\
         <comment policyRef='b' commentText='t'/></admTemplate></comments><resources><stringTable>\
         <string id='i'>x<!-- y --></string></stringTable></resources></policyComments>",
    ),
    ("backup_time", "time", "2026-04-22T18:36:39"),
    ("backup_time", "leap-day", "2024-02-29T00:00:00"),
    ("hex_text", "descriptor", "01 00 04 9c 00 00"),
    ("hex_text", "dense", "0100049C"),
    ("guid", "upper", "{31B2F340-016D-11D2-945F-00C04FB984F9}"),
    ("guid", "mixed", "{594C8924-FB64-437d-BAB7-4D13A89C879C}"),
    ("path", "file", r"Machine\Scripts\Startup\run.cmd"),
    ("path", "pair", "Machine/Größe\0MACHINE\\GRÖßE"),
    ("path", "escape", r"a\..\..\b"),
    ("path", "device", "a\\con.txt\0COM1"),
    ("extension_list", "blank", " "),
    (
        "extension_list",
        "two",
        "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]\
         [{827D319E-6EAC-11D2-A4EA-00C04F79F83A}{803E14A0-B4FB-11D0-A0D0-00A0C90F574B}]",
    ),
    (
        "extension_list",
        "no-tool",
        "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}]",
    ),
    (
        "wmi_filter_link",
        "directory",
        "[corp.example;{594C8924-FB64-437d-BAB7-4D13A89C879C};0]",
    ),
    (
        "wmi_filter_link",
        "backup",
        r#"MSFT_SomFilter.ID="{594C8924-FB64-437d-BAB7-4D13A89C879C}",Domain="corp.example""#,
    ),
    (
        "wmi_filter_link",
        "backup-domain-first",
        r#"MSFT_SomFilter.Domain="corp.example",ID="{594C8924-FB64-437d-BAB7-4D13A89C879C}""#,
    ),
    (
        "gpt_ini",
        "hand-made",
        "; mine\n[general]\n version = 0065537 \n[General]\nVersion=1\nodd\n",
    ),
    (
        "gpt_ini",
        "local",
        "[General]\r\ngPCMachineExtensionNames=[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}]\r\nVersion=x",
    ),
    (
        "inf",
        "pieces",
        "before\n[A]\nk=1\n[B]\n\n[a]\nK = 2\n=\n[x",
    ),
    ("text", "ascii", "plain\r\n"),
];
