//! One connection to a server: logged on, with the share open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gpo_core::SourceErrorKind;
use secrecy::ExposeSecret;
use smb2::auth::kerberos::ccache::load_ccache;
use smb2::client::connection::Connection as Client;
use smb2::msg::close::CloseRequest;
use smb2::msg::create::{CreateRequest, CreateResponse};
use smb2::pack::{Pack, ReadCursor, Unpack};
use smb2::transport::ConnectOptions;
use smb2::types::status::NtStatus;
use smb2::types::{Command, CreditCharge, FileId, TreeId};
use smb2::{CompoundOp, Frame, KerberosCredentials, Session, Tree};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::failure::Failure;
use crate::login::Login;
use crate::negotiation;
use crate::open::Opened;
use crate::settings::SmbSettings;

/// The share that every domain controller has.
pub(crate) const SHARE: &str = "SYSVOL";

/// The most bytes in one read or write, where the server takes as many.
const CHUNK: u32 = 256 * 1024;

/// What one credit pays for ([MS-SMB2] 3.1.5.2).
pub(crate) const CREDIT: u32 = 64 * 1024;

/// How long to wait before a request that met something busy is sent again; 1.6 s in all.
const PATIENCE: [Duration; 6] = [
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// A connection, logged on, with the share open.
pub(crate) struct Connection {
    client: Client,
    tree: TreeId,
    time_limit: Duration,
    /// The most bytes in one read or write.
    pub(crate) chunk: u32,
    /// The most bytes in the answer to another request.
    pub(crate) longest_answer: u32,
}

impl Connection {
    async fn establish(settings: &SmbSettings) -> Result<Self, Failure> {
        let limit = settings.time_limit;
        let connect = async {
            let mut client = connect(settings).await?;
            let session = log_on(&mut client, settings).await?;
            open_share(client, &session, limit).await
        };
        timeout(limit, connect)
            .await
            .map_err(|_| Failure::TimedOut(limit))?
    }

    /// Whether nothing more can come of it.
    pub(crate) fn is_dead(&self) -> bool {
        self.client.is_disconnected()
    }

    /// Waits for an answer, but not for ever. After that, the connection is taken for dead: what
    /// is under way on a server that does not answer fails at once.
    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, smb2::Error>>,
    ) -> Result<T, Failure> {
        let failure = match timeout(self.time_limit, work).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => Failure::from_client(&error),
            Err(_) => Failure::TimedOut(self.time_limit),
        };
        if matches!(failure, Failure::Broken(_) | Failure::TimedOut(_)) {
            self.client.mark_dead();
        }
        Err(failure)
    }

    /// Sends a request; gives the response to it, if it succeeded.
    pub(crate) async fn call(
        &self,
        command: Command,
        body: &dyn Pack,
        bytes: u32,
    ) -> Result<Frame, Failure> {
        let charge = CreditCharge(charge(bytes));
        let answer = self
            .client
            .execute_with_credits(command, body, Some(self.tree), charge);
        successful(self.in_time(answer).await?)
    }

    /// Sends requests in one message: the first opens a file, the others use what it opened.
    /// `bytes` is the most that a request and its response carry.
    pub(crate) async fn chain<const N: usize>(
        &self,
        requests: [(Command, &dyn Pack, u32); N],
    ) -> Result<[Result<Frame, Failure>; N], Failure> {
        let tree_id = Some(self.tree);
        let requests = requests.map(|(command, body, bytes)| CompoundOp {
            command,
            body,
            tree_id,
            credit_charge: CreditCharge(charge(bytes)),
        });
        let answers = self
            .in_time(self.client.execute_compound(&requests))
            .await?;
        let answers: Vec<_> = answers
            .into_iter()
            .map(|answer| match answer {
                Ok(frame) => successful(frame),
                Err(error) => Err(Failure::from_client(&error)),
            })
            .collect();
        if let Some(Err(failure @ Failure::Broken(_))) = answers
            .iter()
            .find(|a| matches!(a, Err(Failure::Broken(_))))
        {
            self.client.mark_dead();
            return Err(failure.clone());
        }
        answers
            .try_into()
            .map_err(|_| Failure::malformed("not as many responses as requests"))
    }

    /// Sends requests again that met something busy, which the server therefore did not do.
    pub(crate) async fn patiently<T, F>(
        self: Arc<Self>,
        requests: impl Fn(Arc<Self>) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.patiently_while(Failure::is_busy, requests).await
    }

    /// Sends requests again as long as they fail like this, with a limit.
    pub(crate) async fn patiently_while<T, F>(
        self: Arc<Self>,
        may_pass: fn(&Failure) -> bool,
        requests: impl Fn(Arc<Self>) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        for wait in PATIENCE {
            match requests(Arc::clone(&self)).await {
                Err(failure) if may_pass(&failure) => sleep(wait).await,
                result => return result,
            }
        }
        requests(self).await
    }

    /// Opens a file or folder. It is for the caller to close it.
    pub(crate) async fn create(&self, request: &CreateRequest) -> Result<Opened, Failure> {
        let frame = self.call(Command::Create, request, 0).await?;
        opened(&frame)
    }

    /// Closes a file or folder.
    pub(crate) async fn close(&self, id: FileId) -> Result<(), Failure> {
        let request = CloseRequest {
            flags: 0,
            file_id: id,
        };
        self.call(Command::Close, &request, 0).await.map(|_| ())
    }
}

