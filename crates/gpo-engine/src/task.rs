//! An operation on a thread of its own.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::observer::{Cancel, Observer, Progress};
use crate::status::StatusMessage;

/// An operation that runs on a thread of its own, to be polled, cancelled and joined, as GPMC runs
/// one that is given an `IGPMAsyncProgress`.
///
/// ```
/// use gpo_engine::{Observer, Task, TaskEvent};
///
/// let task = Task::spawn(|observer, cancel| {
///     observer.progress(&Default::default());
///     cancel.is_cancelled()
/// });
/// task.cancel();
/// while let Some(event) = task.wait() {
///     assert!(matches!(event, TaskEvent::Progress(_)));
/// }
/// let _cancelled: bool = task.join();
/// ```
#[derive(Debug)]
pub struct Task<T> {
    thread: JoinHandle<T>,
    events: Receiver<TaskEvent>,
    cancel: Cancel,
}

/// What a running task tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskEvent {
    /// It got further.
    Progress(Progress),
    /// It has something to say.
    Message(StatusMessage),
}

impl<T: Send + 'static> Task<T> {
    /// Starts an operation.
    pub fn spawn(operation: impl FnOnce(&mut dyn Observer, &Cancel) -> T + Send + 'static) -> Self {
        let (sender, events) = channel();
        let cancel = Cancel::default();
        let flag = cancel.clone();
        let thread = std::thread::spawn(move || operation(&mut Forward { sender }, &flag));
        Self {
            thread,
            events,
            cancel,
        }
    }

    /// What it told since the last call, without waiting; `None` where there is nothing now.
    pub fn poll(&self) -> Option<TaskEvent> {
        self.events.try_recv().ok()
    }

    /// The next thing that it tells; `None` at its end.
    pub fn wait(&self) -> Option<TaskEvent> {
        self.events.recv().ok()
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When the operation panicked, which is a defect of an adapter or of this crate, with the
    /// same payload.
    pub fn join(self) -> T {
        match self.thread.join() {
            Ok(value) => value,
            Err(payload) => std::panic::resume_unwind(payload),
        }
    }
}

struct Forward {
    sender: Sender<TaskEvent>,
}

// Nobody may be listening any more; the operation goes on all the same.
impl Observer for Forward {
    fn progress(&mut self, progress: &Progress) {
        let _ = self.sender.send(TaskEvent::Progress(progress.clone()));
    }

    fn message(&mut self, message: &StatusMessage) {
        let _ = self.sender.send(TaskEvent::Message(message.clone()));
    }
}
