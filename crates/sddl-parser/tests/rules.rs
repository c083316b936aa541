//! Rules of bytes and text, with the places that errors name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use sddl_parser::{
    AccessMask, Ace, AceType, Acl, Claim, ClaimValues, Condition, ErrorKind, ObjectType,
    ObjectTypes, Part, SddlContext, SecurityDescriptor, SecurityDescriptorRef, Sid,
};

fn context() -> SddlContext {
    SddlContext::new().with_domain("S-1-5-21-1-2-3".parse().unwrap())
}

fn read(text: &str) -> SecurityDescriptor {
    SecurityDescriptor::from_sddl(text, &context()).unwrap()
}

#[test]
fn every_ace_type_of_sddl_is_read_and_written() {
    let guid = "edacfd8f-ffb3-11d1-b41d-00a0c968f939";
    let texts = [
        "D:(A;;GA;;;SY)(D;OICINPIOID;GX;;;BA)".to_owned(),
        format!("D:(OA;;CR;{guid};;AU)(OD;;CR;;{guid};AU)(OA;;CR;{guid};{guid};AU)"),
        "D:(XA;;FR;;;WD;(@USER.a))(XD;;FR;;;WD;(@USER.a))".to_owned(),
        format!("D:(ZA;;CR;{guid};;AU;(@USER.a))"),
        format!("S:(AU;SAFA;GA;;;WD)(AL;;GA;;;WD)(OU;SA;CR;{guid};;WD)(OL;SA;CR;{guid};;WD)"),
        "S:(XU;SA;FR;;;WD;(@USER.a))".to_owned(),
        "S:(ML;;NWNRNX;;;HI)(SP;;;;;S-1-17-1)(TL;;0x1;;;S-1-19-512-4096)".replace("0x1", "CC"),
        "S:(FL;CRTP;GA;;;WD;(@USER.a))".to_owned(),
        "S:(RA;;;;;WD;(\"n\",TI,0x1,-1))(RA;;;;;WD;(\"n\",TU,0x0,1))(RA;;;;;WD;(\"n\",TS,0x0,\"a b\"))"
            .to_owned(),
        "S:(RA;;;;;WD;(\"n\",TD,0x0,BA,S-1-2-3))(RA;;;;;WD;(\"n\",TB,0x0,0,1))(RA;;;;;WD;(\"n\",TX,0x0,00ff))"
            .to_owned(),
    ];
    for text in texts {
        let descriptor = read(&text);
        assert_eq!(descriptor.to_sddl(&context()).unwrap(), text);
        let bytes = descriptor.to_bytes().unwrap();
        assert_eq!(SecurityDescriptor::from_bytes(&bytes).unwrap(), descriptor);
    }
}

#[test]
fn windows_makes_an_ordinary_ace_of_an_object_ace_without_guid() {
    let dacl = read("D:(OA;;CC;;;WD)(OD;;DC;;;WD)").dacl().unwrap().clone();
    assert_eq!(dacl.aces[0].ace_type(), AceType::ACCESS_ALLOWED);
    assert_eq!(dacl.aces[1].ace_type(), AceType::ACCESS_DENIED);
    assert_eq!((dacl.revision, dacl.slack), (4, vec![0; 8]));
    // Bytes keep it.
    let everyone: Sid = "S-1-1-0".parse().unwrap();
    let ace = Ace::allow_object(AccessMask::CREATE_CHILD, ObjectTypes::default(), everyone);
    assert_eq!(Ace::from_bytes(&ace.to_bytes()).unwrap(), ace);
    assert_eq!(ace.to_sddl(&context()).unwrap(), "(OA;;CC;;;WD)");
}

#[test]
fn types_without_letters_have_no_text() {
    let sid = "S-1-1-0".parse().unwrap();
    for ace_type in [0x0c, 0x0e, 0x0f, 0x10].map(AceType) {
        let ace = Ace::new(ace_type, AccessMask::GENERIC_ALL, sid).unwrap();
        assert_eq!(
            ace.to_sddl(&context()).unwrap_err().kind(),
            &ErrorKind::NoTextForm
        );
    }
    let unknown = Ace::unknown(AceType(0x77), vec![1, 2, 3]).unwrap();
    assert_eq!(unknown.to_bytes(), [0x77, 0, 7, 0, 1, 2, 3]);
    assert_eq!(
        unknown.to_sddl(&context()).unwrap_err().kind(),
        &ErrorKind::NoTextForm
    );
}

