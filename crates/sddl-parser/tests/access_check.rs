//! The access check, case by case.

#![allow(clippy::unwrap_used)]

use sddl_parser::{
    AccessCheck, AccessMask, Claim, ClaimValues, Guid, ObjectTree, ObjectType, Privileges,
    SddlContext, SecurityDescriptor, Sid, Token, TokenSid,
};

const USER: &str = "S-1-5-21-1-2-3-1104";
const GROUP: &str = "S-1-5-21-1-2-3-1200";

fn sid(text: &str) -> Sid {
    text.parse().unwrap()
}

fn descriptor(text: &str) -> SecurityDescriptor {
    let context = SddlContext::new().with_domain(sid("S-1-5-21-1-2-3"));
    SecurityDescriptor::from_sddl(text, &context).unwrap()
}

fn token() -> Token {
    Token::new([USER, GROUP, "S-1-1-0", "S-1-5-11"].map(sid))
}

fn mask(bits: u32) -> AccessMask {
    AccessMask::from_bits_retain(bits)
}

/// What the token can have at most of a file with this descriptor.
fn maximum(token: &Token, text: &str) -> u32 {
    AccessCheck::new(token, ObjectType::File)
        .maximum(&descriptor(text))
        .bits()
}

#[test]
fn the_first_ace_about_a_right_decides() {
    let cases = [
        // Nothing said is nothing given; no DACL is no protection.
        ("D:", 0),
        ("O:BA", 0xfeff_ffff),
        ("D:NO_ACCESS_CONTROL", 0xfeff_ffff),
        ("D:(A;;FR;;;AU)", 0x0012_0089),
        ("D:(A;;0x1;;;AU)(A;;0x2;;;WD)", 0x3),
        ("D:(D;;0x1;;;AU)(A;;0x3;;;WD)", 0x2),
        ("D:(A;;0x3;;;WD)(D;;0x1;;;AU)", 0x3),
        ("D:(A;;0x3;;;BA)", 0),
        ("D:(A;;GR;;;AU)", 0x0012_0089),
        ("D:(A;CIOIIO;FA;;;AU)", 0),
        ("D:(A;CIOI;0x1;;;AU)", 1),
        // Only a privilege opens the SACL.
        ("D:(A;;0x1000001;;;AU)", 1),
        // Alarm, audit and what Windows does not know decide nothing.
        ("D:(A;;0x1;;;AU)S:(AU;SAFA;FA;;;WD)", 1),
    ];
    for (text, expected) in cases {
        assert_eq!(maximum(&token(), text), expected, "{text}");
    }
}

#[test]
fn owners_read_and_write_the_dacl_unless_owner_rights_say_otherwise() {
    let cases = [
        (format!("O:{USER}D:"), 0x0006_0000),
        (format!("O:{USER}D:(A;;0x1;;;OW)"), 1),
        (format!("O:{USER}D:(A;OICIIO;0x1;;;OW)"), 0x0006_0000),
        (format!("O:{USER}D:(D;;WD;;;AU)"), 0x0006_0000),
        ("O:BAD:(A;;0x1;;;OW)".to_owned(), 0),
    ];
    for (text, expected) in cases {
        assert_eq!(maximum(&token(), &text), expected, "{text}");
    }
}

#[test]
fn a_request_is_granted_as_a_whole_or_not() {
    let token = token();
    let check = AccessCheck::new(&token, ObjectType::File);
    let descriptor = descriptor("D:(A;;FR;;;AU)");
    let read = check.check(&descriptor, AccessMask::GENERIC_READ);
    assert!(read.is_granted());
    assert_eq!(read.mask(), AccessMask::FILE_READ);
    let both = check.check(&descriptor, AccessMask::FILE_READ | AccessMask::FILE_WRITE);
    assert!(!both.is_granted());
    assert_eq!(
        both.mask(),
        AccessMask::FILE_READ | (AccessMask::FILE_WRITE & AccessMask::FILE_READ)
    );
    let with_maximum = AccessMask::MAXIMUM_ALLOWED | mask(2);
    assert!(!check.check(&descriptor, with_maximum).is_granted());
    assert!(
        check
            .check(&descriptor, AccessMask::MAXIMUM_ALLOWED | mask(1))
            .is_granted()
    );
}

