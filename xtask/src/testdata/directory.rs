//! The LDIF of the domain's directory.

use gpo_core::Guid;
use sddl_parser::Sid;

use super::gpos::{
    BASELINE, Container, DEFAULT_DOMAIN_POLICY, DOMAIN_SID, LOGON, Objects, PREFERENCES, SECURITY,
    SOFTWARE, SampleGpo,
};
use crate::Result;

const DOMAIN: &str = "DC=example,DC=test";
const WMI_FILTER: &str = "{10AD00F1-6C1B-4F55-9B5C-7E3A4C2F00F1}";
const CREATED: &str = "20240102030405.0Z";
const CHANGED: &str = "20240506070809.0Z";

/// The whole file: UTF-8, LF, lines that are not folded.
pub(crate) fn ldif(gpos: &[SampleGpo]) -> Result<String> {
    let mut ldif = Ldif::new();
    ldif.record("", &[("dnsHostName", "dc1.example.test")]);
    domain(&mut ldif)?;
    places(&mut ldif);
    principals(&mut ldif)?;
    for gpo in gpos {
        if let Some(container) = &gpo.container {
            policy(&mut ldif, gpo.id, container)?;
        }
    }
    Ok(ldif.text)
}

/// LDIF text, built record by record.
struct Ldif {
    text: String,
}

impl Ldif {
    fn new() -> Self {
        Self {
            text: "version: 1\n\n# A small domain with every kind of content; made by \
                   `cargo xtask testdata`.\n"
                .into(),
        }
    }

    fn record(&mut self, dn: &str, attributes: &[(&str, &str)]) {
        self.line_before_record();
        self.attribute("dn", dn.as_bytes());
        for (name, value) in attributes {
            self.attribute(name, value.as_bytes());
        }
    }

    /// One more attribute of the last record: as text where LDIF can hold it, else in base64.
    fn attribute(&mut self, name: &str, value: &[u8]) {
        let safe = value.iter().all(|&b| (b' '..0x7f).contains(&b))
            && !value.first().is_some_and(|b| b" :<".contains(b))
            && value.last() != Some(&b' ');
        let line = match std::str::from_utf8(value) {
            Ok("") => format!("{name}:"),
            Ok(text) if safe => format!("{name}: {text}"),
            _ => format!("{name}:: {}", base64(value)),
        };
        self.text.push_str(&line);
        self.text.push('\n');
    }

    fn line_before_record(&mut self) {
        self.text.push('\n');
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .chain([0; 2].iter())
            .take(3)
            .fold(0, |bits, &byte| bits << 8 | usize::from(byte));
        for place in 0..4 {
            let digit = DIGITS.get(bits >> (18 - 6 * place) & 63);
            let digit = digit.filter(|_| place <= chunk.len());
            text.push(char::from(*digit.unwrap_or(&b'=')));
        }
    }
    text
}

/// The domain, its name and a WMI filter.
fn domain(ldif: &mut Ldif) -> Result {
    ldif.record(
        DOMAIN,
        &[
            ("objectClass", "top"),
            ("objectClass", "domain"),
            ("objectClass", "domainDNS"),
            ("gPLink", &link(DEFAULT_DOMAIN_POLICY, 2)),
        ],
    );
    let id: Guid = "{10AD00D0-6C1B-4F55-9B5C-7E3A4C2F00D0}".parse()?;
    ldif.attribute("objectGUID", &id.to_bytes());
    ldif.attribute("objectSid", &DOMAIN_SID.parse::<Sid>()?.to_bytes());
    ldif.record(
        &format!("CN=EXAMPLE,CN=Partitions,CN=Configuration,{DOMAIN}"),
        &[
            ("objectClass", "top"),
            ("objectClass", "crossRef"),
            ("nCName", DOMAIN),
            ("dnsRoot", "example.test"),
            ("nETBIOSName", "EXAMPLE"),
        ],
    );
    ldif.record(
        &format!("CN={WMI_FILTER},CN=SOM,CN=WMIPolicy,CN=System,{DOMAIN}"),
        &[
            ("objectClass", "top"),
            ("objectClass", "msWMI-Som"),
            ("msWMI-ID", WMI_FILTER),
            ("msWMI-Name", "Tragbare Geräte"),
            ("msWMI-Parm1", "Alle Geräte mit Akku"),
            (
                "msWMI-Parm2",
                "1;3;10;27;WQL;root\\CIMv2;SELECT * FROM Win32_Battery;",
            ),
        ],
    );
    Ok(())
}

/// A link as it stands in `gPLink`: option 1 disables it, option 2 enforces it.
fn link(id: &str, options: u32) -> String {
    format!("[LDAP://cn={id},cn=policies,cn=system,{DOMAIN};{options}]")
}

