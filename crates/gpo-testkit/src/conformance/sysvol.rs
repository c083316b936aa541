//! What every SYSVOL that can be written keeps to.

use gpo_core::{EntryKind, GpoId, GpoPath, Guid, SourceError, SourceErrorKind, SysvolWrite};

use sddl_parser::{SddlContext, SecurityDescriptor};

use super::contents::contents;
use super::if_supported;
use super::sample_tree::SampleTree;

/// Tests a SYSVOL in which the GPOs `{00000000-0000-0000-0000-00000000000n}` are not there yet; they
/// are not there any more at the end. Writes and reads a file of 100 MB, too.
///
/// Returns what the adapter says it cannot do, which was left out.
pub fn sysvol(sysvol: &dyn SysvolWrite) -> Vec<&'static str> {
    a_tree_is_made(sysvol);
    a_tree_that_fails_changes_nothing(sysvol);
    a_tree_takes_the_place_of_another(sysvol);
    a_tree_is_found_in_any_case(sysvol);
    an_empty_tree_is_a_folder(sysvol);
    an_error_of_any_kind_comes_back_as_it_was(sysvol);
    several_threads_can_write(sysvol);
    readers_see_whole_files_while_they_are_replaced(sysvol);
    a_large_file_comes_in_pieces(sysvol);
    let mut left_out = Vec::new();
    if a_descriptor_is_kept(sysvol).is_none() {
        left_out.push("set_descriptor");
    }
    if a_gpo_is_locked_once(sysvol).is_none() {
        left_out.push("lock");
    }
    if a_tree_is_removed(sysvol).is_none() {
        left_out.push("remove_tree");
    }
    left_out
}

/// Every kind of failure that a caller's own function may return.
const KINDS: [SourceErrorKind; 12] = [
    SourceErrorKind::NotFound,
    SourceErrorKind::Exists,
    SourceErrorKind::Denied,
    SourceErrorKind::Busy,
    SourceErrorKind::Changed,
    SourceErrorKind::Unreachable,
    SourceErrorKind::TimedOut,
    SourceErrorKind::Full,
    SourceErrorKind::Invalid,
    SourceErrorKind::Unsupported,
    SourceErrorKind::Cancelled,
    SourceErrorKind::Other,
];

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

fn an_error_of_any_kind_comes_back_as_it_was(sysvol: &dyn SysvolWrite) {
    for kind in KINDS {
        let error = || SourceError::new(kind, "object", "why");
        let same = |result: Result<(), SourceError>| {
            let found = result.unwrap_err();
            let parts = (found.kind(), found.object(), found.message());
            assert_eq!(parts, (kind, "object", "why"));
        };
        same(sysvol.replace_tree(&gpo(11), &mut |_| Err(error())));
        same(sysvol.walk(&gpo(10), &mut |_| Err(error())));
        same(sysvol.children(&gpo(10), &mut |_| Err(error())));
        let file = gpo(11).join("GPT.INI").unwrap();
        same(sysvol.read(&file, &mut |_| Err(error())));
        same(sysvol.read_many(&[file.clone(), file], 2, &mut |_, _| Err(error())));
    }
    assert_eq!(read(sysvol, &gpo(11)), b"lower", "it is as it was");
}

/// A reader that comes while the tree is exchanged may find nothing, but never half a file.
fn readers_see_whole_files_while_they_are_replaced(sysvol: &dyn SysvolWrite) {
    const SIZE: usize = 50_000;
    let folder = gpo(21);
    let file = folder.join("GPT.INI").unwrap();
    put(sysvol, &folder, &vec![0; SIZE]);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 1..10 {
                put(sysvol, &folder, &vec![n; SIZE]);
            }
        });
        let (mut whole, mut done) = (0, false);
        while !done {
            done = writer.is_finished();
            match sysvol.read_all(&file, 100_000) {
                Ok(bytes) => {
                    let one = bytes.iter().all(|byte| *byte == bytes[0]);
                    assert!(bytes.len() == SIZE && one, "{} bytes, mixed", bytes.len());
                    whole += 1;
                }
                Err(error) => {
                    use SourceErrorKind::{Busy, Changed, NotFound};
                    assert!([Busy, Changed, NotFound].contains(&error.kind()), "{error}");
                }
            }
        }
        assert!(whole > 0, "the last one at least");
    });
    assert_eq!(read(sysvol, &folder), vec![9; SIZE]);
}