#[test]
fn deny_only_groups_only_deny() {
    let mut token = token();
    token.sids.push(TokenSid {
        sid: sid("S-1-5-32-544"),
        deny_only: true,
    });
    assert_eq!(maximum(&token, "D:(A;;0x3;;;BA)"), 0);
    assert_eq!(maximum(&token, "D:(D;;0x1;;;BA)(A;;0x3;;;AU)"), 2);
    assert_eq!(maximum(&token, "O:BAD:"), 0);
    assert_eq!(maximum(&token, "D:(XA;;0x1;;;AU;(Member_of {SID(BA)}))"), 0);
    assert_eq!(
        maximum(
            &token,
            "D:(XD;;0x1;;;AU;(Member_of {SID(BA)}))(A;;0x3;;;AU)"
        ),
        2
    );
}

#[test]
fn restricting_sids_must_get_every_right_too() {
    let mut token = token();
    token.restricting_sids.push(sid("S-1-5-12"));
    assert_eq!(maximum(&token, "D:(A;;0x3;;;AU)"), 0);
    assert_eq!(maximum(&token, "D:(A;;0x3;;;AU)(A;;0x6;;;RC)"), 2);
}

#[test]
fn privileges_give_rights_past_the_dacl() {
    let mut token = token();
    token.privileges = Privileges::SECURITY | Privileges::TAKE_OWNERSHIP;
    assert_eq!(maximum(&token, "D:"), 0x0108_0000);
    let check = AccessCheck::new(&token, ObjectType::File);
    assert!(
        check
            .check(&descriptor("D:"), AccessMask::WRITE_OWNER)
            .is_granted()
    );
    assert!(
        check
            .check(&descriptor("D:"), AccessMask::ACCESS_SYSTEM_SECURITY)
            .is_granted()
    );
}

#[test]
fn conditions_allow_when_true_and_deny_unless_false() {
    let mut token = token();
    token
        .claims
        .user
        .push(Claim::new("Level", ClaimValues::Int64(vec![3])));
    let cases = [
        ("D:(XA;;0x1;;;AU;(@User.level >= 3))", 1),
        ("D:(XA;;0x1;;;AU;(@User.level > 3))", 0),
        ("D:(XA;;0x1;;;AU;(@User.other > 3))", 0),
        ("D:(XD;;0x1;;;AU;(@User.level >= 3))(A;;0x3;;;AU)", 2),
        ("D:(XD;;0x1;;;AU;(@User.level > 3))(A;;0x3;;;AU)", 3),
        ("D:(XD;;0x1;;;AU;(@User.other > 3))(A;;0x3;;;AU)", 2),
        (
            "D:(XA;;0x1;;;AU;(@User.level == @Resource.need))S:(RA;;;;;WD;(\"need\",TI,0,3))",
            1,
        ),
        (
            "D:(XA;;0x1;;;AU;(@User.level == @Resource.need))S:(RA;;;;;WD;(\"need\",TI,0,4))",
            0,
        ),
        ("D:(XA;;0x1;;;AU;(Member_of {SID(AU), SID(WD)}))", 1),
        ("D:(XA;;0x1;;;AU;(Member_of {SID(AU), SID(BA)}))", 0),
        ("D:(XA;;0x1;;;BA;(Member_of {SID(AU)}))", 0),
    ];
    for (text, expected) in cases {
        assert_eq!(maximum(&token, text), expected, "{text}");
    }
}

#[test]
fn labels_keep_lower_integrity_out() {
    // Reading and executing a file stays possible.
    let below = 0x0012_00a9;
    let cases = [
        (None, "D:(A;;FA;;;AU)S:(ML;;NW;;;HI)", 0x001f_01ff),
        (Some(0x2000), "D:(A;;FA;;;AU)S:(ML;;NW;;;HI)", below),
        (Some(0x3000), "D:(A;;FA;;;AU)S:(ML;;NW;;;HI)", 0x001f_01ff),
        (Some(0x2000), "D:(A;;FA;;;AU)S:(ML;;NWNRNX;;;HI)", 0),
        (
            Some(0x2000),
            "D:(A;;FA;;;AU)S:(ML;OICIIO;NWNRNX;;;HI)",
            0x001f_01ff,
        ),
        // Without a label an object is of medium integrity.
        (Some(0x1000), "D:(A;;FA;;;AU)", below),
        (Some(0x2000), "D:(A;;FA;;;AU)", 0x001f_01ff),
    ];
    for (level, text, expected) in cases {
        let token = Token {
            integrity_level: level,
            ..token()
        };
        assert_eq!(maximum(&token, text), expected, "{level:?} {text}");
    }
}

