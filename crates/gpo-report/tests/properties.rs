//! What holds for every report, and for every file that a report is made from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use gpo_core::{
    EntryKind, ExtensionGroup, ExtensionList, Gpo, GpoPath, GpoStatus, HalfVersion, Inventory,
    RegistryPol, RegistryValue,
};
use gpo_report::{
    ExtensionContent, ExtensionError, GpoFiles, Namespace, Report, ReportElement, ReportExtension,
    ReportFilter, ReportLink, ReportSource, ReportTrustee, RestrictedGroup, SecuritySettings,
    Settings,
};
use proptest::prelude::*;

fn gpo(extensions: ExtensionList, inventory: Inventory) -> Gpo {
    Gpo {
        id: "{31B2F340-016D-11D2-945F-00C04FB984F9}".parse().unwrap(),
        domain: "example.test".into(),
        display_name: "n".into(),
        status: GpoStatus::empty(),
        machine_version: HalfVersion::default(),
        user_version: HalfVersion::default(),
        machine_extensions: extensions.clone(),
        user_extensions: extensions,
        wmi_filter: None,
        wmi_filter_name: String::new(),
        security_descriptor: None,
        inventory,
        machine_objects: Vec::new(),
        user_objects: Vec::new(),
    }
}

/// The report on a GPO with one file; every extension is listed.
fn report_on(path: &str, bytes: &[u8]) -> Report {
    let groups = gpo_core::CLIENT_SIDE_EXTENSIONS.iter();
    let groups: Vec<_> = groups
        .map(|extension| ExtensionGroup {
            cse: extension.id,
            tools: vec![extension.id],
        })
        .collect();
    let path: GpoPath = path.parse().unwrap();
    let mut inventory = Inventory::default();
    let size = bytes.len() as u64;
    inventory
        .insert(path.clone(), EntryKind::File(size))
        .unwrap();
    let mut files = GpoFiles::default();
    files.insert(path, bytes.to_vec());
    let source = ReportSource {
        files: Some(&files),
        ..ReportSource::at(jiff::Timestamp::UNIX_EPOCH)
    };
    Report::of_gpo(
        &gpo(ExtensionList::from_groups(&groups), inventory),
        &source,
    )
}

fn empty_report() -> Report {
    let gpo = gpo(ExtensionList::default(), Inventory::default());
    Report::of_gpo(&gpo, &ReportSource::at(jiff::Timestamp::UNIX_EPOCH))
}

fn text() -> impl Strategy<Value = String> + Clone {
    "[ a<>&\"'\\]\r\n\t\u{e9}\u{1f600}-]{0,6}"
}

fn name() -> impl Strategy<Value = String> + Clone {
    "[A-Za-z][a-z0-9]{0,4}"
}

fn namespace() -> impl Strategy<Value = Namespace> {
    prop_oneof![
        Just(Namespace::Extension),
        Just(Namespace::Settings),
        Just(Namespace::Types),
        Just(Namespace::Security),
        Just(Namespace::Other("urn:x".into())),
        Just(Namespace::Other("".into())),
    ]
}

fn element() -> impl Strategy<Value = ReportElement> {
    let attributes = prop::collection::btree_map(name(), text(), 0..3);
    let leaf = (namespace(), name(), attributes, text()).prop_map(
        |(namespace, name, attributes, text)| ReportElement {
            attributes: attributes.into_iter().collect(),
            ..ReportElement::leaf(namespace, &name, text)
        },
    );
    leaf.prop_recursive(4, 16, 4, |inner| {
        let children = prop::collection::vec(inner, 1..4);
        (namespace(), name(), (name(), text()), children).prop_map(
            |(namespace, name, (attribute, value), children)| {
                ReportElement::parent(namespace, &name, children).with_attribute(&attribute, value)
            },
        )
    })
}

