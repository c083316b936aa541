//! Paths on file servers.

/// The folder of a file on a server, as GPMC lists it in `FilePaths` of Backup.xml; `None` for any
/// other path.
///
/// ```
/// use gpo_core::unc_folder;
///
/// assert_eq!(unc_folder(r"\\srv\share$\x.msi"), Some(r"\\srv\share$"));
/// assert_eq!(unc_folder(r"C:\x.msi"), None);
/// ```
pub fn unc_folder(path: &str) -> Option<&str> {
    let (folder, _) = path.rsplit_once('\\')?;
    let server = folder.strip_prefix(r"\\")?;
    (!server.is_empty()).then_some(folder)
}
