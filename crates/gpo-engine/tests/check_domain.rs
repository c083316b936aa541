//! What `check_domain` finds, each thing in a domain that is good but for it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use gpo_core::{DirectoryWrite, GpoContainer, GpoPath, GpoVersion, SourceErrorKind, SysvolWrite};
use gpo_engine::{Cancel, CheckedGpo, Outcome, Source, Status, check_domain, list_gpos};
use gpo_testkit::{Fault, Faults, Faulty, MemoryDomain, sample};
use sddl_parser::{SddlContext, SecurityDescriptor};

const REGISTRY: &str =
    "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]";
const SCRIPTS: &str =
    "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]";
const IN_DIRECTORY: &str = "D:P(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)(A;CI;LCRPLORC;;;AU)";
const IN_SYSVOL: &str = "D:P(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;AU)";

fn descriptor(sddl: &str) -> Vec<u8> {
    let read = SecurityDescriptor::from_sddl(sddl, &SddlContext::new());
    read.unwrap().to_bytes().unwrap()
}

fn path(below: &str) -> GpoPath {
    let folder = format!("Policies\\{}", sample::container(1).id);
    format!("{folder}{below}").parse().unwrap()
}

fn put(domain: &MemoryDomain, below: &str, bytes: &[u8]) {
    let put = |sysvol: &mut gpo_testkit::MemoryTree| sysvol.put_file(&path(below), bytes);
    domain.edit_sysvol(put).unwrap();
}

/// A domain without findings: one GPO, with permissions on both sides.
fn good() -> MemoryDomain {
    let domain = MemoryDomain::example();
    change(&domain, |gpo| {
        gpo.security_descriptor = Some(descriptor(IN_DIRECTORY));
    });
    let folder = path("");
    domain
        .set_descriptor(&folder, &descriptor(IN_SYSVOL))
        .unwrap();
    domain
}

fn change(domain: &MemoryDomain, change: impl FnOnce(&mut GpoContainer)) {
    let mut container = sample::container(1);
    container.security_descriptor = Some(descriptor(IN_DIRECTORY));
    change(&mut container);
    domain.put_container(&container).unwrap();
}

fn check(domain: &MemoryDomain) -> Outcome<Vec<CheckedGpo>> {
    check_domain(Source::of(domain), &mut (), &Cancel::default())
}

/// The findings as text, without the name of the folder.
fn findings(domain: &MemoryDomain) -> Vec<String> {
    let outcome = check(domain);
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    let folder = path("").as_str().replace('\\', "/");
    let findings = outcome.value.iter().flat_map(|gpo| &gpo.findings);
    let text = |f: &gpo_engine::Finding| f.to_string().replace(&folder, "GPO");
    findings.map(text).collect()
}

#[test]
fn a_good_domain_has_no_findings() {
    let domain = good();
    assert_eq!(findings(&domain), [""; 0]);
    assert_eq!(check(&domain).messages, []);
    assert_eq!(check(&domain).value[0].gpo.display_name, "GPO é 1");
}

type Spoil = fn(&MemoryDomain);

/// How to spoil a good domain, and how the findings then begin.
const FAULTS: &[(Spoil, &[&str])] = &[
    (
        |domain| domain.remove_container(sample::container(1).id).unwrap(),
        &["error: GPO: there is no container in the directory [no-container]"],
    ),
    (
        |domain| domain.remove_tree(&path("")).unwrap(),
        &["error: GPO: there is no folder in SYSVOL [no-folder]"],
    ),
    (
        |domain| {
            assert!(domain.edit_sysvol(|sysvol| sysvol.remove(&path("\\GPT.INI"))));
        },
        &["error: GPO: there is no GPT.INI [no-gpt-ini]"],
    ),
    (
        |domain| put(domain, "\\GPT.INI", b"[General]\r\nVersion=x\r\n"),
        &["error: GPO/GPT.INI: line 2, column 9 (byte 19): \"x\" is no version"],
    ),
    (
        |domain| change(domain, |gpo| gpo.version = GpoVersion::from_halves(7, 2)),
        &[
            "warning: GPO: the directory has version 2 of the computer half and 7 of the user \
           half, SYSVOL 1 and 65535 [versions-differ]",
        ],
    ),
    (
        |domain| {
            let more = format!("{IN_SYSVOL}(A;OICI;FA;;;WD)");
            domain
                .set_descriptor(&path(""), &descriptor(&more))
                .unwrap();
        },
        &[
            "warning: GPO: the folder's permissions do not follow from those in the directory: \
           missing none, unexpected (A;OICI;FA;;;WD) [permissions-differ]",
        ],
    ),
    (
        |domain| {
            let less = "D:P(A;OICI;FA;;;SY)";
            domain.set_descriptor(&path(""), &descriptor(less)).unwrap();
        },
        &[
            "warning: GPO: the folder's permissions do not follow from those in the directory: \
           missing (A;OICI;0x1200a9;;;AU), unexpected none [permissions-differ]",
        ],
    ),
    (
        |domain| domain.set_descriptor(&path(""), b"\x01\0").unwrap(),
        &["error: GPO: the security descriptor in SYSVOL"],
    ),
    (
        |domain| {
            change(domain, |gpo| {
                gpo.file_sys_path = gpo.file_sys_path.replace("\\\\example.test", "\\\\evil");
            });
        },
        &["warning: GPO: gPCFileSysPath is \"\\\\evil\\sysvol"],
    ),
    (
        |domain| {
            change(domain, |gpo| {
                gpo.wql_filter = "[example.test;{39B2BA78-1111-2222-3333-444455556666};0]".into();
            });
        },
        &[
            "warning: GPO: the WMI filter {39B2BA78-1111-2222-3333-444455556666} that it is \
           linked to is not there [no-wmi-filter]",
        ],
    ),
    (
        |domain| change(domain, |gpo| gpo.wql_filter = "[x]".into()),
        &["warning: GPO: \"[x]\" is no link to a WMI filter"],
    ),
    (
        |domain| change(domain, |gpo| gpo.machine_extensions = "[{1}]".into()),
        &["warning: GPO: the computer half: "],
    ),
    (
        |domain| change(domain, |gpo| gpo.user_extensions = REGISTRY.into()),
        &[
            "warning: GPO: Registry is listed for the user half, which has no settings of it \
           [missing-settings]",
        ],
    ),
    (
        |domain| {
            put(
                domain,
                "\\User\\Scripts\\scripts.ini",
                b"[Logon]\n0CmdLine=a\n0Parameters=\n",
            );
        },
        &[
            "warning: GPO/User/Scripts/scripts.ini: clients ignore the file: Scripts is not \
           listed for its half [ignored-settings]",
        ],
    ),
    (
        |domain| put(domain, "\\User\\registry.pol", b"PReg"),
        &["error: GPO/User/registry.pol: "],
    ),
];