fn extension() -> impl Strategy<Value = ReportExtension> {
    let trustee = (prop::option::of(text()), prop::option::of(text()));
    let trustee = trustee.prop_map(|(sid, name)| ReportTrustee { sid, name });
    let groups = (trustee.clone(), prop::collection::vec(trustee, 0..3));
    let security = prop::collection::vec(groups, 0..3).prop_map(|groups| {
        let restricted_groups = groups.into_iter().map(|(group, members)| RestrictedGroup {
            group,
            members,
            member_of: Vec::new(),
        });
        ReportExtension::of_settings(Settings::Security(SecuritySettings {
            restricted_groups: restricted_groups.collect(),
            ..SecuritySettings::default()
        }))
        .unwrap()
    });
    let elements = prop::collection::vec(element(), 0..4);
    let other =
        (name(), name(), text(), elements).prop_map(|(namespace, type_name, name, elements)| {
            ReportExtension {
                name,
                content: ExtensionContent::Settings {
                    namespace: format!("Other/{namespace}"),
                    type_name,
                    settings: Settings::Elements(elements),
                },
            }
        });
    let error = prop::option::of(text()).prop_map(|details| ReportExtension {
        name: "e".into(),
        content: ExtensionContent::Error(ExtensionError {
            source: None,
            details,
            description: None,
        }),
    });
    prop_oneof![security, other, error]
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        name in text(),
        filter in prop::option::of((text(), text())),
        link in prop::option::of((text(), any::<bool>())),
        computer in prop::collection::vec(extension(), 0..4),
        user in prop::collection::vec(extension(), 0..3),
    ) {
        let mut report = empty_report();
        report.name = name;
        report.filter = filter.map(|(name, description)| ReportFilter { name, description });
        report.links.extend(link.map(|(name, enabled)| ReportLink {
            path: name.clone(),
            name,
            enabled,
            no_override: !enabled,
        }));
        report.computer.extensions = computer;
        report.user.extensions = user;
        let written = report.to_bytes();
        let read = Report::parse(&written).unwrap();
        prop_assert_eq!(&read, &report);
        prop_assert_eq!(read.to_bytes(), written);
    }

    #[test]
    fn a_damaged_report_is_read_or_refused(
        extensions in prop::collection::vec(extension(), 1..3),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut report = empty_report();
        report.computer.extensions = extensions;
        let mut bytes = report.to_bytes();
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(read) = Report::parse(&bytes) {
            let written = read.to_bytes();
            prop_assert_eq!(Report::parse(&written).unwrap(), read.clone());
            prop_assert!(read.to_html().ends_with("</html>\n"));
            prop_assert!(read.to_markdown().starts_with("# "));
            prop_assert_eq!(read.compare(&read), []);
        }
    }

    #[test]
    fn any_file_makes_a_report(
        path in prop::sample::select(vec![
            r"Machine\registry.pol",
            r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
            r"Machine\Microsoft\Windows NT\Audit\audit.csv",
            r"User\Scripts\psscripts.ini",
            r"User\Documents & Settings\fdeploy1.ini",
            r"User\Preferences\Drives\Drives.xml",
        ]),
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "(\\[[A-Z][a-z]+ [A-Z][a-z]+\\]\n)?[a-z*,=\"0-9\n\\\\]{0,40}".prop_map(String::into_bytes),
        ],
    ) {
        let report = report_on(path, &bytes);
        let written = report.to_bytes();
        prop_assert_eq!(Report::parse(&written).unwrap().to_bytes(), written);
    }
}