#[test]
fn rights_are_named_by_object_type() {
    let cases = [
        (
            ObjectType::Generic,
            "D:(A;;FA;;;SY)(A;;KA;;;SY)(A;;KR;;;SY)(A;;0x1200a9;;;SY)",
        ),
        (
            ObjectType::File,
            "D:(A;;FA;;;SY)(A;;CCDCLCSWRPWPSDRCWDWO;;;SY)(A;;CCSWRPRC;;;SY)(A;;0x1200a9;;;SY)",
        ),
        (
            ObjectType::RegistryKey,
            "D:(A;;0x1f01ff;;;SY)(A;;KA;;;SY)(A;;KR;;;SY)(A;;0x1200a9;;;SY)",
        ),
        (
            ObjectType::DirectoryService,
            "D:(A;;0x1f01ff;;;SY)(A;;CCDCLCSWRPWPSDRCWDWO;;;SY)(A;;CCSWRPRC;;;SY)(A;;0x1200a9;;;SY)",
        ),
    ];
    let descriptor = read("D:(A;;FA;;;SY)(A;;KA;;;SY)(A;;KX;;;SY)(A;;FRFX;;;SY)");
    for (object_type, text) in cases {
        let context = context().with_object_type(object_type);
        assert_eq!(descriptor.to_sddl(&context).unwrap(), text);
        assert_eq!(read(text), descriptor);
    }
}

#[test]
fn null_and_empty_lists_are_told_apart() {
    let (null, empty, none) = (read("D:NO_ACCESS_CONTROL"), read("D:"), read(""));
    assert!(null.has_null_dacl() && null.dacl().is_none());
    assert!(!empty.has_null_dacl() && empty.dacl().unwrap().aces.is_empty());
    assert!(!none.has_null_dacl() && none.dacl().is_none());
    assert_eq!(null.to_bytes().unwrap().len(), 20);
    for (descriptor, text) in [(&null, "D:NO_ACCESS_CONTROL"), (&empty, "D:"), (&none, "")] {
        assert_eq!(descriptor.to_sddl(&context()).unwrap(), text);
        let bytes = descriptor.to_bytes().unwrap();
        assert_eq!(&SecurityDescriptor::from_bytes(&bytes).unwrap(), descriptor);
    }
}

#[test]
fn parts_keep_their_order_until_told_otherwise() {
    // Owner, four bytes of nothing, DACL, two bytes of nothing.
    let mut bytes = vec![
        1, 7, 4, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 36, 0, 0, 0,
    ];
    bytes.extend([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd]);
    bytes.extend([2, 0, 8, 0, 0, 0, 0, 0, 0xee, 0xff]);
    let mut descriptor = SecurityDescriptor::from_bytes(&bytes).unwrap();
    assert_eq!(descriptor.to_bytes().unwrap(), bytes);
    descriptor.set_owner(Some("S-1-1-0".parse().unwrap()));
    assert_eq!(descriptor.to_bytes().unwrap().len(), bytes.len());
    descriptor.use_windows_layout();
    let written = descriptor.to_bytes().unwrap();
    assert_eq!(written.len(), bytes.len() - 6);
    assert_eq!((written[4], written[16]), (28, 20));
}

