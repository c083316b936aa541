//! The thread on which the network is waited for.

use std::future::Future;
use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A tokio runtime on a thread of its own.
///
/// Who calls may be inside a runtime of its own, where blocking on a future, or dropping a
/// runtime, panics; waiting for a channel does not.
#[derive(Debug)]
pub(crate) struct Runtime {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Runtime {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new()
            .name("gpo-ldap".into())
            .spawn(move || {
                // Ends when the sender is dropped, too.
                let _ = runtime.block_on(stopped);
                // Does not wait for a name server that does not answer.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Runs the work to its end; `None` where it panicked.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (done, result) = mpsc::channel();
        self.handle.spawn(async move {
            // Nobody waits any more only where the caller's thread is gone.
            let _ = done.send(work.await);
        });
        result.recv().ok()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has nothing left to break.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_panics_ends_alone() {
        let runtime = Runtime::start().unwrap();
        assert_eq!(runtime.call(async { 1 }), Some(1));
        assert_eq!(runtime.call(async { panic!("on purpose") }), None::<()>);
        assert_eq!(runtime.call(async { 2 }), Some(2));
    }
}
