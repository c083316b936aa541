//! What happens when the connection breaks or the server falls silent.

use std::thread;
use std::time::{Duration, Instant};

use gpo_core::{Contents, GpoId, SourceErrorKind, SysvolWrite};
use gpo_smb::SmbSysvol;

use crate::proxy::Proxy;
use crate::server::{Server, TestGpo, gpt_ini, path, write};

#[test]
fn reading_goes_on_over_a_new_connection() {
    let Some(server) = Server::find("a broken connection") else {
        return;
    };
    let proxy = Proxy::start(&server);
    let sysvol = proxy.connect(&server);
    let expected = gpt_ini(&sysvol);
    for _ in 0..3 {
        proxy.cut();
        assert_eq!(gpt_ini(&sysvol), expected);
    }
    let paths = vec![path("Policies"); 50];
    proxy.cut_after(10_000);
    for folder in paths {
        let mut entries = 0;
        sysvol
            .walk(&folder, &mut |entry| {
                entries += u32::from(entry.is_ok());
                Ok(())
            })
            .unwrap();
        assert!(entries > 4, "{entries}");
    }
}

#[test]
fn a_large_file_is_read_on_from_where_it_broke() {
    let Some(server) = Server::find("a connection that breaks in a file") else {
        return;
    };
    let direct = server.connect();
    let large: Vec<u8> = (0u32..2_000_000).flat_map(u32::to_le_bytes).collect();
    let gpo = TestGpo::make(&direct, 7, &[("large", Some(&large))]);
    let proxy = Proxy::start(&server);
    let sysvol = proxy.connect(&server);
    proxy.cut_after(3_000_000);
    let mut pieces = 0;
    let mut read = Vec::new();
    sysvol
        .read(&gpo.file("large"), &mut |data| {
            pieces += 1;
            read.extend_from_slice(data);
            if pieces == 20 {
                proxy.cut_after(1_000_000);
            }
            Ok(())
        })
        .unwrap();
    assert!(read == large, "{} bytes of {}", read.len(), large.len());
}

#[test]
fn a_server_that_falls_silent_is_not_waited_for() {
    let Some(server) = Server::find("a silent server") else {
        return;
    };
    let proxy = Proxy::start(&server);
    let limit = Duration::from_secs(1);
    let sysvol = SmbSysvol::connect(proxy.settings(&server).time_limit(limit)).unwrap();
    let expected = gpt_ini(&sysvol);
    proxy.silence(true);
    let paths = vec![path("Policies\\x"); 40];
    let start = Instant::now();
    let mut kinds = Vec::new();
    sysvol
        .read_many(&paths, 16, &mut |_, piece| {
            if let gpo_core::Piece::Failed(error) = piece {
                kinds.push(error.kind());
            }
            Ok(())
        })
        .unwrap();
    let took = start.elapsed();
    assert_eq!(kinds.len(), paths.len());
    let expected_kinds = [SourceErrorKind::TimedOut, SourceErrorKind::Unreachable];
    assert!(
        kinds.iter().all(|kind| expected_kinds.contains(kind)),
        "{kinds:?}"
    );
    // One limit for what was under way, one for the connection tried after it, for each batch.
    assert!(took < limit * 8, "{took:?}");
    proxy.silence(false);
    assert_eq!(gpt_ini(&sysvol), expected, "it comes back");
}

#[test]
fn a_write_is_not_repeated_and_the_old_tree_stays() {
    let Some(server) = Server::find("a connection that breaks while writing") else {
        return;
    };
    let direct = server.connect();
    let gpo = TestGpo::make(
        &direct,
        8,
        &[("GPT.INI", Some(b"old")), (r"a\b", Some(b"old"))],
    );
    let before = gpo.content();
    let proxy = Proxy::start(&server);
    let sysvol = proxy.connect(&server);
    let error = sysvol.replace_tree(&gpo.folder, &mut |tree| {
        write(tree, &[(r"a\b", Some(b"new")), (r"a\c", Some(b"new"))])?;
        // What was written so far is there, under other names.
        thread::sleep(Duration::from_millis(200));
        proxy.cut();
        write(tree, &[("GPT.INI", Some(b"new"))])
    });
    let error = error.unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
    assert_eq!(gpo.content(), before);
    // The next one removes what is left, without seeing it as part of the tree.
    direct
        .replace_tree(&gpo.folder, &mut |tree| write(tree, &[("x", Some(b"x"))]))
        .unwrap();
    assert_eq!(gpo.content(), [("x".to_owned(), Some(b"x".to_vec()))]);
}

#[test]
fn a_lock_goes_with_its_connection_and_nothing_is_written_without_it() {
    let Some(server) = Server::find("locks") else {
        return;
    };
    let direct = server.connect();
    let gpo = TestGpo::make(&direct, 9, &[("a", Some(b"old"))]);
    let name = gpo.folder.file_name().unwrap();
    let id: GpoId = name.parse().unwrap();
    let proxy = Proxy::start(&server);
    let sysvol = proxy.connect(&server);
    let lock = sysvol.lock(id).unwrap();
    let busy = |error: gpo_core::SourceError| {
        assert_eq!(error.kind(), SourceErrorKind::Busy, "{error}");
    };
    busy(direct.lock(id).err().unwrap());
    busy(
        direct
            .replace_tree(&gpo.folder, &mut |_| Ok(()))
            .unwrap_err(),
    );
    // Held open by somebody who shares it with nobody.
    busy(direct.read_all(&gpo.file("~gpo-lock.tmp"), 1).unwrap_err());
    sysvol
        .replace_tree(&gpo.folder, &mut |tree| write(tree, &[("a", Some(b"new"))]))
        .unwrap();
    proxy.cut();
    let error = sysvol
        .replace_tree(&gpo.folder, &mut |_| Ok(()))
        .unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
    let other = direct.lock(id).unwrap();
    drop(lock);
    busy(sysvol.lock(id).err().unwrap());
    drop(other);
    assert_eq!(gpo.content(), [("a".to_owned(), Some(b"new".to_vec()))]);
}

#[test]
fn a_lock_on_a_gpo_that_is_not_there_leaves_nothing() {
    let Some(server) = Server::find("locks on nothing") else {
        return;
    };
    let sysvol = server.connect();
    let id: GpoId = "{77777777-0000-0000-0000-00000000000A}".parse().unwrap();
    let folder = path("Policies").join(&id.to_string()).unwrap();
    let lock = sysvol.lock(id).unwrap();
    drop(lock);
    let error = sysvol.walk(&folder, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
    let lock = sysvol.lock(id).unwrap();
    sysvol
        .replace_tree(&folder, &mut |tree| write(tree, &[("a", Some(b"a"))]))
        .unwrap();
    drop(lock);
    assert_eq!(
        sysvol.read_all(&folder.join("a").unwrap(), 1).unwrap(),
        b"a"
    );
    let lock = sysvol.lock(id).unwrap();
    sysvol.remove_tree(&folder).unwrap();
    drop(lock);
    let error = sysvol.walk(&folder, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
}
