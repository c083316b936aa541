//! Packages of Debian, where they may be installed.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command as Process;

use crate::Result;
use crate::dc::{capture, limited};

/// Keeps packages from starting their services.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Whether what is missing is to be installed: `GPO_CI_INSTALL=1`.
pub(crate) fn is_asked_for() -> bool {
    env::var_os("GPO_CI_INSTALL").is_some_and(|value| value == "1")
}

/// Whether packages that are missing are to be installed, and can be.
pub(crate) fn may_install() -> bool {
    is_asked_for() && Path::new("/usr/bin/apt-get").exists()
}

/// Installs packages, without starting what they bring.
pub(crate) fn install<'a>(packages: impl IntoIterator<Item = &'a str>) -> Result {
    let packages: Vec<&str> = packages.into_iter().collect();
    eprintln!("installing {packages:?}");
    let apt = |arguments: &[&str]| {
        let mut apt = Process::new("timeout");
        // An installation that is broken off leaves a mess; a slow mirror needs its time.
        apt.args(["--kill-after=60", "600", "apt-get", "--quiet"]);
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    capture(&mut apt(&["update"]))?;
    let is_own = !Path::new(POLICY).exists();
    let prepared = if is_own { keep_services_off() } else { Ok(()) };
    let options = ["install", "--yes", "--no-install-recommends"];
    let installed = prepared.and_then(|()| capture(apt(&options).args(packages)));
    // Whatever failed: what is installed later is to start as ever.
    let removed = if is_own {
        fs::remove_file(POLICY)
    } else {
        Ok(())
    };
    installed?;
    Ok(removed?)
}

/// Else Samba's file server would start and take the port on every address.
fn keep_services_off() -> Result {
    fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
    capture(limited("chmod").args(["755", POLICY]))?;
    Ok(())
}
