//! Preference files. Items carry fixed times and IDs, so that the files are the same every time.

/// Drives with item-level targeting: a group, an organizational unit and a negated subnet, nested.
pub(crate) const DRIVES: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Drives clsid="{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}"><Drive clsid="{935D1B74-9CB8-4e3c-9914-7DD559B7A417}" name="V:" status="V:" image="2" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000101}" bypassErrors="1" userContext="1" desc="Vertrieb &amp; Lager"><Properties action="U" thisDrive="NOCHANGE" allDrives="NOCHANGE" userName="" path="\\files.example.test\vertrieb" label="Vertrieb" persistent="1" useLetter="1" letter="V"/><Filters><FilterGroup bool="AND" not="0" name="EXAMPLE\Продавцы" sid="{domain}-1105" userContext="1" primaryGroup="0" localGroup="0"/><FilterCollection bool="AND" not="0"><FilterOrgUnit bool="AND" not="0" name="OU=Arbeitsplätze,DC=example,DC=test" userContext="0" directMember="0"/><FilterIpRange bool="OR" not="1" min="10.0.0.1" max="10.0.0.254" useIPv6="0"/></FilterCollection></Filters></Drive>
</Drives>
"#;

/// A local group and a local user; the password is empty.
pub(crate) const GROUPS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Groups clsid="{3125E937-EB16-4b4c-9934-544FC6D24D26}"><Group clsid="{6D4A79E4-529C-4481-ABD0-F5BD7EA93BA7}" name="Administrators (built-in)" image="2" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000102}"><Properties action="U" newName="" description="" deleteAllUsers="0" deleteAllGroups="0" removeAccounts="0" groupSid="S-1-5-32-544" groupName="Administrators (built-in)"><Members><Member name="EXAMPLE\Helpdesk" action="ADD" sid="{domain}-1104"/></Members></Properties></Group>
	<User clsid="{DF5F1855-51E5-4d24-8B1A-D9BDE98BA1D1}" name="werkstatt" image="0" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000103}"><Properties action="C" newName="" fullName="Werkstatt" description="" cpassword="" changeLogon="0" noChange="1" neverExpires="1" acctDisabled="0" userName="werkstatt"/></User>
</Groups>
"#;

/// Registry items in a collection, with a condition on a registry value and one on WMI.
pub(crate) const REGISTRY: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<RegistrySettings clsid="{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}"><Collection clsid="{53B533F5-224C-47e3-B01B-CA3B3F3FF4BF}" name="Übergang" disabled="0"><Registry clsid="{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}" name="Stufe" status="Stufe" image="12" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000104}"><Properties action="R" displayDecimal="1" default="0" hive="HKEY_LOCAL_MACHINE" key="SOFTWARE\Example\Übergang" name="Stufe" type="REG_DWORD" value="00000002"/><Filters><FilterRegistry bool="AND" not="0" type="KEYEXISTS" subtype="SUBSTRING" hive="HKEY_LOCAL_MACHINE" key="SOFTWARE\Example" valueName="" valueType="" valueData="" min="0.0.0.0" max="0.0.0.0" gte="1" lte="0"/><FilterWmi bool="OR" not="0" query="SELECT * FROM Win32_Battery" nameSpace="Root\CIMv2" property="" variableName=""/></Filters></Registry></Collection>
	<Registry clsid="{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}" name="Liste" status="Liste" image="7" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000105}" disabled="1"><Properties action="U" displayDecimal="0" default="0" hive="HKEY_LOCAL_MACHINE" key="SOFTWARE\Example" name="Liste" type="REG_MULTI_SZ" value="a b"><Values><Value>a</Value><Value>b &lt;c&gt;</Value></Values></Properties></Registry>
</RegistrySettings>
"#;

/// A task that runs as a domain user; the password is empty.
pub(crate) const SCHEDULED_TASKS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<ScheduledTasks clsid="{CC63F200-7309-4ba0-B154-A71CD118DBCC}"><TaskV2 clsid="{D8896631-B747-47a7-84A6-C155337F3BC8}" name="Sicherung" image="2" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000106}"><Properties action="U" name="Sicherung" runAs="EXAMPLE\jmüller" logonType="S4U"><Task version="1.2"><RegistrationInfo><Author>EXAMPLE\jmüller</Author><Description></Description></RegistrationInfo><Principals><Principal id="Author"><UserId>EXAMPLE\jmüller</UserId><LogonType>S4U</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals><Settings><IdleSettings><Duration>PT10M</Duration><WaitTimeout>PT1H</WaitTimeout><StopOnIdleEnd>true</StopOnIdleEnd><RestartOnIdle>false</RestartOnIdle></IdleSettings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy><Enabled>true</Enabled><Priority>7</Priority></Settings><Triggers><CalendarTrigger><StartBoundary>2024-01-02T03:04:05</StartBoundary><Enabled>true</Enabled><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger></Triggers><Actions Context="Author"><Exec><Command>\\files.example.test\tools\sichern.exe</Command><Arguments>/alles</Arguments></Exec></Actions></Task></Properties></TaskV2>
</ScheduledTasks>
"#;

/// A file that is copied from a share.
pub(crate) const FILES: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Files clsid="{215B2E53-57CE-475c-80FE-9EEC14635851}"><File clsid="{50BE44C8-567A-4ed1-B1D0-9234FE1F38AF}" name="hosts" status="hosts" image="2" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000107}"><Properties action="U" fromPath="\\files.example.test\config\hosts" targetPath="%SystemDir%\drivers\etc\hosts" readOnly="0" archive="1" hidden="0" suppress="0"/></File>
</Files>
"#;

/// A printer for one computer.
pub(crate) const PRINTERS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Printers clsid="{1F577D12-3D1B-471e-A1B7-060317597B9C}"><SharedPrinter clsid="{9A5E9697-9095-436d-A0EE-4D128FDFBCE5}" name="Etage 2" status="Etage 2" image="1" changed="2024-01-02 03:04:05" uid="{00000000-0000-4000-8000-000000000108}"><Properties action="C" comment="" path="\\print.example.test\Etage 2" location="" default="0" skipLocal="0" deleteAll="0" persistent="0" deleteMaps="0" port=""/><Filters><FilterComputer bool="AND" not="0" type="NETBIOS" name="PC01"/></Filters></SharedPrinter>
</Printers>
"#;
