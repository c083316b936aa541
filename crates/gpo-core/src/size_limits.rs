//! How large a file may be that is read into memory.
//!
//! What is larger is copied piece by piece as it is, and is not looked into. The limits leave room
//! above what is known (census), and keep what a hostile file makes of memory below 256 MB.

/// Backup.xml, in bytes; the largest known has 2.1 MB.
pub const LARGEST_BACKUP_XML: u64 = 32 << 20;

/// bkupInfo.xml, in bytes; one holds eight short fields.
pub const LARGEST_BKUP_INFO: u64 = 1 << 20;

/// GPT.INI, in bytes.
pub const LARGEST_GPT_INI: u64 = 1 << 20;

/// manifest.xml, in bytes: some 50,000 backups.
pub const LARGEST_MANIFEST: u64 = 32 << 20;

/// The elements of an XML document, the lines of a text, the entries of a registry.pol: so many are
/// kept in memory. A registry.pol can be walked in place whatever it holds.
pub const MOST_PIECES: usize = 500_000;

/// What is wrong with single values of a file: so many errors are given, and one that says that there
/// are more.
pub(crate) const MOST_PROBLEMS: usize = 1_000;

/// A file of settings, such as registry.pol or a file of preferences, in bytes.
pub const LARGEST_SETTINGS_FILE: u64 = 32 << 20;
