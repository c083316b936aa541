//! What is written.

use gpo_core::{Contents, SourceError, SourceErrorKind, Sysvol, SysvolWrite};
use gpo_smb::{Login, SmbSysvol};
use sddl_parser::{Ace, SddlContext, SecurityDescriptor};
use smb2::{ClientConfig, FileAttributes, FileTimes, SmbClient};

use crate::server::{Server, TestGpo, path, write};

#[test]
fn a_new_tree_replaces_files_by_folders_and_folders_by_files() {
    let Some(server) = Server::find("trees of other kinds") else {
        return;
    };
    let sysvol = server.connect();
    let old: [(&str, Option<&[u8]>); 4] = [
        ("gpt.ini", Some(b"old")),
        ("a", Some(b"a file")),
        (r"b\c\d", Some(b"deep")),
        ("kept", None),
    ];
    let gpo = TestGpo::make(&sysvol, 2, &old);
    let new: [(&str, Option<&[u8]>); 4] = [
        (r"a\in\it", Some(b"new")),
        ("b", Some(b"b file")),
        ("GPT.INI", Some(b"new")),
        ("KEPT", None),
    ];
    sysvol
        .replace_tree(&gpo.folder, &mut |tree| write(tree, &new))
        .unwrap();
    let owned =
        |(name, bytes): &(&str, Option<&[u8]>)| ((*name).to_owned(), bytes.map(<[u8]>::to_vec));
    let mut expected: Vec<_> = new[..3].iter().map(owned).collect();
    expected.extend(["a", r"a\in", "kept"].map(|name| (name.to_owned(), None)));
    expected.sort();
    assert_eq!(gpo.content(), expected);
}

#[test]
fn what_is_read_only_is_replaced_and_removed() {
    let Some(server) = Server::find("read-only files") else {
        return;
    };
    let sysvol = server.connect();
    let files: [(&str, Option<&[u8]>); 2] = [("a", Some(b"old")), ("b", Some(b"old"))];
    let gpo = TestGpo::make(&sysvol, 3, &files);
    let paths = ["a", "b"].map(|name| {
        let path = format!("{}/{}", server.domain(), gpo.file(name));
        path.replace('\\', "/")
    });
    if let Err(error) = set_read_only(&server, &paths) {
        println!("SKIPPED read-only files: the other client does not get in: {error}");
        return;
    }
    sysvol
        .replace_tree(&gpo.folder, &mut |tree| write(tree, &[("a", Some(b"new"))]))
        .unwrap();
    assert_eq!(gpo.content(), [("a".to_owned(), Some(b"new".to_vec()))]);
}

#[test]
fn a_tree_that_is_replaced_in_part_says_what_was_done() {
    let Some(server) = Server::find("a file that somebody holds") else {
        return;
    };
    let sysvol = server.connect();
    let large = vec![7; 3_000_000];
    let old: [(&str, Option<&[u8]>); 4] = [
        ("a", Some(b"old")),
        ("b", Some(&large)),
        ("gone", Some(b"old")),
        ("GPT.INI", Some(b"old")),
    ];
    let gpo = TestGpo::make(&sysvol, 10, &old);
    let new: [(&str, Option<&[u8]>); 3] = [
        ("a", Some(b"new")),
        ("b", Some(b"new")),
        ("GPT.INI", Some(b"new")),
    ];
    let replace = || sysvol.replace_tree(&gpo.folder, &mut |tree| write(tree, &new));
    let mut told = None;
    // A file that is being read is open, and is not replaced.
    sysvol
        .read(&gpo.file("b"), &mut |_| {
            told.get_or_insert_with(replace);
            Ok(())
        })
        .unwrap();
    let error = told.unwrap().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
    assert!(error.object().ends_with("\\b"), "{error}");
    let done = " Written: a. Not written: b, GPT.INI. Not removed: gone.";
    assert!(error.message().ends_with(done), "{error}");
    replace().unwrap();
    let expected = ["GPT.INI", "a", "b"].map(|name| (name.to_owned(), Some(b"new".to_vec())));
    assert_eq!(gpo.content(), expected);
}

