//! Against a server of our own on loopback, which breaks off, lies and sends rubbish as no real
//! one would.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gpo_core::{
    Directory, DirectoryCapabilities, DirectoryWrite, GpoId, Guid, PrincipalQuery, Som,
    SourceError, SourceErrorKind,
};
use gpo_ldap::{CertificateCheck, Credentials, LdapDirectory, LdapSettings, Transport};
use ldap3::asn1::{PL, StructureTag, parse_tag};
use sddl_parser::Sid;

const DOMAIN: &str = "DC=example,DC=test";

/// A request: its operation by the tag of RFC 4511 4.2, and its parts.
struct Request {
    id: Vec<u8>,
    operation: u64,
    parts: Vec<StructureTag>,
    controls: Vec<u8>,
}

const BIND: u64 = 0;
const SEARCH: u64 = 3;
const MODIFY: u64 = 6;

impl Request {
    /// The next one; `waiting` holds what came with those before.
    fn read(stream: &mut TcpStream, waiting: &mut Vec<u8>) -> Option<Self> {
        let mut buffer = [0; 4096];
        let message = loop {
            if let Ok((rest, message)) = parse_tag(waiting) {
                *waiting = rest.to_vec();
                break message;
            }
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return None,
                Ok(n) => waiting.extend_from_slice(&buffer[..n]),
            }
        };
        let mut parts = parts(&message).to_vec();
        let operation = parts.remove(1);
        let controls = parts
            .get(1)
            .map(|controls| format!("{controls:?}").into_bytes());
        Some(Self {
            id: text(&parts[0]).to_vec(),
            operation: operation.id,
            parts: match operation.payload {
                PL::C(parts) => parts,
                PL::P(_) => Vec::new(),
            },
            controls: controls.unwrap_or_default(),
        })
    }

    fn base(&self) -> String {
        String::from_utf8(text(&self.parts[0]).to_vec()).unwrap()
    }

    /// Whether this stands in one of the controls, as the numbers of its bytes.
    fn has_in_controls(&self, bytes: &[u8]) -> bool {
        let wanted = format!("{bytes:?}");
        let wanted = wanted.trim_matches(['[', ']']);
        String::from_utf8_lossy(&self.controls).contains(wanted)
    }

    fn message(&self, operation: &[u8], controls: &[u8]) -> Vec<u8> {
        ber(0x30, &[&ber(2, &[&self.id]), operation, controls])
    }

    fn entry(&self, dn: &str, attributes: &[(&str, &[u8])]) -> Vec<u8> {
        let attributes: Vec<Vec<u8>> = attributes
            .iter()
            .map(|(name, value)| {
                let values = ber(0x31, &[&ber(4, &[value])]);
                ber(0x30, &[&ber(4, &[name.as_bytes()]), &values])
            })
            .collect();
        let attributes = ber(0x30, &[&attributes.concat()]);
        self.message(&ber(0x64, &[&ber(4, &[dn.as_bytes()]), &attributes]), &[])
    }

    /// The end of an operation; for a page of a search, with where the next one begins.
    fn done(&self, code: u8, cookie: &[u8]) -> Vec<u8> {
        let result = [ber(10, &[&[code]]), ber(4, &[]), ber(4, &[])].concat();
        let page = ber(0x30, &[&ber(2, &[&[0]]), &ber(4, &[cookie])]);
        let control = ber(
            0x30,
            &[&ber(4, &[b"1.2.840.113556.1.4.319"]), &ber(4, &[&page])],
        );
        let controls = ber(0xa0, &[&control]);
        let tag = match self.operation {
            BIND => 0x61,
            SEARCH => 0x65,
            MODIFY => 0x67,
            other => panic!("no answer to {other}"),
        };
        let controls = if self.operation == SEARCH {
            &controls[..]
        } else {
            &[]
        };
        self.message(&ber(tag, &[&result]), controls)
    }
}

