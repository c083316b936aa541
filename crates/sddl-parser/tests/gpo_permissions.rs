//! What is there for GPOs, case by case.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use sddl_parser::{
    AccessMask, Ace, AceFlags, Acl, GpoPermission, SddlContext, SecurityDescriptor, Sid,
};

fn sid(text: &str) -> Sid {
    text.parse().unwrap()
}

fn context() -> SddlContext {
    SddlContext::new()
        .with_domain(sid("S-1-5-21-1-2-3"))
        .with_forest(sid("S-1-5-21-4-5-6"))
}

fn dacl(text: &str) -> Acl {
    let descriptor = SecurityDescriptor::from_sddl(&format!("D:{text}"), &context()).unwrap();
    descriptor.dacl().unwrap().clone()
}

fn text(acl: &Acl) -> String {
    acl.aces
        .iter()
        .map(|ace| ace.to_sddl(&context()).unwrap())
        .collect()
}

#[test]
fn a_level_that_is_given_is_the_level_that_is_found() {
    use GpoPermission as Level;
    for level in [
        Level::Read,
        Level::Apply,
        Level::Edit,
        Level::EditSecurityAndDelete,
    ] {
        let acl = Acl::new(level.to_aces(sid("S-1-5-11")).unwrap());
        let found = Level::of_acl(&acl);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].permission, level);
        assert_eq!(found[0].trustee, sid("S-1-5-11"));
        assert!(found[0].inheritable && !found[0].denied && !found[0].inherited);
    }
    assert_eq!(Level::Custom.to_aces(sid("S-1-5-11")), None);
}

