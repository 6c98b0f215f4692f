//! A panic in a session ends that session.
//!
//! Elsewhere a panic ends the process, since whoever is left may wait for what panicked. A session holds nothing that another
//! waits for: its own socket, and places in queues, which are given up as it is dropped.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll},
};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is at work for a session, and a panic is that session's alone.
pub(crate) fn is_contained() -> bool {
    CONTAINED.get()
}

/// Has a future known for a session's, while it runs.
pub(crate) fn contained<F: Future + Unpin>(future: F) -> impl Future<Output = F::Output> {
    Contained(future)
}

struct Contained<F>(F);

impl<F: Future + Unpin> Future for Contained<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        /// Over when it is dropped, by a panic too.
        struct Over;
        impl Drop for Over {
            fn drop(&mut self) {
                CONTAINED.set(false);
            }
        }
        CONTAINED.set(true);
        let _over = Over;
        Pin::new(&mut self.0).poll(context)
    }
}