fn parts(tag: &StructureTag) -> &[StructureTag] {
    match &tag.payload {
        PL::C(parts) => parts,
        PL::P(_) => &[],
    }
}

fn text(tag: &StructureTag) -> &[u8] {
    match &tag.payload {
        PL::P(bytes) => bytes,
        PL::C(_) => &[],
    }
}

fn ber(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], &content].concat()
}

/// What a test does with a request: an answer, the ordinary one, or the end of the connection.
enum Answer {
    Ordinary,
    Bytes(Vec<u8>),
    Silence,
    HangUp,
}

type Script = dyn FnMut(&Request) -> Answer + Send;

struct FakeServer {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl FakeServer {
    fn start(script: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let script: Arc<Mutex<Box<Script>>> = Arc::new(Mutex::new(Box::new(script)));
        let counter = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let script = Arc::clone(&script);
                thread::spawn(move || serve(stream.unwrap(), &script));
            }
        });
        Self { port, connections }
    }

    fn settings(&self) -> LdapSettings {
        LdapSettings::new("127.0.0.1")
            .port(self.port)
            .transport(Transport::Plain)
            .allow_password_without_tls()
            .time_limit(Duration::from_secs(2))
    }

    fn try_connect(&self) -> Result<LdapDirectory, SourceError> {
        LdapDirectory::connect(self.settings(), credentials())
    }

    fn connect(&self) -> LdapDirectory {
        self.try_connect().unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn credentials() -> Credentials {
    Credentials::Password {
        user: "x".into(),
        password: "y".to_owned().into(),
    }
}

fn serve(mut stream: TcpStream, script: &Mutex<Box<Script>>) {
    let mut waiting = Vec::new();
    while let Some(request) = Request::read(&mut stream, &mut waiting) {
        // An unbind.
        if request.operation == 2 {
            return;
        }
        let answer = (script.lock().unwrap())(&request);
        let bytes = match answer {
            Answer::Ordinary => ordinary(&request),
            Answer::Bytes(bytes) => bytes,
            Answer::Silence => continue,
            Answer::HangUp => return,
        };
        if stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

/// What the controller of a domain without GPOs says.
fn ordinary(request: &Request) -> Vec<u8> {
    let mut answer = Vec::new();
    if request.operation == SEARCH {
        let configuration = format!("CN=Configuration,{DOMAIN}");
        match request.base().as_str() {
            "" => {
                answer = request.entry(
                    "",
                    &[
                        ("defaultNamingContext", DOMAIN.as_bytes()),
                        ("rootDomainNamingContext", DOMAIN.as_bytes()),
                        ("configurationNamingContext", configuration.as_bytes()),
                        ("dnsHostName", b"dc1.example.test"),
                    ],
                );
            }
            DOMAIN => answer = request.entry(DOMAIN, &[("objectGUID", &[7; 16])]),
            base if base.starts_with("CN=Policies,") && is_descriptor_probe(request) => {
                answer = request.entry(base, &[("nTSecurityDescriptor", &[1])]);
            }
            _ => {}
        }
    }
    answer.extend(request.done(0, &[]));
    answer
}

/// The control asks for all parts of a descriptor, and the scope is the object itself.
fn is_descriptor_probe(request: &Request) -> bool {
    request.has_in_controls(&[0x30, 3, 2, 1, 15]) && text(&request.parts[1]) == [0]
}

/// The search for the list of GPOs: below the policies, one level.
fn is_list(request: &Request) -> bool {
    request.operation == SEARCH
        && request.base() == format!("CN=Policies,CN=System,{DOMAIN}")
        && text(&request.parts[1]) == [1]
}

fn gpo_dn(n: u128) -> String {
    format!("CN={},CN=Policies,CN=System,{DOMAIN}", Guid::from_u128(n))
}

fn list(directory: &LdapDirectory) -> Result<Vec<GpoId>, SourceError> {
    let mut listed = Vec::new();
    directory.list(&mut |gpo| {
        listed.push(gpo.id);
        Ok(())
    })?;
    Ok(listed)
}

#[test]
fn what_reads_connects_again_and_asks_once_more() {
    let mut hang_ups = 0;
    let server = FakeServer::start(move |request| {
        if is_list(request) && hang_ups < 1 {
            hang_ups += 1;
            return Answer::HangUp;
        }
        Answer::Ordinary
    });
    let directory = server.connect();
    assert_eq!(list(&directory).unwrap(), []);
    assert_eq!(server.connections(), 2);
    assert_eq!(directory.domain().unwrap().dns_name, "example.test");
}

#[test]
fn a_server_that_always_breaks_off_is_given_up() {
    let server = FakeServer::start(|request| {
        if is_list(request) {
            Answer::HangUp
        } else {
            Answer::Ordinary
        }
    });
    let directory = server.connect();
    let error = list(&directory).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
    assert_eq!(server.connections(), 2);
}

#[test]
fn what_writes_is_sent_once() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let server = FakeServer::start(move |request| {
        if request.operation == MODIFY {
            counter.fetch_add(1, Ordering::SeqCst);
            return Answer::HangUp;
        }
        Answer::Ordinary
    });
    let directory = server.connect();
    let som = Som {
        dn: DOMAIN.into(),
        links: "[LDAP://CN=x;0]".into(),
        block_inheritance: false,
    };
    let error = directory.put_som(&som).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
    assert_eq!(sent.load(Ordering::SeqCst), 1);
    assert_eq!(
        list(&directory).unwrap(),
        [],
        "the next call has a connection again"
    );
}

#[test]
fn a_list_comes_in_pages() {
    const GPOS: u128 = 2500;
    const PAGE: u128 = 1000;
    let pages = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&pages);
    let server = FakeServer::start(move |request| {
        if !is_list(request) {
            return Answer::Ordinary;
        }
        let page = u8::try_from(counter.fetch_add(1, Ordering::SeqCst)).unwrap();
        assert!(page == 0 || request.has_in_controls(&[page, b'c']));
        let first = u128::from(page) * PAGE;
        let last = GPOS.min(first + PAGE);
        let mut answer = Vec::new();
        for n in first..last {
            answer.extend(request.entry(&gpo_dn(n), &[("displayName", b"x")]));
        }
        let next = [page + 1, b'c'];
        answer.extend(request.done(0, if last == GPOS { &[] } else { &next }));
        Answer::Bytes(answer)
    });
    let directory = server.connect();
    let expected: Vec<GpoId> = (0..GPOS).map(|n| GpoId::new(Guid::from_u128(n))).collect();
    assert!(list(&directory).unwrap() == expected);
    assert_eq!(pages.load(Ordering::SeqCst), 3);

    pages.store(0, Ordering::SeqCst);
    let stop =
        directory.list(&mut |_| Err(SourceError::new(SourceErrorKind::Cancelled, "", "stop")));
    assert_eq!(stop.unwrap_err().message(), "stop");
    assert_eq!(
        pages.load(Ordering::SeqCst),
        1,
        "no page is asked for that nobody wants"
    );
}

#[test]
fn a_list_that_breaks_off_in_the_middle_is_an_error() {
    let mut pages = 0;
    let server = FakeServer::start(move |request| {
        if !is_list(request) {
            return Answer::Ordinary;
        }
        pages += 1;
        if pages > 1 {
            return Answer::HangUp;
        }
        let mut answer = request.entry(&gpo_dn(1), &[]);
        answer.extend(request.done(0, b"next"));
        Answer::Bytes(answer)
    });
    let error = list(&server.connect()).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unreachable, "{error}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn rubbish_is_an_error_and_the_next_call_works() {
    let rubbish: Vec<fn(&Request) -> Vec<u8>> = vec![
        |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        |_| ber(0x30, &[]),
        |_| ber(0x30, &[&ber(2, &[])]),
        // No operation; an operation that is none; parts of other types.
        |request| request.message(&[], &[]),
        |request| request.message(&ber(0x7e, &[]), &[]),
        |request| request.message(&ber(0x64, &[]), &[]),
        |request| request.message(&ber(0x64, &[&ber(4, &[b"\xff"]), &ber(0x30, &[])]), &[]),
        |request| request.message(&ber(0x65, &[]), &[]),
        |request| request.message(&ber(0x65, &[&ber(4, &[b"x"])]), &[]),
        |request| request.message(&ber(0x45, &[b"x"]), &[]),
        // Controls that are none.
        |request| request.message(&ber(0x65, &[]), &ber(0xa0, &[b"x"])),
        // A page that is none.
        |request| {
            let result = [ber(10, &[&[0]]), ber(4, &[]), ber(4, &[])].concat();
            let oid = ber(4, &[b"1.2.840.113556.1.4.319"]);
            let control = ber(0x30, &[&oid, &ber(4, &[b"\x30\x7f"])]);
            request.message(&ber(0x65, &[&result]), &ber(0xa0, &[&control]))
        },
    ];
    for (n, make) in rubbish.into_iter().enumerate() {
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&sent);
        let server = FakeServer::start(move |request| {
            // Once more than what reads tries.
            if is_list(request) && counter.fetch_add(1, Ordering::SeqCst) < 2 {
                return Answer::Bytes(make(request));
            }
            Answer::Ordinary
        });
        let directory = server.connect();
        let start = Instant::now();
        let error = list(&directory).expect_err("it is an error");
        let kinds = [
            SourceErrorKind::Invalid,
            SourceErrorKind::Unreachable,
            SourceErrorKind::TimedOut,
        ];
        assert!(kinds.contains(&error.kind()), "{n}: {error}");
        assert!(start.elapsed() < Duration::from_secs(5), "{n}");
        sent.store(2, Ordering::SeqCst);
        assert_eq!(list(&directory).unwrap(), [], "{n}");
    }
}

