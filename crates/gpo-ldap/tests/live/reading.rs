//! What is read is what the domain holds.

use gpo_core::DirectoryWrite;

use super::*;

#[test]
fn the_domain_is_described() {
    let Some(server) = Server::find("the_domain_is_described") else {
        return;
    };
    let directory = server.connect();
    let domain = directory.domain().unwrap();
    assert_eq!(domain.dns_name, server.realm);
    assert_eq!(Dn::new(&domain.dn), Dn::new(&server.dn()));
    let label = server.realm.split('.').next().unwrap();
    assert!(domain.netbios_name.unwrap().eq_ignore_ascii_case(label));
    assert!(
        domain
            .domain_controller
            .ends_with(&format!(".{}", server.realm))
    );
    assert!(domain.id.is_some());
    assert_eq!(directory.forest(), server.realm);
    let administrator = domain.sid.unwrap().with_rid(500).unwrap();
    let found = directory
        .principals(&[PrincipalQuery::Sid(administrator)])
        .unwrap();
    assert_eq!(found[0].as_ref().unwrap().sam_account_name, "Administrator");
}

#[test]
fn an_administrator_sees_everything() {
    let Some(server) = Server::find("an_administrator_sees_everything") else {
        return;
    };
    let directory = server.connect();
    assert_eq!(directory.capabilities(), DirectoryCapabilities::all());
    let mut listed = Vec::new();
    directory
        .list(&mut |gpo| {
            listed.push(gpo);
            Ok(())
        })
        .unwrap();
    for (id, (_, name)) in default_policies().into_iter().zip(DEFAULT_POLICIES) {
        let gpo = listed.iter().find(|gpo| gpo.id == id).unwrap();
        assert_eq!(gpo.display_name, name);
    }
    let ids: Vec<_> = listed.iter().map(|gpo| gpo.id).collect();
    let versions = directory.versions(&ids).unwrap();
    let containers = directory.containers(&ids).unwrap();
    for ((gpo, container), version) in listed.iter().zip(containers).zip(versions) {
        let container = container.unwrap().unwrap();
        assert_eq!(
            (container.id, &container.display_name),
            (gpo.id, &gpo.display_name)
        );
        assert_eq!(container.id.to_string(), gpo.id.to_string());
        assert_eq!(Some(container.version), version);
        let place = format!("\\policies\\{}", gpo.id).to_lowercase();
        assert!(container.file_sys_path.to_lowercase().ends_with(&place));
        assert_eq!(container.when_created.len(), "20240102030405.0Z".len());
        // Owner and DACL are never empty; 0x10 says that there is a SACL.
        let descriptor = container.security_descriptor.unwrap();
        assert_ne!(descriptor[4..8], [0; 4]);
        assert_ne!(descriptor[16..20], [0; 4]);
        assert_ne!(descriptor[3] & 0x80, 0, "self-relative");
    }
}

#[test]
fn what_is_asked_for_comes_in_that_order_and_what_is_not_there_is_none() {
    let Some(server) = Server::find("what_is_asked_for_comes_in_that_order") else {
        return;
    };
    let directory = server.connect();
    let [domain, controllers] = default_policies();
    let missing = GpoId::new(Guid::from_u128(u128::MAX));
    // More than are in flight at a time.
    let mut ids = vec![missing; 70];
    (ids[3], ids[50], ids[69]) = (controllers, domain, controllers);
    let expected: Vec<_> = ids
        .iter()
        .map(|id| (*id != missing).then_some(*id))
        .collect();
    let containers = directory.containers(&ids).unwrap().into_iter();
    let found: Vec<_> = containers.map(|c| c.unwrap().map(|c| c.id)).collect();
    assert_eq!(found, expected);
    let versions = directory.versions(&ids).unwrap();
    assert!(
        versions
            .iter()
            .zip(&expected)
            .all(|(v, e)| v.is_some() == e.is_some())
    );
    let links = directory.links(&ids).unwrap();
    assert!(
        links
            .iter()
            .zip(&expected)
            .all(|(l, e)| l.is_empty() != e.is_some())
    );
    let filter = WmiFilterId::new(Guid::from_u128(u128::MAX));
    assert_eq!(directory.wmi_filters(&[filter]).unwrap(), [None]);
    assert!(directory.containers(&[]).unwrap().is_empty());
    assert!(directory.principals(&[]).unwrap().is_empty());
}

