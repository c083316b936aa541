//! registry.pol.

use gpo_core::{RegistryPol, RegistryPolRef, RegistryType, RegistryValue};

/// A file that is taken is written back to the same bytes, and says the same in place and as a
/// document; of any other, what is saved can be written and read again.
pub fn registry_pol(data: &[u8]) {
    let (saved, damage) = RegistryPol::parse_lossy(data);
    let parsed = RegistryPol::parse(data);
    assert_eq!(damage.is_empty(), parsed.is_ok());
    assert!(damage.iter().all(|d| d.skipped.end <= data.len()));
    let bytes = saved.to_bytes().expect("it came out of a file");
    assert_eq!(RegistryPol::parse(&bytes).as_ref(), Ok(&saved));

    if let Ok(pol) = parsed {
        assert_eq!(bytes, data);
        assert_eq!(pol, saved);
        in_place(data, &pol);
        edits(&pol);
    }
    any_data(data);
}

fn in_place(data: &[u8], pol: &RegistryPol) {
    let borrowed = RegistryPolRef::parse(data).expect("the document was read");
    let mut entries = pol.entries.iter();
    for entry in borrowed.entries() {
        let entry = entry.expect("the document was read");
        assert!(data[entry.offset..].starts_with(b"[\0"));
        assert_eq!(Some(&entry.to_entry()), entries.next());
        assert_eq!(entry.value().to_bytes().as_deref(), Ok(entry.data));
    }
    assert_eq!(entries.next(), None);
}

fn edits(pol: &RegistryPol) {
    let mut effective = RegistryPol {
        entries: pol.effective().cloned().collect(),
    };
    assert_eq!(effective.effective().count(), effective.entries.len());
    let mut merged = pol.clone();
    merged.merge(pol);
    assert_eq!(merged, {
        let mut twice = pol.clone();
        twice.entries.extend_from_slice(&pol.entries);
        twice.entries = twice.effective().cloned().collect();
        twice
    });
    let value = RegistryValue::Dword(7);
    effective
        .set("Key", "Name", value.clone())
        .expect("the names are good");
    assert_eq!(
        effective.get("KEY", "NAME").map(|entry| &entry.value),
        Some(&value)
    );
    effective.remove("key", "name").expect("the names are good");
    assert_eq!(effective.get("Key", "Name"), None);
}

/// Data of each type is kept, whatever it is.
fn any_data(data: &[u8]) {
    for number in 0..13 {
        let value = RegistryValue::from_bytes(RegistryType(number), data);
        assert_eq!(value.data_type(), RegistryType(number));
        assert_eq!(value.to_bytes().as_deref(), Ok(data));
    }
}