/// Elements in each other.
fn nested(depth: usize) -> Vec<u8> {
    let mut lengths: Vec<Vec<u8>> = Vec::new();
    let mut length = 0;
    for _ in 0..depth {
        let header = [
            &[0x30, 0x84],
            &u32::try_from(length).unwrap().to_be_bytes()[..],
        ]
        .concat();
        length += header.len();
        lengths.push(header);
    }
    lengths.reverse();
    lengths.concat()
}

#[test]
fn what_would_fill_the_memory_or_the_stack_is_refused() {
    type Hostile = fn(&Request) -> Vec<u8>;
    let hostile: Vec<(&str, Hostile)> = vec![
        ("deeper", |_| nested(1_000_000)),
        ("deeper", |request| request.message(&nested(1000), &[])),
        ("longer", |_| vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]),
        ("longer", |_| [&[0x30, 0x88], &[0xff; 8][..]].concat()),
        ("more elements", |_| ber(0x30, &[&[4, 0].repeat(1_000_000)])),
        ("stands in", |_| {
            ber(0x30, &[&[4, 0x84, 0x7f, 0xff, 0xff, 0xff]])
        }),
        // A control is a value with elements inside, which nobody measured on the way.
        ("control", |request| {
            let result = [ber(10, &[&[0]]), ber(4, &[]), ber(4, &[])].concat();
            let oid = ber(4, &[b"1.2.840.113556.1.4.319"]);
            let control = ber(0x30, &[&oid, &ber(4, &[&nested(1_000_000)])]);
            request.message(&ber(0x65, &[&result]), &ber(0xa0, &[&control]))
        }),
    ];
    for (why, make) in hostile {
        for answered in [BIND, SEARCH] {
            let server = FakeServer::start(move |request| {
                if request.operation == answered {
                    return Answer::Bytes(make(request));
                }
                Answer::Ordinary
            });
            if answered == BIND && why == "control" {
                continue;
            }
            let start = Instant::now();
            let error = server.try_connect().unwrap_err();
            assert_eq!(error.kind(), SourceErrorKind::Invalid, "{why}: {error}");
            assert!(error.message().contains(why), "{why}: {error}");
            assert!(start.elapsed() < Duration::from_secs(5), "{why}");
        }
    }
}

