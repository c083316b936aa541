//! A relay between client and server that can break or fall silent.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use gpo_smb::{SmbSettings, SmbSysvol};

use crate::server::Server;

/// A relay on loopback. It ends with the test's process.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    connections: Mutex<Vec<TcpStream>>,
    silent: Mutex<bool>,
    changed: Condvar,
    /// Breaks everything when so many more bytes came from the server; 0 for never.
    budget: AtomicU64,
}

impl Proxy {
    pub(crate) fn start(server: &Server) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let (target, shared) = ((server.host.clone(), server.port), Arc::clone(&state));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&target) else {
                    continue;
                };
                shared.relay(client, server);
            }
        });
        Self { port, state }
    }

    pub(crate) fn settings(&self, server: &Server) -> SmbSettings {
        let login = server.ntlm(&server.password);
        SmbSettings::new("127.0.0.1", server.domain(), login).port(self.port)
    }

    pub(crate) fn connect(&self, server: &Server) -> SmbSysvol {
        SmbSysvol::connect(self.settings(server)).unwrap()
    }

    /// Breaks every connection. New ones work.
    pub(crate) fn cut(&self) {
        self.state.cut();
    }

    /// Breaks every connection after so many more bytes from the server.
    pub(crate) fn cut_after(&self, bytes: u64) {
        self.state.budget.store(bytes, Ordering::SeqCst);
    }

    /// Lets nothing through, in either direction, or everything again.
    pub(crate) fn silence(&self, silent: bool) {
        *self.state.silent.lock().unwrap() = silent;
        self.state.changed.notify_all();
    }
}

impl State {
    fn cut(&self) {
        for connection in self.connections.lock().unwrap().drain(..) {
            // It may be gone already.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    fn relay(self: &Arc<Self>, client: TcpStream, server: TcpStream) {
        for stream in [&client, &server] {
            stream.set_nodelay(true).unwrap();
            self.connections
                .lock()
                .unwrap()
                .push(stream.try_clone().unwrap());
        }
        let ways = [
            (
                client.try_clone().unwrap(),
                server.try_clone().unwrap(),
                false,
            ),
            (server, client, true),
        ];
        for (from, to, from_server) in ways {
            let state = Arc::clone(self);
            thread::spawn(move || state.pass(from, to, from_server));
        }
    }

    fn pass(&self, mut from: TcpStream, mut to: TcpStream, from_server: bool) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let mut silent = self.silent.lock().unwrap();
            while *silent {
                silent = self.changed.wait(silent).unwrap();
            }
            drop(silent);
            let left = self.budget.load(Ordering::SeqCst);
            if from_server && left > 0 {
                let now = left.saturating_sub(length as u64);
                self.budget.store(now, Ordering::SeqCst);
                if now == 0 {
                    self.cut();
                    break;
                }
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    }
}