/// A report with one element of an extension, which has these attributes.
fn report_with(attributes: &str) -> gpo_core::Result<Report> {
    let xml = format!(
        r#"<GPO xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Settings" xmlns:t="http://www.microsoft.com/GroupPolicy/Types" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
  <Identifier><t:Identifier>{{31B2F340-016D-11D2-945F-00C04FB984F9}}</t:Identifier><t:Domain>a.b</t:Domain></Identifier>
  <Name>n</Name><IncludeComments>true</IncludeComments><ReadTime>2026-04-22T18:36:39.25Z</ReadTime><FilterDataAvailable>true</FilterDataAvailable>
  <Computer>
    <VersionDirectory>1</VersionDirectory><VersionSysvol>1</VersionSysvol><Enabled>true</Enabled>
    <ExtensionData>
      <Extension xmlns:p="http://www.microsoft.com/GroupPolicy/Settings/Files" xsi:type="p:F"><p:F {attributes}/></Extension>
      <Name>Files</Name>
    </ExtensionData>
  </Computer>
  <User><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>true</Enabled></User>
</GPO>"#
    );
    Report::parse(xml.as_bytes())
}

#[test]
fn an_attribute_that_is_read_is_written_as_one() {
    for (attributes, read) in [
        ("a='1' p:b='2' xml:c='3'", "a=1 b=2 xml:c=3"),
        ("a='1' p:a='2'", "a=1"),
        ("i:nil='true'", "xsi:nil=true"),
        // Without its prefix it would declare a namespace.
        ("p:xmlns='urn:x' a='1'", "a=1"),
    ] {
        let report = report_with(attributes).unwrap();
        let ExtensionContent::Settings {
            settings: Settings::Elements(elements),
            ..
        } = &report.computer.extensions[0].content
        else {
            panic!("{report:?}");
        };
        let own = elements[0].attributes.iter();
        let own: Vec<_> = own.map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(own.join(" "), read);
        assert_eq!(Report::parse(&report.to_bytes()).unwrap(), report);
    }
    for name in ["x:i:nil", "xmlns:", ":a", "-a"] {
        let error = report_with(&format!("{name}='1'")).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_of_its_extension() {
    let report = report_on(r"Machine\registry.pol", b"PReg");
    let failed = report
        .computer
        .extensions
        .iter()
        .find(|e| e.name == "Registry")
        .unwrap();
    let ExtensionContent::Error(error) = &failed.content else {
        panic!("{failed:?}")
    };
    assert!(
        error.details.as_ref().unwrap().contains("registry.pol"),
        "{error:?}"
    );
}

#[test]
fn an_extension_that_nobody_knows_is_named_with_its_files() {
    let mut inventory = Inventory::default();
    for path in [
        r"Machine\Vendor\settings.bin",
        r"Machine\registry.pol",
        r"User\x",
    ] {
        inventory
            .insert(path.parse().unwrap(), EntryKind::File(1))
            .unwrap();
    }
    let list = "[{11111111-2222-3333-4444-555555555555}{11111111-2222-3333-4444-555555555556}]\
                [{21111111-2222-3333-4444-555555555555}{11111111-2222-3333-4444-555555555556}]";
    let files = GpoFiles::default();
    let source = ReportSource {
        files: Some(&files),
        ..ReportSource::at(jiff::Timestamp::UNIX_EPOCH)
    };
    let report = Report::of_gpo(&gpo(ExtensionList::from_text(list), inventory), &source);
    // A list can have thousands of such extensions, so only the first names them.
    let [extension, other] = report.computer.extensions.as_slice() else {
        panic!("{:?}", report.computer.extensions)
    };
    assert!(
        matches!(&other.content, ExtensionContent::Error(error) if error.description.is_none())
    );
    assert_eq!(extension.name, "{11111111-2222-3333-4444-555555555555}");
    let ExtensionContent::Error(error) = &extension.content else {
        panic!("{extension:?}")
    };
    let description = error.description.as_ref().unwrap();
    assert!(
        description.ends_with(r": Machine\Vendor\settings.bin"),
        "{description}"
    );
}

#[test]
fn a_password_is_left_out_wherever_it_stands() {
    let groups = r"Machine\Preferences\Groups\Groups.xml";
    let template = r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let secret: Vec<u8> = "c2VjcmV0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let has_secret = |path, file: &str| {
        let written = report_on(path, file.as_bytes()).to_bytes();
        written.windows(secret.len()).any(|window| window == secret)
    };
    let registry = r"Machine\Preferences\Registry\Registry.xml";
    let set = |name: &str| {
        format!(
            "<RegistrySettings><Registry name='{name}'><Properties name='{name}' type='REG_SZ' value='c2VjcmV0'/></Registry></RegistrySettings>"
        )
    };
    let user = |inner: &str| format!("<Groups><User name='a'>{inner}</User></Groups>");
    let value = |name: &str| format!("[Registry Values]\nMACHINE\\Software\\{name}\n");
    for (path, file) in [
        (
            groups,
            user("<Properties cpassword='c2VjcmV0' userName='a'/>"),
        ),
        (
            groups,
            user("<Properties><x cpassword='c2VjcmV0'/></Properties>"),
        ),
        (groups, user("<Filters cpassword='c2VjcmV0'/>")),
        (template, value(r#"DefaultPassword=1,"c2VjcmV0""#)),
        (template, value("ProxyPassword=7,a,c2VjcmV0")),
        (registry, set("DefaultPassword")),
    ] {
        assert!(!has_secret(path, &file), "{file}");
    }
    // What is no password is shown.
    assert!(has_secret(registry, &set("DefaultUserName")));
    assert!(has_secret(
        template,
        &value(r#"DefaultUserName=1,"c2VjcmV0""#)
    ));
    assert!(has_secret(
        groups,
        &user("<Properties userName='c2VjcmV0'/>")
    ));
}

/// What is declared once in a file is not repeated for each of many elements.
#[test]
fn a_report_grows_with_its_files_only() {
    let long = "n".repeat(50_000);
    let preferences = format!(
        "<RegistrySettings xmlns:p='{long}'>{}</RegistrySettings>",
        "<p:Registry/>".repeat(1_000)
    );
    let rule = format!(
        "<FilePathRule xmlns:p='{long}'>{}</FilePathRule>",
        "<p:a/>".repeat(1_000)
    );
    let mut pol = RegistryPol::default();
    let key = r"Software\Policies\Microsoft\Windows\SrpV2\Exe\{1}";
    pol.set(key, "Value", RegistryValue::Sz(rule)).unwrap();
    for (path, bytes) in [
        (
            r"Machine\Preferences\Registry\Registry.xml",
            preferences.into_bytes(),
        ),
        (r"Machine\registry.pol", pol.to_bytes().unwrap()),
    ] {
        let report = report_on(path, &bytes).to_bytes();
        assert!(report.len() < 20 * bytes.len(), "{path}: {}", report.len());
    }
}

#[test]
fn many_prefixes_around_elements_do_not_make_a_report_slow() {
    let prefixes = |n| {
        let declared = (0..250).map(|m| format!(" xmlns:p{n}_{m}='u'"));
        format!("<a{}>", declared.collect::<Vec<_>>().concat())
    };
    let outer = (0..90).map(prefixes).collect::<Vec<_>>().concat();
    let preferences = format!("{outer}{}{}", "<b/>".repeat(20_000), "</a>".repeat(90));
    let start = std::time::Instant::now();
    report_on(
        r"Machine\Preferences\Registry\Registry.xml",
        preferences.as_bytes(),
    );
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn what_is_no_report_is_refused() {
    for (bytes, message) in [
        (&b""[..], "no element"),
        (b"<GPO/>", "expected the root element GPO of"),
        (
            b"<GPO xmlns='http://www.microsoft.com/GroupPolicy/Settings'/>",
            "expected Identifier in GPO, found its end",
        ),
        (
            b"<GPO xmlns='http://www.microsoft.com/GroupPolicy/Settings'><Computer><ExtensionData/></Computer></GPO>",
            "ExtensionData has not two elements",
        ),
    ] {
        let error = Report::parse(bytes).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    let deep = format!(
        "<GPO xmlns='http://www.microsoft.com/GroupPolicy/Settings'>{}",
        "<a>".repeat(100_000)
    );
    assert!(Report::parse(deep.as_bytes()).is_err());
}
