//! Values for tests: a domain, its principals, GPOs.

use gpo_core::{
    DirectoryAttribute, DirectoryObject, Domain, DomainId, GpoContainer, GpoId, GpoStatus,
    GpoVersion, Guid, Principal, PrincipalKind, WmiFilter, WmiFilterId,
};
use sddl_parser::{SddlContext, SecurityDescriptor, Sid};

/// The SID of the domain, or with a RID of an account in it.
fn sid(rid: &[u32]) -> Sid {
    let domain = [21, 1_004_336_348, 1_177_238_915, 682_003_330];
    let all: Vec<u32> = domain.iter().chain(rid).copied().collect();
    // At most 15 are allowed, and these are 4 or 5.
    Sid::new(5, &all).unwrap_or_else(|| unreachable!("five sub-authorities"))
}

/// The domain example.test.
pub fn domain() -> Domain {
    Domain {
        dns_name: "example.test".into(),
        dn: "DC=example,DC=test".into(),
        netbios_name: Some("EXAMPLE".into()),
        id: Some(DomainId::new(
            Guid::from_u128(0xc517_a4d0_ce5b_45e2_84c4_da9f_7f3c_757c).to_lower(),
        )),
        sid: Some(sid(&[])),
        domain_controller: "dc1.example.test".into(),
    }
}

/// Principals of example.test, one of each kind, in the order of their creation.
pub fn principals() -> Vec<Principal> {
    [
        (500, "Administrator", PrincipalKind::User),
        (512, "Domain Admins", PrincipalKind::GlobalGroup),
        (519, "Enterprise Admins", PrincipalKind::UniversalGroup),
        (1101, "DC1$", PrincipalKind::Computer),
        (1102, "DnsAdmins", PrincipalKind::LocalGroup),
        (1103, "B\u{fc}ro, 1. Stock", PrincipalKind::GlobalGroup),
    ]
    .into_iter()
    .map(|(rid, name, kind)| Principal {
        sid: sid(&[rid]),
        sam_account_name: name.into(),
        kind,
        netbios_domain: "EXAMPLE".into(),
        dns_domain: "example.test".into(),
        upn: format!("{name}@example.test"),
    })
    .collect()
}

/// The container of the n-th GPO, with a tree of objects below each half, as the schema of Active
/// Directory allows it.
pub fn container(n: u32) -> GpoContainer {
    let id = GpoId::new(Guid::from_u128(0xabcd_0000_0000 + u128::from(n)));
    GpoContainer {
        id,
        display_name: format!("GPO \u{e9} {n}"),
        status: GpoStatus::from_bits_retain(n % 4),
        version: GpoVersion::new(0xffff_0000 + n),
        machine_extensions:
            "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]".into(),
        user_extensions: String::new(),
        wql_filter: String::new(),
        file_sys_path: format!("\\\\example.test\\sysvol\\example.test\\Policies\\{id}"),
        security_descriptor: Some(descriptor()),
        machine_objects: vec![
            object(
                "CN=Class Store",
                "classStore",
                &["1"],
                vec![object(
                    "CN=Packages",
                    "classStore",
                    &["2", "3"],
                    vec![object(
                        "CN=a\\, b",
                        "packageRegistration",
                        &[" x\ny", "\u{e9}"],
                        vec![],
                    )],
                )],
            ),
            object("CN=Microsoft", "container", &["4"], vec![]),
        ],
        user_objects: vec![object(
            "CN=PushedPrinterConnections",
            "container",
            &["5"],
            vec![],
        )],
        when_created: String::new(),
        when_changed: String::new(),
    }
}

/// The n-th WMI filter: for computers with a battery.
pub fn wmi_filter(n: u32) -> WmiFilter {
    let id = Guid::from_u128(0xf117_0000_0000 + u128::from(n));
    WmiFilter {
        id: WmiFilterId::new(id),
        name: "Laptops".into(),
        description: String::new(),
        queries: r"1;3;10;35;WQL;root\CIMv2;SELECT * FROM Win32_Battery;".into(),
        author: String::new(),
        created: String::new(),
        changed: String::new(),
    }
}

fn object(
    rdn: &str,
    class: &str,
    values: &[&str],
    children: Vec<DirectoryObject>,
) -> DirectoryObject {
    let description = DirectoryAttribute {
        name: "description".into(),
        values: values
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect(),
    };
    let bytes = DirectoryAttribute {
        name: "msiScript".into(),
        values: vec![vec![0, 0xff, 10, 13]],
    };
    // Only packages may have it.
    let bytes = (class == "packageRegistration").then_some(bytes);
    DirectoryObject {
        rdn: rdn.into(),
        class: class.into(),
        attributes: [description].into_iter().chain(bytes).collect(),
        security_descriptor: Some(descriptor()),
        children,
    }
}

/// Administrators may do everything, authenticated users may read. Nothing is inherited, and no
/// domain is named, so that every directory takes it.
const SDDL: &str = "O:BAG:BAD:P(A;CI;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;CI;LCRPLORC;;;AU)";

fn descriptor() -> Vec<u8> {
    let read = SecurityDescriptor::from_sddl(SDDL, &SddlContext::new());
    let bytes = read.and_then(|descriptor| descriptor.to_bytes());
    bytes.unwrap_or_else(|error| unreachable!("{error}"))
}
