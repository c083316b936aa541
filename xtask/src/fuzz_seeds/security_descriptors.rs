//! Seeds of the targets `sddl_*`.

use sddl_parser::{Claim, Condition, SddlContext, SecurityDescriptor, Sid};

use super::Add;
use crate::Result;

/// One descriptor for each kind of ACE and each form of the rest.
const TEXTS: &[(&str, &str)] = &[
    (
        "file",
        "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;;FR;;;AU)(D;;FW;;;BG)",
    ),
    (
        "key",
        "O:BAD:(A;CI;KA;;;SY)(A;CIIO;KR;;;CO)S:P(AU;SAFA;KA;;;WD)",
    ),
    (
        "object",
        "D:(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)(OD;;RP;;bf967aa5-0de6-11d0-a285-00aa003049e2;AU)(OA;;CC;;;WD)",
    ),
    (
        "condition",
        "D:(XA;;FX;;;WD;(@User.Title == \"Boss\" && Member_of {SID(BA), SID(AU)}))",
    ),
    (
        "callbacks",
        "D:(XD;;FX;;;WD;(!(Exists @Resource.a)))(ZA;;CR;;;AU;(a))S:(XU;SA;GA;;;WD;(a))",
    ),
    (
        "system",
        "S:(ML;;NWNR;;;HI)(SP;;;;;S-1-17-1)(TL;;0x1;;;S-1-19-512-4096)(FL;TP;GA;;;WD;(a))",
    ),
    (
        "claims",
        "S:(RA;;;;;WD;(\"a\",TS,0x2,\"b\",\"c\"))(RA;;;;;WD;(\"d\",TX,0x0,00ff))",
    ),
    ("null", "D:NO_ACCESS_CONTROLS:AR"),
    ("oversize", "D:P(D;;;;;MP)(D;;;;;MP)"),
    (
        "numbers",
        "D:(A;;-1;;;S-1-0x500000000-0x1)(A;;0755;;;S-1-5-21-1-2-3-500)",
    ),
];

const CONDITIONS: &[(&str, &str)] = &[
    (
        "relations",
        "(@User.a == 1 && @Device.b != 0x1f || @Resource.c < -017)",
    ),
    (
        "sets",
        "(a Contains {\"x\", 2} && b Not_Any_of {SID(BA), #0102})",
    ),
    (
        "groups",
        "(Not_Device_Member_of_Any{SID(BA)} || Member_of SID(AU))",
    ),
    ("names", "(!(@User.%0041%d800b) || Not_Exists @Device.x)"),
];

const CLAIMS: &[(&str, &str)] = &[
    ("integers", "(\"a\",TI,0x0,-1,2)"),
    ("strings", "(\"a%0020b\",TS,0x10,\"c\",\"\")"),
    ("sids", "(\"a\",TD,0x0,BA,S-1-5-21-1-2-3)"),
    ("booleans", "(\"a\",TB,0x0,0,1)"),
    ("octets", "(\"a\",TX,0x0,00,0102)"),
];

pub(super) fn add(add: &mut Add<'_>) -> Result {
    let context = SddlContext::new();
    for (name, text) in TEXTS {
        let bytes = SecurityDescriptor::from_sddl(text, &context)?.to_bytes()?;
        add("sddl_text", name, text.as_bytes());
        add("sddl_bytes", name, &bytes);
        add("sddl_borrowed_owned", name, &bytes);
    }
    let domain: Sid = "S-1-5-21-1-2-3".parse()?;
    let new = SecurityDescriptor::new_gpo(&domain, &domain).to_bytes()?;
    add("sddl_bytes", "new-gpo", &new);
    add("sddl_borrowed_owned", "new-gpo", &new);
    for (name, text) in CONDITIONS {
        add("sddl_conditional", name, text.as_bytes());
        let bytes = Condition::from_sddl(text, &context)?.to_bytes()?;
        add("sddl_conditional", &format!("{name}-bytes"), &bytes);
    }
    for (name, text) in CLAIMS {
        add("sddl_conditional", name, text.as_bytes());
        let bytes = Claim::from_sddl(text, &context)?.to_bytes()?;
        add("sddl_conditional", &format!("{name}-bytes"), &bytes);
    }
    Ok(())
}
