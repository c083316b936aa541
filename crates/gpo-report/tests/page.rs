//! The report as a page and as Markdown.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use std::collections::HashSet;
use std::fs;

use gpo_report::{Report, ReportElement, Settings};
use proptest::prelude::*;

/// The reports that Windows wrote.
fn windows_reports() -> impl Iterator<Item = Report> {
    let reports = common::reports().into_iter();
    reports.map(|path| Report::parse(&fs::read(path).unwrap()).unwrap())
}

/// The tags of a page in order, without their attributes.
fn tags(html: &str) -> Vec<&str> {
    let tags = html.split('<').skip(1);
    tags.map(|tag| tag.split(['>', ' ', '\n']).next().unwrap())
        .collect()
}

/// The values of an attribute.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    let values = html.split(start.as_str()).skip(1);
    values.map(|rest| rest.split('"').next().unwrap()).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[test]
fn a_page_asks_for_nothing_and_names_each_section_once() {
    for report in windows_reports() {
        let html = report.to_html();
        assert_eq!(attributes(&html, "src"), [""; 0]);
        let ids: HashSet<_> = attributes(&html, "id").into_iter().collect();
        assert_eq!(ids.len(), attributes(&html, "id").len(), "{}", report.name);
        for link in attributes(&html, "href") {
            assert!(ids.contains(link.strip_prefix('#').unwrap()), "{link}");
        }
        assert_eq!(
            tags(&html).iter().filter(|tag| **tag == "script").count(),
            1
        );
    }
}

/// The names of an element and of those in it.
fn names(element: &ReportElement) -> Vec<&str> {
    let inner = element.children.iter().flat_map(names);
    inner.chain(element.attribute("name")).collect()
}

