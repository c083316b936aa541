//! Reports, and files that a report is made from.

use gpo_core::{RegistryEntry, RegistryPol, RegistryValue};

use super::Add;
use crate::Result;

const REPORT: &str = "<?xml version='1.0'?><GPO xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
    xmlns='http://www.microsoft.com/GroupPolicy/Settings' xmlns:t='http://www.microsoft.com/GroupPolicy/Types'>\
    <Identifier><t:Identifier>{31B2F340-016D-11D2-945F-00C04FB984F9}</t:Identifier><t:Domain>a.b</t:Domain>\
    </Identifier><Name>n</Name><IncludeComments>true</IncludeComments>\
    <ReadTime>2026-04-22T18:36:39.25Z</ReadTime><FilterDataAvailable>true</FilterDataAvailable>\
    <Computer><VersionDirectory>1</VersionDirectory><VersionSysvol>1</VersionSysvol><Enabled>true</Enabled>\
    <ExtensionData><Extension xmlns:p='http://www.microsoft.com/GroupPolicy/Settings/Registry' \
    xsi:type='p:RegistrySettings'><p:RegistrySetting><p:KeyPath>k</p:KeyPath><p:AdmSetting>false</p:AdmSetting>\
    </p:RegistrySetting><p:Blocked>false</p:Blocked></Extension><Name>Registry</Name></ExtensionData>\
    <ExtensionData><Extension xmlns:p='http://www.microsoft.com/GroupPolicy/Settings/Files' xsi:type='p:F'>\
    <p:F a='1&#10;'><x xmlns='y' xsi:nil='true'/>t</p:F></Extension><Name>Files</Name></ExtensionData>\
    <ExtensionData><Error><Details>d</Details></Error><Name>e</Name></ExtensionData></Computer>\
    <User><VersionDirectory>0</VersionDirectory><VersionSysvol>0</VersionSysvol><Enabled>false</Enabled></User>\
    <LinksTo><SOMName>a</SOMName><SOMPath>a.b</SOMPath><Enabled>true</Enabled><NoOverride>false</NoOverride>\
    </LinksTo></GPO>";

const FILES: [(&str, &str, &str); 8] = [
    (
        "security",
        r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
        "[System Access]\nMinimumPasswordAge = -1\nNewGuestName = \"x\"\n[Event Audit]\nAuditLogonEvents = 3\n\
         [Privilege Rights]\nsesystemtimeprivilege = *S-1-5-32-544,x\n[Registry Values]\n\
         MACHINE\\System\\CurrentControlSet\\Control\\Lsa\\NoLMHash=4,1\n[Group Membership]\n\
         *S-1-5-32-544__Members = a\n[Service General Setting]\n\"s\",4,\"D:(A;;FA;;;SY)\"\n\
         [File Security]\n\"f\",0,\"D:PAR(A;OICI;FA;;;BA)S:(AU;SA;FA;;;WD)\"\n[System Log]\nMaximumLogSize = 1\n",
    ),
    (
        "audit",
        r"Machine\Microsoft\Windows NT\Audit\audit.csv",
        "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting \
         Value\n,System,Logon,{0cce9215-69ae-11d9-bed3-505054503030},,,3\n,,FileGlobalSacl,,,,\
         \"S:(AU;SA;FA;;;WD)\"\n",
    ),
    (
        "scripts",
        r"Machine\Scripts\scripts.ini",
        "[Startup]\n0CmdLine=a\n0Parameters=b\n",
    ),
    (
        "powershell",
        r"User\Scripts\psscripts.ini",
        "[ScriptsConfig]\nStartExecutePSFirst=true\n[Logon]\n0CmdLine=a.ps1\n0Parameters=\n",
    ),
    (
        "folders",
        r"User\Documents & Settings\fdeploy1.ini",
        "[version]\nversion=100\n[Folder_Redirection]\n{FDD39AD0-238F-46AF-ADB4-6C85480369C7}=s-1-1-0;\n\
         [{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_s-1-1-0]\nFlags=1021\nFullPath=\\\\s\\d\n",
    ),
    (
        "groups",
        r"Machine\Preferences\Groups\Groups.xml",
        "<Groups clsid='{1}'><User name='a'><Filters><FilterOs not='1'/></Filters><Properties cpassword='x'/>\
         </User><Group><Properties/></Group></Groups>",
    ),
    (
        "tasks",
        r"User\Preferences\ScheduledTasks\ScheduledTasks.xml",
        "<ScheduledTasks><TaskV2><Properties><Task><Actions Context='a'><SendEmail/><Exec><Arguments/>\
         <Command/></Exec></Actions><Settings><Priority>7</Priority><Enabled/></Settings></Task></Properties>\
         </TaskV2></ScheduledTasks>",
    ),
    (
        "registry-preferences",
        r"Machine\Preferences\Registry\Registry.xml",
        "<RegistrySettings><Collection><Registry><Properties/></Registry><Collection/></Collection>\
         </RegistrySettings>",
    ),
];

pub(super) fn add(add: &mut Add<'_>) -> Result {
    add("report", "small", REPORT.as_bytes());
    for (name, attribute) in [("two-colons", "x:i:nil"), ("prefix-of-xmlns", "p:xmlns")] {
        let report = REPORT.replace("xsi:nil", attribute);
        add("report", name, report.as_bytes());
    }
    for (name, path, text) in FILES {
        add(
            "report_settings",
            name,
            format!("{path}\n{text}").as_bytes(),
        );
    }
    let entries = [
        (r"WindowsFirewall\DomainProfile", "EnableFirewall", RegistryValue::Dword(1)),
        (
            r"WindowsFirewall\FirewallRules",
            "r",
            RegistryValue::Sz("v2.20|Action=Allow|Dir=In|LPort2_10=IPTLSIn|Name=a|x".into()),
        ),
        (
            r"Windows\SrpV2\Exe\1",
            "Value",
            RegistryValue::Sz(
                "<FilePathRule Id='1'><Conditions><FilePathCondition Path='*'/></Conditions></FilePathRule>"
                    .into(),
            ),
        ),
        (r"Windows\SrpV2\Exe", "EnforcementMode", RegistryValue::Dword(0)),
        (r"Windows NT\DNSClient", "a", RegistryValue::Dword(0)),
        (r"SystemCertificates\Root\ProtectedRoots", "Flags", RegistryValue::Dword(1)),
        (
            r"SystemCertificates\CA\Certificates\1",
            "Blob",
            RegistryValue::Binary(vec![32, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0x30, 0]),
        ),
        ("x", "Password", RegistryValue::Sz("secret".into())),
    ];
    let mut pol = RegistryPol::default();
    for (key, name, value) in entries {
        let key = format!(r"Software\Policies\Microsoft\{key}");
        pol.entries.push(RegistryEntry::set(&key, name, value)?);
    }
    for half in ["Machine", "User"] {
        let mut seed = format!("{half}\\registry.pol\n").into_bytes();
        seed.extend(pol.to_bytes()?);
        add("report_settings", &format!("{half}-registry"), &seed);
    }
    Ok(())
}