#[test]
fn an_answer_to_starttls_is_measured_before_there_is_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 31];
        stream.read_exact(&mut request).unwrap();
        // The other side ends it when it has read enough.
        let _ = stream.write_all(&nested(1000));
        let _ = stream.read(&mut request);
    });
    let settings = LdapSettings::new("127.0.0.1")
        .port(port)
        .transport(Transport::StartTls)
        .certificates(CertificateCheck::NoneInsecure);
    let error = LdapDirectory::connect(settings, credentials()).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid, "{error}");
}

#[test]
fn entries_without_an_end_are_given_up() {
    let server = FakeServer::start(|request| {
        if !is_list(request) {
            return Answer::Ordinary;
        }
        // Half a megabyte each, and never the last.
        let entry = request.entry(&gpo_dn(1), &[("displayName", &vec![b'x'; 1 << 19])]);
        Answer::Bytes(entry.repeat(300))
    });
    let error = list(&server.connect()).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid, "{error}");
    assert!(error.message().contains("no end"), "{error}");
}

#[test]
fn pages_without_an_end_are_given_up() {
    let server = FakeServer::start(|request| {
        if is_list(request) {
            Answer::Bytes(request.done(0, b"next"))
        } else {
            Answer::Ordinary
        }
    });
    let error = list(&server.connect()).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid, "{error}");
    assert!(error.message().contains("no end of pages"), "{error}");
}

