//! Seeds that are archives and exports.

use std::io::{Cursor, Write};

use gpo_core::{Encoding, Text};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::Add;
use crate::Result;

pub(super) fn add(add: &mut Add<'_>) -> Result {
    for (name, separator) in [("slashes", "/"), ("backslashes", "\\")] {
        add("zip_store", name, &archive(separator)?);
    }
    add("ldif", "folded", LDIF.as_bytes());
    let exported = Text::new(LDIF.replace('\n', "\r\n"), Encoding::Utf16Le, true);
    add("ldif", "utf-16", &exported.encode()?);
    add("ldif", "change", b"dn: DC=test\nchangetype: delete\n");
    Ok(())
}

fn archive(separator: &str) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // No time of now: the same code writes the same seeds.
    let plain = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    for (name, content) in [
        ("manifest.xml", "<Backups/>"),
        ("{A}/bkupInfo.xml", "<BackupInst/>"),
        ("{A}/DomainSysvol/GPO/Machine/registry.pol", "PReg"),
    ] {
        zip.start_file(name.replace('/', separator), plain)?;
        zip.write_all(content.as_bytes())?;
    }
    zip.add_directory("{A}/DomainSysvol/GPO/User/", plain)?;
    Ok(zip.finish()?.into_inner())
}

const LDIF: &str = "version: 1

# an export
dn: DC=example,DC=test
objectClass: top
objectClass: domainDNS
objectGUID:: AAECAwQFBgcICQoLDA0ODw==

dn:: T1U9R3LDtsOfZSxEQz1leGFtcGxlLERDPXRlc3Q=
changetype: add
ou:: R3LDtsOfZQ==
description: folded over
  two lines
gPLink:
";
