//! Showing how far an operation is.

use gpo_core::Quoted;
use gpo_engine::{Observer, StatusMessage};
use indicatif::{ProgressBar, ProgressStyle};

use crate::console::Console;

/// Prints the messages of an operation, below a bar on a terminal.
pub(crate) struct Progress<'a> {
    console: &'a Console,
    bar: Option<ProgressBar>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(console: &'a Console, shown: bool) -> Self {
        let bar = shown.then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::no_length().with_style(style)
        });
        Self { console, bar }
    }
}

impl Observer for Progress<'_> {
    fn progress(&mut self, progress: &gpo_engine::Progress) {
        if let Some(bar) = &self.bar {
            bar.set_length(progress.steps);
            bar.set_position(progress.step);
            bar.set_message(Quoted::bare(&progress.object).to_string());
        }
    }

    fn message(&mut self, message: &StatusMessage) {
        let print = || self.console.message(message.severity, message);
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