/// What is remembered has a limit, which no answer depends on.
#[test]
fn a_principal_that_was_found_is_found_again_after_ten_thousand_others() {
    let alice: Sid = "S-1-5-21-1-2-3-1234".parse().unwrap();
    let sid = alice.to_bytes();
    let server = FakeServer::start(move |request| {
        let below = request.operation == SEARCH && text(&request.parts[1]) == [2];
        if !below || !format!("{:?}", request.parts).contains(&format!("{sid:?}")) {
            return Answer::Ordinary;
        }
        let attributes: [(&str, &[u8]); 2] = [("objectSid", &sid), ("sAMAccountName", b"alice")];
        let mut answer = request.entry(&format!("CN=alice,{DOMAIN}"), &attributes);
        answer.extend(request.done(0, &[]));
        Answer::Bytes(answer)
    });
    let directory = server.connect();
    let of_sid = |sid: Sid| PrincipalQuery::Sid(sid);
    let others = (10_000..20_001).map(|rid| alice.domain().unwrap().with_rid(rid).unwrap());
    let mut queries: Vec<_> = others.map(of_sid).collect();
    queries.push(of_sid(alice));
    let found = |queries: &[PrincipalQuery]| {
        let found = directory.principals(queries).unwrap();
        found
            .into_iter()
            .flatten()
            .map(|p| p.sam_account_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&queries), ["alice"]);
    let nobody = of_sid(alice.domain().unwrap().with_rid(9).unwrap());
    assert_eq!(found(&[of_sid(alice), nobody]), ["alice"]);
}

#[test]
fn a_server_that_falls_silent_is_not_waited_for_longer_than_the_limit() {
    let server = FakeServer::start(|request| {
        if is_list(request) {
            Answer::Silence
        } else {
            Answer::Ordinary
        }
    });
    let directory = server.connect();
    let start = Instant::now();
    let error = list(&directory).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::TimedOut, "{error}");
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "it is asked once only"
    );
}

