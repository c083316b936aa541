//! Zip archives.

use std::env;
use std::fs;
use std::process;

use gpo_core::{BackupStore, EntryKind, GpoPath};
use gpo_local::ZipStore;

/// Of an archive that is taken, each file inflates to the size that was said before, or is an error;
/// all that the listing names is found again by its name.
pub fn zip_store(data: &[u8]) {
    // Tests of several targets run in one process, one after another.
    let path = env::temp_dir().join(format!("gpo-fuzz-{}.zip", process::id()));
    fs::write(&path, data).expect("the folder for temporary files takes files");
    let opened = ZipStore::open(&path);
    fs::remove_file(&path).expect("the file was written");
    let Ok(store) = opened else {
        return;
    };
    let backups = store.backups().expect("the listing is in memory");
    for backup in backups {
        let contents = store.open(&backup).expect("the store named it");
        let mut entries = Vec::new();
        let walked = contents.walk(&GpoPath::root(), &mut |entry| {
            entries.extend(entry);
            Ok(())
        });
        walked.expect("the listing is in memory");
        for entry in entries {
            if let EntryKind::File(size) = entry.kind
                && let Ok(bytes) = contents.read_all(&entry.path, size)
            {
                assert_eq!(bytes.len() as u64, size, "{}", entry.path);
            }
        }
    }
}
