//! The way to a server: TCP, TLS where it is wanted, and the measuring of what comes.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use ldap3::asn1::parse_tag;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, StdStream};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::failure::Failure;
use crate::message::{self, Kind, Malformed};
use crate::search::{constructed, primitive};
use crate::settings::{LdapSettings, Transport};

/// An `ExtendedRequest` (RFC 4511 4.12) for `StartTLS`, as the first message.
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// The tag of an `ExtendedResponse`.
const EXTENDED_RESPONSE: u64 = 24;

/// A connection on which nobody has logged on.
pub(crate) struct Link {
    pub(crate) ldap: Ldap,
    /// Set where the connection ended because of what came.
    pub(crate) refused: Refused,
}

/// What was wrong with what came, if something was.
pub(crate) type Refused = Arc<OnceLock<Malformed>>;

impl Link {
    /// Connects. The library gets messages that were measured.
    pub(crate) async fn open(
        settings: &LdapSettings,
        tls: Arc<ClientConfig>,
    ) -> Result<Self, Failure> {
        let url = settings.url();
        let failed = |error: LdapError| Failure::new(&url, error);
        let server = connect(settings).await.map_err(failed)?;
        let (library, ours, inside) = pair().map_err(|error| failed(error.into()))?;
        let refused = Refused::default();
        let report = Arc::clone(&refused);
        if settings.transport == Transport::Plain {
            tokio::spawn(relay(server, ours, report));
        } else {
            let name = ServerName::try_from(settings.host_name().to_owned());
            let name = name.map_err(|error| failed(error.into()))?;
            let server = TlsConnector::from(tls).connect(name, server).await;
            let server = server.map_err(|error| failed(error.into()))?;
            tokio::spawn(relay(server, ours, report));
        }
        let settings = LdapConnSettings::new().set_std_stream(library);
        let ldap = start(settings, inside).await.map_err(failed)?;
        Ok(Self { ldap, refused })
    }

    /// Connects with TLS that the library makes, which Kerberos has to know of. So what comes is
    /// not measured; but it comes from who has the certificate.
    #[cfg(feature = "gssapi")]
    pub(crate) async fn open_bound_to_tls(
        settings: &LdapSettings,
        tls: Arc<ClientConfig>,
    ) -> Result<Self, Failure> {
        let url = settings.url();
        let failed = |error: LdapError| Failure::new(&url, error);
        let server = connect(settings).await.map_err(failed)?;
        let server = server.into_std().map_err(|error| failed(error.into()))?;
        let library = LdapConnSettings::new()
            .set_config(tls)
            .set_std_stream(StdStream::Tcp(server));
        // TLS begins now, whether or not it was asked for on a plain connection.
        let inside = format!("ldaps://{}", settings.host_in_url());
        let ldap = start(library, &inside).await.map_err(failed)?;
        let refused = Refused::default();
        Ok(Self { ldap, refused })
    }
}

async fn start(settings: LdapConnSettings, url: &str) -> Result<Ldap, LdapError> {
    let (connection, ldap) = LdapConnAsync::with_settings(settings, url).await?;
    // Ends when the last handle is dropped; what went wrong, the operations hear.
    tokio::spawn(connection.drive());
    Ok(ldap)
}

/// A connection on which TLS, if it is wanted, begins next.
async fn connect(settings: &LdapSettings) -> Result<TcpStream, LdapError> {
    let mut server = TcpStream::connect((settings.host_name(), settings.port_number())).await?;
    server.set_nodelay(true)?;
    if settings.transport == Transport::StartTls {
        server.write_all(START_TLS).await?;
        let mut answer = Vec::new();
        message::read(&mut server, &mut answer).await?;
        let result = extended_result(&answer);
        let no_result = || io::Error::from(Malformed("it is no answer to StartTLS"));
        result.ok_or_else(no_result)?.success()?;
    }
    Ok(server)
}