#[test]
fn without_the_sacl_the_rest_of_a_descriptor_is_read() {
    let descriptor = [1, 0, 4, 0x80];
    let server = FakeServer::start(move |request| {
        if request.operation != SEARCH || !request.base().contains("CN=Policies") {
            return Answer::Ordinary;
        }
        let mut answer = Vec::new();
        // With the SACL: no descriptor, and no error.
        let readable = request.has_in_controls(&[0x30, 3, 2, 1, 7]);
        let attribute: (&str, &[u8]) = ("nTSecurityDescriptor", &descriptor);
        let attributes = if readable { &[attribute][..] } else { &[] };
        answer.extend(request.entry(&request.base(), attributes));
        answer.extend(request.done(0, &[]));
        Answer::Bytes(answer)
    });
    let directory = server.connect();
    let missing = DirectoryCapabilities::all() - directory.capabilities();
    assert_eq!(missing, DirectoryCapabilities::SACL);
    let id = GpoId::new(Guid::from_u128(1));
    let found = directory
        .containers(&[id])
        .unwrap()
        .remove(0)
        .unwrap()
        .unwrap();
    assert_eq!(found.security_descriptor.as_deref(), Some(&descriptor[..]));
}

#[test]
fn one_object_without_its_descriptor_is_asked_for_again() {
    let descriptor = [1, 0, 4, 0x80];
    let server = FakeServer::start(move |request| {
        let dn = gpo_dn(1);
        if request.operation != SEARCH || request.base() != dn {
            return Answer::Ordinary;
        }
        let with_sacl = request.has_in_controls(&[0x30, 3, 2, 1, 15]);
        let attribute: (&str, &[u8]) = ("nTSecurityDescriptor", &descriptor);
        let attributes = if with_sacl { &[] } else { &[attribute][..] };
        let mut answer = request.entry(&dn, attributes);
        answer.extend(request.done(0, &[]));
        Answer::Bytes(answer)
    });
    let directory = server.connect();
    assert!(
        directory
            .capabilities()
            .contains(DirectoryCapabilities::SACL)
    );
    let id = GpoId::new(Guid::from_u128(1));
    let found = directory
        .containers(&[id])
        .unwrap()
        .remove(0)
        .unwrap()
        .unwrap();
    assert_eq!(found.security_descriptor.as_deref(), Some(&descriptor[..]));
}

#[test]
fn nobody_is_followed_to_where_a_server_points() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let url = format!("ldap://{}/{DOMAIN}", elsewhere.local_addr().unwrap());
    let server = FakeServer::start(move |request| {
        if !is_list(request) {
            return Answer::Ordinary;
        }
        let reference = ber(0x73, &[&ber(4, &[url.as_bytes()])]);
        let mut answer = request.message(&reference, &[]);
        answer.extend(request.entry("CN=not a GUID,CN=Policies", &[]));
        answer.extend(request.entry(&gpo_dn(1), &[]));
        answer.extend(request.done(0, &[]));
        Answer::Bytes(answer)
    });
    let listed = list(&server.connect()).unwrap();
    assert_eq!(listed, [GpoId::new(Guid::from_u128(1))]);
    assert!(elsewhere.accept().is_err(), "somebody connected");
}

#[test]
fn a_principal_of_a_trusted_domain_has_the_name_that_its_own_domain_gives_it() {
    let foreign: Sid = "S-1-5-21-1-2-3-1234".parse().unwrap();
    for (name, found) in [
        (r"OTHER\alice", Some(("OTHER", "alice"))),
        // What a controller sends that cannot reach the other domain.
        ("S-1-5-21-1-2-3-1234", None),
    ] {
        let sid = foreign.to_bytes();
        let server = FakeServer::start(move |request| {
            let below = request.operation == SEARCH && text(&request.parts[1]) == [2];
            if !below || request.base() != DOMAIN {
                return Answer::Ordinary;
            }
            let dn = format!("CN=S-1-5-21-1-2-3-1234,CN=ForeignSecurityPrincipals,{DOMAIN}");
            let attributes: [(&str, &[u8]); 3] = [
                ("objectClass", b"foreignSecurityPrincipal"),
                ("objectSid", &sid),
                ("msDS-PrincipalName", name.as_bytes()),
            ];
            let mut answer = request.entry(&dn, &attributes);
            answer.extend(request.done(0, &[]));
            Answer::Bytes(answer)
        });
        let query = PrincipalQuery::Sid(foreign);
        let principal = server.connect().principals(&[query]).unwrap().remove(0);
        let names = principal.map(|p| (p.sid, p.netbios_domain, p.sam_account_name));
        let found = found.map(|(domain, name)| (foreign, domain.into(), name.into()));
        assert_eq!(names, found, "{name}");
    }
}