/// A class with a property set of two properties, and a property of its own.
fn tree() -> ObjectTree {
    let guid = |n| Guid::from_bytes([n; 16]);
    ObjectTree::new([
        (0, guid(1)),
        (1, guid(2)),
        (2, guid(3)),
        (2, guid(4)),
        (1, guid(5)),
    ])
    .unwrap()
}

fn guid(n: u8) -> String {
    Guid::from_bytes([n; 16]).to_string()
}

#[test]
fn object_aces_give_and_deny_on_parts() {
    let all = ["RP"; 5];
    let none = [""; 5];
    let cases = [
        ("D:(A;;RP;;;AU)".to_owned(), all),
        (format!("D:(OA;;RP;{};;AU)", guid(1)), all),
        (
            format!("D:(OA;;RP;{};;AU)", guid(2)),
            ["", "RP", "RP", "RP", ""],
        ),
        (
            format!("D:(OA;;RP;{};;AU)", guid(3)),
            ["", "", "RP", "", ""],
        ),
        // All properties give the set, all parts the whole.
        (
            format!("D:(OA;;RP;{};;AU)(OA;;RP;{};;AU)", guid(3), guid(4)),
            ["", "RP", "RP", "RP", ""],
        ),
        (
            format!("D:(OA;;RP;{};;AU)(OA;;RP;{};;AU)", guid(2), guid(5)),
            all,
        ),
        // What is denied on a part is denied on the whole.
        (
            format!("D:(OD;;RP;{};;AU)(A;;RP;;;AU)", guid(3)),
            ["", "", "", "RP", "RP"],
        ),
        (format!("D:(A;;RP;;;AU)(OD;;RP;{};;AU)", guid(3)), all),
        (format!("D:(OA;;RP;{};;AU)", guid(9)), none),
        (format!("D:(OA;;RP;;{};AU)", guid(9)), all),
    ];
    let (token, tree) = (token(), tree());
    let check = AccessCheck::new(&token, ObjectType::DirectoryService).with_object_tree(&tree);
    for (text, expected) in cases {
        let result = check.check(&descriptor(&text), AccessMask::READ_PROPERTY);
        let nodes: Vec<_> = result
            .nodes()
            .iter()
            .map(|mask| if mask.is_empty() { "" } else { "RP" })
            .collect();
        assert_eq!(nodes, expected, "{text}");
        assert_eq!(result.is_granted(), expected[0] == "RP", "{text}");
    }
}

#[test]
fn without_a_tree_object_aces_with_a_guid_only_deny() {
    let token = token();
    let check = AccessCheck::new(&token, ObjectType::DirectoryService);
    let maximum = |text: String| check.maximum(&descriptor(&text));
    assert_eq!(
        maximum(format!("D:(OA;;RP;{};;AU)", guid(3))),
        AccessMask::empty()
    );
    assert_eq!(
        maximum(format!("D:(OD;;RP;{};;AU)(A;;RPWP;;;AU)", guid(3))),
        AccessMask::WRITE_PROPERTY
    );
}

#[test]
fn self_is_the_object_itself() {
    let token = token();
    let check = AccessCheck::new(&token, ObjectType::DirectoryService);
    let descriptor = descriptor("D:(A;;RP;;;PS)");
    assert_eq!(check.maximum(&descriptor), AccessMask::empty());
    let (user, other) = (sid(USER), sid("S-1-5-21-1-2-3-9999"));
    assert_eq!(
        check.with_principal_self(&user).maximum(&descriptor),
        AccessMask::READ_PROPERTY
    );
    assert_eq!(
        check.with_principal_self(&other).maximum(&descriptor),
        AccessMask::empty()
    );
}
