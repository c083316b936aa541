//! What holds of every value, every text and every string of bytes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sddl_parser::{
    AccessMask, Ace, AceFlags, AceType, Acl, Attribute, AttributeSource, Claim, ClaimValues,
    Condition, Control, Guid, Integer, IntegerBase, IntegerSign, IntegerSize, Literal,
    MembershipOperator, ObjectTypes, Operand, RelationalOperator, SddlContext, SecurityDescriptor,
    SecurityDescriptorRef, Sid, WideString,
};

fn context() -> SddlContext {
    SddlContext::new()
        .with_domain(Sid::new(5, &[21, 1, 2, 3]).unwrap())
        .with_forest(Sid::new(5, &[21, 4, 5, 6]).unwrap())
}

fn sid() -> impl Strategy<Value = Sid> {
    let any_sid = (0..1_u64 << 48, vec(any::<u32>(), 1..=15))
        .prop_map(|(authority, subs)| Sid::new(authority, &subs).unwrap());
    let account = (
        prop_oneof![Just([21, 1, 2, 3]), Just([21, 4, 5, 6])],
        490..600_u32,
    )
        .prop_map(|(domain, rid)| Sid::new(5, &domain).unwrap().with_rid(rid).unwrap());
    let well_known = prop_oneof![
        (0..40_u32).prop_map(|n| Sid::new(5, &[n]).unwrap()),
        (540..590_u32).prop_map(|n| Sid::new(5, &[32, n]).unwrap()),
        Just(Sid::new(1, &[0]).unwrap()),
    ];
    prop_oneof![any_sid, account, well_known]
}

fn guid() -> impl Strategy<Value = Guid> {
    any::<[u8; 16]>().prop_map(Guid::from_bytes)
}

fn mask() -> impl Strategy<Value = AccessMask> {
    let bits = prop_oneof![
        any::<u32>(),
        0..0x200_u32,
        Just(0x001f_01ff),
        Just(0x0002_0019),
        Just(0xf00f_01ff),
    ];
    bits.prop_map(AccessMask::from_bits_retain)
}

fn flags() -> impl Strategy<Value = AceFlags> {
    any::<u8>().prop_map(AceFlags::from_bits_retain)
}

/// At least one GUID: without, Windows makes another ACE of the text.
fn object_types() -> impl Strategy<Value = ObjectTypes> {
    prop_oneof![
        (guid(), option::of(guid())).prop_map(|(a, b)| ObjectTypes::new(Some(a), b)),
        guid().prop_map(|b| ObjectTypes::new(None, Some(b))),
    ]
}

fn wide_string() -> impl Strategy<Value = WideString> {
    "[^\"\u{0}]{0,12}".prop_map(|text| WideString::from(text.as_str()))
}

/// Any units at all: names are written with escapes.
fn name() -> impl Strategy<Value = WideString> {
    prop_oneof![
        "[A-Za-z0-9:./_]{1,12}".prop_map(|text| WideString::from(text.as_str())),
        Just("Not_Exists".into()),
        Just("member_of".into()),
        vec(1..=u16::MAX, 1..8).prop_map(WideString::from),
    ]
}

fn integer() -> impl Strategy<Value = Integer> {
    let bases = [
        IntegerBase::Octal,
        IntegerBase::Decimal,
        IntegerBase::Hexadecimal,
    ];
    let signed = (
        any::<i64>(),
        any::<bool>(),
        proptest::sample::select(bases.to_vec()),
    );
    signed.prop_map(|(value, plus, base)| {
        let sign = match (value < 0, plus) {
            (true, _) => IntegerSign::Minus,
            (false, true) => IntegerSign::Plus,
            (false, false) => IntegerSign::None,
        };
        Integer {
            value,
            sign,
            base,
            size: IntegerSize::Bits64,
        }
    })
}

