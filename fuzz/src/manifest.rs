//! manifest.xml.

use gpo_core::Manifest;

/// What is read is written, and read again the same; entries come and go by their ID.
pub fn manifest(data: &[u8]) {
    let Ok(mut manifest) = Manifest::parse(data) else {
        return;
    };
    let bytes = manifest.to_bytes().expect("it came out of a file");
    assert_eq!(Manifest::parse(&bytes).as_ref(), Ok(&manifest));

    if let Some(entry) = manifest.entries.last().cloned() {
        let id = entry.inst.id;
        assert!(manifest.remove(id));
        assert_eq!(manifest.entry(id), None);
        manifest.insert(entry.inst);
        assert_eq!(manifest.entries[0].inst.id, id);
        let bytes = manifest.to_bytes().expect("nothing new is in it");
        assert_eq!(Manifest::parse(&bytes), Ok(manifest));
    }
}
