//! What every SYSVOL that can be written keeps to.

use gpo_core::{EntryKind, GpoId, GpoPath, Guid, SourceError, SourceErrorKind, SysvolWrite};

use sddl_parser::{SddlContext, SecurityDescriptor};

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
    a_tree_is_removed(sysvol);
    a_descriptor_is_kept_where_there_are_any(sysvol);
    a_gpo_is_locked_once(sysvol);
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

fn a_tree_is_removed(sysvol: &dyn SysvolWrite) {
    let sample = SampleTree::default();
    sysvol
        .replace_tree(&gpo(14), &mut |tree| sample.write(tree))
        .unwrap();
    let lower: GpoPath = gpo(14).as_str().to_lowercase().parse().unwrap();
    sysvol.remove_tree(&lower).unwrap();
    for missing in [gpo(14), gpo(99)] {
        let error = sysvol.walk(&missing, &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
        let error = sysvol.remove_tree(&missing).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    }
    assert_eq!(read(sysvol, &gpo(11)), b"lower", "the others stay");
}

fn a_descriptor_is_kept_where_there_are_any(sysvol: &dyn SysvolWrite) {
    let folder = gpo(15);
    put(sysvol, &folder, b"15");
    let file = folder.join("GPT.INI").unwrap();
    let keeps = sysvol.descriptor(&folder).unwrap().is_some();
    assert_eq!(sysvol.descriptor(&file).unwrap().is_some(), keeps);
    let text = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;AU)";
    let new = SecurityDescriptor::from_sddl(text, &SddlContext::new()).unwrap();
    let bytes = new.to_bytes().unwrap();
    sysvol.set_descriptor(&folder, &bytes).unwrap();
    let dacl = || {
        let found = sysvol.descriptor(&folder).unwrap()?;
        let found = SecurityDescriptor::from_bytes(&found).unwrap();
        Some(found.dacl().unwrap().aces.clone())
    };
    let expected = keeps.then(|| new.dacl().unwrap().aces.clone());
    assert_eq!(dacl(), expected);
    put(sysvol, &folder, b"a new tree");
    assert_eq!(dacl(), expected, "the folder keeps its descriptor");
    if keeps {
        let error = sysvol.descriptor(&gpo(99)).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    }
}

fn a_gpo_is_locked_once(sysvol: &dyn SysvolWrite) {
    let id = |n| GpoId::new(Guid::from_u128(n).to_lower());
    for _ in 0..2 {
        let first = sysvol.lock(id(10)).unwrap();
        let other = sysvol.lock(id(11)).unwrap();
        let upper = GpoId::new(id(10).guid().to_upper());
        let error = sysvol.lock(upper).err().map(|error| error.kind());
        assert_eq!(error, Some(SourceErrorKind::Busy));
        put(sysvol, &gpo(10), b"by its holder");
        drop((first, other));
    }
    let mut left = Vec::new();
    sysvol
        .walk(&GpoPath::root(), &mut |entry| {
            let path = entry?.path;
            left.extend(
                path.components()
                    .any(|n| n.contains("lock"))
                    .then_some(path.clone()),
            );
            Ok(())
        })
        .unwrap();
    assert_eq!(left, []);
}
