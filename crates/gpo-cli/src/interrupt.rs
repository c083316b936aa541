//! Ctrl-C.

use gpo_engine::Cancel;

/// A flag that Ctrl-C sets, so that an operation ends cleanly; a second Ctrl-C ends the program at
/// once. On Unix, SIGTERM and SIGHUP do the same.
pub(crate) fn cancel_on_ctrl_c() -> Cancel {
    let cancel = Cancel::default();
    let flag = cancel.clone();
    let handler = move || {
        if flag.is_cancelled() {
            // As a shell reports a program that SIGINT ended.
            std::process::exit(130);
        }
        flag.cancel();
    };
    // Without a handler the program still ends, and whatever it leaves is sound.
    let _ = ctrlc::set_handler(handler);
    cancel
}
