//! Backs up every GPO of a live domain, Samba's or Microsoft's: the directory over LDAPS, SYSVOL
//! over SMB, both on one controller. Reading rights on the GPOs are enough.
//!
//! `GPO_PASSWORD=… cargo run -p gpo-examples --example samba_domain -- HOST DOMAIN USER FOLDER`
//!
//! for example with `dc1.example.test EXAMPLE backup backups`.

use std::env;
use std::error::Error;

use gpo_core::Directory;
use gpo_engine::{Backup, Cancel, Selection, Source, Stamps, Status};
use gpo_ldap::{Credentials, LdapDirectory, LdapSettings};
use gpo_local::FolderStore;
use gpo_smb::{Login, SmbSettings, SmbSysvol};
use secrecy::SecretString;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, netbios_domain, user, folder] = arguments.as_slice() else {
        return Err("HOST DOMAIN USER FOLDER".into());
    };
    let password = SecretString::from(env::var("GPO_PASSWORD")?);

    let credentials = Credentials::Password {
        user: format!("{netbios_domain}\\{user}"),
        password: password.clone(),
    };
    let directory = LdapDirectory::connect(LdapSettings::new(host), credentials)?;
    let login = Login::Ntlm {
        domain: netbios_domain.clone(),
        user: user.clone(),
        password,
    };
    let domain = directory.domain()?;
    let sysvol = SmbSysvol::connect(SmbSettings::new(host, domain.dns_name, login))?;

    let source = Source {
        directory: &directory,
        sysvol: &sysvol,
    };
    let store = FolderStore::open(folder)?;
    let outcome = Backup::new(source, &store, Stamps::system())
        .comment("nightly")
        .jobs(8)
        .in_flight(16)
        .run(&Selection::All, &mut (), &Cancel::default());
    for message in &outcome.messages {
        eprintln!("{message}");
    }
    println!("{} GPOs", outcome.value.len());
    match outcome.status {
        Status::Succeeded | Status::Warnings => Ok(()),
        Status::Failed | Status::Cancelled => Err("not every GPO could be backed up".into()),
    }
}