fn scalar() -> impl Strategy<Value = Literal> {
    prop_oneof![
        integer().prop_map(Literal::Integer),
        wide_string().prop_map(Literal::String),
        vec(any::<u8>(), 1..20).prop_map(Literal::Octets),
        sid().prop_map(Literal::Sid),
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![scalar(), vec(scalar(), 1..5).prop_map(Literal::Composite)]
}

fn sids() -> impl Strategy<Value = Literal> {
    let single = || sid().prop_map(Literal::Sid);
    prop_oneof![single(), vec(single(), 1..4).prop_map(Literal::Composite)]
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let sources = [
        AttributeSource::Local,
        AttributeSource::User,
        AttributeSource::Device,
        AttributeSource::Resource,
    ];
    (proptest::sample::select(sources.to_vec()), name())
        .prop_map(|(source, name)| Attribute { source, name })
}

fn condition() -> impl Strategy<Value = Condition> {
    let relations = [
        RelationalOperator::Equal,
        RelationalOperator::NotEqual,
        RelationalOperator::Less,
        RelationalOperator::LessOrEqual,
        RelationalOperator::Greater,
        RelationalOperator::GreaterOrEqual,
        RelationalOperator::Contains,
        RelationalOperator::AnyOf,
        RelationalOperator::NotContains,
        RelationalOperator::NotAnyOf,
    ];
    let memberships = [
        MembershipOperator::MemberOf,
        MembershipOperator::DeviceMemberOf,
        MembershipOperator::MemberOfAny,
        MembershipOperator::DeviceMemberOfAny,
        MembershipOperator::NotMemberOf,
        MembershipOperator::NotDeviceMemberOf,
        MembershipOperator::NotMemberOfAny,
        MembershipOperator::NotDeviceMemberOfAny,
    ];
    // An attribute without prefix cannot stand on the right.
    let prefixed = attribute().prop_filter("prefix", |a| a.source != AttributeSource::Local);
    let right = prop_oneof![
        literal().prop_map(Operand::Literal),
        prefixed.prop_map(Operand::Attribute)
    ];
    let leaf = prop_oneof![
        attribute().prop_map(Condition::Attribute),
        attribute().prop_map(Condition::Exists),
        attribute().prop_map(Condition::NotExists),
        (proptest::sample::select(memberships.to_vec()), sids())
            .prop_map(|(operator, sids)| Condition::MemberOf { operator, sids }),
        (
            attribute(),
            proptest::sample::select(relations.to_vec()),
            right
        )
            .prop_map(|(left, operator, right)| Condition::Compare {
                left,
                operator,
                right
            }),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|condition| Condition::Not(Box::new(condition))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner).prop_map(|(a, b)| a.or(b)),
        ]
    })
}

fn claim() -> impl Strategy<Value = Claim> {
    let values = prop_oneof![
        vec(any::<i64>(), 0..5).prop_map(ClaimValues::Int64),
        vec(any::<u64>(), 0..5).prop_map(ClaimValues::Uint64),
        vec(wide_string(), 0..5).prop_map(ClaimValues::Strings),
        vec(sid(), 0..5).prop_map(ClaimValues::Sids),
        vec(any::<bool>(), 0..5).prop_map(ClaimValues::Booleans),
        vec(vec(any::<u8>(), 1..9), 0..5).prop_map(ClaimValues::Octets),
    ];
    (name(), any::<u32>(), values).prop_map(|(name, flags, values)| Claim {
        name,
        flags,
        values,
    })
}

/// An ACE of a type that SDDL has, for the DACL or for the SACL.
fn ace(discretionary: bool) -> impl Strategy<Value = Ace> {
    let types: Vec<_> = (0..=0x15)
        .map(AceType)
        .filter(|t| t.sddl().is_some() && t.is_discretionary() == discretionary)
        .collect();
    let parts = (flags(), mask(), sid(), object_types(), condition(), claim());
    (proptest::sample::select(types), parts).prop_map(
        |(ace_type, (flags, mask, sid, object_types, condition, claim))| {
            let ace = Ace::new(ace_type, mask, sid).unwrap();
            let ace = ace.with_flags(flags).with_object_types(object_types);
            if ace_type.is_conditional() {
                ace.with_condition(&condition).unwrap()
            } else if ace_type == AceType::SYSTEM_RESOURCE_ATTRIBUTE {
                ace.with_claim(&claim).unwrap()
            } else {
                ace
            }
        },
    )
}

