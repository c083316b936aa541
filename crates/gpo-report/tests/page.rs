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

use gpo_report::{Report, Settings};
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

#[test]
fn a_page_shows_every_policy_and_every_user_right() {
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

#[test]
fn passwords_are_found_and_not_shown() {
    let xml = r#"<GPO xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Settings">
  <Identifier>
    <Identifier xmlns="http://www.microsoft.com/GroupPolicy/Types">{31B2F340-016D-11D2-945F-00C04FB984F9}</Identifier>
    <Domain xmlns="http://www.microsoft.com/GroupPolicy/Types">d</Domain>
  </Identifier>
  <Name>n</Name><IncludeComments>true</IncludeComments><ReadTime>2026-04-22T18:36:39Z</ReadTime>
  <FilterDataAvailable>true</FilterDataAvailable>
  <Computer><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>true</Enabled>
    <ExtensionData>
      <Extension xmlns:q1="http://www.microsoft.com/GroupPolicy/Settings/Registry" xsi:type="q1:RegistrySettings">
        <q1:RegistrySetting><q1:KeyPath>K</q1:KeyPath><q1:AdmSetting>false</q1:AdmSetting>
          <q1:Value><q1:Name>DefaultPassword</q1:Name><q1:String>s3cret</q1:String></q1:Value></q1:RegistrySetting>
      </Extension><Name>Registry</Name>
    </ExtensionData>
    <ExtensionData>
      <Extension xmlns:q2="http://www.microsoft.com/GroupPolicy/Settings/Lugs" xsi:type="q2:LugsSettings">
        <q2:LocalUsersAndGroups clsid="x"><q2:User name="u"><q2:Properties cpassword="s3cret"/></q2:User></q2:LocalUsersAndGroups>
      </Extension><Name>Local Users and Groups</Name>
    </ExtensionData>
  </Computer>
  <User><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>true</Enabled></User>
</GPO>"#;
    let report = Report::parse(xml.as_bytes()).unwrap();
    for text in [report.to_html(), report.to_markdown()] {
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(text.matches("(password, not shown)").count(), 2, "{text}");
    }
}
