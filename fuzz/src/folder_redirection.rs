//! fdeploy1.ini and fdeploy.ini.

use gpo_core::FolderRedirection;

/// The file is written back to the same bytes, also with the first target set to what it is.
pub fn folder_redirection(data: &[u8]) {
    let Ok(redirection) = FolderRedirection::parse(data) else {
        return;
    };
    assert_eq!(redirection.to_bytes().as_deref(), Ok(data));
    assert!(redirection.statuses().is_sorted_by_key(|status| status.line));
    let _ = redirection.targets().count();
    if let Some(Ok(target)) = redirection.targets().next()
        && let Some(flags) = target.flags
    {
        let mut same = redirection.clone();
        if same.set_target(target.folder, target.group, flags, target.full_path).is_ok() {
            assert_eq!(same, redirection);
        }
    }
}
