//! What a caller does and meets.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::sleep;

use super::{Leg, People};
use crate::ear::Ear;
use crate::telephones::{Order, Side};
use crate::time::{Moment, secs};
use crate::wire::{Dialog, Message, Wire};

/// Somebody who called.
pub struct Caller {
    pub(super) people: Arc<People>,
    pub number: String,
    pub(super) call_id: String,
    pub ear: Arc<Ear>,
    pub dialed: Moment,
}

impl Caller {
    /// Everything that was sent and received.
    pub fn dialog(&self) -> Option<Arc<Dialog>> {
        self.wire().dialog(&self.call_id)
    }

    fn wire(&self) -> &Wire {
        self.people.telephones.wire(Side::Callers)
    }

    fn order(&self, order: Order<'_>) -> Result<()> {
        self.people.telephones.order(Side::Callers, &self.call_id, order)
    }

    async fn until<T>(&self, limit: Duration, what: &str, look: impl Fn(&Dialog) -> Option<T>) -> Result<T> {
        let what = format!("caller {} {what}", self.number);
        self.wire().until(limit, &what, |wire| wire.dialog(&self.call_id).as_deref().and_then(&look)).await
    }

    /// Waits for 200.
    pub async fn answered(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "is answered", |d| d.response(200..=299).map(|m| m.at)).await
    }

    /// Waits for 180 or 183.
    pub async fn hears_it_ring(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "hears it ring", |d| d.response(180..=183).map(|m| m.at)).await
    }

    /// Waits for a refusal and gives its status.
    pub async fn refused(&self, limit: Duration) -> Result<u16> {
        let status = |d: &Dialog| d.response(300..=699).and_then(Message::status).map(|(code, _)| code);
        self.until(limit, "is refused", status).await
    }

    /// Waits until the other side hangs up.
    pub async fn is_hung_up(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "is hung up", |d| d.received("BYE").map(|m| m.at)).await
    }

    /// The call is still on, answered or not.
    pub fn is_in_the_call(&self) -> bool {
        self.dialog().is_none_or(|d| !d.is_over())
    }

    /// Presses a key (RFC 4733) so long after the answer.
    pub async fn presses(&self, key: char, after: Duration) -> Result<Moment> {
        self.wait_after_answer(after).await?;
        let pressed = Moment::now();
        self.order(Order::Press(key, &self.ear))?;
        Ok(pressed)
    }

    /// Presses a key (RFC 4733) now, answered or not.
    pub fn presses_now(&self, key: char) -> Result<()> {
        self.order(Order::Press(key, &self.ear))
    }

    /// Presses a key told by SIP INFO so long after the answer.
    pub async fn presses_by_info(&self, key: char, after: Duration) -> Result<Moment> {
        self.wait_after_answer(after).await?;
        let pressed = Moment::now();
        self.order(Order::PressByInfo(key))?;
        Ok(pressed)
    }

    async fn wait_after_answer(&self, after: Duration) -> Result<()> {
        let answered = self.answered(secs(10)).await?;
        sleep(after.saturating_sub(Moment::now() - answered)).await;
        Ok(())
    }

    /// Hangs up: CANCEL before the answer, BYE after it.
    pub fn hangs_up(&self) -> Result<()> {
        self.order(Order::HangUp)
    }

    /// Waits until the two hear each other's voice.
    pub async fn talks_with(&self, leg: &Leg, limit: Duration) -> Result<()> {
        let both = tokio::join!(self.ear.hears(leg.ear.voice, limit), leg.ear.hears(self.ear.voice, limit));
        both.0.with_context(|| format!("caller {} does not hear {}", self.number, leg.operator))?;
        both.1.with_context(|| format!("{} does not hear caller {}", leg.operator, self.number))?;
        Ok(())
    }

    /// Waits until an operator has been heard and has hung up.
    pub async fn is_served(&self, limit: Duration) -> Result<()> {
        let own = self.ear.voice;
        self.ear
            .until(limit, "hears an operator", |ear| ear.heard_anybody_but(own).then_some(()))
            .await
            .with_context(|| format!("caller {}", self.number))?;
        self.is_hung_up(limit).await.map(drop)
    }

    /// Waits for a prompt or music in the caller's ear.
    pub async fn hears_asterisk(&self, limit: Duration) -> Result<()> {
        self.ear.hears_asterisk(limit).await.map(drop).with_context(|| format!("caller {}", self.number))
    }
}