/// Makes files read-only, by another client. That fails where the server wants encryption, which
/// the bare client does not offer.
fn set_read_only(server: &Server, paths: &[String]) -> Result<(), smb2::Error> {
    let config = ClientConfig {
        addr: format!("{}:{}", server.host, server.port),
        username: server.user.clone(),
        password: server.password.clone(),
        domain: server.domain(),
        dfs_enabled: false,
        ..ClientConfig::default()
    };
    let work = async {
        let mut client = SmbClient::connect(config).await?;
        let share = client.connect_share("SYSVOL").await?;
        let mut times = FileTimes::default();
        times.attributes = Some(FileAttributes::new(FileAttributes::READONLY));
        for path in paths {
            client.set_times(&share, path, times).await?;
        }
        Ok(())
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_descriptor_is_handed_down_as_the_server_does_it_for_what_is_new() {
    let Some(server) = Server::find("inheritance") else {
        return;
    };
    let sysvol = server.connect();
    let old: [(&str, Option<&[u8]>); 2] = [(r"folder\file", Some(b"1")), ("file", Some(b"2"))];
    let gpo = TestGpo::make(&sysvol, 4, &old);
    let text = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICIIO;FA;;;CO)(A;CI;0x1200a9;;;AU)\
                (A;OI;FR;;;WD)(A;OINP;FX;;;AN)";
    let descriptor = SecurityDescriptor::from_sddl(text, &SddlContext::new()).unwrap();
    let bytes = descriptor.to_bytes().unwrap();
    sysvol.set_descriptor(&gpo.folder, &bytes).unwrap();
    let new: [(&str, Option<&[u8]>); 4] = [
        (r"folder\file", Some(b"1")),
        ("file", Some(b"2")),
        (r"new folder\file", Some(b"1")),
        ("new file", Some(b"2")),
    ];
    let aces = |name: &str| -> Vec<Ace> {
        let bytes = sysvol.descriptor(&gpo.file(name)).unwrap().unwrap();
        let found = SecurityDescriptor::from_bytes(&bytes).unwrap();
        found.dacl().unwrap().aces.clone()
    };
    let names = ["folder", r"folder\file", "file"];
    let handed_down = names.map(aces);
    sysvol
        .replace_tree(&gpo.folder, &mut |tree| write(tree, &new))
        .unwrap();
    let by_server = ["new folder", r"new folder\file", "new file"].map(aces);
    for (n, name) in names.iter().enumerate() {
        assert_eq!(handed_down[n], by_server[n], "{name}");
    }
    let missing = path("Policies\\missing");
    let error = sysvol.set_descriptor(&missing, &bytes).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::NotFound, "{error}");
}

#[test]
fn who_may_read_reads_and_what_is_denied_is_an_error_that_names_it() {
    let Some(server) = Server::find("denied files") else {
        return;
    };
    let sysvol = server.connect();
    let gpo = TestGpo::make(&sysvol, 5, &[(r"folder\file", Some(b"1"))]);
    let login = Login::Ntlm {
        domain: server.domain(),
        user: "reader".into(),
        password: server.password.as_str().into(),
    };
    let reader = SmbSysvol::connect(server.settings(login)).unwrap();
    let file = gpo.file(r"folder\file");
    assert_eq!(reader.read_all(&file, 1).unwrap(), b"1");
    assert!(reader.descriptor(&gpo.folder).unwrap().is_some());
    let denied = |error: SourceError| {
        assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
        assert!(error.object().contains(r"\Policies\{7777"), "{error}");
    };
    denied(
        reader
            .replace_tree(&gpo.folder, &mut |_| Ok(()))
            .unwrap_err(),
    );
    denied(reader.remove_tree(&gpo.folder).unwrap_err());
    let descriptor = sysvol.descriptor(&gpo.folder).unwrap().unwrap();
    denied(reader.set_descriptor(&gpo.folder, &descriptor).unwrap_err());
    let hidden = SecurityDescriptor::from_sddl("D:P(A;;FA;;;SY)", &SddlContext::new()).unwrap();
    sysvol
        .set_descriptor(&gpo.file("folder"), &hidden.to_bytes().unwrap())
        .unwrap();
    denied(reader.walk(&gpo.folder, &mut |_| Ok(())).unwrap_err());
    denied(reader.read_all(&file, 1).unwrap_err());
}

#[test]
fn a_tree_that_is_not_finished_leaves_nothing() {
    let Some(server) = Server::find("unfinished trees") else {
        return;
    };
    let sysvol = server.connect();
    let gpo = TestGpo::make(&sysvol, 6, &[("a", Some(b"old")), (r"b\c", Some(b"old"))]);
    let before = gpo.content();
    let large = vec![7; 3_000_000];
    let stop = || SourceError::new(SourceErrorKind::Cancelled, "", "stop");
    let error = sysvol.replace_tree(&gpo.folder, &mut |tree| {
        write(
            tree,
            &[
                ("a", Some(b"new")),
                (r"n\n", Some(&large)),
                (r"b\d", Some(&large)),
            ],
        )?;
        Err(stop())
    });
    assert_eq!(error.unwrap_err().message(), "stop");
    assert_eq!(gpo.content(), before);
    // Nothing is hidden, either: a folder with something in it cannot be removed by name.
    sysvol.replace_tree(&gpo.folder, &mut |_| Ok(())).unwrap();
    assert_eq!(gpo.content(), []);
}