#[test]
fn links_are_found_where_they_are() {
    let Some(server) = Server::find("links_are_found_where_they_are") else {
        return;
    };
    let directory = server.connect();
    let links = directory.links(&default_policies()).unwrap();
    let controllers = format!("OU=Domain Controllers,{}", server.dn());
    for (links, target) in links.iter().zip([server.dn(), controllers]) {
        let link = links
            .iter()
            .find(|link| Dn::new(&link.target) == Dn::new(&target));
        let link = link.unwrap();
        assert!(!link.disabled && !link.enforced);
        let som = directory.soms(&[target]).unwrap().remove(0).unwrap();
        assert!(som.links.starts_with("[LDAP://"), "{}", som.links);
    }
    let nowhere = format!("OU=nowhere,{}", server.dn());
    assert_eq!(directory.soms(&[nowhere]).unwrap(), [None]);
}

#[test]
fn principals_have_names_and_kinds() {
    let Some(server) = Server::find("principals_have_names_and_kinds") else {
        return;
    };
    let directory = server.connect();
    let domain = directory.domain().unwrap();
    let sid = domain.sid.unwrap();
    let netbios = domain.netbios_name.unwrap();
    let known = [
        (500, "Administrator", PrincipalKind::User),
        (512, "Domain Admins", PrincipalKind::GlobalGroup),
        (519, "Enterprise Admins", PrincipalKind::UniversalGroup),
        (
            571,
            "Allowed RODC Password Replication Group",
            PrincipalKind::LocalGroup,
        ),
    ];
    for (rid, name, kind) in known {
        let queries = [
            PrincipalQuery::Sid(sid.with_rid(rid).unwrap()),
            PrincipalQuery::Name(name.to_uppercase()),
            PrincipalQuery::Name(format!("{netbios}\\{name}")),
            PrincipalQuery::Name(format!("{}\\{name}", server.realm)),
        ];
        // Twice: the second time they are remembered.
        for _ in 0..2 {
            for found in directory.principals(&queries).unwrap() {
                let found = found.unwrap();
                assert_eq!(found.sid, sid.with_rid(rid).unwrap());
                assert_eq!(
                    (found.sam_account_name.as_str(), &found.kind),
                    (name, &kind)
                );
                assert_eq!(found.netbios_domain, netbios);
                assert_eq!(found.dns_domain, server.realm);
                assert!(found.upn.ends_with(&server.realm), "{}", found.upn);
            }
        }
    }
    let administrators = PrincipalQuery::Sid("S-1-5-32-544".parse().unwrap());
    let found = directory.principals(&[administrators]).unwrap().remove(0);
    assert_eq!(found.unwrap().kind, PrincipalKind::LocalGroup);
    let nobody = [
        PrincipalQuery::Sid(sid.with_rid(4_000_000).unwrap()),
        PrincipalQuery::Sid("S-1-5-11".parse().unwrap()),
        PrincipalQuery::Name("OTHER\\Administrator".into()),
        PrincipalQuery::Name("*".into()),
        PrincipalQuery::Name("x)(objectSid=*".into()),
        PrincipalQuery::Name(String::new()),
    ];
    assert_eq!(
        directory.principals(&nobody).unwrap(),
        vec![None; nobody.len()]
    );
}

#[test]
fn several_threads_share_one_connection() {
    let Some(server) = Server::find("several_threads_share_one_connection") else {
        return;
    };
    let directory = server.connect();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let [domain, _] = default_policies();
                assert_eq!(one(&directory, domain).unwrap().id, domain);
            });
        }
    });
}

/// The account that `cargo xtask live` makes: it reads what everybody in the domain may read.
#[test]
fn a_user_without_rights_sees_all_but_the_sacl_and_writes_nothing() {
    let Some(server) = Server::find("a_user_without_rights_sees_all_but_the_sacl") else {
        return;
    };
    let reader = Credentials::Password {
        user: format!("reader@{}", server.realm),
        password: server.password.clone().into(),
    };
    let directory = match LdapDirectory::connect(server.settings(), reader) {
        Err(error) if error.kind() == SourceErrorKind::Denied => {
            return skipped("a_user_without_rights", "the domain has no user `reader`");
        }
        directory => directory.unwrap(),
    };
    let missing = DirectoryCapabilities::all() - directory.capabilities();
    assert_eq!(missing, DirectoryCapabilities::SACL);
    let [domain, _] = default_policies();
    let mut container = one(&directory, domain).unwrap();
    let descriptor = container.security_descriptor.clone().unwrap();
    // Owner and DACL are there; no bit says that there is a SACL.
    assert!(descriptor[4..8] != [0; 4] && descriptor[16..20] != [0; 4]);
    assert_eq!(descriptor[2] & 0x10, 0);
    let seen_by_all = one(&server.connect(), domain).unwrap();
    assert_eq!(seen_by_all.machine_extensions, container.machine_extensions);
    assert_eq!(directory.links(&[domain]).unwrap()[0].len(), 1);

    container.display_name = "not to be".into();
    let error = directory.put_container(&container).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
    let error = directory.remove_container(domain).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
    assert_eq!(
        one(&directory, domain).unwrap().display_name,
        "Default Domain Policy"
    );
}