/// The organizational units and a site, with their links.
fn places(ldif: &mut Ldif) {
    let workstations = format!("OU=Arbeitsplätze,{DOMAIN}");
    for (dn, links, blocks) in [
        (
            workstations.clone(),
            [link(BASELINE, 0), link(PREFERENCES, 1), link(SOFTWARE, 0)].concat(),
            "0",
        ),
        // Nothing is inherited here but what is enforced.
        (
            format!("OU=Серверы\\, Москва,{DOMAIN}"),
            link(SECURITY, 2),
            "1",
        ),
        (
            format!("OU=営業,{workstations}"),
            [link(LOGON, 0), link(BASELINE, 3)].concat(),
            "0",
        ),
    ] {
        ldif.record(
            &dn,
            &[
                ("objectClass", "top"),
                ("objectClass", "organizationalUnit"),
                ("gPLink", &links),
                ("gPOptions", blocks),
            ],
        );
    }
    ldif.record(
        &format!("CN=Berlin,CN=Sites,CN=Configuration,{DOMAIN}"),
        &[
            ("objectClass", "top"),
            ("objectClass", "site"),
            ("gPLink", &link(PREFERENCES, 0)),
        ],
    );
}

/// A principal: where it is, its class, its name, its RID and more attributes.
type PrincipalRow = (
    &'static str,
    &'static str,
    &'static str,
    u32,
    &'static [(&'static str, &'static str)],
);

fn principals(ldif: &mut Ldif) -> Result {
    const GLOBAL: &[(&str, &str)] = &[("groupType", "-2147483646")];
    const UNIVERSAL: &[(&str, &str)] = &[("groupType", "-2147483640")];
    const LOCAL: &[(&str, &str)] = &[("groupType", "-2147483644")];
    const ROWS: &[PrincipalRow] = &[
        ("CN=Users", "user", "Administrator", 500, &[]),
        ("CN=Users", "user", "Guest", 501, &[]),
        ("CN=Users", "group", "Domain Admins", 512, GLOBAL),
        ("CN=Users", "group", "Domain Users", 513, GLOBAL),
        ("CN=Users", "group", "Domain Computers", 515, GLOBAL),
        ("CN=Users", "group", "Domain Controllers", 516, GLOBAL),
        ("CN=Users", "group", "Enterprise Admins", 519, UNIVERSAL),
        (
            "OU=Domain Controllers",
            "computer",
            "DC1$",
            1000,
            &[
                ("dNSHostName", "dc1.example.test"),
                ("userAccountControl", "532480"),
            ],
        ),
        ("CN=Users", "group", "Helpdesk", 1104, GLOBAL),
        ("CN=Users", "group", "Продавцы", 1105, UNIVERSAL),
        (
            "CN=Users",
            "user",
            "jmüller",
            1106,
            &[("userPrincipalName", "johanna.müller@example.test")],
        ),
        ("CN=Computers", "computer", "PC01$", 1107, &[]),
        ("CN=Users", "group", "Serverbetreuer", 1108, LOCAL),
    ];
    let domain: Sid = DOMAIN_SID.parse()?;
    for &(place, class, name, rid, more) in ROWS {
        let cn = name.trim_end_matches('$');
        ldif.record(
            &format!("CN={cn},{place},{DOMAIN}"),
            &[
                ("objectClass", "top"),
                ("objectClass", class),
                ("sAMAccountName", name),
            ],
        );
        let sid = domain.with_rid(rid).ok_or("the SID has no room")?;
        ldif.attribute("objectSid", &sid.to_bytes());
        for (name, value) in more {
            ldif.attribute(name, value.as_bytes());
        }
    }
    ldif.record(
        &format!("CN=Administrators,CN=Builtin,{DOMAIN}"),
        &[
            ("objectClass", "top"),
            ("objectClass", "group"),
            ("sAMAccountName", "Administrators"),
            ("groupType", "-2147483643"),
        ],
    );
    ldif.attribute("objectSid", &"S-1-5-32-544".parse::<Sid>()?.to_bytes());
    Ok(())
}

/// A GPO's container and what is below it.
fn policy(ldif: &mut Ldif, id: &str, gpo: &Container) -> Result {
    let dn = format!("CN={id},CN=Policies,CN=System,{DOMAIN}");
    ldif.record(
        &dn,
        &[
            ("objectClass", "top"),
            ("objectClass", "container"),
            ("objectClass", "groupPolicyContainer"),
            ("cn", id),
            ("displayName", gpo.name),
            ("flags", &gpo.flags.to_string()),
            ("versionNumber", &gpo.version.to_string()),
            ("gPCFunctionalityVersion", "2"),
            (
                "gPCFileSysPath",
                &format!("\\\\example.test\\SysVol\\example.test\\Policies\\{id}"),
            ),
            ("whenCreated", CREATED),
            ("whenChanged", CHANGED),
        ],
    );
    for (name, list) in [
        ("gPCMachineExtensionNames", &gpo.machine_extensions),
        ("gPCUserExtensionNames", &gpo.user_extensions),
    ] {
        if !list.is_empty() {
            ldif.attribute(name, list.as_bytes());
        }
    }
    if gpo.wmi_filter {
        let link = format!("[example.test;{WMI_FILTER};0]");
        ldif.attribute("gPCWQLFilter", link.as_bytes());
    }
    ldif.attribute("nTSecurityDescriptor", &gpo.descriptor);
    for half in ["Machine", "User"] {
        container(ldif, &format!("CN={half},{dn}"), &gpo.descriptor);
    }
    match gpo.objects {
        Objects::None => Ok(()),
        Objects::SoftwarePackage => class_store(ldif, id, &format!("CN=Machine,{dn}"), gpo),
        Objects::PushedPrinter => {
            pushed_printer(ldif, &format!("CN=User,{dn}"), &gpo.descriptor);
            Ok(())
        }
    }
}

