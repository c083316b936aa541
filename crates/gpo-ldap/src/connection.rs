//! The connection to a domain controller.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gpo_core::{DirectoryEntry, SourceError, SourceErrorKind};
use ldap3::Ldap;
use rustls::ClientConfig;
use secrecy::ExposeSecret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::Failure;
use crate::link::{Link, Refused};
use crate::runtime::Runtime;
use crate::search::Search;
use crate::settings::{Credentials, LdapSettings, Transport};
use crate::tls::client_config;

/// Things that are asked for at a time on one connection.
pub(crate) const IN_FLIGHT: usize = 32;

/// A connection that is made when it is needed, and again when it was lost.
#[derive(Debug)]
pub(crate) struct Connection {
    runtime: Runtime,
    server: Arc<Server>,
}

/// A domain controller, with the session that is open, if one is.
#[derive(Debug)]
struct Server {
    settings: LdapSettings,
    credentials: Credentials,
    tls: Arc<ClientConfig>,
    session: Mutex<Option<Session>>,
    /// How many sessions were opened.
    opened: AtomicU64,
    /// Held while a session is opened, so that one is enough for all who wait.
    opening: tokio::sync::Mutex<()>,
}

/// An open session. Its clones share it and may be used at the same time.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) ldap: Ldap,
    pub(crate) time_limit: Duration,
    refused: Refused,
    /// One for each operation that may be under way at the same time.
    turns: Arc<Semaphore>,
    /// Tells it from the one that was open before.
    number: u64,
}

impl Connection {
    /// Connects and logs on.
    pub(crate) fn open(
        settings: LdapSettings,
        credentials: Credentials,
    ) -> Result<Self, SourceError> {
        check(&settings, &credentials)?;
        let tls = Arc::new(client_config(&settings.certificates)?);
        let runtime = Runtime::start().map_err(|e| SourceError::io(settings.url(), e))?;
        let server = Arc::new(Server {
            settings,
            credentials,
            tls,
            session: Mutex::default(),
            opened: AtomicU64::default(),
            opening: tokio::sync::Mutex::default(),
        });
        let connection = Self { runtime, server };
        connection.once(|_| async { Ok(()) })?;
        Ok(connection)
    }

    pub(crate) fn settings(&self) -> &LdapSettings {
        &self.server.settings
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.server.credentials
    }

    /// Does what changes nothing, and does it again where the connection broke meanwhile.
    pub(crate) fn read<T, F>(
        &self,
        work: impl Fn(Session) -> F + Send + Sync + 'static,
    ) -> Result<T, SourceError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send,
    {
        let server = Arc::clone(&self.server);
        self.call(async move {
            match server.attempt(&work).await {
                // A server that was too slow will not be faster.
                Err(failure)
                    if failure.breaks_connection && failure.kind() != SourceErrorKind::TimedOut =>
                {
                    server.attempt(&work).await
                }
                result => result,
            }
        })
    }

    /// Does what must not be done twice.
    pub(crate) fn once<T, F>(
        &self,
        work: impl FnOnce(Session) -> F + Send + 'static,
    ) -> Result<T, SourceError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send,
    {
        let server = Arc::clone(&self.server);
        self.call(async move { server.attempt(work).await })
    }

    /// Does the same for each of these, many at a time, over one session. A failure of one is its
    /// own; a broken connection is that of all, and then all are done again.
    pub(crate) fn read_each<I, T, F>(
        &self,
        items: Vec<I>,
        work: impl Fn(Session, I) -> F + Clone + Send + Sync + 'static,
    ) -> Result<Vec<Result<T, SourceError>>, SourceError>
    where
        I: Clone + Send + Sync + 'static,
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let items: Arc<[I]> = items.into();
        self.read(move |session| {
            let (items, work) = (Arc::clone(&items), work.clone());
            async move {
                let mut results = Vec::with_capacity(items.len());
                for some in items.chunks(IN_FLIGHT) {
                    let start = |item: &I| tokio::spawn(work(session.clone(), item.clone()));
                    let tasks: Vec<_> = some.iter().map(start).collect();
                    for task in tasks {
                        let result = task.await;
                        let result = result.unwrap_or_else(|_| Err(Failure::no_ldap("")));
                        match result {
                            Err(failure) if failure.breaks_connection => return Err(failure),
                            result => results.push(result.map_err(|failure| failure.error)),
                        }
                    }
                }
                Ok(results)
            }
        })
    }

    /// What these searches find, each; nothing where the base of one is not there.
    pub(crate) fn searches(
        &self,
        searches: Vec<Search>,
    ) -> Result<Vec<Result<Vec<DirectoryEntry>, SourceError>>, SourceError> {
        self.read_each(searches, |mut session, search| async move {
            session.all(&search).await
        })
    }

    /// What a search finds.
    pub(crate) fn search(&self, search: Search) -> Result<Vec<DirectoryEntry>, SourceError> {
        self.read(move |mut session| {
            let search = search.clone();
            async move { session.all(&search).await }
        })
    }

    /// Does what belongs to a session that is open, and to no other.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, SourceError> {
        let Some(result) = self.runtime.call(work) else {
            // The LDAP library panics on answers that are no LDAP.
            self.server.session().take();
            return Err(Failure::no_ldap(&self.server.settings.url()).error);
        };
        result.map_err(|failure| failure.error)
    }
}

