//! The files of a GPO that are no preferences: their text, and the encodings that Windows has for
//! them.

use gpo_core::{GpoVersion, GptIni, RegistryEntry, RegistryPol, RegistryValue};

use crate::Result;

/// UTF-16LE with BOM and CRLF: GptTmpl.inf, scripts.ini, fdeploy1.ini.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    [vec![0xff, 0xfe], utf16_without_bom(text)].concat()
}

/// UTF-16LE with CRLF: GPO.cmt.
pub(crate) fn utf16_without_bom(text: &str) -> Vec<u8> {
    let text = text.replace('\n', "\r\n");
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// UTF-8 with BOM and CRLF: comment.cmtx.
pub(crate) fn utf8_with_bom(text: &str) -> Vec<u8> {
    format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes()
}

/// UTF-8 with CRLF: preferences, audit.csv.
pub(crate) fn utf8(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

/// Windows-1252 with CRLF: an .adm of a German machine. The text has no characters beyond Latin-1.
pub(crate) fn windows_1252(text: &str) -> Result<Vec<u8>> {
    let text = text.replace('\n', "\r\n");
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    Ok(bytes?)
}

pub(crate) fn gpt_ini(version: GpoVersion) -> Result<Vec<u8>> {
    Ok(GptIni::new(version, "New Group Policy Object")?.to_bytes()?)
}

/// A registry.pol with values of every type and every directive.
pub(crate) fn machine_registry_pol() -> Result<Vec<u8>> {
    const KEY: &str = "Software\\Policies\\Example\\Grundschutz";
    const DIRECTIVES: [(&str, &str); 5] = [
        ("**DeleteValues", "Alt1;Alt2"),
        ("**DeleteKeys", "Software\\Policies\\Example\\Alt"),
        ("**del.Veraltet", " "),
        ("**delvals.", " "),
        ("**Soft.Vorgabe", "nur wenn nichts da ist"),
    ];
    let values = [
        ("", RegistryValue::Sz("Vorgabewert".into())),
        ("Text", RegistryValue::Sz("Büro; [Lager]".into())),
        (
            "Pfad",
            RegistryValue::ExpandSz("%SystemRoot%\\Übung".into()),
        ),
        ("Bytes", RegistryValue::Binary(vec![0, 1, 0xfe, 0xff])),
        ("Zahl", RegistryValue::Dword(1)),
        ("Groß", RegistryValue::Qword(0x1_0000_0001)),
        (
            "Liste",
            RegistryValue::MultiSz(vec!["eins".into(), "два".into(), "三".into()]),
        ),
        ("LeereListe", RegistryValue::MultiSz(Vec::new())),
        ("BigEndian", RegistryValue::DwordBigEndian(7)),
        ("Nichts", RegistryValue::None),
    ];
    let mut pol = RegistryPol::default();
    for (name, value) in values {
        pol.entries.push(RegistryEntry::set(KEY, name, value)?);
    }
    for (name, data) in DIRECTIVES {
        pol.entries.push(RegistryEntry::set(
            KEY,
            name,
            RegistryValue::Sz(data.into()),
        )?);
    }
    pol.entries.push(RegistryEntry::set(
        KEY,
        "**SecureKey",
        RegistryValue::Dword(1),
    )?);
    pol.entries.push(RegistryEntry::create_key(
        "Software\\Policies\\Example\\Leer",
    )?);
    Ok(pol.to_bytes()?)
}

/// A registry.pol of a user half.
pub(crate) fn user_registry_pol(key: &str, name: &str, text: &str) -> Result<Vec<u8>> {
    let mut pol = RegistryPol::default();
    let value = RegistryValue::Sz(text.into());
    pol.entries.push(RegistryEntry::set(key, name, value)?);
    pol.entries
        .push(RegistryEntry::set(key, "Enabled", RegistryValue::Dword(1))?);
    pol.entries.push(RegistryEntry::delete(key, "Legacy")?);
    Ok(pol.to_bytes()?)
}

/// The security template of the default policy of a domain.
pub(crate) const ACCOUNT_POLICY: &str = r#"[Unicode]
Unicode=yes
[System Access]
MinimumPasswordAge = 1
MaximumPasswordAge = 42
MinimumPasswordLength = 14
PasswordComplexity = 1
PasswordHistorySize = 24
LockoutBadCount = 10
ResetLockoutCount = 15
LockoutDuration = 15
ClearTextPassword = 0
[Kerberos Policy]
MaxTicketAge = 10
MaxRenewAge = 7
MaxServiceAge = 600
MaxClockSkew = 5
TicketValidateClient = 1
[Registry Values]
MACHINE\System\CurrentControlSet\Control\Lsa\NoLMHash=4,1
[Version]
signature="$CHICAGO$"
Revision=1
"#;

/// A security template with every section. `{domain}` stands for the SID of the domain.
pub(crate) const SECURITY_TEMPLATE: &str = r#"[Unicode]
Unicode=yes
[Version]
signature="$CHICAGO$"
Revision=1
[System Access]
NewAdministratorName = "Администратор"
EnableGuestAccount = 0
LSAAnonymousNameLookup = 0
[Event Audit]
AuditSystemEvents = 3
AuditLogonEvents = 3
[System Log]
MaximumLogSize = 32768
AuditLogRetentionPeriod = 0
[Security Log]
MaximumLogSize = 81920
[Application Log]
MaximumLogSize = 32768
[Registry Values]
MACHINE\Software\Microsoft\Windows\CurrentVersion\Policies\System\LegalNoticeCaption=1,"Внимание"
MACHINE\Software\Microsoft\Windows\CurrentVersion\Policies\System\LegalNoticeText=7,Только для сотрудников","и гостей
MACHINE\System\CurrentControlSet\Services\LanManServer\Parameters\RequireSecuritySignature=4,1
[Privilege Rights]
SeRemoteInteractiveLogonRight = *S-1-5-32-544,*{domain}-1104
SeDenyInteractiveLogonRight = *{domain}-1105,Guests
SeBackupPrivilege = *S-1-5-32-551,*{domain}-4242
SeTrustedCredManAccessPrivilege =
[Group Membership]
*S-1-5-32-544__Memberof =
*S-1-5-32-544__Members = *{domain}-512,*{domain}-1108
EXAMPLE\Продавцы__Memberof = *S-1-5-32-555
[Service General Setting]
"Spooler",4,""
"wuauserv",2,"D:AR(A;;CCLCSWLOCRRC;;;AU)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;LCRPWP;;;{domain}-1104)"
[Registry Keys]
"MACHINE\SOFTWARE\Example",0,"D:PAR(A;CI;KA;;;BA)(A;CI;KR;;;BU)(A;CI;KA;;;{domain}-1104)"
[File Security]
"%SystemDrive%\Данные",2,"D:PAR(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;{domain}-1104)"
"#;

/// An advanced audit policy with a global object access rule.
pub(crate) const AUDIT_CSV: &str = "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value
,System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success and Failure,,3
,System,Audit Process Creation,{0cce922b-69ae-11d9-bed3-505054503030},Success,,1
,System,Audit File System,{0cce921d-69ae-11d9-bed3-505054503030},No Auditing,,0
,,Option:CrashOnAuditFail,,Disabled,,0
,,FileGlobalSacl,,,,S:(AU;SAFA;FA;;;WD)
";

/// Scripts of the user half, with a path on a server. The first line is blank, as Windows writes it.
pub(crate) const LOGON_SCRIPTS: &str = r"
[Logon]
0CmdLine=anmelden.cmd
0Parameters=/quiet 東京
1CmdLine=\\files.example.test\scripts\map.vbs
1Parameters=
[Logoff]
0CmdLine=\\files.example.test\scripts\abmelden.cmd
0Parameters=
";

/// PowerShell scripts of the user half, which run first.
pub(crate) const LOGON_POWERSHELL: &str = r"
[ScriptsConfig]
StartExecutePSFirst=true
[Logon]
0CmdLine=ログオン.ps1
0Parameters=-Verbose
";

pub(crate) const STARTUP_SCRIPTS: &str = r"
[Startup]
0CmdLine=start.cmd
0Parameters=
";

/// Folder redirection: one folder for everybody, one by group.
pub(crate) const FOLDER_REDIRECTION: &str = r"
[version]
version=100
[Folder_Redirection]
{FDD39AD0-238F-46AF-ADB4-6C85480369C7}=s-1-1-0;
{4BD8D571-6D19-48D3-BE97-422220080E43}={domain}-1104;{domain}-513;
[{FDD39AD0-238F-46AF-ADB4-6C85480369C7}_s-1-1-0]
Flags=1021
FullPath=\\files.example.test\home$\%USERNAME%\書類
[{4BD8D571-6D19-48D3-BE97-422220080E43}_{domain}-1104]
Flags=1021
FullPath=\\files.example.test\music\helpdesk
[{4BD8D571-6D19-48D3-BE97-422220080E43}_{domain}-513]
Flags=1021
FullPath=\\files.example.test\music\%USERNAME%
";

/// Comments on two policies.
pub(crate) const COMMENTS: &str = r#"<?xml version='1.0' encoding='utf-8'?>
<policyComments xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" revision="1.0" schemaVersion="1.0" xmlns="http://www.microsoft.com/GroupPolicy/CommentDefinitions">
  <policyNamespaces>
    <using prefix="ns0" namespace="Example.Policies.Grundschutz"></using>
  </policyNamespaces>
  <comments>
    <admTemplate>
      <comment policyRef="ns0:Schutz" commentText="$(resource.ns0_Schutz)"></comment>
    </admTemplate>
  </comments>
  <resources minRequiredRevision="1.0">
    <stringTable>
      <string id="ns0_Schutz">Nicht ändern &amp; nicht löschen.</string>
    </stringTable>
  </resources>
</policyComments>"#;

/// An administrative template of the old kind.
pub(crate) const ADM: &str = r#"CLASS MACHINE
CATEGORY !!Kategorie
  POLICY !!Regel
    KEYNAME "Software\Policies\Example\Grundschutz"
    VALUENAME "Zahl"
    EXPLAIN !!Erklärung
  END POLICY
END CATEGORY
[strings]
Kategorie="Grundschutz"
Regel="Schutz einschalten"
Erklärung="Schaltet den Schutz für alle Geräte ein."
"#;

/// The start of an advertise script of Windows Installer. What follows is opaque here.
pub(crate) const ADVERTISE_SCRIPT: &[u8] =
    b"\x02\x09\x00\x40IXOS\x00\x00\x00\x00example package, no real script\x00";