/// An ACE of any type with any data behind it.
fn any_ace() -> impl Strategy<Value = Ace> {
    let parts = (
        flags(),
        mask(),
        sid(),
        option::of(object_types()),
        vec(any::<u8>(), 0..24),
    );
    (any::<u8>(), parts).prop_map(|(ace_type, (flags, mask, sid, object_types, data))| {
        let ace_type = AceType(ace_type);
        match Ace::new(ace_type, mask, sid) {
            Some(ace) => ace
                .with_flags(flags)
                .with_object_types(object_types.unwrap_or_default())
                .with_data(data)
                .unwrap(),
            None => Ace::unknown(ace_type, data).unwrap().with_flags(flags),
        }
    })
}

fn descriptor(
    dacl: impl Strategy<Value = Ace>,
    sacl: impl Strategy<Value = Ace>,
    slack: usize,
) -> impl Strategy<Value = SecurityDescriptor> {
    let acl = |aces: Vec<Ace>, slack| {
        let mut acl = Acl::new(aces);
        acl.slack = slack;
        acl
    };
    let slack = move || vec(any::<u8>(), 0..=slack);
    let dacl = (vec(dacl, 0..4), slack()).prop_map(move |(aces, slack)| acl(aces, slack));
    let sacl = (vec(sacl, 0..4), slack()).prop_map(move |(aces, slack)| acl(aces, slack));
    let parts = (
        option::of(sid()),
        option::of(sid()),
        option::of(dacl),
        option::of(sacl),
    );
    (parts, any::<u16>()).prop_map(|((owner, group, dacl, sacl), control)| {
        let mut descriptor = SecurityDescriptor::new();
        descriptor.set_owner(owner);
        descriptor.set_group(group);
        descriptor.set_control(Control::from_bits_retain(control));
        descriptor.set_dacl(dacl);
        descriptor.set_sacl(sacl);
        descriptor
    })
}

fn any_descriptor() -> impl Strategy<Value = SecurityDescriptor> {
    descriptor(any_ace(), any_ace(), 9)
}

/// With nothing in it that SDDL has no place for.
fn sddl_descriptor() -> impl Strategy<Value = SecurityDescriptor> {
    descriptor(ace(true), ace(false), 0)
}

/// What is read is written back the same, borrowed and owned.
fn check_bytes(bytes: &[u8]) {
    let owned = SecurityDescriptor::from_bytes(bytes);
    let borrowed = SecurityDescriptorRef::from_bytes(bytes);
    assert_eq!(owned.as_ref().err(), borrowed.as_ref().err());
    if let (Ok(owned), Ok(borrowed)) = (owned, borrowed) {
        assert_eq!(owned.to_bytes().unwrap(), bytes);
        assert_eq!(borrowed.to_descriptor(), owned);
        // Whatever stands in it, it is written or refused.
        let _ = owned.to_sddl(&context());
    }
}

/// Text that is taken has a canonical form that means the same and is its own.
fn check_text(text: &str) {
    if let Ok(first) = SecurityDescriptor::from_sddl(text, &context()) {
        let canonical = first.to_sddl(&context()).unwrap();
        let second = SecurityDescriptor::from_sddl(&canonical, &context()).unwrap();
        assert_eq!(first.to_bytes(), second.to_bytes(), "{text}\n{canonical}");
        assert_eq!(second.to_sddl(&context()).unwrap(), canonical);
    }
}