#[test]
fn an_entry_of_somewhere_else_is_no_part_of_a_gpo() {
    let server = FakeServer::start(move |request| {
        let dn = gpo_dn(1);
        let machine = format!("CN=Machine,{dn}");
        if request.operation != SEARCH || !request.base().ends_with(&dn) {
            return Answer::Ordinary;
        }
        let found = match request.base() {
            base if base == dn => vec![dn],
            base if base == machine => vec![
                format!("CN=x,CN=Machine,{}", gpo_dn(2)),
                machine.clone(),
                dn,
                format!("CN=y,{machine}"),
                format!("CN=z,CN=w,{machine}"),
            ],
            _ => vec![],
        };
        let descriptor: (&str, &[u8]) = ("nTSecurityDescriptor", &[1]);
        let entries = found.iter().map(|dn| request.entry(dn, &[descriptor]));
        let mut answer = entries.collect::<Vec<_>>().concat();
        answer.extend(request.done(0, &[]));
        Answer::Bytes(answer)
    });
    let id = GpoId::new(Guid::from_u128(1));
    let directory = server.connect();
    let found = directory
        .containers(&[id])
        .unwrap()
        .remove(0)
        .unwrap()
        .unwrap();
    let names: Vec<_> = found
        .machine_objects
        .iter()
        .map(|o| o.rdn.as_str())
        .collect();
    assert_eq!(names, ["CN=y"]);
}

#[test]
fn a_tree_without_an_end_is_refused() {
    let server = FakeServer::start(move |request| {
        let below = format!("CN=Machine,{}", gpo_dn(1));
        if request.operation != SEARCH || !request.base().ends_with(&gpo_dn(1)) {
            return Answer::Ordinary;
        }
        let dn = match request.base() {
            base if base.ends_with(&below) => format!("CN=x,{base}"),
            base => base,
        };
        let descriptor: (&str, &[u8]) = ("nTSecurityDescriptor", &[1]);
        let mut answer = request.entry(&dn, &[descriptor]);
        answer.extend(request.done(0, &[]));
        Answer::Bytes(answer)
    });
    let id = GpoId::new(Guid::from_u128(1));
    let error = server
        .connect()
        .containers(&[id])
        .unwrap()
        .remove(0)
        .unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid, "{error}");
    assert!(error.message().contains("too deep"), "{error}");
}

#[test]
fn another_directory_is_no_domain_controller() {
    let server = FakeServer::start(|request| {
        if request.operation == SEARCH {
            let mut answer = request.entry("", &[("namingContexts", b"dc=example")]);
            answer.extend(request.done(0, &[]));
            return Answer::Bytes(answer);
        }
        Answer::Ordinary
    });
    let error = server.try_connect().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid);
    assert!(error.message().contains("Active Directory"), "{error}");
}

#[test]
fn a_port_that_takes_connections_and_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for transport in [Transport::Ldaps, Transport::StartTls, Transport::Plain] {
        let settings = LdapSettings::new("127.0.0.1")
            .port(port)
            .transport(transport)
            .certificates(CertificateCheck::NoneInsecure)
            .allow_password_without_tls()
            .time_limit(Duration::from_millis(300));
        let start = Instant::now();
        let error = LdapDirectory::connect(settings, credentials()).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::TimedOut, "{error}");
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
