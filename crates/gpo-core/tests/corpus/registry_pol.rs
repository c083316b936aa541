//! registry.pol.

use gpo_core::{
    Half, RegistryEntry, RegistryName, RegistryPol, RegistryPolRef, RegistryValue, parse_reg_text,
    to_reg_text,
};

use crate::shared::{check_all, same};

#[test]
fn registry_pol() {
    check_all(
        |name| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "pol"),
        450,
        |bytes| {
            let (saved, damage) = RegistryPol::parse_lossy(bytes);
            let pol = RegistryPol::parse(bytes).map_err(|error| {
                format!(
                    "{error}; saved {}, damage {}",
                    saved.entries.len(),
                    damage.len()
                )
            })?;
            same(pol.to_bytes(), bytes, "written back")?;
            let entries = pol.entries.iter().map(rebuilt).collect();
            same(RegistryPol { entries }.to_bytes(), bytes, "rebuilt")?;
            let (text, left_out) = to_reg_text(&pol, Half::User);
            assert!(left_out.is_empty());
            let entries = parse_reg_text(&text).unwrap().into_iter();
            let entries = entries.map(|(_, entry)| entry).collect();
            same(RegistryPol { entries }.to_bytes(), bytes, "from .reg")?;
            let walked = RegistryPolRef::parse(bytes).unwrap().entries().count();
            assert_eq!((walked, &saved), (pol.entries.len(), &pol));
            Ok(())
        },
    );
}

/// The entry anew, from what its accessors say.
fn rebuilt(entry: &RegistryEntry) -> RegistryEntry {
    let name = |name: &RegistryName| match name.as_str() {
        Some(text) => text.parse().unwrap(),
        None => RegistryName::from_units(&name.units().collect::<Vec<_>>()).unwrap(),
    };
    let value = &entry.value;
    let value = if let Some(text) = value.as_sz() {
        RegistryValue::Sz(text.to_owned())
    } else if let Some(text) = value.as_expand_sz() {
        RegistryValue::ExpandSz(text.to_owned())
    } else if let Some(number) = value.as_dword() {
        RegistryValue::Dword(number)
    } else if let Some(number) = value.as_qword() {
        RegistryValue::Qword(number)
    } else if let Some(texts) = value.as_multi_sz() {
        RegistryValue::MultiSz(texts.to_vec())
    } else {
        match value {
            RegistryValue::None => RegistryValue::None,
            RegistryValue::Binary(data) => RegistryValue::Binary(data.clone()),
            RegistryValue::Raw(data_type, data) => RegistryValue::Raw(*data_type, data.clone()),
            other => panic!("no accessor reads {other:?}"),
        }
    };
    RegistryEntry {
        key: name(&entry.key),
        value_name: name(&entry.value_name),
        value,
    }
}
