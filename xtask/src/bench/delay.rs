//! A relay that makes a server on loopback as far away as one over a network.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// How much of a stream may be under way: what a TCP connection of 8 MB/s or more has.
const CHUNKS: usize = 256;

/// Listens on these ports of `near`, and passes on to the same ports of `far` what comes, each way
/// half of `round_trip` later. It ends with the process.
pub(super) fn relay(near: Ipv4Addr, far: Ipv4Addr, ports: &[u16], round_trip: Duration) -> Result {
    for &port in ports {
        let listener = TcpListener::bind((near, port))
            .map_err(|error| format!("{near}:{port} cannot be listened on: {error}"))?;
        thread::spawn(move || {
            for client in listener.incoming().map_while(std::result::Result::ok) {
                // A server that is down shows as a connection that ends.
                if let Ok(server) = TcpStream::connect((far, port)) {
                    let _ = both_ways(client, server, round_trip / 2);
                }
            }
        });
    }
    Ok(())
}

fn both_ways(client: TcpStream, server: TcpStream, delay: Duration) -> std::io::Result<()> {
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    one_way(client.try_clone()?, server.try_clone()?, delay);
    one_way(server, client, delay);
    Ok(())
}

fn one_way(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, receiver) = mpsc::sync_channel::<(Instant, Vec<u8>)>(CHUNKS);
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let chunk = buffer.get(..length).unwrap_or_default().to_vec();
            if sender.send((Instant::now() + delay, chunk)).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, chunk) in receiver {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&chunk).is_err() {
                break;
            }
        }
        // The other end may have ended it first.
        let _ = to.shutdown(Shutdown::Both);
    });
}
