//! Whether a domain controller can run here, and the packages that it takes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use crate::{Result, debian};

/// What must be there, and the package of Debian that brings it.
const FILES: &[(&str, &str)] = &[
    ("usr/sbin/samba", "samba"),
    ("usr/bin/samba-tool", "samba-common-bin"),
    ("usr/share/samba/setup/provision.ldif", "samba-ad-provision"),
    ("usr/lib/python3/dist-packages/samba", "python3-samba"),
    ("usr/sbin/winbindd", "winbind"),
    ("usr/bin/smbclient", "smbclient"),
    ("usr/bin/ldapsearch", "ldap-utils"),
    ("usr/bin/kinit", "krb5-user"),
    ("usr/bin/openssl", "openssl"),
    ("usr/bin/unshare", "util-linux"),
];

/// Samba loads these by name; the folder above them depends on the machine.
const MODULES: &[(&str, &str)] = &[
    ("samba/ldb/samba_dsdb.so", "samba-dsdb-modules"),
    ("samba/vfs/acl_xattr.so", "samba-vfs-modules"),
];

/// Why no domain controller can run here, where that is so. Installs what is missing if
/// `GPO_CI_INSTALL=1` stands in the environment.
pub(crate) fn unavailable() -> Result<Option<String>> {
    if !cfg!(target_os = "linux") {
        return Ok(Some("this is not Linux".into()));
    }
    if !is_root()? {
        return Ok(Some("this user is not root".into()));
    }
    let mut missing = missing()?;
    if !missing.is_empty() && debian::may_install() {
        if let Err(error) = debian::install(missing.iter().copied()) {
            return Ok(Some(format!("packages cannot be installed: {error}")));
        }
        missing = self::missing()?;
    }
    if !missing.is_empty() {
        let names = missing.into_iter().collect::<Vec<_>>().join(" ");
        return Ok(Some(format!(
            "these packages are missing: {names} (GPO_CI_INSTALL=1 installs them)"
        )));
    }
    let namespaces = Process::new("unshare")
        .args(["--mount", "--pid", "--fork", "--mount-proc", "true"])
        .stderr(Stdio::null())
        .status()?;
    if !namespaces.success() {
        return Ok(Some("namespaces cannot be made (CAP_SYS_ADMIN)".into()));
    }
    Ok(None)
}

fn is_root() -> Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    // Real, effective, saved, file system.
    Ok(uids.is_some_and(|uids| uids.split_whitespace().nth(1) == Some("0")))
}

fn missing() -> Result<BTreeSet<&'static str>> {
    let mut missing = BTreeSet::new();
    for (file, package) in FILES {
        if !Path::new("/").join(file).exists() {
            missing.insert(*package);
        }
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir("/usr/lib")? {
        folders.push(entry?.path());
    }
    for (module, package) in MODULES {
        if !folders.iter().any(|folder| folder.join(module).exists()) {
            missing.insert(*package);
        }
    }
    Ok(missing)
}
