//! What every SYSVOL that can be written keeps to.

use gpo_core::{EntryKind, GpoPath, SourceError, SourceErrorKind, SysvolWrite};

use super::contents::contents;
use super::sample_tree::SampleTree;

/// Tests a SYSVOL in which the GPOs `{00000000-0000-0000-0000-00000000000n}` are not there yet.
pub fn sysvol(sysvol: &dyn SysvolWrite) {
    a_tree_is_made(sysvol);
    a_tree_that_fails_changes_nothing(sysvol);
    a_tree_takes_the_place_of_another(sysvol);
    a_tree_is_found_in_any_case(sysvol);
    an_empty_tree_is_a_folder(sysvol);
    several_threads_can_write(sysvol);
}

fn gpo(n: u32) -> GpoPath {
    let text = format!("Policies\\{{00000000-0000-0000-0000-{n:012x}}}");
    text.parse().unwrap()
}

/// A tree with one file in it.
fn put(sysvol: &dyn SysvolWrite, folder: &GpoPath, bytes: &[u8]) {
    sysvol
        .replace_tree(folder, &mut |tree| {
            tree.create_file(&"GPT.INI".parse().unwrap())?;
            tree.append(bytes)
        })
        .unwrap();
}

fn paths(sysvol: &dyn SysvolWrite, folder: &GpoPath) -> Vec<GpoPath> {
    let mut found = Vec::new();
    sysvol
        .walk(folder, &mut |entry| {
            let path = entry?.path;
            found.push(path.strip_prefix(folder).unwrap());
            Ok(())
        })
        .unwrap();
    found.sort();
    found
}

fn read(sysvol: &dyn SysvolWrite, folder: &GpoPath) -> Vec<u8> {
    let path = folder.join("gpt.ini").unwrap();
    sysvol.read_all(&path, 1_000_000).unwrap()
}

fn a_tree_is_made(sysvol: &dyn SysvolWrite) {
    let sample = SampleTree::default();
    sysvol
        .replace_tree(&gpo(10), &mut |tree| sample.write(tree))
        .unwrap();
    contents(sysvol, &gpo(10));
    put(sysvol, &gpo(11), b"11");
    sample.assert_in(sysvol, &gpo(10));
    assert_eq!(read(sysvol, &gpo(11)), b"11");
}

fn a_tree_that_fails_changes_nothing(sysvol: &dyn SysvolWrite) {
    let fail = || SourceError::new(SourceErrorKind::Full, "", "no room");
    for folder in [gpo(11), gpo(12)] {
        let error = sysvol.replace_tree(&folder, &mut |tree| {
            tree.create_file(&"other".parse().unwrap())?;
            tree.append(b"half of i")?;
            Err(fail())
        });
        assert_eq!(error.unwrap_err().message(), "no room");
    }
    assert_eq!(paths(sysvol, &gpo(11)), ["GPT.INI".parse().unwrap()]);
    assert_eq!(read(sysvol, &gpo(11)), b"11");
    let error = sysvol.walk(&gpo(12), &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
}

fn a_tree_takes_the_place_of_another(sysvol: &dyn SysvolWrite) {
    let sample = SampleTree::default();
    for _ in 0..2 {
        put(sysvol, &gpo(10), b"new");
        assert_eq!(paths(sysvol, &gpo(10)), ["GPT.INI".parse().unwrap()]);
        assert_eq!(read(sysvol, &gpo(10)), b"new");
        sysvol
            .replace_tree(&gpo(10), &mut |tree| sample.write(tree))
            .unwrap();
        sample.assert_in(sysvol, &gpo(10));
    }
    let policies: GpoPath = "Policies".parse().unwrap();
    let found = paths(sysvol, &policies);
    let own = found.iter().filter(|path| path.components().count() == 1);
    let own: Vec<_> = own.map(GpoPath::as_str).collect();
    assert!(!own.iter().any(|name| name.starts_with('.')), "{own:?}");
}

fn a_tree_is_found_in_any_case(sysvol: &dyn SysvolWrite) {
    let lower: GpoPath = gpo(11).as_str().to_lowercase().parse().unwrap();
    put(sysvol, &lower, b"lower");
    assert_eq!(read(sysvol, &gpo(11)), b"lower");
    let mut folders = 0;
    sysvol
        .walk(&"POLICIES".parse().unwrap(), &mut |entry| {
            let entry = entry?;
            let same = entry.path.file_name() == gpo(11).file_name();
            folders += u32::from(entry.kind == EntryKind::Folder && same);
            Ok(())
        })
        .unwrap();
    assert_eq!(folders, 1, "the spelling stays, and there is one");
}

fn an_empty_tree_is_a_folder(sysvol: &dyn SysvolWrite) {
    sysvol.replace_tree(&gpo(13), &mut |_| Ok(())).unwrap();
    assert_eq!(paths(sysvol, &gpo(13)), []);
}

fn several_threads_can_write(sysvol: &dyn SysvolWrite) {
    let same = gpo(20);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let same = &same;
            scope.spawn(move || {
                for n in 0..5 {
                    put(sysvol, &gpo(30 + thread), &[n; 1000]);
                    put(sysvol, same, &vec![u8::try_from(thread).unwrap(); 10_000]);
                }
            });
        }
    });
    for thread in 0..4 {
        assert_eq!(read(sysvol, &gpo(30 + thread)), [4; 1000]);
    }
    let bytes = read(sysvol, &same);
    assert!(
        bytes.len() == 10_000 && bytes.iter().all(|b| *b == bytes[0]),
        "a mixture"
    );
}
