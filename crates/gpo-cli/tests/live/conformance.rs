//! Both sides of a real domain, read as the contract of the traits has it. That each side alone is
//! written so, the tests of its adapter say.

use gpo_ldap::{CertificateCheck, Credentials, LdapDirectory, LdapSettings};
use gpo_smb::{Login, SmbSettings, SmbSysvol};
use gpo_testkit::conformance;

use crate::server::Server;

#[test]
fn a_live_domain_conforms() {
    let Some(server) = Server::find("the conformance of a domain") else {
        return;
    };
    let (user, domain) = server.user.split_once('@').unwrap();
    let settings = LdapSettings::new(server.host.as_str())
        .certificates(CertificateCheck::CaFile(server.ca.clone()));
    let credentials = Credentials::Password {
        user: server.user.clone(),
        password: server.password().into(),
    };
    let directory = LdapDirectory::connect(settings, credentials).unwrap();
    let login = Login::Ntlm {
        domain: domain.into(),
        user: user.into(),
        password: server.password().into(),
    };
    let settings = SmbSettings::new(server.host.as_str(), server.realm.as_str(), login);
    let sysvol = SmbSysvol::connect(settings.port(server.smb_port.parse().unwrap())).unwrap();
    assert_eq!(conformance::source(&directory, &sysvol), [""; 0]);
}