#[test]
fn a_page_shows_every_policy_every_user_right_and_every_preference() {
    for report in windows_reports() {
        let html = report.to_html();
        let markdown = report.to_markdown();
        assert!(
            !markdown.replace("<br>", "").contains(['<', '>']),
            "{}",
            report.name
        );
        for extension in report
            .computer
            .extensions
            .iter()
            .chain(&report.user.extensions)
        {
            match extension.settings() {
                Some(Settings::Registry(registry)) => {
                    for policy in &registry.policies {
                        let name = escaped(&policy.name);
                        assert!(html.contains(&format!(">{name}</th>")), "{}", policy.name);
                    }
                }
                Some(Settings::Security(security)) => {
                    for right in &security.user_rights {
                        for member in right.members.iter().flat_map(|member| &member.name) {
                            assert!(html.contains(&escaped(member)), "{member}");
                        }
                    }
                }
                Some(Settings::Elements(elements)) => {
                    for name in elements.iter().flat_map(names) {
                        assert!(html.contains(&escaped(name)), "{name} of {}", report.name);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A report with this text wherever an administrator can put one.
fn hostile(text: &str) -> Report {
    let text = escaped(text);
    let xml = format!(
        r#"<GPO xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Settings">
  <Identifier>
    <Identifier xmlns="http://www.microsoft.com/GroupPolicy/Types">{{31B2F340-016D-11D2-945F-00C04FB984F9}}</Identifier>
    <Domain xmlns="http://www.microsoft.com/GroupPolicy/Types">{text}</Domain>
  </Identifier>
  <Name>{text}</Name><IncludeComments>true</IncludeComments><ReadTime>2026-04-22T18:36:39Z</ReadTime>
  <FilterDataAvailable>true</FilterDataAvailable>
  <FilterName>{text}</FilterName><FilterDescription>{text}</FilterDescription>
  <Computer><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>true</Enabled>
    <ExtensionData>
      <Extension xmlns:q1="http://www.microsoft.com/GroupPolicy/Settings/Registry" xsi:type="q1:RegistrySettings">
        <q1:Policy><q1:Name>{text}</q1:Name><q1:State>Enabled</q1:State><q1:Comment>{text}</q1:Comment>
          <q1:Explain>{text}</q1:Explain><q1:Supported>{text}</q1:Supported><q1:Category>{text}</q1:Category>
          <q1:EditText><q1:Name>{text}</q1:Name><q1:State>Enabled</q1:State><q1:Value>{text}</q1:Value></q1:EditText>
        </q1:Policy>
        <q1:RegistrySetting><q1:KeyPath>{text}</q1:KeyPath><q1:AdmSetting>false</q1:AdmSetting>
          <q1:Value><q1:Name>{text}</q1:Name><q1:String>{text}</q1:String></q1:Value></q1:RegistrySetting>
      </Extension><Name>Registry</Name>
    </ExtensionData>
    <ExtensionData>
      <Extension xmlns:q2="http://www.microsoft.com/GroupPolicy/Settings/DriveMaps" xsi:type="q2:DriveMapSettings">
        <q2:DriveMapSettings clsid="x"><q2:Drive name="a{text}"><q2:Properties label="b{text}"/></q2:Drive></q2:DriveMapSettings>
      </Extension><Name>Drive Maps</Name>
    </ExtensionData>
  </Computer>
  <User><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>true</Enabled></User>
  <LinksTo><SOMName>{text}</SOMName><SOMPath>{text}</SOMPath><Enabled>true</Enabled><NoOverride>false</NoOverride></LinksTo>
</GPO>"#
    );
    Report::parse(xml.as_bytes()).unwrap()
}

proptest! {
    #[test]
    fn text_of_others_is_no_markup(text in "x([<>&\"'=/ `|*_#-]|\u{202e}|</?script>|<!--|]]>|onclick=|\u{1f600}|a){0,12}") {
        let (page, plain) = (hostile(&text).to_html(), hostile("plain").to_html());
        prop_assert_eq!(tags(&page), tags(&plain));
        let turns = page.contains('\u{202e}');
        prop_assert!(!turns);
        for name in ["onclick", "src", "style"] {
            let name = format!(" {name}=");
            prop_assert!(!tag_texts(&page).contains(&name));
        }
        let markdown = hostile(&text).to_markdown();
        prop_assert!(!markdown.replace("<br>", "").contains(['<', '>']));
        prop_assert_eq!(markdown.lines().count(), hostile("plain").to_markdown().lines().count());
    }
}

/// What stands within the tags of a page, style and script aside.
fn tag_texts(html: &str) -> String {
    let body = html.split("</style>").nth(1).unwrap();
    let body = body.split("<script>").next().unwrap();
    let tags = body.split('<').skip(1);
    tags.map(|tag| tag.split('>').next().unwrap()).collect()
}

/// A report with an extension of the computer half that has these elements, of the namespace `q`.
fn with_extension(kind: &str, type_name: &str, elements: &str) -> Report {
    let xml = format!(
        r#"<GPO xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Settings">
  <Identifier>
    <Identifier xmlns="http://www.microsoft.com/GroupPolicy/Types">{{31B2F340-016D-11D2-945F-00C04FB984F9}}</Identifier>
    <Domain xmlns="http://www.microsoft.com/GroupPolicy/Types">d</Domain>
  </Identifier>
  <Name>n</Name><IncludeComments>true</IncludeComments><ReadTime>2026-04-22T18:36:39Z</ReadTime>
  <FilterDataAvailable>true</FilterDataAvailable>
  <Computer><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>true</Enabled>
    <ExtensionData>
      <Extension xmlns:q="http://www.microsoft.com/GroupPolicy/Settings/{kind}" xsi:type="q:{type_name}">{elements}</Extension>
      <Name>{kind}</Name>
    </ExtensionData>
  </Computer>
  <User><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>true</Enabled></User>
</GPO>"#
    );
    Report::parse(xml.as_bytes()).unwrap()
}

/// What the Markdown of a report with these elements says of its extension.
fn shown(elements: &str) -> String {
    let markdown = with_extension("Any", "AnySettings", elements).to_markdown();
    let (_, from) = markdown.split_once("# Any\n").unwrap();
    let (text, _) = from.split_once("\n## User").unwrap();
    text.trim().to_owned()
}

#[test]
fn elements_are_facts_tables_or_sections_and_keep_their_names() {
    for (elements, expected) in [
        ("", "No settings defined."),
        ("<q:A>1</q:A>", "- A: 1"),
        ("<q:A>1\t2\n*3*</q:A>", "- A: 1 2<br>\\*3\\*"),
        (
            r#"<q:Member name="x" action="ADD"/><q:Member name="y" action="ADD"/>"#,
            "| Name | Action |\n| --- | --- |\n| x | ADD |\n| y | ADD |",
        ),
        (
            r#"<q:Member action="ADD" name="x"/>"#,
            "##### Member: x\n\n- Action: ADD",
        ),
        (r#"<q:Member name="x"/>"#, "- Member: x"),
        (
            r#"<q:Member name="x"/><q:Member name="y"/>"#,
            "| Name |\n| --- |\n| x |\n| y |",
        ),
        (
            r#"<q:A><q:B c="1">text</q:B></q:A>"#,
            "##### A\n\n###### B\n\n- C: 1\n- Value: text",
        ),
        (r#"<q:A b=""/><q:A b=""/>"#, "No settings defined."),
        (
            r#"<q:A userContext="1"/><q:FilterGroup userContext="1"/>"#,
            "##### A\n\n- Run as the user: Yes\n\n##### Filter Group\n\n- User Context: 1",
        ),
    ] {
        assert_eq!(shown(elements), expected, "{elements}");
    }
}

#[test]
fn a_text_under_the_name_of_a_password_is_not_shown() {
    let (any, registry, security) = (
        ("Any", "AnySettings"),
        ("Registry", "RegistrySettings"),
        ("Security", "SecuritySettings"),
    );
    for ((namespace, type_name), elements, is_shown) in [
        (
            registry,
            "<q:RegistrySetting><q:KeyPath>K</q:KeyPath><q:AdmSetting>false</q:AdmSetting><q:Value><q:Name>DefaultPassword</q:Name><q:String>s3cret</q:String></q:Value></q:RegistrySetting>",
            false,
        ),
        (
            security,
            r"<q:SecurityOptions><q:KeyName>MACHINE\K\DefaultPassword</q:KeyName><q:SettingString>s3cret</q:SettingString></q:SecurityOptions>",
            false,
        ),
        (
            security,
            r"<q:SecurityOptions><q:KeyName>MACHINE\K\DefaultUserName</q:KeyName><q:SettingString>s3cret</q:SettingString></q:SecurityOptions>",
            true,
        ),
        (any, r#"<q:Properties runAsPassword="s3cret"/>"#, false),
        (
            any,
            r#"<q:Properties name="DefaultPassword" type="REG_SZ" value="s3cret"/>"#,
            false,
        ),
        (
            any,
            r#"<q:Properties property="pwd" value="s3cret"/>"#,
            false,
        ),
        (
            any,
            r#"<q:Properties name="Pwd" type="REG_MULTI_SZ" value=""><q:Values><q:Value>s3cret</q:Value></q:Values></q:Properties>"#,
            false,
        ),
        (any, "<q:A><q:Password>s3cret</q:Password></q:A>", false),
        (
            any,
            r#"<q:Users clsid="x"><q:User name="u"><q:Properties cpassword="s3cret"/></q:User></q:Users>"#,
            false,
        ),
        (
            any,
            r#"<q:Properties name="DefaultUserName" value="s3cret"/>"#,
            true,
        ),
        (
            any,
            r#"<q:Properties name="NoPassword" type="REG_DWORD" value="s3cret"/>"#,
            true,
        ),
    ] {
        let report = with_extension(namespace, type_name, elements);
        for text in [report.to_html(), report.to_markdown()] {
            assert_eq!(text.contains("s3cret"), is_shown, "{elements}");
            assert_eq!(
                text.contains("(password, not shown)"),
                !is_shown,
                "{elements}"
            );
        }
    }
}

#[test]
fn a_change_is_named_by_what_the_page_shows() {
    let service = |name: &str, mode: &str| {
        format!(
            "<q:SystemServices><q:Name>{name}</q:Name><q:StartupMode>{mode}</q:StartupMode></q:SystemServices>"
        )
    };
    let members = |members: [&str; 2]| {
        members
            .map(|name| format!(r#"<q:Member name="{name}" action="ADD"/>"#))
            .concat()
    };
    let (any, security) = (("Any", "AnySettings"), ("Security", "SecuritySettings"));
    for ((namespace, type_name), before, after, expected) in [
        (
            security,
            service("Spooler", "Automatic"),
            service("Spooler", "Disabled"),
            ["Spooler", "Startup Mode", "Automatic", "Disabled"],
        ),
        (
            any,
            members(["x", "y"]),
            members(["x", "z"]),
            ["Any", "y", "ADD", ""],
        ),
        (
            any,
            r#"<q:Member name="x"/>"#.to_owned(),
            r#"<q:Member name="y"/>"#.to_owned(),
            ["Any", "Member", "x", "y"],
        ),
    ] {
        let [before, after] =
            [before, after].map(|elements| with_extension(namespace, type_name, &elements));
        let changes = before.compare(&after);
        let change = &changes[0];
        let found = [
            change.section.last().unwrap(),
            &change.name,
            change.before.as_deref().unwrap_or_default(),
            change.after.as_deref().unwrap_or_default(),
        ];
        assert_eq!(found, expected);
    }
}

/// Nothing that stands once is repeated for each of many.
#[test]
fn a_page_grows_with_its_report_only() {
    let name = "a".repeat(50_000);
    let inner = (0..2_000).map(|n| format!(r#"<q:B{n}><q:C x="1"><q:D y="1"/></q:C></q:B{n}>"#));
    let inner = inner.collect::<Vec<_>>().concat();
    let long = format!(r#"<q:A name="{name}">{inner}</q:A>"#);
    let columns = (0..20_000).map(|n| format!(r#"<q:B c{n}="1"/>"#));
    let columns = columns.collect::<Vec<_>>().concat();
    for elements in [long, columns] {
        let report = with_extension("Any", "AnySettings", &elements);
        let most = 20 * elements.len();
        assert!(report.to_html().len() < most);
        assert!(report.to_markdown().len() < most);
        let changes = with_extension("Any", "AnySettings", "").compare(&report);
        let titles = changes.iter().flat_map(|change| &change.section);
        assert!(titles.map(String::len).sum::<usize>() < most);
    }
}

#[test]
fn a_long_title_is_shortened_and_shown_in_full_below() {
    let name = "\u{e9}".repeat(1_000);
    let report = with_extension(
        "Any",
        "AnySettings",
        &format!(r#"<q:A name="{name}"><q:B c="1"/></q:A>"#),
    );
    for text in [report.to_html(), report.to_markdown()] {
        assert_eq!(text.matches(&name).count(), 1);
    }
}
