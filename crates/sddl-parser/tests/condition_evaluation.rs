//! Conditions with their values, case by case.

#![allow(clippy::unwrap_used)]

use Ternary::{False, True, Unknown};
use sddl_parser::{Claim, ClaimValues, Claims, Condition, SddlContext, Ternary};

fn claims() -> Claims {
    let claim = |name: &str, values| Claim::new(name, values);
    let strings =
        |values: &[&str]| ClaimValues::Strings(values.iter().copied().map(Into::into).collect());
    let mut exact = claim("exact", strings(&["Mixed"]));
    exact.flags = Claim::CASE_SENSITIVE;
    let mut disabled = claim("disabled", ClaimValues::Int64(vec![1]));
    disabled.flags = Claim::DISABLED;
    Claims {
        local: vec![claim("here", ClaimValues::Int64(vec![7]))],
        user: vec![
            claim("zero", ClaimValues::Int64(vec![0])),
            claim("big", ClaimValues::Uint64(vec![u64::MAX])),
            claim("yes", ClaimValues::Booleans(vec![true])),
            claim("title", strings(&["Boss"])),
            claim("empty", strings(&[""])),
            claim("none", strings(&[])),
            claim("projects", strings(&["SQL", "Windows"])),
            claim("id", ClaimValues::Sids(vec!["S-1-5-11".parse().unwrap()])),
            claim("bytes", ClaimValues::Octets(vec![vec![1, 2]])),
            exact,
            disabled,
        ],
        device: vec![claim("projects", strings(&["windows"]))],
        resource: vec![claim("project", strings(&["Office"]))],
        user_sids: vec!["S-1-1-0".parse().unwrap(), "S-1-5-11".parse().unwrap()],
        device_sids: vec!["S-1-5-32-545".parse().unwrap()],
    }
}

#[test]
fn conditions_have_these_values() {
    let cases = [
        // Attributes by themselves.
        ("here", True),
        ("@User.zero", False),
        ("@User.yes", True),
        ("@User.title", True),
        ("@User.empty", False),
        ("@User.missing", Unknown),
        ("@User.none", Unknown),
        ("@User.projects", Unknown),
        ("@User.id", Unknown),
        ("@User.disabled", Unknown),
        ("Exists @User.title", True),
        ("Exists @User.missing", False),
        ("Exists @User.none", False),
        ("Not_Exists @Device.title", True),
        // Names and strings do not tell upper and lower case apart, unless a claim says so.
        ("@User.TITLE == \"bOSS\"", True),
        ("@User.exact == \"mixed\"", False),
        ("@User.exact == \"Mixed\"", True),
        // Numbers of all kinds are compared by their value.
        ("here == 7", True),
        ("here == 0x7", True),
        ("here != 7", False),
        ("here < 8", True),
        ("here <= 7", True),
        ("here > 7", False),
        ("here >= 8", False),
        ("@User.big > 0x7fffffffffffffff", True),
        ("@User.yes == 1", True),
        ("@User.zero > -1", True),
        ("@User.title < \"Cook\"", True),
        ("@User.bytes == #0102", True),
        ("@User.bytes < #0103", True),
        ("@User.id == SID(AU)", True),
        ("@User.id < SID(BA)", Unknown),
        // Different types cannot be compared, nor what is missing.
        ("here == \"7\"", Unknown),
        ("here != \"7\"", Unknown),
        ("@User.title == {1, 2}", Unknown),
        ("@User.missing == 1", Unknown),
        ("here == @User.missing", Unknown),
        ("@User.projects < \"Z\"", Unknown),
        // Sets.
        ("@User.projects == {\"windows\", \"sql\"}", True),
        ("@User.projects == \"windows\"", False),
        ("@User.projects != \"windows\"", True),
        ("@User.title == {\"boss\"}", True),
        ("@User.projects Contains \"sql\"", True),
        ("@User.projects Contains @Device.projects", True),
        ("@User.projects Contains {\"sql\", \"office\"}", False),
        ("@User.projects Not_Contains {\"sql\", \"office\"}", True),
        ("@User.projects Any_of {\"sql\", \"office\"}", True),
        ("@User.projects Any_of @Resource.project", False),
        ("@User.projects Not_Any_of @Resource.project", True),
        ("@User.projects Not_Any_of @Resource.missing", Unknown),
        // Groups.
        ("Member_of {SID(WD), SID(AU)}", True),
        ("Member_of SID(AU)", True),
        ("Member_of {SID(WD), SID(BA)}", False),
        ("Member_of_Any {SID(WD), SID(BA)}", True),
        ("Not_Member_of {SID(WD), SID(BA)}", True),
        ("Not_Member_of_Any {SID(WD), SID(BA)}", False),
        ("Device_Member_of {SID(BU)}", True),
        ("Device_Member_of {SID(WD)}", False),
        ("Device_Member_of_Any {SID(BU), SID(WD)}", True),
        ("Not_Device_Member_of {SID(WD)}", True),
        ("Not_Device_Member_of_Any {SID(BU)}", False),
        // Three-valued logic.
        ("here && @User.yes", True),
        ("here && @User.zero && @User.missing", False),
        ("@User.missing && @User.zero", False),
        ("@User.missing && here", Unknown),
        ("@User.missing || here", True),
        ("@User.missing || @User.zero", Unknown),
        ("@User.zero || @User.empty", False),
        ("!(@User.missing)", Unknown),
        ("!(@User.zero)", True),
        // `&&` binds tighter.
        ("here || @User.yes && @User.zero", True),
        ("(here || @User.yes) && @User.zero", False),
    ];
    for (text, expected) in cases {
        let condition = Condition::from_sddl(&format!("({text})"), &SddlContext::new());
        assert_eq!(condition.unwrap().evaluate(&claims()), expected, "{text}");
    }
}
