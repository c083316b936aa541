//! Files of registry.pol made of any entries.

use gpo_core::{
    RegistryEntry, RegistryName, RegistryPol, RegistryPolRef, RegistryType, RegistryValue,
};

use crate::choices::Choices;

/// Names that are written with units of their own, of which delimiters and directives are some.
const NAMES: [&[u16]; 8] = [
    &[],
    &[0x4b],
    &[0x6b],
    &[0x3b],
    &[0x5d, 0x5b],
    &[0xd800],
    &[0x2a, 0x2a, 0x64, 0x65, 0x6c, 0x2e, 0x6b],
    &[0x4b, 0x5c, 0x6b],
];

/// What is written is read as the same entries, in place and as a document. Of a file with one byte
/// changed, what is saved can be written again, and no more is lost than the bytes skipped.
pub fn registry_pol_entries(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (place, byte) = (choices.byte(), choices.byte());
    let mut pol = RegistryPol::default();
    while !choices.is_empty() {
        let mut name =
            || RegistryName::from_units(choices.of(&NAMES)).expect("no unit is zero");
        let (key, value_name) = (name(), name());
        let data_type = RegistryType(u32::from(choices.byte()) % 13);
        let value = RegistryValue::from_bytes(data_type, choices.bytes());
        pol.entries.push(RegistryEntry {
            key,
            value_name,
            value,
        });
    }
    let mut bytes = pol.to_bytes().expect("no text holds NUL");
    assert_eq!(RegistryPol::parse(&bytes).as_ref(), Ok(&pol));
    let in_place = RegistryPolRef::parse(&bytes).expect("the document was read");
    let read = in_place.entries().map(|entry| entry.map(|entry| entry.to_entry()));
    assert!(read.eq(pol.entries.iter().cloned().map(Ok)));

    let place = usize::from(place) % bytes.len();
    bytes[place] = byte;
    let (saved, damage) = RegistryPol::parse_lossy(&bytes);
    assert!(damage.iter().all(|damage| damage.skipped.end <= bytes.len()));
    let written = saved.to_bytes().expect("it came out of a file");
    let skipped: usize = damage.iter().map(|damage| damage.skipped.len()).sum();
    // The header is written whatever became of it.
    assert!(written.len() + skipped + 8 >= bytes.len());
    assert_eq!(RegistryPol::parse(&written).as_ref(), Ok(&saved));
}
