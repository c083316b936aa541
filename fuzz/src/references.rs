//! References of the files of settings.

use gpo_core::{GpoPath, Reference, SettingsFile};

const PLACES: [&str; 7] = [
    r"Machine\registry.pol",
    r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
    r"Machine\Microsoft\Windows NT\Audit\audit.csv",
    r"User\Scripts\scripts.ini",
    r"User\Scripts\psscripts.ini",
    r"User\Documents & Settings\fdeploy1.ini",
    r"User\Preferences\Drives\Drives.xml",
];

/// The first byte says which file it is. Each reference is in its place: set to what it is, it
/// changes nothing; set to something else, the file can still be written and read.
pub fn references(data: &[u8]) {
    let Some((place, data)) = data.split_first() else {
        return;
    };
    let place = PLACES[usize::from(*place) % PLACES.len()];
    let path: GpoPath = place.parse().expect("it is a path");
    let Ok(file) = SettingsFile::parse(&path, data) else {
        return;
    };
    assert_eq!(file.to_bytes().as_deref(), Ok(data));
    let _ = file.problems();
    let references = file.references();
    let mut same = file.clone();
    for reference in references.iter().rev() {
        same.set_reference(reference, &reference.text)
            .expect("the reference was read");
        for text in ["S-1-5-21-1-2-3-500", r"\\other\share\x"] {
            let mut changed = file.clone();
            if changed.set_reference(reference, text).is_ok()
                && let Ok(bytes) = changed.to_bytes()
            {
                assert!(SettingsFile::parse(&path, &bytes).is_ok(), "{reference:?}");
            }
        }
    }
    assert_eq!(same, file);
    together(&path, &file, &references);
}

/// What a reference is to say; `None` takes it out.
type Edit<'a> = &'a dyn Fn(&Reference) -> Option<String>;

/// Edited together, references give a file that can be read as well, and each edit has a result.
fn together(path: &GpoPath, file: &SettingsFile, references: &[Reference]) {
    let same = |own: &Reference| Some(own.text.clone());
    let other = |own: &Reference| Some(own.text.replace("S-1-5-21", "S-1-5-32") + "x");
    let out = |_: &Reference| None;
    let edits: [Edit<'_>; 3] = [&same, &other, &out];
    for (n, edit) in edits.iter().enumerate() {
        let texts: Vec<_> = references.iter().map(edit).collect();
        let edits: Vec<_> = references
            .iter()
            .zip(&texts)
            .map(|(own, text)| (own, text.as_deref()))
            .collect();
        let mut changed = file.clone();
        let results = changed.edit_references(&edits);
        assert_eq!(results.len(), references.len());
        if n == 0 {
            assert!(results.iter().all(Result::is_ok), "{results:?}");
            assert_eq!(changed, *file);
        }
        if let Ok(bytes) = changed.to_bytes() {
            assert!(SettingsFile::parse(path, &bytes).is_ok(), "{edits:?}");
        }
    }
}