#[test]
fn broken_bytes_are_refused_with_their_place() {
    let good = read("O:SYG:BAD:(A;;GA;;;SY)S:(AU;SA;GA;;;WD)")
        .to_bytes()
        .unwrap();
    let changed = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        bytes
    };
    // SACL at 20, its ACE at 28; DACL at 48, its ACE at 56; owner at 76; group at 88.
    assert_eq!(
        (good[12], good[16], good[4], good[8], good.len()),
        (20, 48, 76, 88, 104)
    );
    let cases = [
        (changed(0, 2), ErrorKind::Revision(2), Part::Header, 0),
        (changed(3, 0), ErrorKind::NotSelfRelative, Part::Header, 2),
        (
            changed(4, 19),
            ErrorKind::OffsetOutOfRange(19),
            Part::Owner,
            4,
        ),
        (
            changed(16, 104),
            ErrorKind::OffsetOutOfRange(104),
            Part::Dacl,
            16,
        ),
        (changed(16, 20), ErrorKind::Overlap, Part::Dacl, 20),
        (changed(8, 76), ErrorKind::Overlap, Part::Group, 76),
        (changed(76, 9), ErrorKind::Revision(9), Part::Owner, 76),
        (
            changed(77, 16),
            ErrorKind::TooManySubAuthorities(16),
            Part::Owner,
            77,
        ),
        (changed(48, 5), ErrorKind::Revision(5), Part::Dacl, 48),
        (changed(50, 4), ErrorKind::BadSize(4), Part::Dacl, 50),
        (
            changed(52, 2),
            ErrorKind::Truncated {
                needed: 4,
                available: 0,
            },
            Part::Ace,
            76,
        ),
        (changed(58, 21), ErrorKind::BadSize(21), Part::Ace, 58),
        (
            changed(58, 12),
            ErrorKind::Truncated {
                needed: 12,
                available: 4,
            },
            Part::Sid,
            64,
        ),
        (
            good[..19].to_vec(),
            ErrorKind::Truncated {
                needed: 20,
                available: 19,
            },
            Part::Header,
            0,
        ),
        (
            good[..100].to_vec(),
            ErrorKind::Truncated {
                needed: 16,
                available: 12,
            },
            Part::Group,
            88,
        ),
    ];
    for (bytes, kind, part, offset) in cases {
        let error = SecurityDescriptorRef::from_bytes(&bytes).unwrap_err();
        assert_eq!(
            (error.kind(), error.part(), error.offset()),
            (&kind, part, Some(offset))
        );
    }
}

#[test]
fn broken_text_is_refused_with_its_place() {
    let cases = [
        ("X:", 0, "expected O:, G:, D: or S:"),
        ("O:BAO:SY", 4, "given twice"),
        ("O:é", 2, "expected a SID (S-1-…) or an alias"),
        ("O:ZZ", 2, "expected a SID (S-1-…) or an alias"),
        ("O:EA", 2, "alias needs the SID of the forest's root domain"),
        ("O:S-1-5-21-x", 11, "expected a sub-authority"),
        ("D:(A;XX;GA;;;SY)", 5, "expected ACE flags"),
        ("D:(A;;GAX;;;SY)", 8, "expected access rights"),
        (
            "D:(A;;GA;x;;SY)",
            9,
            "expected a GUID without braces and a semicolon",
        ),
        (
            "D:(A;;GA;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;SY)",
            47,
            "expected no GUID in an ACE of this type",
        ),
        ("D:(AU;SA;GA;;;SY)", 3, "ACE type not allowed in this ACL"),
        ("S:(A;;GA;;;SY)", 3, "ACE type not allowed in this ACL"),
        ("D:(A;;GA;;;SY", 13, "expected the end of the ACE"),
        (
            "D:(XA;;GA;;;SY)",
            14,
            "expected a semicolon and a condition or a claim",
        ),
        ("D:(XA;;GA;;;SY;(a == ))", 21, "expected a value"),
        (
            "D:(XA;;GA;;;SY;(a == 99999999999999999999))",
            21,
            "number out of range",
        ),
        ("D:(XA;;GA;;;SY;(@User. == 1))", 22, "expected an attribute"),
        (
            "D:(XA;;GA;;;SY;(@User.a%12 == 1))",
            23,
            "expected % and four hexadecimal digits",
        ),
        (
            "S:(RA;;;;;WD;(\"a\",TQ,0,1))",
            18,
            "expected TI, TU, TS, TD, TB or TX",
        ),
        ("S:(RA;;;;;WD;(\"a\",TB,0,2))", 24, "number out of range"),
    ];
    for (text, offset, message) in cases {
        let error = SecurityDescriptor::from_sddl(text, &context()).unwrap_err();
        assert_eq!(error.offset(), Some(offset), "{text}: {error}");
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
    // What is no part at all is an error of the whole, what follows one, of that.
    let parts = [
        SecurityDescriptor::from_sddl("X:", &context()).unwrap_err(),
        Ace::from_sddl("(A;;GA;;;SY)x", &context()).unwrap_err(),
        Condition::from_sddl("(a)x", &context()).unwrap_err(),
        Claim::from_sddl("(\"a\",TI,0)x", &context()).unwrap_err(),
    ]
    .map(|error| error.part());
    let expected = [
        Part::Descriptor,
        Part::Ace,
        Part::Condition,
        Part::ResourceAttribute,
    ];
    assert_eq!(parts, expected);
    // Bytes and characters are counted apart.
    let error = SecurityDescriptor::from_sddl("D:(XA;;GA;;;SY;(é == ?))", &context()).unwrap_err();
    assert_eq!((error.offset(), error.character()), (Some(22), Some(21)));
    assert_eq!(error.found(), Some("?))"));
}

#[test]
fn a_sid_takes_72_bytes() {
    assert_eq!(size_of::<Sid>(), 72);
}

#[test]
fn nesting_and_size_have_limits() {
    let nested = |depth: usize| {
        format!(
            "D:(XA;;GA;;;SY;{}a{})",
            "(!".repeat(depth) + "(",
            ")".repeat(depth + 1)
        )
    };
    assert!(SecurityDescriptor::from_sddl(&nested(100), &context()).is_ok());
    let error = SecurityDescriptor::from_sddl(&nested(100_000), &context()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TooDeep);
    let mut bytes = b"artx\xf8\x02\0\0\0a\0".to_vec();
    bytes.resize(60_000, 0xa2);
    let error = sddl_parser::Condition::from_bytes(&bytes).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::TooDeep);

    // A chain is not nested.
    let chain = format!("D:(XA;;GA;;;SY;(a{}))", " && a".repeat(5000));
    let descriptor = SecurityDescriptor::from_sddl(&chain, &context()).unwrap();
    let written = descriptor.to_sddl(&context()).unwrap();
    assert_eq!(read(&written), descriptor);

    let everyone: Sid = "S-1-1-0".parse().unwrap();
    let acl = Acl::new(vec![Ace::allow(AccessMask::GENERIC_ALL, everyone); 4000]);
    assert_eq!(
        acl.to_bytes().unwrap_err().kind(),
        &ErrorKind::TooLarge(80_008)
    );
    let long = Ace::allow(AccessMask::GENERIC_ALL, everyone).with_data(vec![0; 65_536]);
    assert_eq!(long.unwrap_err().kind(), &ErrorKind::TooLarge(65_556));
}