#[test]
fn each_fault_is_found() {
    for (spoil, expected) in FAULTS {
        let domain = good();
        spoil(&domain);
        let found = findings(&domain);
        assert_eq!(found.len(), expected.len(), "{expected:?}, {found:?}");
        for (found, expected) in found.iter().zip(*expected) {
            assert!(found.starts_with(expected), "{found}\n{expected}");
        }
    }
}

#[test]
fn what_is_in_order_is_no_finding() {
    type Change = fn(&MemoryDomain);
    const CASES: &[(&str, Change)] = &[
        ("a script that is listed", |domain| {
            put(
                domain,
                "\\USER\\Scripts\\scripts.ini",
                b"[Logon]\n0CmdLine=a\n0Parameters=\n",
            );
            change(domain, |gpo| gpo.user_extensions = SCRIPTS.into());
        }),
        ("a file that sets nothing", |domain| {
            put(domain, "\\User\\registry.pol", b"PReg\x01\0\0\0");
        }),
        ("comments and old templates", |domain| {
            put(domain, "\\User\\comment.cmtx", b"<x/>");
            put(domain, "\\Adm\\system.adm", b"");
        }),
        (
            "software without files, which stands in the directory",
            |domain| {
                change(domain, |gpo| {
                    let software = "[{C6DC5466-785A-11D2-84D0-00C04FB169F7}{942A8E4F-A261-11D1-A760-00C04FB9603F}]";
                    gpo.machine_extensions.push_str(software);
                });
            },
        ),
        ("an extension whose files nobody knows", |domain| {
            change(domain, |gpo| {
                gpo.user_extensions = "[{E437BC1C-AA7D-11D2-A382-00C04F991E27}{E437BC1C-AA7D-11D2-A382-00C04F991E27}]".into();
            });
        }),
        ("lists of halves that were never edited", |domain| {
            change(domain, |gpo| {
                gpo.version = GpoVersion::new(0);
                gpo.user_extensions = REGISTRY.into();
            });
            put(domain, "\\GPT.INI", b"[General]\r\nVersion=0\r\n");
        }),
        ("another spelling of the path", |domain| {
            change(domain, |gpo| {
                gpo.file_sys_path = gpo.file_sys_path.to_uppercase();
            });
        }),
    ];
    for (what, change) in CASES {
        let domain = good();
        change(&domain);
        assert_eq!(findings(&domain), [""; 0], "{what}");
    }
}

#[test]
fn permissions_that_a_source_has_not_are_named() {
    let domain = MemoryDomain::new(sample::domain());
    let mut container = sample::container(1);
    container.security_descriptor = None;
    domain.put_container(&container).unwrap();
    put(&domain, "\\GPT.INI", b"[General]\r\nVersion=4294901761\r\n");
    let outcome = check(&domain);
    assert_eq!(outcome.status, Status::Succeeded);
    assert!(
        outcome.messages[0]
            .text
            .contains("permissions were not compared")
    );
}

#[test]
fn a_gpo_that_cannot_be_read_stops_no_other() {
    let domain = good();
    domain.put_container(&sample::container(2)).unwrap();
    let faults = Faults::none();
    let run = |faults: &Faults| {
        let source = Faulty::new(&domain, faults);
        check_domain(Source::of(&source), &mut (), &Cancel::default())
    };
    assert_eq!(run(&faults).value.len(), 2);
    let mut partly = 0;
    for call in 0..faults.calls() {
        let outcome = run(&Faults::at(call, Fault::Fail(SourceErrorKind::Denied)));
        let named = outcome.messages.iter().any(|m| m.error_code == 0x8007_0005);
        // A folder that cannot be listed has no orphans; the error of a file is one of its GPO.
        assert_eq!(outcome.status, Status::Failed, "call {call}");
        assert!(named, "call {call}: {:?}", outcome.messages);
        partly += u32::from(outcome.value.len() == 1);
    }
    assert!(partly > 0, "one failed and the other was checked");
}

#[test]
fn a_cancelled_check_says_so() {
    let domain = good();
    let cancel = Cancel::default();
    cancel.cancel();
    let source = Source::of(&domain);
    let outcome = check_domain(source, &mut (), &cancel);
    assert_eq!(outcome.status, Status::Cancelled);
    assert_eq!(list_gpos(source, &cancel).status, Status::Cancelled);
}
