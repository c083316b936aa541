//! The thread on which requests run.

use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use gpo_core::{SourceError, SourceErrorKind};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime on a thread of its own.
///
/// Whoever calls may be inside a runtime already, where another one cannot be driven, and the
/// waiting primitives of tokio either refuse to work or never wake. So callers wait on channels of
/// the standard library, and the runtime ends on its own thread.
#[derive(Debug)]
pub(crate) struct Runtime {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Runtime {
    pub(crate) fn start() -> Result<Self, SourceError> {
        let io = |error| SourceError::io("thread for SMB requests", error);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(io)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let work = move || {
            // An error says that the other end is gone, which means the same.
            let _ = runtime.block_on(stopped);
            // Not waiting for a name that is being looked up.
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new()
            .name("gpo-smb".into())
            .spawn(work)
            .map_err(io)?;
        Ok(Self {
            handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Starts a task.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Task<T> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.handle.spawn(async move {
            // Nobody may be waiting any more.
            let _ = sender.send(work.await);
        });
        Task(receiver)
    }

    /// Runs a task to its end.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, SourceError> {
        self.spawn(work).wait()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What the thread had to say, it said to those that waited.
            let _ = thread.join();
        }
    }
}

/// A task that was started. Dropping it does not end it.
#[derive(Debug)]
pub(crate) struct Task<T>(mpsc::Receiver<T>);

impl<T> Task<T> {
    /// Waits for its end, on any thread.
    pub(crate) fn wait(self) -> Result<T, SourceError> {
        self.0.recv().map_err(|_| ended())
    }
}

/// For tasks that the end of the runtime took along.
pub(crate) fn ended() -> SourceError {
    let message = "the connection was closed while a request was under way";
    SourceError::new(SourceErrorKind::Other, "", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_and_out() {
        let runtime = Runtime::start().unwrap();
        let task = runtime.spawn(async { tokio::task::yield_now().await });
        assert_eq!(runtime.run(async { 7 }).unwrap(), 7);
        task.wait().unwrap();
        let never = runtime.spawn(std::future::pending::<()>());
        drop(runtime);
        assert!(never.wait().is_err(), "it ends with the runtime");
    }

    #[test]
    fn tasks_run_without_a_runtime_around() {
        in_and_out();
    }

    #[tokio::test]
    async fn tasks_run_inside_a_runtime_of_one_thread() {
        in_and_out();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn tasks_run_inside_a_runtime_of_many_threads() {
        in_and_out();
    }
}