/// What a CREATE opened.
pub(crate) fn opened(frame: &Frame) -> Result<Opened, Failure> {
    Ok(Opened::new(&body::<CreateResponse>(frame)?))
}

/// The body of a response.
pub(crate) fn body<T: Unpack>(frame: &Frame) -> Result<T, Failure> {
    T::unpack(&mut ReadCursor::new(&frame.body)).map_err(|e| Failure::malformed(&e.to_string()))
}

fn successful(frame: Frame) -> Result<Frame, Failure> {
    match frame.header.status {
        NtStatus::SUCCESS => Ok(frame),
        status => Err(Failure::from_status(status)),
    }
}

fn charge(bytes: u32) -> u16 {
    u16::try_from(bytes.div_ceil(CREDIT).max(1)).unwrap_or(u16::MAX)
}

async fn connect(settings: &SmbSettings) -> Result<Client, Failure> {
    let host = &settings.server;
    // An IPv6 address wants brackets before the port.
    let address = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{}", settings.port)
    } else {
        format!("{host}:{}", settings.port)
    };
    let options = ConnectOptions::with_timeout(settings.time_limit);
    let client = negotiation::connect(&address, host, options)
        .await
        .map_err(|error| {
            let message = match &error {
                smb2::Error::ConnectFailed { attempts, .. } => {
                    let attempts: Vec<_> = attempts.iter().map(ToString::to_string).collect();
                    format!("cannot connect: {}", attempts.join("; "))
                }
                error => format!("cannot connect: {error}"),
            };
            Failure::Other(SourceErrorKind::Unreachable, message)
        })?;
    client.set_response_timeout(Some(settings.time_limit));
    Ok(client)
}

