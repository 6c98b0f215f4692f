//! What an operator does and meets while his phone rings and he talks.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::time::sleep;

use super::People;
use crate::ear::Ear;
use crate::telephones::{Order, Side};
use crate::time::Moment;
use crate::wire::{Dialog, Wire};

/// One ringing of one operator's phone.
pub struct Leg {
    pub(super) people: Arc<People>,
    pub operator: String,
    pub(super) call_id: String,
    pub ear: Arc<Ear>,
    pub invited: Moment,
}

impl Leg {
    pub(super) fn order(&self, order: Order<'_>) -> Result<()> {
        self.people.telephones.order(Side::Phones, &self.call_id, order)
    }

    fn wire(&self) -> &Wire {
        self.people.telephones.wire(Side::Phones)
    }

    /// Everything that was sent and received.
    pub fn dialog(&self) -> Option<Arc<Dialog>> {
        self.wire().dialog(&self.call_id)
    }

    async fn until<T>(&self, limit: Duration, what: &str, look: impl Fn(&Dialog) -> Option<T>) -> Result<T> {
        let what = format!("{} {what}", self.operator);
        self.wire().until(limit, &what, |wire| wire.dialog(&self.call_id).as_deref().and_then(&look)).await
    }

    /// Picks up now.
    pub fn answers(&self) -> Result<()> {
        self.order(Order::Answer(&self.ear))
    }

    /// Presses a key (RFC 4733).
    pub fn presses(&self, key: char) -> Result<()> {
        self.order(Order::Press(key, &self.ear))
    }

    /// Waits until he is told something.
    pub async fn hears_asterisk(&self, limit: Duration) -> Result<()> {
        self.ear.hears_asterisk(limit).await.map(drop).with_context(|| format!("{} is told nothing", self.operator))
    }

    /// Transfers the caller: `Refer-To`, as SIP has it.
    pub fn transfers_to(&self, refer_to: &str) -> Result<()> {
        self.order(Order::Transfer(refer_to))
    }

    /// Hangs up.
    pub fn hangs_up(&self) -> Result<()> {
        self.order(Order::HangUp)
    }

    /// Waits for the 200 of the phone.
    pub async fn answered(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "answers", |d| d.response(200..=299).map(|m| m.at)).await
    }

    /// Waits for the CANCEL and gives when it came and why.
    pub async fn cancelled(&self, limit: Duration) -> Result<(Moment, String)> {
        let cancel = |d: &Dialog| {
            let m = d.received("CANCEL")?;
            Some((m.at, m.headers("Reason").collect::<Vec<_>>().join(", ")))
        };
        self.until(limit, "is cancelled", cancel).await
    }

    /// Waits for the BYE and gives when it came and why.
    pub async fn is_hung_up(&self, limit: Duration) -> Result<(Moment, String)> {
        let bye = |d: &Dialog| {
            let m = d.received("BYE")?;
            Some((m.at, m.headers("Reason").collect::<Vec<_>>().join(", ")))
        };
        self.until(limit, "is hung up", bye).await
    }

    /// Waits until the phone's own refusal or hang-up or the other side's has ended this.
    pub async fn is_over(&self, limit: Duration) -> Result<()> {
        self.until(limit, "is done", |d| d.is_over().then_some(())).await
    }

    /// Hangs up after a while, in the background.
    pub fn hangs_up_after(&self, delay: Duration) {
        let (people, call_id) = (Arc::clone(&self.people), self.call_id.clone());
        tokio::spawn(async move {
            sleep(delay).await;
            people.telephones.order(Side::Phones, &call_id, Order::HangUp)
        });
    }

    /// Waits until the phone is on the hook: refused, cancelled, or a BYE after the answer.
    pub async fn is_over_for_good(&self, limit: Duration) -> Result<()> {
        let over = |d: &Dialog| {
            let answered = d.response(200..=299).is_some();
            let bye = d.received("BYE").is_some() || d.sent("BYE").is_some();
            let refused = d.response(300..=699).is_some();
            (refused || answered && bye).then_some(())
        };
        self.until(limit, "is over for good", over).await
    }

    /// Whether the phone was picked up.
    pub fn was_answered(&self) -> bool {
        self.dialog().is_some_and(|d| d.response(200..=299).is_some())
    }

    /// From whom: the number in the From header.
    pub fn shows(&self) -> Result<String> {
        let dialog = self.dialog().context("no dialog")?;
        let Some(from) = dialog.messages.first().and_then(|m| m.header("From")) else { bail!("no From") };
        Ok(from.to_owned())
    }
}
