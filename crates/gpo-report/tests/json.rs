//! Reports in JSON.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use gpo_report::Report;
use serde_json::json;

const REPORT: &str = r#"<GPO xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.microsoft.com/GroupPolicy/Settings">
  <Identifier>
    <Identifier xmlns="http://www.microsoft.com/GroupPolicy/Types">{31B2F340-016D-11D2-945F-00C04FB984F9}</Identifier>
    <Domain xmlns="http://www.microsoft.com/GroupPolicy/Types">example.test</Domain>
  </Identifier>
  <Name>Test</Name><IncludeComments>true</IncludeComments>
  <CreatedTime>2026-04-22T18:36:39</CreatedTime><ModifiedTime>2026-04-22T18:36:40</ModifiedTime>
  <ReadTime>2026-04-22T18:36:39.25Z</ReadTime>
  <FilterDataAvailable>true</FilterDataAvailable>
  <Computer><VersionDirectory>3</VersionDirectory><VersionSysvol>4</VersionSysvol><Enabled>true</Enabled>
    <ExtensionData>
      <Extension xmlns:q1="http://www.microsoft.com/GroupPolicy/Settings/Registry" xsi:type="q1:RegistrySettings">
        <q1:Policy><q1:Name>P</q1:Name><q1:State>Enabled</q1:State><q1:Explain>E</q1:Explain><q1:Category>C</q1:Category>
          <q1:CheckBox><q1:Name>N</q1:Name><q1:State>Disabled</q1:State></q1:CheckBox>
        </q1:Policy>
      </Extension><Name>Registry</Name>
    </ExtensionData>
    <ExtensionData>
      <Extension xmlns:q2="http://www.microsoft.com/GroupPolicy/Settings/DriveMaps" xsi:type="q2:DriveMapSettings">
        <q2:DriveMapSettings clsid="x"/>
      </Extension><Name>Drive Maps</Name>
    </ExtensionData>
    <ExtensionData><Error><Details>broken</Details></Error><Name>Scripts</Name></ExtensionData>
  </Computer>
  <User><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>false</Enabled></User>
  <LinksTo><SOMName>OU</SOMName><SOMPath>example.test/OU</SOMPath><Enabled>true</Enabled><NoOverride>false</NoOverride></LinksTo>
</GPO>"#;

#[test]
fn a_report_has_the_names_of_its_fields() {
    let report = Report::parse(REPORT.as_bytes()).unwrap();
    let policy = json!({
        "name": "P", "state": "Enabled", "comment": null, "explain": "E", "supported": null,
        "category": "C", "controls": [{ "check_box": { "name": "N", "state": "Disabled" } }],
    });
    let drive_maps = json!([{
        "name": "DriveMapSettings", "attributes": [{ "name": "clsid", "value": "x" }], "text": "",
        "children": [],
    }]);
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!({
            "id": "{31B2F340-016D-11D2-945F-00C04FB984F9}",
            "domain": "example.test",
            "name": "Test",
            "include_comments": true,
            "created": "2026-04-22T18:36:39",
            "modified": "2026-04-22T18:36:40",
            "read": "2026-04-22T18:36:39.25Z",
            "security": null,
            "filter_data_available": true,
            "filter": null,
            "computer": {
                "version": { "directory": 3, "sysvol": 4 },
                "enabled": true,
                "extensions": [
                    { "name": "Registry", "type": "RegistrySettings", "error": null,
                      "settings": { "policies": [policy], "extra": [], "blocked": null } },
                    { "name": "Drive Maps", "type": "DriveMapSettings", "error": null,
                      "settings": drive_maps },
                    { "name": "Scripts", "type": null, "settings": null,
                      "error": { "source": null, "details": "broken", "description": null } },
                ],
            },
            "user": { "version": { "directory": 0, "sysvol": 0 }, "enabled": false, "extensions": [] },
            "links": [{ "name": "OU", "path": "example.test/OU", "enabled": true, "no_override": false }],
        })
    );
}
