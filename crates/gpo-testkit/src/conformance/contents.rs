//! What every reader of a tree keeps to.

use gpo_core::{Contents, EntryKind, GpoPath, Piece, SourceError, SourceErrorKind, fold_name};

use super::sample_tree::SampleTree;

/// Tests a [`Contents`] in which `folder` holds the [`SampleTree`] tree.
pub fn contents(contents: &dyn Contents, folder: &GpoPath) {
    let sample = SampleTree::default();
    sample.assert_in(contents, folder);
    folders_come_before_what_is_in_them(contents, folder);
    paths_are_found_without_case(contents, folder, &sample);
    what_is_not_there_is_not_found(contents, folder);
    a_folder_is_no_file(contents, folder);
    many_files_are_read_and_one_that_fails_stops_none(contents, folder);
    the_sink_and_the_visitor_can_stop(contents, folder);
    a_limit_holds(contents, folder);
    several_threads_can_read(contents, folder, &sample);
}

fn path(folder: &GpoPath, text: &str) -> GpoPath {
    folder.join_path(&text.parse().unwrap()).unwrap()
}

fn folders_come_before_what_is_in_them(contents: &dyn Contents, folder: &GpoPath) {
    let mut folders = vec![folder.clone()];
    contents
        .walk(folder, &mut |entry| {
            let entry = entry?;
            let parent = entry.path.parent().unwrap();
            assert!(folders.contains(&parent), "{} before {parent}", entry.path);
            if entry.kind == EntryKind::Folder {
                folders.push(entry.path);
            }
            Ok(())
        })
        .unwrap();
}

fn paths_are_found_without_case(contents: &dyn Contents, folder: &GpoPath, sample: &SampleTree) {
    for (path, content) in &sample.nodes {
        for spelled in [path.as_str().to_lowercase(), fold_name(path.as_str())] {
            let Ok(other) = spelled.parse::<GpoPath>() else {
                continue;
            };
            // Lower case is not always the same name: Windows goes by upper case.
            if other != *path {
                continue;
            }
            let other = folder.join_path(&other).unwrap();
            match content {
                Some(bytes) => {
                    assert!(contents.read_all(&other, u64::MAX).unwrap() == *bytes);
                }
                None => contents
                    .walk(&other, &mut |entry| entry.map(|_| ()))
                    .unwrap(),
            }
        }
    }
}

fn what_is_not_there_is_not_found(contents: &dyn Contents, folder: &GpoPath) {
    for missing in ["missing", "missing\\file", "GPO.cmt\\file", "User\\missing"] {
        let missing = path(folder, missing);
        let error = contents.read_all(&missing, 1).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
        let error = contents.walk(&missing, &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    }
    let file = path(folder, "GPO.cmt");
    let error = contents.walk(&file, &mut |_| Ok(())).unwrap_err();
    assert_eq!(
        error.kind(),
        SourceErrorKind::NotFound,
        "a file is no folder"
    );
}

fn a_folder_is_no_file(contents: &dyn Contents, folder: &GpoPath) {
    let error = contents.read_all(&path(folder, "User"), 10).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid, "{error}");
    assert!(error.object().ends_with("User"), "{}", error.object());
}

fn many_files_are_read_and_one_that_fails_stops_none(contents: &dyn Contents, folder: &GpoPath) {
    let paths = ["User\\large.bin", "missing", "Machine\\empty", "gpo.CMT"];
    let paths = paths.map(|text| path(folder, text));
    for in_flight in [1, 16] {
        let mut read: Vec<(Vec<u8>, Option<bool>)> = vec![Default::default(); paths.len()];
        contents
            .read_many(&paths, in_flight, &mut |n, piece| {
                assert!(read[n].1.is_none(), "a piece after the end");
                match piece {
                    Piece::Data(data) => read[n].0.extend_from_slice(data),
                    Piece::End => read[n].1 = Some(true),
                    Piece::Failed(_) => read[n].1 = Some(false),
                }
                Ok(())
            })
            .unwrap();
        for (n, path) in paths.iter().enumerate() {
            assert_eq!(read[n].1, Some(n != 1), "{path}");
            if n != 1 {
                assert!(
                    read[n].0 == contents.read_all(path, u64::MAX).unwrap(),
                    "{path}"
                );
            }
        }
    }
    contents
        .read_many(&[], 4, &mut |_, _| panic!("there is nothing to read"))
        .unwrap();
}

fn the_sink_and_the_visitor_can_stop(contents: &dyn Contents, folder: &GpoPath) {
    let stop = || SourceError::new(SourceErrorKind::Cancelled, "", "stop");
    let stopped = |result: Result<(), SourceError>, calls: u32| {
        assert_eq!(result.unwrap_err().message(), "stop");
        assert_eq!(calls, 1, "called again after it returned an error");
    };
    let mut calls = 0;
    let mut count = || {
        calls += 1;
        Err(stop())
    };
    let result = contents.walk(folder, &mut |_| count());
    stopped(result, calls);
    let large = path(folder, "User\\large.bin");
    let mut calls = 0;
    let mut count = || {
        calls += 1;
        Err(stop())
    };
    let result = contents.read(&large, &mut |_| count());
    stopped(result, calls);
    let mut calls = 0;
    let mut count = || {
        calls += 1;
        Err(stop())
    };
    let result = contents.read_many(&[large, path(folder, "GPO.cmt")], 2, &mut |_, _| count());
    stopped(result, calls);
}

fn a_limit_holds(contents: &dyn Contents, folder: &GpoPath) {
    let file = path(folder, "Machine\\registry.pol");
    assert_eq!(contents.read_all(&file, 8).unwrap().len(), 8);
    let error = contents.read_all(&file, 7).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid);
}

fn several_threads_can_read(contents: &dyn Contents, folder: &GpoPath, sample: &SampleTree) {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| sample.assert_in(contents, folder));
        }
    });
}
