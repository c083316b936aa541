//! A relay before the file server, which does something to the server in the middle of its work.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::server::{Server, signal};

/// What happens to the processes of the file server that serve the program.
#[derive(Clone, Copy)]
pub(crate) enum Event {
    /// They are killed.
    Kill,
    /// They are stopped, and hold the connection.
    Stop,
}

/// A relay on the address of the server; ends with the test's process.
pub(crate) struct Relay {
    pub(crate) port: String,
    stopped: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    /// Something happens when the server has been sent `after` more bytes, or has sent them.
    pub(crate) fn start(server: &Server, event: Event, after: i64) -> Self {
        let listener = TcpListener::bind((server.host.as_str(), 0)).unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let target = format!("{}:{}", server.host, server.smb_port);
        let name = match event {
            Event::Kill => "KILL",
            Event::Stop => "STOP",
        };
        let server = Server::find("relay").unwrap();
        let left = Arc::new(AtomicI64::new(after));
        let stopped = Arc::new(Mutex::new(Vec::new()));
        let all_stopped = Arc::clone(&stopped);
        thread::spawn(move || {
            let server = Arc::new(server);
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(upstream) = TcpStream::connect(&target) else {
                    continue;
                };
                let own = upstream.local_addr().unwrap().port();
                let ways = [
                    (client.try_clone().unwrap(), upstream.try_clone().unwrap()),
                    (upstream, client),
                ];
                for (from, to) in ways {
                    let (left, server) = (Arc::clone(&left), Arc::clone(&server));
                    let stopped = Arc::clone(&all_stopped);
                    let act = move || {
                        let processes = server.smbd_of(own);
                        signal(name, &processes);
                        stopped.lock().unwrap().extend(processes);
                    };
                    thread::spawn(move || pass(from, to, act, &left));
                }
            }
        });
        Self { port, stopped }
    }

    /// Lets processes that were stopped go on; whether anything happened to any.
    pub(crate) fn resume(&self) -> bool {
        let processes = std::mem::take(&mut *self.stopped.lock().unwrap());
        for process in &processes {
            // Those that were killed are gone.
            let _ = Command::new("kill").args(["-s", "CONT", process]).output();
        }
        !processes.is_empty()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, act: impl Fn(), left: &AtomicI64) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let length_passed = i64::try_from(length).unwrap();
        let before = left.fetch_sub(length_passed, Ordering::SeqCst);
        if before > 0 && before <= length_passed {
            act();
        }
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
