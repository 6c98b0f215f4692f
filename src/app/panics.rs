//! A panic, on whatever thread or task, ends the process: whoever starts it again finds the calls in Asterisk.
//!
//! What panicked may be deaf, or hold what others wait for, and the rest would go on as if nothing had happened: an engine
//! that hears nothing any more would still put off the dead man's switch of those who wait. Only a plan may be read with a
//! panic: that touches nothing but the file, and the old plan goes on; and a session of FastAGI may have one: it holds nothing
//! that another waits for.

use std::{panic, process, thread, time::Duration};

use crate::{agi, runtime::reload};

/// How long the log has for the lines before it that are written.
const LAST_LINES: Duration = Duration::from_millis(100);

/// What Rust itself ends with when the first thread panicked.
const PANICKED: i32 = 101;

/// From now on.
pub(super) fn end_the_process() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        tell(panic);
        if !reload::is_reading() && !agi::is_contained() {
            wait_for_the_log();
            process::exit(PANICKED);
        }
    }));
}

#[expect(clippy::disallowed_methods, reason = "nothing is to go on")]
fn wait_for_the_log() {
    thread::sleep(LAST_LINES);
}

#[cfg(test)]
mod tests {
    use std::{env, process::Command};

    use super::*;

    /// Set for a process that is to panic, to how.
    const HOW: &str = "PANICS_FOR_A_TEST";

    /// The code that a process ends with which panics so: none, when it goes on to its end.
    fn ends_with(how: &str) -> Option<i32> {
        let mut child = Command::new(env::current_exe().expect("this test"));
        child.args(["--exact", "app::panics::tests::panics_as_it_is_told"]).env(HOW, how);
        child.output().expect("it runs").status.code().filter(|code| *code != 0)
    }

    #[test]
    fn a_panic_anywhere_but_in_a_plan_ends_the_process() {
        assert_eq!(ends_with("not at all"), None);
        assert_eq!(ends_with("in a task"), Some(PANICKED));
        assert_eq!(ends_with("on a thread"), Some(PANICKED));
        assert_eq!(ends_with("in a plan"), None);
        assert_eq!(ends_with("in a session"), None);
        assert_eq!(ends_with("behind a session"), Some(PANICKED));
    }

    async fn in_a_session() -> bool {
        tokio::spawn(agi::contained(Box::pin(async { panic!("of a session") }))).await.is_err()
    }

    /// Does nothing but in a process that [`ends_with`] starts.
    #[test]
    fn panics_as_it_is_told() {
        let Ok(how) = env::var(HOW) else { return };
        end_the_process();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let panicked = match how.as_str() {
            "in a task" => runtime.block_on(async { tokio::spawn(async { panic!("of a task") }).await.is_err() }),
            "on a thread" => thread::spawn(|| panic!("of a thread")).join().is_err(),
            "in a session" => runtime.block_on(in_a_session()),
            "behind a session" => {
                assert!(!runtime.block_on(in_a_session()), "behind it");
                false
            }
            "in a plan" => thread::spawn(|| reload::reading(|| panic!("of a plan"))).join().is_err(),
            _ => true,
        };
        assert!(panicked);
    }
}
