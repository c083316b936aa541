//! Who is let in, and how.

use std::env;
use std::process::{Command, Stdio};

use gpo_core::{Contents, SourceErrorKind};
use gpo_smb::{Login, SmbSysvol};

use crate::server::{DEFAULT_POLICY, Server, gpt_ini, path};

fn kerberos(server: &Server, password: &str) -> Login {
    Login::Kerberos {
        realm: server.realm.to_uppercase(),
        user: server.user.clone(),
        password: password.into(),
        kdc: server.host.clone(),
    }
}

#[test]
fn kerberos_logs_on_with_a_password() {
    let Some(server) = Server::find("Kerberos with a password") else {
        return;
    };
    let login = kerberos(&server, &server.password);
    gpt_ini(&SmbSysvol::connect(server.settings(login)).unwrap());
}

#[test]
fn kerberos_logs_on_with_a_ticket_cache() {
    let Some(server) = Server::find("Kerberos with a ticket cache") else {
        return;
    };
    if env::var_os("KRB5_CONFIG").is_none() {
        println!("SKIPPED Kerberos with a ticket cache: KRB5_CONFIG is not set");
        return;
    }
    let cache = env::temp_dir().join(format!("gpo-smb-test-{}.ccache", std::process::id()));
    let mut kinit = Command::new("kinit")
        .args(["-f", "-c"])
        .arg(&cache)
        .arg(format!("{}@{}", server.user, server.realm.to_uppercase()))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut password = kinit.stdin.take().unwrap();
    std::io::Write::write_all(&mut password, server.password.as_bytes()).unwrap();
    drop(password);
    assert!(kinit.wait().unwrap().success());
    let login = |file| Login::TicketCache {
        file,
        kdc: server.host.clone(),
    };
    let sysvol = SmbSysvol::connect(server.settings(login(cache.clone()))).unwrap();
    gpt_ini(&sysvol);
    std::fs::remove_file(&cache).unwrap();
    let error = SmbSysvol::connect(server.settings(login(cache))).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
}

#[test]
fn who_is_not_let_in_is_told_so_and_the_password_is_in_no_message() {
    let Some(server) = Server::find("refused log-ons") else {
        return;
    };
    let refused = |login: Login| {
        let error = SmbSysvol::connect(server.settings(login)).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
    };
    refused(server.ntlm("hunter2"));
    for user in ["", "Guest"] {
        refused(Login::Ntlm {
            domain: server.domain(),
            user: user.into(),
            password: "hunter2".into(),
        });
    }
    refused(kerberos(&server, "hunter2"));
}

#[test]
fn nobody_listening_is_an_error_at_once() {
    let Some(server) = Server::find("nobody listening") else {
        return;
    };
    // Port 1 has had no service for decades.
    let settings = server.settings(server.ntlm("")).port(1);
    let error = SmbSysvol::connect(settings).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
}

fn called_and_dropped_inside_a_runtime() {
    let Some(server) = Server::find("inside a runtime") else {
        return;
    };
    let sysvol = server.connect();
    let files = [path(&format!(r"{DEFAULT_POLICY}\GPT.INI")), path("missing")];
    // More calls than a task of tokio may make before it has to yield.
    for _ in 0..100 {
        sysvol.read_many(&files, 2, &mut |_, _| Ok(())).unwrap();
    }
    drop(sysvol);
}

#[tokio::test]
async fn it_is_called_and_dropped_inside_a_runtime_of_one_thread() {
    called_and_dropped_inside_a_runtime();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_called_and_dropped_inside_a_runtime_of_many_threads() {
    called_and_dropped_inside_a_runtime();
}