async fn log_on(client: &mut Client, settings: &SmbSettings) -> Result<Session, Failure> {
    let server = settings.server.as_str();
    let denied = |message: String| Failure::Other(SourceErrorKind::Denied, message);
    let session = match &settings.login {
        Login::Ntlm {
            domain,
            user,
            password,
        } => {
            if user.is_empty() || user.eq_ignore_ascii_case("guest") {
                return Err(denied("guests and nobody are not logged on".into()));
            }
            Session::setup(client, user, password.expose_secret(), domain).await
        }
        Login::Kerberos {
            realm,
            user,
            password,
            kdc,
        } => {
            let credentials = KerberosCredentials {
                username: user.clone(),
                password: password.expose_secret().to_owned(),
                realm: realm.clone(),
                kdc_address: kdc.clone(),
            };
            Session::setup_kerberos(client, &credentials, server).await
        }
        Login::TicketCache { file, kdc } => {
            let cache = load_ccache(Some(file))
                .map_err(|e| denied(format!("the ticket cache {}: {e}", file.display())))?;
            let user = &cache.default_principal;
            let credentials = KerberosCredentials {
                username: user.components.join("/"),
                password: String::new(),
                realm: user.realm.clone(),
                kdc_address: kdc.clone(),
            };
            let session =
                Session::setup_kerberos_from_ccache(client, &credentials, server, &cache).await;
            match session {
                // KDC_ERR_BADOPTION (RFC 4120, 7.5.9), of which the client only gives the number.
                Err(error) if error.to_string().contains("KRB-ERROR code 13") => {
                    return Err(denied(format!(
                        "{error} (the ticket cannot be forwarded, which some controllers want: \
                         `kinit -f` gets one that can)"
                    )));
                }
                session => session,
            }
        }
    };
    let session = session.map_err(|e| Failure::from_client(&e))?;
    if !session.should_sign && !session.should_encrypt {
        return Err(denied(
            "the server gives a session without signatures, which anybody on the way could change"
                .into(),
        ));
    }
    Ok(session)
}

async fn open_share(
    mut client: Client,
    session: &Session,
    time_limit: Duration,
) -> Result<Connection, Failure> {
    let tree = Tree::connect(&mut client, SHARE)
        .await
        .map_err(|e| Failure::from_client(&e))?;
    // Paths are taken as those of this very share, and no referral is asked for.
    client.deregister_dfs_tree(tree.tree_id);
    let params = client
        .params()
        .ok_or_else(|| Failure::malformed("nothing was negotiated"))?;
    if tree.encrypt_data && !session.should_encrypt {
        let keys = (&session.encryption_key, &session.decryption_key);
        let ((Some(encrypt), Some(decrypt)), Some(cipher)) = (keys, params.cipher) else {
            let message = "the share has to be encrypted, and no cipher was agreed on";
            return Err(Failure::Other(SourceErrorKind::Unsupported, message.into()));
        };
        client.activate_encryption(encrypt.clone(), decrypt.clone(), cipher);
    }
    Ok(Connection {
        client,
        tree: tree.tree_id,
        time_limit,
        chunk: CHUNK.min(params.max_read_size).min(params.max_write_size),
        longest_answer: params.max_transact_size,
    })
}

/// The way to a server: the connection that is up, or the next one.
pub(crate) struct Link {
    settings: SmbSettings,
    state: Mutex<State>,
    /// How often connecting failed.
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// Why connecting failed the last time.
    failure: Option<Failure>,
}

impl Link {
    pub(crate) fn new(settings: SmbSettings) -> Self {
        Self {
            settings,
            state: Mutex::default(),
            failures: AtomicU64::new(0),
        }
    }

    /// The connection, a new one where the last is dead.
    ///
    /// Many may find it dead at the same time; one of them connects, and where that fails, it
    /// fails for all that waited for it.
    pub(crate) async fn connection(&self) -> Result<Arc<Connection>, Failure> {
        let before = self.failures.load(Ordering::Relaxed);
        let mut state = self.state.lock().await;
        if let Some(connection) = state.connection.as_ref().filter(|c| !c.is_dead()) {
            return Ok(Arc::clone(connection));
        }
        if self.failures.load(Ordering::Relaxed) > before
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        state.connection = None;
        match Connection::establish(&self.settings).await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                state.connection = Some(Arc::clone(&connection));
                Ok(connection)
            }
            Err(failure) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                state.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    /// Sends requests that only read: again where they met something busy, and once again on a new
    /// connection where the first one broke.
    pub(crate) async fn reading<T, F>(
        &self,
        requests: impl Fn(Arc<Connection>) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        match self.connection().await?.patiently(&requests).await {
            Err(Failure::Broken(_)) => self.connection().await?.patiently(&requests).await,
            result => result,
        }
    }
}