fn container(ldif: &mut Ldif, dn: &str, descriptor: &[u8]) {
    ldif.record(
        dn,
        &[
            ("objectClass", "top"),
            ("objectClass", "container"),
            ("showInAdvancedViewOnly", "TRUE"),
        ],
    );
    ldif.attribute("nTSecurityDescriptor", descriptor);
}

fn pushed_printer(ldif: &mut Ldif, above: &str, descriptor: &[u8]) {
    let dn = format!("CN=PushedPrinterConnections,{above}");
    container(ldif, &dn, descriptor);
    ldif.record(
        &format!("CN={{10AD00E1-6C1B-4F55-9B5C-7E3A4C2F00E1}},{dn}"),
        &[
            ("objectClass", "top"),
            ("objectClass", "msPrint-ConnectionPolicy"),
            ("uNCName", "\\\\print.example.test\\Etage 2"),
            ("serverName", "\\\\print.example.test"),
            ("printerName", "Etage 2"),
            ("printAttributes", "0"),
        ],
    );
    ldif.attribute("nTSecurityDescriptor", descriptor);
}

/// A class store with one package, which is assigned to computers.
fn class_store(ldif: &mut Ldif, gpo: &str, above: &str, container: &Container) -> Result {
    const PACKAGE: &str = "5c9a0001-1d2e-4f55-8a5b-000000000001";
    const SCRIPT: &str = "{5C9A0002-1D2E-4F55-8A5B-000000000002}";
    let guid = |text: &str| Ok::<_, gpo_core::Error>(text.parse::<Guid>()?.to_bytes());
    let store = format!("CN=Class Store,{above}");
    let packages = format!("CN=Packages,{store}");
    ldif.record(
        &store,
        &[
            ("objectClass", "top"),
            ("objectClass", "classStore"),
            ("appSchemaVersion", "1740"),
            ("extensionName", container.name),
            ("description", "Application Store"),
            (
                "displayName",
                &format!("LDAP://CN={gpo},CN=Policies,CN=System,{DOMAIN}"),
            ),
        ],
    );
    ldif.attribute("nTSecurityDescriptor", &container.descriptor);
    ldif.record(
        &packages,
        &[("objectClass", "top"), ("objectClass", "classStore")],
    );
    ldif.attribute("nTSecurityDescriptor", &container.descriptor);
    let script = format!(
        "\\\\example.test\\sysvol\\example.test\\Policies\\{gpo}\\Machine\\Applications\\{SCRIPT}.aas"
    );
    ldif.record(
        &format!("CN={PACKAGE},{packages}"),
        &[
            ("objectClass", "top"),
            ("objectClass", "packageRegistration"),
            ("cOMClassID", "00000000-0000-0000-0000-000000000000:0"),
            ("localeID", "1033"),
            ("machineArchitecture", "150996226"),
            ("versionNumberHi", "3"),
            ("versionNumberLo", "1"),
            ("revision", "0"),
            ("packageType", "5"),
            // 0xA0026470: assigned.
            ("packageFlags", "-1610455952"),
            ("packageName", "Übersetzer 3.1"),
            ("msiScriptPath", &script),
            ("msiScriptName", "A"),
            (
                "msiScriptSize",
                &super::settings::ADVERTISE_SCRIPT.len().to_string(),
            ),
            ("url", "https://example.test/hilfe"),
            ("lastUpdateSequence", "20240506070809"),
            (
                "msiFileList",
                "0:\\\\files.example.test\\software\\übersetzer.msi",
            ),
            (
                "msiFileList",
                "1:\\\\files.example.test\\software\\deutsch.mst",
            ),
            ("installUiLevel", "5"),
            ("displayName", "Übersetzer 3.1"),
            ("vendor", "Example"),
        ],
    );
    ldif.attribute(
        "objectGUID",
        &guid("{5C9A0003-1D2E-4F55-8A5B-000000000003}")?,
    );
    ldif.attribute(
        "productCode",
        &guid("{5C9A0004-1D2E-4F55-8A5B-000000000004}")?,
    );
    ldif.attribute("nTSecurityDescriptor", &container.descriptor);
    Ok(())
}
