//! The words of the trade: what every floor above says the same way.
//!
//! Nothing here decides anything. Nothing here reads a clock, a socket or a file.

pub mod called;
pub mod caller;
pub mod cause;
pub mod country;
pub mod currency;
pub mod device;
pub mod digit;
pub mod e164;
pub mod id;
pub mod indications;
pub mod language;
pub mod media;
pub mod message;
pub mod money;
pub mod number;
pub mod pin;
pub(crate) mod span;
pub mod tariff;
pub mod time;
pub mod tone;

pub use called::Called;
pub use caller::{Caller, Presented};
pub use cause::{Cause, Reason};
pub use country::Country;
pub use currency::Currency;
pub use device::DeviceState;
pub use digit::{Digit, Digits};
pub use e164::E164;
pub use id::{BridgeId, CallId, CallbackId, ChannelId, Name, NodeId, PlaybackId, RecordingId, ReservationId};
pub use indications::Indication;
pub use language::Language;
pub use media::{Media, Prompt};
pub use message::MessageId;
pub use money::{Amount, Money};
pub use number::{Doubt, Number};
pub use pin::Pin;
pub use tariff::{Charge, Tariff};
pub use time::Time;
pub use tone::{Beat, Cadence, Mix, NoTone, Tone};
