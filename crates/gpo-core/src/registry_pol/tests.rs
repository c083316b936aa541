use super::*;
use alloc::string::{String, ToString};
use proptest::prelude::*;

fn file(entries: &[u8]) -> Vec<u8> {
    [b"PReg\x01\0\0\0", entries].concat()
}

/// An entry of ASCII names whose size field says `size`.
fn raw(key: &str, name: &str, data_type: u32, size: usize, data: &[u8]) -> Vec<u8> {
    let wide = |text: &str| -> Vec<u8> { text.bytes().flat_map(|b| [b, 0]).collect() };
    let number = |n: u32| n.to_le_bytes().to_vec();
    [
        wide("["),
        wide(key),
        wide("\0;"),
        wide(name),
        wide("\0;"),
        number(data_type),
        wide(";"),
        number(size.try_into().unwrap()),
        wide(";"),
        data.to_vec(),
        wide("]"),
    ]
    .concat()
}

#[test]
fn odd_data_survives() {
    for (data_type, data, value) in [
        (7, &b"\0\0"[..], RegistryValue::MultiSz(vec![])),
        (7, b"", RegistryValue::Raw(RegistryType::MULTI_SZ, vec![])),
        (7, b"\0\0\0\0", RegistryValue::MultiSz(vec![String::new()])),
        (7, b"a\0\0\0", RegistryValue::MultiSz(vec!["a".into()])),
        (1, b"", RegistryValue::Raw(RegistryType::SZ, vec![])),
        (1, b"\0\0", RegistryValue::Sz(String::new())),
        (
            1,
            b"a\0",
            RegistryValue::Raw(RegistryType::SZ, b"a\0".to_vec()),
        ),
        (
            1,
            b"a\0\0\0\0\0",
            RegistryValue::Raw(RegistryType::SZ, b"a\0\0\0\0\0".to_vec()),
        ),
        (
            1,
            b"\0\xd8\0\0",
            RegistryValue::Raw(RegistryType::SZ, b"\0\xd8\0\0".to_vec()),
        ),
        (1, b"\xff\xfe\0\0", RegistryValue::Sz("\u{feff}".into())),
        (
            4,
            b"\x01\0\0",
            RegistryValue::Raw(RegistryType::DWORD, b"\x01\0\0".to_vec()),
        ),
        (5, b"\0\0\x01\x02", RegistryValue::DwordBigEndian(258)),
        (11, b"\x01\0\0\0\0\0\0\0", RegistryValue::Qword(1)),
        (0, b"", RegistryValue::None),
        (
            0,
            b"x",
            RegistryValue::Raw(RegistryType::NONE, b"x".to_vec()),
        ),
        (
            153,
            b"x",
            RegistryValue::Raw(RegistryType(153), b"x".to_vec()),
        ),
    ] {
        let bytes = file(&raw("K", "V", data_type, data.len(), data));
        let pol = RegistryPol::parse(&bytes).unwrap();
        if value != RegistryValue::MultiSz(vec!["a".into()]) {
            assert_eq!(pol.entries[0].value, value, "{data_type} {data:x?}");
        }
        assert_eq!(pol.to_bytes().unwrap(), bytes);
    }
}

#[test]
fn names_need_not_be_well_formed() {
    let bytes =
        file(b"[\0\0\xd8a\0\0\0;\0*\0*\0d\0e\0l\0.\0\0\xdc\0\0;\0\x01\0\0\0;\0\0\0\0\0;\0]\0");
    let pol = RegistryPol::parse(&bytes).unwrap();
    let entry = &pol.entries[0];
    assert_eq!(
        (entry.key.as_str(), entry.key.to_string().as_str()),
        (None, "\u{fffd}a")
    );
    let name = RegistryName::from_units(&[0xdc00]).unwrap();
    assert_eq!(entry.action(), RegistryAction::DeleteValue(name));
    assert_eq!(pol.to_bytes().unwrap(), bytes);
}

