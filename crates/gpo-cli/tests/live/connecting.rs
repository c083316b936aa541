//! Addresses, passwords and certificates.

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::server::{Server, gpo_with, program};

/// The IDs in a listing.
fn ids(listing: &Value) -> Vec<String> {
    let gpos = listing["gpos"].as_array().unwrap();
    let mut ids: Vec<_> = gpos.iter().map(|gpo| gpo["gpo_id"].to_string()).collect();
    ids.sort();
    ids
}

#[test]
fn every_address_leads_to_the_same_gpos() {
    let Some(server) = Server::find("addresses") else {
        return;
    };
    let listed = server.gpo(&["gpos", "--json", "--from", &server.url()]);
    assert_eq!(listed.status, 0, "{listed:?}");
    let expected = ids(&listed.json());
    let default_policy = "\"{31B2F340-016D-11D2-945F-00C04FB984F9}\"".to_owned();
    assert!(expected.contains(&default_policy), "{expected:?}");
    let plain = format!("ldap://{}", server.host);
    let domain = format!("ldap:///{}", server.realm);
    let tls_domain = format!("ldaps:///{}", server.realm.to_uppercase());
    for (address, options) in [
        (&plain, &["--starttls"][..]),
        (&domain, &["--starttls", "--dc", &server.host]),
        (&tls_domain, &["--dc", &server.host]),
    ] {
        let command = ["gpos", "--json", "--from", address];
        let listed = server.gpo(&[&command, options].concat());
        assert_eq!(listed.status, 0, "{listed:?}");
        assert_eq!(ids(&listed.json()), expected, "{address}");
    }
    let other = [
        "gpos",
        "--dc",
        &server.host,
        "--from",
        "ldaps:///other.test",
    ];
    let other = server.gpo(&other);
    assert_eq!(other.status, 2);
    assert!(other.err.contains("not of other.test"), "{other:?}");
}

/// Runs the program where the controller is the name server, as it is in a domain.
fn gpo_in_the_domain(server: &Server, args: &[&str]) -> Output {
    let resolv_conf = tempfile::NamedTempFile::new().unwrap();
    let text = format!("nameserver {}\noptions timeout:2 attempts:1\n", server.host);
    fs::write(resolv_conf.path(), text).unwrap();
    let program = program();
    let mut inside = Command::new("unshare");
    inside
        .args(["--mount", "--propagation=private", "sh", "-c"])
        .arg("mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"")
        .arg(resolv_conf.path())
        .arg(program.get_program())
        .args(args)
        .args(server.options())
        .stdin(Stdio::null());
    inside.output().unwrap()
}

#[test]
fn a_domain_alone_leads_to_its_pdc_emulator_by_dns() {
    let Some(server) = Server::find("the PDC emulator by DNS") else {
        return;
    };
    let listed = server.gpo(&["gpos", "--json", "--from", &server.url()]);
    let expected = ids(&listed.json());
    let (plain, tls) = (
        format!("ldap:///{}", server.realm),
        format!("LDAPS:///{}", server.realm.to_uppercase()),
    );
    for args in [
        &["gpos", "--json", "--from", &plain, "--starttls"][..],
        &["gpos", "--json", "--from", &tls],
    ] {
        let run = gpo_in_the_domain(&server, args);
        assert!(run.status.success(), "{args:?}: {run:?}");
        let listing = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(ids(&listing), expected, "{args:?}");
    }
    // Of a domain that this one does not know, and without a name server.
    let other = format!("ldaps:///no-domain.{}", server.realm);
    let run = gpo_in_the_domain(&server, &["gpos", "--from", &other]);
    assert_eq!(run.status.code(), Some(2), "{run:?}");
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(
        said.contains("know no such domain") && said.contains("--dc"),
        "{said}"
    );
}

#[test]
fn a_password_is_never_sent_in_the_clear_nor_shown() {
    let Some(server) = Server::find("passwords") else {
        return;
    };
    let refused = server.gpo(&["gpos", "--from", &format!("ldap://{}", server.host)]);
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("--starttls"), "{refused:?}");

    let wrong = tempfile::NamedTempFile::new().unwrap();
    fs::write(wrong.path(), "not-the-password-7\n").unwrap();
    for json in [&["gpos", "--json"][..], &["gpos"]] {
        let from = ["--from", &server.url()];
        let options = server.options_of(&server.user, wrong.path());
        let refused = gpo_with(&[json, &from].concat(), &options);
        assert_eq!(refused.status, 2, "{refused:?}");
        assert!(refused.err.contains("password is wrong"), "{refused:?}");
        assert!(!format!("{refused:?}").contains("not-the-password-7"));
    }
}

#[test]
fn a_password_comes_from_the_environment_and_nobody_is_asked_without_a_terminal() {
    let Some(server) = Server::find("a password in the environment") else {
        return;
    };
    let gpos = || {
        let mut gpos = program();
        let options = server.options().into_iter();
        gpos.args(["gpos", "--from", &server.url()])
            .args(options.filter(|option| !option.starts_with("--password-file")));
        gpos
    };
    let mut with_password = gpos();
    with_password.env("GPO_PASSWORD", server.password());
    assert!(with_password.output().unwrap().status.success());
    let refused = gpos().output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--password-file"), "{said}");
}

#[test]
fn a_certificate_of_nobody_known_is_refused() {
    let Some(server) = Server::find("certificates") else {
        return;
    };
    let gpos = |more: &[&str]| {
        let options = server.options().into_iter();
        let options = options.filter(|option| !option.starts_with("--ca-file"));
        let options: Vec<_> = options.chain(more.iter().map(|&o| o.to_owned())).collect();
        gpo_with(&["gpos", "--from", &server.url()], &options)
    };
    let refused = gpos(&[]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.err.contains("certificate"), "{refused:?}");
    let taken = gpos(&["--no-certificate-check"]);
    assert_eq!(taken.status, 0, "{taken:?}");
}
