//! Ways in, and those that must stay shut.

use super::*;

fn refused(settings: LdapSettings, credentials: Credentials) -> SourceError {
    LdapDirectory::connect(settings, credentials).unwrap_err()
}

#[test]
fn every_transport_with_tls_works() {
    let Some(server) = Server::find("every_transport_with_tls_works") else {
        return;
    };
    for transport in [Transport::Ldaps, Transport::StartTls] {
        for check in [
            CertificateCheck::CaFile(server.ca.clone()),
            CertificateCheck::NoneInsecure,
        ] {
            let settings = server.settings().transport(transport).certificates(check);
            let directory = LdapDirectory::connect(settings, server.credentials()).unwrap();
            assert_eq!(directory.domain().unwrap().dns_name, server.realm);
        }
    }
}

#[test]
fn a_password_is_not_sent_in_the_clear() {
    let Some(server) = Server::find("a_password_is_not_sent_in_the_clear") else {
        return;
    };
    let settings = server.settings().transport(Transport::Plain);
    let error = refused(settings.clone(), server.credentials());
    assert_eq!(error.kind(), SourceErrorKind::Unsupported, "{error}");
    assert!(error.message().contains("StartTLS"), "{error}");
    // A controller refuses it, too, unless it was told otherwise.
    let allowed = settings.allow_password_without_tls();
    if let Err(error) = LdapDirectory::connect(allowed, server.credentials()) {
        assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
        assert!(error.message().contains("StartTLS"), "{error}");
    }
}

#[test]
fn a_certificate_of_somebody_else_is_refused() {
    let Some(server) = Server::find("a_certificate_of_somebody_else_is_refused") else {
        return;
    };
    for transport in [Transport::Ldaps, Transport::StartTls] {
        let settings = server.settings().transport(transport);
        let error = refused(
            settings.certificates(CertificateCheck::System),
            server.credentials(),
        );
        // A machine may trust nobody at all.
        if error.kind() != SourceErrorKind::NotFound {
            assert_eq!(error.kind(), SourceErrorKind::Invalid, "{error}");
            assert!(error.message().contains("certificate"), "{error}");
        }
    }
}

#[test]
fn a_wrong_password_is_told_and_not_shown() {
    let Some(server) = Server::find("a_wrong_password_is_told_and_not_shown") else {
        return;
    };
    let secret = "not-the-password-7";
    let wrong = |user: &str, password: &str| Credentials::Password {
        user: user.into(),
        password: password.to_owned().into(),
    };
    let error = refused(server.settings(), wrong(&server.user, secret));
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(!format!("{error:?}{error}").contains(secret));
    assert!(error.message().contains("password"), "{error}");
    // An empty password logs on nobody, with success.
    let error = refused(server.settings(), wrong(&server.user, ""));
    assert_eq!(error.kind(), SourceErrorKind::Unsupported, "{error}");
    let error = refused(server.settings(), wrong("nobody@nowhere", secret));
    assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
}

#[test]
fn a_port_without_a_directory_is_unreachable() {
    let Some(server) = Server::find("a_port_without_a_directory_is_unreachable") else {
        return;
    };
    let error = refused(server.settings().port(9), server.credentials());
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
}

/// Somebody else's asynchronous program calls and drops it.
fn used_by_an_embedder(server: &Server) {
    let directory = server.connect();
    let [domain, _] = default_policies();
    assert!(one(&directory, domain).is_some());
    drop(directory);
}

#[tokio::test]
async fn an_embedder_may_have_a_runtime_of_one_thread() {
    let Some(server) = Server::find("an_embedder_may_have_a_runtime") else {
        return;
    };
    used_by_an_embedder(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedder_may_have_a_runtime_of_many_threads() {
    let Some(server) = Server::find("an_embedder_may_have_a_runtime") else {
        return;
    };
    used_by_an_embedder(&server);
    let server = std::sync::Arc::new(server);
    let task = tokio::spawn(async move { used_by_an_embedder(&server) });
    task.await.unwrap();
}
