use std::fs;

use crate::run::{Backups, gpo};

#[test]
fn what_is_listed_stands_in_its_file() {
    let backups = Backups::new();
    let list = gpo(["list", backups.text(), "--json"]).json();
    let mut compared = 0;
    for backup in list["backups"].as_array().unwrap() {
        let folder = backups.path().join(backup["folder"].as_str().unwrap());
        let args = ["references", folder.to_str().unwrap(), "--json"];
        let run = gpo(args);
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
        let json = run.json();
        assert_eq!(json["schema"], "gpo/references/1");
        for found in json["references"].as_array().unwrap() {
            let Some(file) = found["file"].as_str() else {
                continue;
            };
            let path = file.replace('\\', "/");
            let bytes = fs::read(folder.join("DomainSysvol/GPO").join(path)).unwrap();
            let said = found["text"].as_str().unwrap();
            let wide: Vec<u8> = said.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let has = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
            assert!(
                has(said.as_bytes()) || has(&wide),
                "{said} is not in {file}"
            );
            compared += 1;
        }
        let table = gpo(&args[..2]);
        let rows = json["references"].as_array().unwrap().len();
        assert_eq!(table.lines().len(), rows + 1, "{table:?}");
    }
    assert!(compared > 3, "{compared}");
}

#[test]
fn a_file_that_cannot_be_read_is_said() {
    let backups = Backups::new();
    let list = gpo(["list", backups.text(), "--json"]).json();
    for backup in list["backups"].as_array().unwrap() {
        let folder = backups.path().join(backup["folder"].as_str().unwrap());
        let machine = folder.join("DomainSysvol/GPO/Machine");
        if !machine.is_dir() {
            continue;
        }
        fs::write(machine.join("registry.pol"), b"nonsense").unwrap();
        let run = gpo(["references".as_ref(), folder.as_os_str()]);
        assert_eq!(run.status, 1, "{run:?}");
        assert!(run.err.contains("egistry.pol: byte 0"), "{run:?}");
        return;
    }
    panic!("no backup has a machine half");
}