/// 100 MB: nobody shall need the memory for it.
fn a_large_file_comes_in_pieces(sysvol: &dyn SysvolWrite) {
    const PIECE: usize = 1 << 20;
    const PIECES: usize = 100;
    let folder = gpo(22);
    let file = folder.join("Large.bin").unwrap();
    let piece: Vec<u8> = (0..=250).cycle().take(PIECE).collect();
    sysvol
        .replace_tree(&folder, &mut |tree| {
            tree.create_file(&"Large.bin".parse().unwrap())?;
            (0..PIECES).try_for_each(|_| tree.append(&piece))
        })
        .unwrap();
    let mut kinds = Vec::new();
    sysvol
        .walk(&folder, &mut |entry| {
            kinds.push(entry?.kind);
            Ok(())
        })
        .unwrap();
    assert_eq!(kinds, [EntryKind::File((PIECE * PIECES) as u64)]);
    let mut at = 0;
    let mut check = |data: &[u8]| {
        assert!(data.len() < PIECE * PIECES, "all of it at once");
        for part in data.chunks(PIECE) {
            // A part may begin in the middle of a piece, and end in the next.
            let (first, rest) = part.split_at(part.len().min(PIECE - at % PIECE));
            assert!(piece[at % PIECE..].starts_with(first), "at {at}");
            assert!(piece.starts_with(rest), "at {at}");
            at += part.len();
        }
        Ok(())
    };
    sysvol.read(&file, &mut check).unwrap();
    assert_eq!(at, PIECE * PIECES);
    put(sysvol, &folder, b"small again");
}

fn a_tree_is_removed(sysvol: &dyn SysvolWrite) -> Option<()> {
    let sample = SampleTree::default();
    sysvol
        .replace_tree(&gpo(14), &mut |tree| sample.write(tree))
        .unwrap();
    let lower: GpoPath = gpo(14).as_str().to_lowercase().parse().unwrap();
    if_supported(sysvol.remove_tree(&lower))?;
    for missing in [gpo(14), gpo(99)] {
        let error = sysvol.walk(&missing, &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
        let error = sysvol.remove_tree(&missing).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    }
    assert_eq!(read(sysvol, &gpo(11)), b"lower", "the others stay");
    // Who rolls back what he removed does it under the same lock.
    let lock = sysvol.lock(GpoId::new(Guid::from_u128(14))).unwrap();
    for text in [&b"there"[..], b"there again"] {
        put(sysvol, &gpo(14), text);
        assert_eq!(read(sysvol, &gpo(14)), text);
        sysvol.remove_tree(&gpo(14)).unwrap();
    }
    drop(lock);
    for made in [10, 11, 13, 15, 20, 21, 22, 30, 31, 32, 33] {
        sysvol.remove_tree(&gpo(made)).unwrap();
    }
    Some(())
}

fn a_descriptor_is_kept(sysvol: &dyn SysvolWrite) -> Option<()> {
    let folder = gpo(15);
    put(sysvol, &folder, b"15");
    let file = folder.join("GPT.INI").unwrap();
    let keeps = sysvol.descriptor(&folder).unwrap().is_some();
    assert_eq!(sysvol.descriptor(&file).unwrap().is_some(), keeps);
    let text = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;AU)";
    let new = SecurityDescriptor::from_sddl(text, &SddlContext::new()).unwrap();
    let bytes = new.to_bytes().unwrap();
    // Where there are none, this does nothing.
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
        let error = sysvol.set_descriptor(&gpo(99), &bytes).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    }
    keeps.then_some(())
}

fn a_gpo_is_locked_once(sysvol: &dyn SysvolWrite) -> Option<()> {
    let id = |n| GpoId::new(Guid::from_u128(n).to_lower());
    for _ in 0..2 {
        let first = sysvol.lock(id(10)).unwrap();
        let other = sysvol.lock(id(11)).unwrap();
        let upper = GpoId::new(id(10).guid().to_upper());
        let error = sysvol.lock(upper).err()?;
        assert_eq!(error.kind(), SourceErrorKind::Busy, "{error}");
        put(sysvol, &gpo(10), b"by its holder");
        drop((first, other));
    }
    let lock = sysvol.lock(id(97)).unwrap();
    let error = sysvol.walk(&gpo(97), &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "a lock is no GPO");
    drop(lock);
    let error = sysvol.walk(&gpo(97), &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
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
    Some(())
}
