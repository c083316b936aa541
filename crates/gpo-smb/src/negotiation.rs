//! Connecting, and agreeing on how to speak.
//!
//! The client library does not announce that it can encrypt, and does not ask for signatures, though
//! it can do both: servers that want encryption refuse it. Its negotiation request is therefore
//! changed on its way out ([MS-SMB2] 2.2.3), and the hash of the negotiation, which keys are
//! derived from, made over what was sent.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use smb2::client::connection::Connection;
use smb2::crypto::kdf::PreauthHasher;
use smb2::transport::{
    ConnectOptions, ReceiveProgress, TcpTransport, TransportReceive, TransportSend,
};
use smb2::{Error, Result};

/// Where the fields of a negotiation request are, behind the header of 64 bytes.
const SECURITY_MODE: usize = 68;
const CAPABILITIES: usize = 72;

const SIGNING_REQUIRED: u8 = 0x02;
const CAPABLE_OF_ENCRYPTION: u8 = 0x40;

/// Connects to an address; `server` is its name in requests.
pub(crate) async fn connect(
    address: &str,
    server: &str,
    options: ConnectOptions,
) -> Result<Connection> {
    let transport = Arc::new(Negotiating {
        inner: TcpTransport::connect_with(address, options).await?,
        exchange: Mutex::default(),
    });
    let (sender, receiver) = (Arc::clone(&transport), Arc::clone(&transport));
    let (sender, receiver) = (Box::new(Sender(sender)), Box::new(Receiver(receiver)));
    let mut connection = Connection::from_transport(sender, receiver, server);
    connection.negotiate().await?;
    let exchange = transport.exchange();
    let (Some(request), Some(response)) = (&exchange.request, &exchange.response) else {
        return Err(Error::invalid_data("nothing was negotiated"));
    };
    connection.with_preauth_hasher_mut(|hasher| {
        *hasher = PreauthHasher::new();
        hasher.update(request);
        hasher.update(response);
    });
    drop(exchange);
    Ok(connection)
}

/// A transport that changes the first request and keeps it, and the response to it.
struct Negotiating {
    inner: TcpTransport,
    exchange: Mutex<Exchange>,
}

#[derive(Default)]
struct Exchange {
    request: Option<Vec<u8>>,
    response: Option<Vec<u8>>,
}

impl Negotiating {
    fn exchange(&self) -> std::sync::MutexGuard<'_, Exchange> {
        // Every change is whole: a panic elsewhere leaves nothing half done.
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Sender(Arc<Negotiating>);
struct Receiver(Arc<Negotiating>);

#[async_trait]
impl TransportSend for Sender {
    async fn send(&self, data: &[u8]) -> Result<()> {
        if self.0.exchange().request.is_some() {
            return self.0.inner.send(data).await;
        }
        let request = announcing(data)?;
        self.0.exchange().request = Some(request.clone());
        self.0.inner.send(&request).await
    }
}

#[async_trait]
impl TransportReceive for Receiver {
    async fn receive(&self) -> Result<Vec<u8>> {
        let data = self.0.inner.receive().await?;
        self.0
            .exchange()
            .response
            .get_or_insert_with(|| data.clone());
        Ok(data)
    }

    fn receive_progress(&self) -> Option<Arc<ReceiveProgress>> {
        self.0.inner.receive_progress()
    }
}

/// A negotiation request that says what the client can do and wants.
fn announcing(request: &[u8]) -> Result<Vec<u8>> {
    let mut request = request.to_vec();
    for (at, flag) in [
        (SECURITY_MODE, SIGNING_REQUIRED),
        (CAPABILITIES, CAPABLE_OF_ENCRYPTION),
    ] {
        let Some(byte) = request.get_mut(at) else {
            return Err(Error::invalid_data("the negotiation request is too short"));
        };
        *byte |= flag;
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use smb2::msg::header::Header;
    use smb2::msg::negotiate::NegotiateRequest;
    use smb2::pack::{Guid, Pack, ReadCursor, Unpack, WriteCursor};
    use smb2::types::flags::{Capabilities, SecurityMode};
    use smb2::types::{Command, Dialect};

    use super::*;

    #[test]
    fn the_request_asks_for_signatures_and_offers_encryption() {
        let plain = NegotiateRequest {
            security_mode: SecurityMode::new(SecurityMode::SIGNING_ENABLED),
            capabilities: Capabilities::new(Capabilities::LARGE_MTU),
            client_guid: Guid::default(),
            dialects: vec![Dialect::Smb3_0],
            negotiate_contexts: Vec::new(),
        };
        let mut cursor = WriteCursor::new();
        Header::new_request(Command::Negotiate).pack(&mut cursor);
        plain.pack(&mut cursor);
        let changed = announcing(cursor.as_bytes()).unwrap();
        let body = NegotiateRequest::unpack(&mut ReadCursor::new(&changed[64..])).unwrap();
        assert_eq!(
            body.security_mode.bits(),
            SecurityMode::SIGNING_ENABLED | SecurityMode::SIGNING_REQUIRED
        );
        assert_eq!(
            body.capabilities.bits(),
            Capabilities::LARGE_MTU | Capabilities::ENCRYPTION
        );
        assert!(announcing(&[0; 64]).is_err());
    }
}