/// Values that share bytes would make a small ACE a large value: sizes that are counted cannot be
/// more than there is.
#[test]
fn the_values_of_a_claim_share_no_bytes() {
    let claim = |offsets: &[u32]| {
        let header = 16 + 4 * u32::try_from(offsets.len()).unwrap();
        let mut bytes = Vec::new();
        bytes.extend(header.to_le_bytes());
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(0u32.to_le_bytes());
        bytes.extend(u32::try_from(offsets.len()).unwrap().to_le_bytes());
        let values = header + 4;
        bytes.extend(
            offsets
                .iter()
                .flat_map(|offset| (values + offset).to_le_bytes()),
        );
        bytes.extend(b"n\0\0\0a\0b\0\0\0c\0\0\0");
        Claim::from_bytes(&bytes)
    };
    let strings = |values: &[&str]| {
        let values = values.iter().copied().map(Into::into);
        Claim::new("n", ClaimValues::Strings(values.collect()))
    };
    assert_eq!(claim(&[0, 6]).unwrap(), strings(&["ab", "c"]));
    for shared in [&[0, 0, 6][..], &[0, 2, 6], &[0; 100]] {
        let error = claim(shared).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Overlap, "{shared:?}");
    }
}

#[test]
fn an_acl_knows_how_many_aces_it_has() {
    for (text, count) in [
        ("D:", 0),
        ("D:(A;;GA;;;WD)", 1),
        ("D:(A;;GA;;;WD)(D;;GA;;;BG)", 2),
    ] {
        let bytes = read(text).to_bytes().unwrap();
        let descriptor = SecurityDescriptorRef::from_bytes(&bytes).unwrap();
        let acl = descriptor.dacl().unwrap();
        assert_eq!((acl.len(), acl.is_empty()), (count, count == 0), "{text}");
        assert_eq!(acl.aces().count(), count, "{text}");
    }
}
