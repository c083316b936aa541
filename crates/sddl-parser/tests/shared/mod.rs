//! The folder with data from Windows, which is not part of the project.

use std::path::{Path, PathBuf};

/// `path` in the folder `$GPO_SHARED`, or `../shared` beside the project. On a machine without
/// that folder, says so and gives nothing; if the folder is there, the path must be, too.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!("SKIPPED: {} is not there", folder.display());
        return None;
    }
    let path = folder.join(path);
    assert!(path.exists(), "{} is not there", path.display());
    Some(path)
}
