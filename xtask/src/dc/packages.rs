//! Whether a domain controller can run here, and the packages that it takes.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use super::{capture, limited};
use crate::Result;

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

/// Keeps packages from starting their services.
const POLICY: &str = "/usr/sbin/policy-rc.d";

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
    if !missing.is_empty() && env::var_os("GPO_CI_INSTALL").is_some_and(|value| value == "1") {
        if let Err(error) = install(&missing) {
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

fn install(packages: &BTreeSet<&str>) -> Result {
    eprintln!("installing {packages:?}");
    let apt = |arguments: &[&str]| {
        let mut apt = Process::new("timeout");
        // An installation that is broken off leaves a mess; a slow mirror needs its time.
        apt.args(["--kill-after=60", "600", "apt-get", "--quiet"]);
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    capture(&mut apt(&["update"]))?;
    let policy = !Path::new(POLICY).exists();
    if policy {
        // Else Samba's file server would start and take the port on every address.
        fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
        capture(limited("chmod").args(["755", POLICY]))?;
    }
    let names: Vec<&str> = packages.iter().copied().collect();
    let options = ["install", "--yes", "--no-install-recommends"];
    let installed = capture(apt(&options).args(names));
    if policy {
        fs::remove_file(POLICY)?;
    }
    installed?;
    Ok(())
}
