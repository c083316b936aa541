//! What is read.

use std::fs;

use gpo_core::{Contents, Piece, SourceErrorKind, Sysvol, SysvolWrite};
use gpo_testkit::conformance;

use crate::server::{DEFAULT_POLICY, Server, TestGpo, gpt_ini, path};

#[test]
fn it_conforms() {
    let Some(server) = Server::find("conformance") else {
        return;
    };
    let sysvol = server.connect();
    // What a run that failed left.
    for n in 0..100 {
        let folder = path(&format!(r"Policies\{{00000000-0000-0000-0000-{n:012x}}}"));
        match sysvol.remove_tree(&folder) {
            Err(error) if error.kind() != SourceErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }
    assert_eq!(conformance::sysvol(&sysvol), [""; 0], "it can do all");
}

#[test]
fn the_default_policy_is_read_with_its_descriptor() {
    let Some(server) = Server::find("reading") else {
        return;
    };
    let sysvol = server.connect();
    assert!(gpt_ini(&sysvol).starts_with(b"[General]"));
    let mut names = Vec::new();
    sysvol
        .children(&path("Policies"), &mut |entry| {
            names.push(entry?.path);
            Ok(())
        })
        .unwrap();
    assert!(names.contains(&path(DEFAULT_POLICY)), "{names:?}");
    let descriptor = sysvol.descriptor(&path(DEFAULT_POLICY)).unwrap().unwrap();
    // Revision 1, self-relative, with a DACL ([MS-DTYP] 2.4.6).
    assert_eq!(descriptor[0], 1);
    assert_eq!(descriptor[3] & 0x80, 0x80);
    assert_eq!(descriptor[2] & 0x04, 0x04);
    let missing = sysvol.descriptor(&path("missing")).unwrap_err();
    assert_eq!(missing.kind(), SourceErrorKind::NotFound, "{missing}");
}

#[test]
fn a_file_of_100_mb_passes_through_little_memory() {
    let Some(server) = Server::find("a large file") else {
        return;
    };
    let sysvol = server.connect();
    let large: Vec<u8> = (0u32..25_000_000).flat_map(u32::to_le_bytes).collect();
    let files: [(&str, Option<&[u8]>); 2] = [("large", Some(&large)), ("small", Some(b"s"))];
    let before = peak_memory();
    let gpo = TestGpo::make(&sysvol, 1, &files);
    let (mut read, mut small) = (0, Vec::new());
    let paths = [gpo.file("large"), gpo.file("small")];
    sysvol
        .read_many(&paths, 16, &mut |n, piece| {
            match (n, piece) {
                (0, Piece::Data(data)) => {
                    assert!(large[read..].starts_with(data), "other bytes at {read}");
                    read += data.len();
                }
                (1, Piece::Data(data)) => small.extend_from_slice(data),
                (_, Piece::Failed(error)) => panic!("{error}"),
                _ => {}
            }
            Ok(())
        })
        .unwrap();
    assert_eq!((read, small), (large.len(), b"s".to_vec()));
    let Some((before, after)) = before.zip(peak_memory()) else {
        println!("SKIPPED memory: this system does not tell");
        return;
    };
    assert!(after - before < 30_000, "{before} kB became {after} kB");
}

/// The most memory that this process has had, in kB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