proptest! {
    #[test]
    fn every_descriptor_is_read_back_the_same(descriptor in any_descriptor()) {
        let bytes = descriptor.to_bytes().unwrap();
        prop_assert_eq!(descriptor.size(), bytes.len());
        prop_assert_eq!(&SecurityDescriptor::from_bytes(&bytes).unwrap(), &descriptor);
        check_bytes(&bytes);
    }

    #[test]
    fn changed_bytes_are_refused_or_kept(
        descriptor in any_descriptor(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = descriptor.to_bytes().unwrap();
        for (at, value) in changes {
            *at.get_mut(&mut bytes) = value;
        }
        if cut {
            bytes.truncate(length.index(bytes.len() + 1));
        }
        check_bytes(&bytes);
    }

    #[test]
    fn any_bytes_are_refused_or_kept(bytes in vec(any::<u8>(), 0..200)) {
        check_bytes(&bytes);
        let _ = Condition::from_bytes(&bytes);
        let _ = Claim::from_bytes(&bytes);
        let mut condition = b"artx".to_vec();
        condition.extend(&bytes);
        if let Ok(condition) = Condition::from_bytes(&condition) {
            let again = Condition::from_bytes(&condition.to_bytes().unwrap());
            prop_assert_eq!(again, Ok(condition));
        }
    }

    #[test]
    fn every_descriptor_that_sddl_has_a_form_for_is_read_back_from_it(
        mut descriptor in sddl_descriptor(),
    ) {
        let text = descriptor.to_sddl(&context()).unwrap();
        let read = SecurityDescriptor::from_sddl(&text, &context()).unwrap();
        // SDDL has no place for the other flags, nor for those of an ACL that is not there.
        descriptor.set_control(read.control());
        prop_assert_eq!(&read, &descriptor, "{}", text);
        check_text(&text);
    }

    #[test]
    fn changed_text_is_refused_or_has_a_canonical_form(
        descriptor in sddl_descriptor(),
        changes in vec((any::<prop::sample::Index>(), "[ -~]|\u{e9}"), 1..4),
    ) {
        let mut text: Vec<String> =
            descriptor.to_sddl(&context()).unwrap().chars().map(String::from).collect();
        for (at, value) in changes {
            if !text.is_empty() {
                *at.get_mut(&mut text) = value;
            }
        }
        check_text(&text.concat());
    }

    #[test]
    fn any_text_is_refused_or_has_a_canonical_form(
        text in "([OGDS]:|\\(|\\)|;|A|OA|XA|RA|CI|GA|0x1f|S-1-5-32-544|WD|DA|EA|@User\\.x|==|&&|\"a\"|[ -~]){0,20}",
    ) {
        check_text(&text);
    }

    #[test]
    fn every_condition_is_read_back_the_same(condition in condition()) {
        let bytes = condition.to_bytes().unwrap();
        prop_assert_eq!(bytes.len() % 4, 0);
        prop_assert_eq!(&Condition::from_bytes(&bytes).unwrap(), &condition);
        let text = condition.to_sddl(&context()).unwrap();
        prop_assert_eq!(Condition::from_sddl(&text, &context()), Ok(condition), "{}", text);
    }

    #[test]
    fn every_claim_is_read_back_the_same(claim in claim()) {
        prop_assert_eq!(&Claim::from_bytes(&claim.to_bytes().unwrap()).unwrap(), &claim);
        let text = claim.to_sddl(&context()).unwrap();
        prop_assert_eq!(Claim::from_sddl(&text, &context()), Ok(claim), "{}", text);
    }

    #[test]
    fn every_sid_is_read_back_the_same(sid in sid()) {
        prop_assert_eq!(sid.to_string().parse(), Ok(sid));
        prop_assert_eq!(Sid::from_bytes(&sid.to_bytes()), Ok(sid));
        let alias = context().alias(&sid).map(str::to_owned);
        let text = alias.unwrap_or_else(|| sid.to_string());
        prop_assert_eq!(context().parse_sid(&text), Ok(sid));
    }
}