#[test]
fn a_broken_file_is_an_error_at_its_place() {
    let good = raw("K", "V", 4, 4, b"\x01\0\0\0");
    let cut = |n: usize| file(&good[..n]);
    for (bytes, message) in [
        (
            vec![],
            "byte 0: the header of a registry.pol is 8 bytes, these are 0",
        ),
        (
            b"PReg\x01\0".to_vec(),
            "byte 6: the header of a registry.pol is 8 bytes, these are 6",
        ),
        (
            b"PRei\x01\0\0\0".to_vec(),
            "byte 0: a registry.pol starts with PReg, this one with PRei",
        ),
        (
            b"PReg\x02\0\0\0".to_vec(),
            "byte 4: the version of a registry.pol is 1, this one's is 2",
        ),
        (
            file(b"x"),
            "byte 8: '[' should stand at the start of an entry",
        ),
        (cut(3), "byte 10: the key that starts here has no end"),
        (cut(7), "byte 14: ';' should stand behind the key"),
        (
            cut(11),
            "byte 16: the value name that starts here has no end",
        ),
        (cut(17), "byte 22: the file ends in the type"),
        (cut(22), "byte 28: the file ends in the size"),
        (
            cut(29),
            "byte 34: the entry has 4 bytes of data, the file 3 more",
        ),
        (cut(31), "byte 38: ']' should stand behind the data"),
        (
            file(&raw("K", "V", 3, u32::MAX as usize, b"")),
            "byte 34: the entry has 4294967295 bytes of data, the file 2 more",
        ),
    ] {
        let error = RegistryPol::parse(&bytes).unwrap_err();
        assert_eq!(error.to_string(), message);
        let mut entries = match RegistryPolRef::parse(&bytes) {
            Ok(pol) => pol.entries(),
            Err(_) => continue,
        };
        assert!(entries.by_ref().any(|entry| entry.is_err()));
        assert!(entries.next().is_none(), "the first error ends the entries");
    }
}

#[test]
fn what_can_be_saved_is_saved() {
    let a = || raw("A", "a", 4, 4, b"\x01\0\0\0");
    let c = || raw("C", "c", 3, 3, b"\x01\x02\x03");
    let sized = |size| raw("B", "b", 1, size, b"x\0\0\0");
    for (what, middle, saved, skipped) in [
        ("size too small", sized(2), "Abc", 0),
        ("size too large", sized(6), "Abc", 0),
        ("size beyond the file", sized(4000), "Abc", 0),
        ("junk", b"junk".to_vec(), "Ac", 4),
        ("junk of odd length", b"[\0k".to_vec(), "Ac", 3),
        (
            "entry without type",
            b"[\0B\0\0\0;\0b\0\0\0;\0]\0".to_vec(),
            "Ac",
            16,
        ),
    ] {
        let bytes = file(&[a(), middle, c()].concat());
        let (pol, damage) = RegistryPol::parse_lossy(&bytes);
        let names: String = pol
            .entries
            .iter()
            .map(|e| e.value_name.to_string())
            .collect();
        assert_eq!(names, saved.to_lowercase(), "{what}");
        assert_eq!(damage.len(), 1, "{what}");
        assert_eq!(damage[0].skipped.len(), skipped, "{what}");
    }
}

#[test]
fn a_file_without_header_is_saved() {
    let entry = raw("A", "a", 4, 4, b"\x01\0\0\0");
    for start in [&b""[..], b"PRei\x01\0\0\0", b"PReg\x01\0\0"] {
        let (pol, damage) = RegistryPol::parse_lossy(&[start, &entry].concat());
        assert_eq!(pol.entries.len(), 1);
        assert_eq!(
            (damage.len(), damage[0].skipped.clone()),
            (1, 0..start.len())
        );
    }
}

#[test]
fn hostile_bytes_are_read_in_linear_time() {
    // Each of these took quadratic time with a naive search for the next entry.
    let open = b"[\0".repeat(200_000);
    let names = b"[\0K\0\0\0".repeat(100_000);
    let heads = raw("K", "V", 3, 0xffff_ffff, b"")
        .strip_suffix(b"]\0")
        .unwrap()
        .repeat(30_000);
    for body in [open, names, heads] {
        let (pol, damage) = RegistryPol::parse_lossy(&file(&body));
        assert_eq!((pol.entries.len(), damage.len()), (0, 1));
    }
}