/// The result in an `ExtendedResponse`.
fn extended_result(message: &[u8]) -> Option<LdapResult> {
    let (_, message) = parse_tag(message).ok()?;
    let operation = constructed(message)?.into_iter().nth(1)?;
    let mut parts = constructed(operation.match_id(EXTENDED_RESPONSE)?)?.into_iter();
    let mut next = || primitive(parts.next()?);
    let [code] = next()?[..] else {
        return None;
    };
    Some(LdapResult {
        rc: code.into(),
        matched: String::from_utf8(next()?).ok()?,
        text: String::from_utf8(next()?).ok()?,
        refs: Vec::new(),
        ctrls: Vec::new(),
    })
}

/// Passes messages on, both ways, until one side ends or a message is none.
async fn relay(
    server: impl AsyncRead + AsyncWrite,
    library: impl AsyncRead + AsyncWrite,
    refused: Refused,
) {
    let (from_server, to_server) = tokio::io::split(server);
    let (from_library, to_library) = tokio::io::split(library);
    // From the first message on that the library seals, the server seals its own.
    let sealed = AtomicBool::new(false);
    let up = pass_on(from_library, to_server, |kind| {
        sealed.fetch_or(kind == Kind::Sealed, Ordering::Relaxed);
        Ok(())
    });
    let down = pass_on(from_server, to_library, |kind| {
        if sealed.load(Ordering::Relaxed) == (kind == Kind::Sealed) {
            Ok(())
        } else {
            Err(Malformed("it is no LDAP"))
        }
    });
    let malformed = tokio::select! {
        _ = up => None,
        ended = down => ended.err().and_then(|error| Malformed::in_error(&error)),
    };
    if let Some(malformed) = malformed {
        // There is nothing else to be set by.
        let _ = refused.set(malformed);
    }
}

/// Passes messages on until their sender ends.
async fn pass_on(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    fits: impl Fn(Kind) -> Result<(), Malformed>,
) -> io::Result<()> {
    let mut from = BufReader::new(from);
    let mut message = Vec::new();
    while let Some(kind) = message::read(&mut from, &mut message).await? {
        fits(kind)?;
        to.write_all(&message).await?;
        to.flush().await?;
    }
    to.shutdown().await
}

/// Two ends of a connection inside the process: the library's, ours, and how the library calls it.
#[cfg(unix)]
fn pair() -> io::Result<(StdStream, tokio::net::UnixStream, &'static str)> {
    let (library, ours) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let ours = tokio::net::UnixStream::from_std(ours)?;
    Ok((StdStream::Unix(library), ours, "ldapi:///"))
}

#[cfg(not(unix))]
fn pair() -> io::Result<(StdStream, TcpStream, &'static str)> {
    let (library, ours) = loopback_pair()?;
    ours.set_nonblocking(true)?;
    let ours = TcpStream::from_std(ours)?;
    Ok((StdStream::Tcp(library), ours, "ldap://127.0.0.1"))
}

/// Where there are no pairs of sockets: a connection to ourselves.
#[cfg(any(test, not(unix)))]
fn loopback_pair() -> io::Result<(std::net::TcpStream, std::net::TcpStream)> {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let one = TcpStream::connect(listener.local_addr()?)?;
    loop {
        let (other, from) = listener.accept()?;
        // Another process may have been faster.
        if from == one.local_addr()? {
            return Ok((one, other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn the_answer_to_starttls_has_a_result() {
        let answer = b"\x30\x11\x02\x01\x01\x78\x0c\x0a\x01\x34\x04\0\x04\x05later";
        let result = extended_result(answer).unwrap();
        assert_eq!((result.rc, result.text.as_str()), (52, "later"));
        for answer in [
            &b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"[..],
            b"\x30\x0b\x02\x01\x01\x78\x06\x0a\0\x04\0\x04\0",
            b"\x30\x0a\x02\x01\x01\x78\x05\x0a\x01\0\x04\0",
            b"\x30\x03\x02\x01\x01",
            b"\x30\0",
            b"",
        ] {
            assert!(extended_result(answer).is_none(), "{answer:x?}");
        }
    }

    #[test]
    fn a_connection_to_ourselves_has_two_ends() {
        let (mut one, mut other) = loopback_pair().unwrap();
        one.write_all(b"x").unwrap();
        drop(one);
        let mut read = Vec::new();
        other.read_to_end(&mut read).unwrap();
        assert_eq!(read, b"x");
    }
}
