//! Many tasks under way at a time.

use std::sync::mpsc;

use gpo_core::SourceError;

use crate::runtime::{Runtime, ended};

/// Tasks under way; what ends first comes out first.
///
/// The caller starts the next task after it has taken the result of one, so there is never more
/// in memory than the tasks that it lets run.
#[derive(Debug)]
pub(crate) struct InFlight<'a, K, T> {
    runtime: &'a Runtime,
    sender: mpsc::Sender<(K, Option<T>)>,
    receiver: mpsc::Receiver<(K, Option<T>)>,
    running: usize,
}

/// Sends what became of a task, even where the end of the runtime drops it.
struct Reply<K, T> {
    sender: mpsc::Sender<(K, Option<T>)>,
    key: Option<K>,
    result: Option<T>,
}

impl<K, T> Reply<K, T> {
    fn with(mut self, result: T) {
        self.result = Some(result);
    }
}

impl<K, T> Drop for Reply<K, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            // Nobody may be waiting any more.
            let _ = self.sender.send((key, self.result.take()));
        }
    }
}

impl<'a, K: Send + 'static, T: Send + 'static> InFlight<'a, K, T> {
    pub(crate) fn new(runtime: &'a Runtime) -> Self {
        let (sender, receiver) = mpsc::channel();
        Self {
            runtime,
            sender,
            receiver,
            running: 0,
        }
    }

    /// How many tasks were started whose results were not taken yet.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Starts a task.
    pub(crate) fn start(&mut self, key: K, work: impl Future<Output = T> + Send + 'static) {
        let reply = Reply {
            sender: self.sender.clone(),
            key: Some(key),
            result: None,
        };
        self.running += 1;
        // The task itself is not waited for: its reply comes through the channel.
        self.runtime.spawn(async move { reply.with(work.await) });
    }

    /// Waits for the next result; `None` where nothing is under way.
    pub(crate) fn next(&mut self) -> Option<Result<(K, T), SourceError>> {
        if self.running == 0 {
            return None;
        }
        self.running -= 1;
        let reply = self.receiver.recv().ok();
        Some(
            reply
                .and_then(|(key, result)| Some((key, result?)))
                .ok_or_else(ended),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_as_they_end_and_no_more_run_than_were_let() {
        let runtime = Runtime::start().unwrap();
        let running = Arc::new(AtomicUsize::new(0));
        let mut tasks = InFlight::new(&runtime);
        let (mut next, mut ended, mut most) = (0_u64, Vec::new(), 0);
        loop {
            while next < 40 && tasks.running() < 4 {
                let (n, running) = (next, Arc::clone(&running));
                tasks.start(n, async move {
                    let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                    // Every fourth is slow.
                    let time = if n.is_multiple_of(4) { 20 } else { 1 };
                    tokio::time::sleep(Duration::from_millis(time)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    now
                });
                next += 1;
            }
            let Some(result) = tasks.next() else { break };
            let (n, now) = result.unwrap();
            ended.push(n);
            most = most.max(now);
        }
        assert_eq!(most, 4);
        assert_ne!(ended[0], 0, "a slow one holds nobody up");
        ended.sort_unstable();
        assert_eq!(ended, (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_task_that_is_lost_is_an_error_and_no_hang() {
        let runtime = Runtime::start().unwrap();
        let mut tasks: InFlight<'_, (), ()> = InFlight::new(&runtime);
        tasks.start((), async { panic!("on purpose") });
        assert!(tasks.next().unwrap().is_err());
        assert!(tasks.next().is_none());
    }
}
