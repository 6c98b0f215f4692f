//! Callbacks, seen and cancelled from outside.

use super::{Ask, Desk, Late};
use crate::{domain::CallbackId, engine::snapshot::CallbackView};

impl Desk {
    /// Cancels a callback. Tells how it stood; `None`: there is none of that id, or it is over.
    ///
    /// # Errors
    /// When the engine's task does not answer.
    pub async fn cancel_callback(&self, id: CallbackId) -> Result<Option<CallbackView>, Late> {
        self.ask(|answer| Ask::CancelCallback(id, answer)).await.ok_or(Late)
    }
}