#[test]
fn directives_are_recognised_without_case() {
    let name = |name: &str| name.parse::<RegistryName>().unwrap();
    let space = || RegistryValue::Sz(" ".into());
    let list = || RegistryValue::Sz("a;B c;".into());
    let items = || vec!["a".into(), "B c".into()];
    for (value_name, value, action) in [
        ("V", space(), RegistryAction::SetValue),
        ("", space(), RegistryAction::SetValue),
        ("", RegistryValue::None, RegistryAction::CreateKey),
        ("**del.é", space(), RegistryAction::DeleteValue(name("é"))),
        ("**DEL.", space(), RegistryAction::DeleteValue(name(""))),
        ("**delé.x", space(), RegistryAction::SetValue),
        ("**delvals.", space(), RegistryAction::DeleteAllValues),
        ("**DelVals", space(), RegistryAction::DeleteAllValues),
        (
            "**Soft.V",
            RegistryValue::Dword(1),
            RegistryAction::SetIfAbsent(name("V")),
        ),
        (
            "**deletevalues",
            list(),
            RegistryAction::DeleteValues(items()),
        ),
        ("**DeleteKeys", list(), RegistryAction::DeleteKeys(items())),
        (
            "**DeleteKeys",
            RegistryValue::Dword(1),
            RegistryAction::SetValue,
        ),
        (
            "**SecureKey",
            RegistryValue::Dword(1),
            RegistryAction::SecureKey(true),
        ),
        (
            "**SecureKey",
            RegistryValue::Dword(2),
            RegistryAction::SetValue,
        ),
        ("*del.V", space(), RegistryAction::SetValue),
    ] {
        let entry = RegistryEntry::set("K", value_name, value).unwrap();
        assert_eq!(entry.action(), action, "{value_name}");
    }
}