#[test]
fn levels_follow_from_all_aces_of_a_trustee() {
    use GpoPermission::{Apply, Custom, Edit, EditSecurityAndDelete, Read};
    const APPLY: &str = "(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)";
    let cases: [(String, &[(GpoPermission, bool)]); 16] = [
        ("(A;;LCRPLORC;;;AU)".into(), &[(Read, false)]),
        ("(A;;LCRPRC;;;AU)".into(), &[(Read, false)]),
        ("(A;;GR;;;AU)".into(), &[(Read, false)]),
        ("(A;;LC;;;AU)(A;CI;RPRC;;;AU)".into(), &[(Read, false)]),
        ("(A;;RP;;;AU)".into(), &[(Custom, false)]),
        (format!("(A;;LCRPRC;;;AU){APPLY}"), &[(Apply, false)]),
        ("(A;;LCRPCRRC;;;AU)".into(), &[(Apply, false)]),
        (APPLY.into(), &[(Custom, false)]),
        ("(A;;CCDCLCRPWPRC;;;AU)".into(), &[(Edit, false)]),
        ("(A;;CCDCLCSWRPWPLORC;;;AU)".into(), &[(Edit, false)]),
        (
            format!("(A;;CCDCLCRPWPRC;;;AU){APPLY}"),
            &[(Edit, false), (Apply, false)],
        ),
        (
            "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;AU)".into(),
            &[(EditSecurityAndDelete, false)],
        ),
        (
            "(A;;GA;;;AU)".into(),
            &[(EditSecurityAndDelete, false), (Apply, false)],
        ),
        (APPLY.replace("OA", "OD"), &[(Apply, true)]),
        (
            format!("(D;;LCRPRC;;;AU)(A;;LCRPRC;;;AU){APPLY}"),
            &[(Read, true), (Apply, false)],
        ),
        ("(A;CIIO;GA;;;AU)".into(), &[]),
    ];
    for (text, expected) in cases {
        let found: Vec<_> = GpoPermission::of_acl(&dacl(&text))
            .iter()
            .map(|entry| (entry.permission, entry.denied))
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn inherited_permissions_are_entries_of_their_own() {
    let found = GpoPermission::of_acl(&dacl("(A;CI;LCRPRC;;;AU)(A;CIID;CCDCLCRPWPRC;;;AU)"));
    let found: Vec<_> = found
        .iter()
        .map(|entry| (entry.permission, entry.inherited))
        .collect();
    assert_eq!(
        found,
        [(GpoPermission::Read, false), (GpoPermission::Edit, true)]
    );
}

#[test]
fn a_new_gpo_has_this_descriptor() {
    let domain = sid("S-1-5-21-1-2-3");
    let descriptor = SecurityDescriptor::new_gpo(&domain, &sid("S-1-5-21-4-5-6"));
    assert_eq!(
        descriptor.to_sddl(&context()).unwrap(),
        "O:DAG:DAD:PAI(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)\
         (A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)\
         (A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA)(A;CI;LCRPLORC;;;ED)(A;CI;LCRPLORC;;;AU)\
         (A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)(A;CIIO;CCDCLCSWRPWPDTLOSDRCWDWO;;;CO)"
    );
}

#[test]
fn rights_in_the_directory_become_rights_of_files() {
    let cases = [
        ("(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)", "(A;OICI;FA;;;DA)"),
        (
            "(A;CIIO;CCDCLCSWRPWPDTLOSDRCWDWO;;;CO)",
            "(A;OICIIO;FA;;;CO)",
        ),
        ("(A;CI;LCRPLORC;;;AU)", "(A;OICI;0x1200a9;;;AU)"),
        ("(A;CI;RPRC;;;AU)", "(A;OICI;RC;;;AU)"),
        ("(A;CI;CCDCLCRPWPRC;;;AU)", "(A;OICI;0x1201ff;;;AU)"),
        ("(A;CI;GA;;;SY)", "(A;OICI;FA;;;SY)"),
        ("(D;CI;GA;;;AU)(A;;GR;;;RU)", ""),
        (
            "(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)",
            "(OA;OICI;;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)",
        ),
    ];
    for (directory, folder) in cases {
        assert_eq!(text(&dacl(directory).sysvol_dacl()), folder, "{directory}");
    }
}

#[test]
fn a_folder_agrees_when_it_gives_the_same_rights() {
    let directory = dacl("(A;;GA;;;SY)(A;;GA;;;SY)(A;CI;LCRPLORC;;;AU)");
    let cases = [
        ("(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;AU)", "", ""),
        ("(A;OICI;FRFX;;;AU)(A;OICI;GA;;;SY)(A;OICI;;;;AU)", "", ""),
        ("(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;AU)", "", ""),
        ("(A;OICI;FA;;;SY)", "(A;OICI;0x1200a9;;;AU)", ""),
        (
            "(A;OICI;FA;;;SY)(A;OICI;FA;;;AU)",
            "(A;OICI;0x1200a9;;;AU)",
            "(A;OICI;FA;;;AU)",
        ),
        (
            "(D;OICI;FA;;;BG)(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;AU)",
            "",
            "(D;OICI;FA;;;BG)",
        ),
    ];
    for (folder, missing, unexpected) in cases {
        let difference = directory.sysvol_difference(&dacl(folder));
        let texts = |aces: &[Ace]| text(&Acl::new(aces.to_vec()));
        assert_eq!(texts(&difference.missing), missing, "{folder}");
        assert_eq!(texts(&difference.unexpected), unexpected, "{folder}");
        assert_eq!(
            difference.is_empty(),
            missing.is_empty() && unexpected.is_empty()
        );
    }
}

#[test]
fn aces_are_put_where_canonical_order_has_them() {
    let everyone = sid("S-1-1-0");
    let mut acl = Acl::new(Vec::new());
    let read = AccessMask::GENERIC_READ;
    acl.insert_canonical(Ace::allow(read, everyone).with_flags(AceFlags::INHERITED));
    acl.insert_canonical(Ace::allow(read, everyone));
    acl.insert_canonical(Ace::deny(read, everyone));
    acl.insert_canonical(Ace::allow(AccessMask::GENERIC_WRITE, everyone));
    assert_eq!(
        text(&acl),
        "(D;;GR;;;WD)(A;;GR;;;WD)(A;;GW;;;WD)(A;ID;GR;;;WD)"
    );
    assert!(acl.is_canonical());
}