impl Server {
    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        // A session is put in or taken out in one step.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attempt<T, F>(&self, work: impl FnOnce(Session) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let session = self.open_session().await?;
        let (number, refused) = (session.number, Arc::clone(&session.refused));
        let result = work(session).await;
        result.map_err(|failure| {
            if failure.breaks_connection {
                self.session().take_if(|open| open.number == number);
            }
            self.explained(failure, &refused)
        })
    }

    /// The failure, or what it came from: a connection that ended because of what the server sent.
    fn explained(&self, failure: Failure, refused: &Refused) -> Failure {
        match refused.get() {
            Some(malformed) if failure.breaks_connection => {
                Failure::malformed(&self.settings.url(), malformed.0)
            }
            _ => failure,
        }
    }

    async fn open_session(&self) -> Result<Session, Failure> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(open) = &*self.session() {
            return Ok(open.clone());
        }
        let Link { mut ldap, refused } = self.connect().await?;
        let bound = self.bind(&mut ldap).await;
        bound.map_err(|failure| self.explained(failure, &refused))?;
        let mut open = self.session();
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(open
            .insert(Session {
                ldap,
                refused,
                time_limit: self.settings.time_limit,
                turns: Arc::new(Semaphore::new(self.operations_at_a_time())),
                number,
            })
            .clone())
    }

    /// What Kerberos seals, the LDAP library loses where two answers come together.
    fn operations_at_a_time(&self) -> usize {
        match self.credentials {
            #[cfg(feature = "gssapi")]
            Credentials::Kerberos if self.settings.transport == Transport::Plain => 1,
            _ => IN_FLIGHT,
        }
    }

    async fn connect(&self) -> Result<Link, Failure> {
        let tls = Arc::clone(&self.tls);
        let connect = async {
            #[cfg(feature = "gssapi")]
            if matches!(self.credentials, Credentials::Kerberos)
                && self.settings.transport != Transport::Plain
            {
                return Link::open_bound_to_tls(&self.settings, tls).await;
            }
            Link::open(&self.settings, tls).await
        };
        let connected = tokio::time::timeout(self.settings.time_limit, connect).await;
        connected.map_err(|elapsed| Failure::new(&self.settings.url(), elapsed.into()))?
    }

    async fn bind(&self, ldap: &mut Ldap) -> Result<(), Failure> {
        let limit = self.settings.time_limit;
        let answer = match &self.credentials {
            Credentials::Password { user, password } => {
                let ldap = ldap.with_timeout(limit);
                ldap.simple_bind(user, password.expose_secret()).await
            }
            #[cfg(feature = "gssapi")]
            Credentials::Kerberos => {
                let bind = ldap.sasl_gssapi_bind(&self.settings.host);
                match tokio::time::timeout(limit, bind).await {
                    Ok(answer) => answer,
                    Err(elapsed) => Err(elapsed.into()),
                }
            }
        };
        let answer = answer.and_then(ldap3::LdapResult::success);
        answer.map_err(|error| Failure::new(&self.settings.url(), error))?;
        Ok(())
    }
}

impl Session {
    /// Waits until one more operation may be under way; it may until this is dropped.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }
}

/// What must not be sent, and what cannot be a host.
fn check(settings: &LdapSettings, credentials: &Credentials) -> Result<(), SourceError> {
    let refuse = |message: &str| {
        let kind = SourceErrorKind::Unsupported;
        Err(SourceError::new(kind, settings.url(), message))
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if settings.host.is_empty() || !settings.host.chars().all(fits) {
        return refuse("this is neither the DNS name nor the address of a host");
    }
    match credentials {
        Credentials::Password { password, .. } => {
            if password.expose_secret().is_empty() {
                return refuse("an empty password would log on nobody");
            }
            if settings.transport == Transport::Plain && !settings.password_without_tls {
                return refuse("a password is not sent without TLS: use LDAPS or StartTLS");
            }
            Ok(())
        }
        #[cfg(feature = "gssapi")]
        Credentials::Kerberos => Ok(()),
    }
}