#[test]
fn the_last_entry_for_a_value_wins() {
    let set = |key: &str, name: &str, n| RegistryEntry::set(key, name, RegistryValue::Dword(n));
    let pol = |entries: Vec<Result<RegistryEntry>>| RegistryPol {
        entries: entries.into_iter().map(|entry| entry.unwrap()).collect(),
    };
    let delvals = || RegistryEntry::delete_all_values("k");
    for (entries, effective) in [
        (vec![set("k", "v", 1), set("K", "V", 2)], vec![1]),
        (vec![set("k", "v", 1), set("k", "w", 2)], vec![0, 1]),
        (
            vec![set("k", "v", 1), RegistryEntry::delete("K", "V")],
            vec![1],
        ),
        (
            vec![RegistryEntry::delete("k", "v"), set("k", "v", 1)],
            vec![1],
        ),
        (
            vec![set("k", "v", 1), delvals(), set("k", "w", 2)],
            vec![1, 2],
        ),
        (vec![delvals(), set("k", "w", 2), delvals()], vec![2]),
        (vec![RegistryEntry::create_key("k"), delvals()], vec![0, 1]),
        (
            vec![RegistryEntry::create_key("k"), set("k", "", 1)],
            vec![0, 1],
        ),
        (vec![set("k", "v", 1), set("k", "**soft.v", 2)], vec![0, 1]),
        (vec![set("k", "**soft.v", 2), set("k", "v", 1)], vec![1]),
        (vec![set("é", "É", 1), set("É", "é", 2)], vec![1]),
    ] {
        let pol = pol(entries);
        let expected: Vec<_> = effective.iter().map(|&n: &usize| &pol.entries[n]).collect();
        assert_eq!(pol.effective().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn merging_keeps_what_the_other_file_does_not_decide() {
    let mut own = RegistryPol::default();
    own.set("K", "a", RegistryValue::Dword(1)).unwrap();
    own.set("K", "b", RegistryValue::Dword(1)).unwrap();
    let mut other = RegistryPol::default();
    other.delete("k", "A").unwrap();
    own.merge(&other);
    let names: Vec<_> = own
        .entries
        .iter()
        .map(|e| e.value_name.to_string())
        .collect();
    assert_eq!(names, ["b", "**del.A"]);
}

#[test]
fn a_text_with_nul_is_not_written() {
    for value in [
        RegistryValue::Sz("a\0".into()),
        RegistryValue::MultiSz(vec!["\0".into()]),
    ] {
        let mut pol = RegistryPol::default();
        pol.set("K", "V", value).unwrap();
        assert_eq!(pol.to_bytes().unwrap_err().kind(), ErrorKind::Unwritable);
    }
    assert!(RegistryEntry::create_key("a\0b").is_err());
}

fn any_name() -> impl Strategy<Value = RegistryName> {
    prop_oneof![
        "(\\*\\*del\\.|[kKvé\\\\;\\[\\]]){0,4}".prop_map(|text| text.parse().unwrap()),
        prop::collection::vec(1u16.., 0..4)
            .prop_map(|units| RegistryName::from_units(&units).unwrap()),
    ]
}

fn any_value() -> impl Strategy<Value = RegistryValue> {
    let text = "[^\0]{0,8}";
    prop_oneof![
        Just(RegistryValue::None),
        text.prop_map(RegistryValue::Sz),
        text.prop_map(RegistryValue::ExpandSz),
        prop::collection::vec(text, 0..4).prop_map(RegistryValue::MultiSz),
        any::<u32>().prop_map(RegistryValue::Dword),
        any::<u32>().prop_map(RegistryValue::DwordBigEndian),
        any::<u64>().prop_map(RegistryValue::Qword),
        (
            0u32..13,
            prop::collection::vec(prop::sample::select(vec![0, 0, b'a', b']', 0xd8]), 0..9)
        )
            .prop_map(|(data_type, data)| RegistryValue::from_bytes(
                RegistryType(data_type),
                &data
            )),
    ]
}

fn any_pol() -> impl Strategy<Value = RegistryPol> {
    let entry =
        (any_name(), any_name(), any_value()).prop_map(|(key, value_name, value)| RegistryEntry {
            key,
            value_name,
            value,
        });
    prop::collection::vec(entry, 0..8).prop_map(|entries| RegistryPol { entries })
}

proptest! {
    #[test]
    fn any_document_is_read_again(pol in any_pol()) {
        let bytes = pol.to_bytes().unwrap();
        prop_assert_eq!(RegistryPol::parse(&bytes).unwrap(), pol.clone());
        prop_assert_eq!(RegistryPol::parse_lossy(&bytes), (pol, vec![]));
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        pol in any_pol(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        tail in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let mut bytes = [pol.to_bytes().unwrap(), tail].concat();
        for (place, byte) in cuts {
            *place.get_mut(&mut bytes[..]) = byte;
        }
        let (saved, damage) = RegistryPol::parse_lossy(&bytes);
        if let Ok(read) = RegistryPol::parse(&bytes) {
            prop_assert_eq!(&read.to_bytes().unwrap(), &bytes);
            prop_assert_eq!((&saved, damage.len()), (&read, 0));
        } else {
            prop_assert!(!damage.is_empty());
        }
        prop_assert!(damage.is_sorted_by(|a, b| a.skipped.end <= b.skipped.start));
        saved.to_bytes().unwrap();
    }

    #[test]
    fn a_nul_is_found_where_it_is(units in prop::collection::vec(0u16..3, 0..20), odd: bool) {
        let mut bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        bytes.extend(odd.then_some(0));
        let expected = units.iter().position(|&unit| unit == 0).map(|index| 2 * index);
        prop_assert_eq!(reader::find_nul(&bytes), expected);
    }

    #[test]
    fn an_edit_changes_only_its_value(pol in any_pol(), value in any_value()) {
        for (index, entry) in pol.entries.iter().enumerate() {
            let (Some(key), Some(name)) = (entry.key.as_str(), entry.value_name.as_str()) else {
                continue;
            };
            let winner = pol.get(key, name) == Some(entry);
            let mut edited = pol.clone();
            edited.set(key, name, entry.value.clone()).unwrap();
            if winner && entry.action() == RegistryAction::SetValue {
                prop_assert_eq!(&edited, &pol);
                edited.set(key, name, value.clone()).unwrap();
                let changed = edited.entries.iter().zip(&pol.entries).filter(|(a, b)| a != b).count();
                prop_assert!(changed <= 1 && edited.entries.len() == pol.entries.len());
            }
            if index == 0 {
                let mut removed = pol.clone();
                removed.remove(key, name).unwrap();
                prop_assert_eq!(removed.get(key, name), None);
            }
        }
    }
}
