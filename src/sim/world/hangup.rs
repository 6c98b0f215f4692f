//! How a channel ends.
//!
//! Three moments, as on a real Asterisk, with a little time between them into which requests may fall: the hang-up itself
//! (`ChannelHangupRequest`; the far side is told), the channel's thread noticing it (`ChannelLeftBridge`,
//! `PlaybackFinished`, `StasisEnd`), and the end (`ChannelDestroyed`, to those who subscribed).

use serde_json::json;

use super::{
    World,
    app::About,
    caller::ToCaller,
    channel::{Channel, Far, Origin, State},
    phone::ToPhone,
    reply::{Outcome, Reply},
    rest::Ask,
    timers::Due,
};

/// Why a channel ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// Q.850.
    pub(super) cause: u16,
    /// SIP status.
    pub(super) tech: Option<u16>,
}

/// Who ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A request to ARI.
    Request,
    /// The far side: BYE, CANCEL, or a refusal.
    FarSide,
    /// A dial that took too long.
    DialTimeout,
    /// The dialplan, or Asterisk itself.
    Asterisk,
}

/// Words of `DELETE channels/ID?reason=`, their cause, and the SIP status for a caller not yet answered.
const REASONS: [(&str, u16, u16); 13] = [
    ("normal", 16, 603),
    ("busy", 17, 486),
    ("congestion", 34, 503),
    ("no_answer", 19, 480),
    ("timeout", 18, 408),
    ("rejected", 21, 403),
    ("unallocated", 1, 404),
    ("normal_unspecified", 31, 480),
    ("number_incomplete", 28, 484),
    ("codec_mismatch", 58, 488),
    ("interworking", 127, 500),
    ("failure", 38, 500),
    ("answered_elsewhere", 26, 603),
];

fn cause_text(cause: u16) -> &'static str {
    match cause {
        1 => "Unallocated (unassigned) number",
        16 => "Normal Clearing",
        17 => "User busy",
        18 => "No user responding",
        19 => "User alerting, no answer",
        21 => "Call Rejected",
        22 => "Number changed",
        26 => "Answered elsewhere",
        27 => "Destination out of order",
        28 => "Invalid number format",
        31 => "Normal, unspecified",
        34 => "Circuit/channel congestion",
        38 => "Network out of order",
        58 => "Bearer capability not available",
        127 => "Interworking, unspecified",
        _ => "Unknown",
    }
}

/// What an unanswered caller is told for a cause.
fn sip_status(cause: u16) -> u16 {
    match cause {
        3 => 404,
        20 => 480,
        22 => 410,
        27 => 502,
        _ => REASONS.iter().find(|(_, q850, _)| *q850 == cause).map_or(603, |(_, _, status)| *status),
    }
}

fn requested_cause(ask: &Ask<'_>) -> Result<u16, Reply> {
    match (ask.get("reason").filter(|text| !text.is_empty()), ask.get("reason_code").filter(|text| !text.is_empty())) {
        (Some(_), Some(_)) => Err(Reply::error(400, "The reason and reason_code can't both be specified")),
        (None, None) => Ok(16),
        (None, Some(code)) => {
            code.parse().map_err(|_ignored| Reply::error(400, "Invalid reason for hangup reason code provided"))
        }
        (Some(reason), None) => REASONS
            .iter()
            .find(|(name, _, _)| *name == &*reason)
            .map(|(_, cause, _)| *cause)
            .ok_or_else(|| Reply::error(400, "Invalid reason for hangup reason provided")),
    }
}

impl World {
    /// `DELETE channels/ID`.
    pub(super) fn delete_channel(&mut self, id: &str, ask: &Ask<'_>) -> Outcome {
        if !self.channels.contains_key(id) {
            return Err(Reply::error(404, "Channel not found"));
        }
        let cause = requested_cause(ask)?;
        self.hang_up(id, Ending { cause, tech: None }, By::Request);
        Ok(Some(Reply::no_content()))
    }

    /// The first moment. A second hang-up of the same channel changes nothing.
    pub(super) fn hang_up(&mut self, id: &str, mut ending: Ending, by: By) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.ending.is_none()) else { return };
        if matches!((channel.far, by), (Far::Phone(None), By::Request)) {
            // A leg that was never dialled: its session is ended before it began.
            ending.tech = Some(603);
        }
        channel.ending = Some(ending);
        let created = matches!(channel.origin, Origin::Created { .. });
        let dialled = matches!(channel.far, Far::Phone(Some(_)));
        let unanswered_leg = channel.is_unanswered_leg();
        // An originate that times out says nothing before the end.
        if by != By::DialTimeout || created {
            self.tell_hang_up(id, ending, by);
        }
        if by != By::FarSide {
            self.tell_far_side(id, ending.cause);
        }
        if unanswered_leg && dialled && !created && by != By::DialTimeout {
            let resource = self.channels.get(id).map(|channel| channel.resource.clone()).unwrap_or_default();
            self.tell_dial(id, dial_status(ending.cause), &resource);
        }
        self.touch(id);
        let pace = self.draw(self.config.pace);
        self.after(pace, Due::LeavesStasis(id.to_owned()));
    }

    fn tell_hang_up(&mut self, id: &str, ending: Ending, by: By) {
        let mut fields = json!({ "channel": self.channel_json(id) });
        match by {
            // A flag of Asterisk's own, not a cause of Q.850.
            By::Request | By::DialTimeout => {
                fields["cause"] = 32.into();
                fields["soft"] = true.into();
            }
            By::FarSide | By::Asterisk => fields["cause"] = ending.cause.into(),
        }
        if let Some(tech) = ending.tech.filter(|_| by == By::FarSide) {
            fields["tech_cause"] = tech.into();
        }
        self.tell(&[About::Channel(id)], "ChannelHangupRequest", fields);
    }

    fn tell_far_side(&mut self, id: &str, cause: u16) {
        let Some(channel) = self.channels.get(id) else { return };
        let answered = channel.state == State::Up;
        let elsewhere = cause == 26;
        // Before a phone has said a word Asterisk may not cancel, and what it sends when it may has forgotten the reason.
        let heard_of = channel.state != State::Down;
        let network = self.config.network;
        match channel.far {
            Far::Caller(caller) if answered => self.after(network, Due::ToCaller(caller, ToCaller::Bye)),
            Far::Caller(caller) => {
                self.after(network, Due::ToCaller(caller, ToCaller::Refused(sip_status(cause))));
            }
            Far::Phone(Some(dialog)) if answered => {
                self.after(network, Due::ToPhone(dialog, ToPhone::Bye { elsewhere }));
            }
            Far::Phone(Some(dialog)) => {
                let elsewhere = elsewhere && heard_of;
                self.after(network, Due::ToPhone(dialog, ToPhone::Cancel { elsewhere }));
            }
            Far::Phone(None) => {}
        }
    }

    /// The second moment: the channel's thread sees that it is over.
    pub(super) fn on_leaves(&mut self, id: &str) {
        let Some(channel) = self.channels.get(id) else { return };
        if channel.stasis.is_some() {
            self.leave_bridge_for_good(id);
            self.fail_playback_of(id);
            self.drain_jobs(id);
            self.leave_stasis(id);
        }
        let pace = self.draw(self.config.pace);
        self.after(pace, Due::Destroyed(id.to_owned()));
    }

    /// The third: it is no more.
    pub(super) fn on_destroyed(&mut self, id: &str) {
        let Some(Channel { ending: Some(ending), .. }) = self.channels.get(id) else { return };
        let mut fields = json!({ "cause": ending.cause, "cause_txt": cause_text(ending.cause) });
        if let Some(tech) = ending.tech {
            fields["tech_cause"] = tech.into();
        }
        fields["channel"] = self.channel_json(id);
        self.tell(&[About::Channel(id)], "ChannelDestroyed", fields);
        self.channels.remove(id);
        self.forget_channel(id);
    }

    pub(super) fn on_dial_gives_up(&mut self, id: &str) {
        let due = self.channels.get(id).is_some_and(|channel| {
            channel.is_unanswered_leg() && channel.dial_until.is_some_and(|until| until <= self.now)
        });
        if due {
            self.hang_up(id, Ending { cause: 19, tech: Some(480) }, By::DialTimeout);
        }
    }

    /// `StasisEnd` is not the end: the channel goes on in the dialplan.
    pub(super) fn leave_for_dialplan(&mut self, id: &str) {
        self.leave_bridge_for_good(id);
        self.fail_playback_of(id);
        self.drain_jobs(id);
        self.leave_stasis(id);
    }
}

fn dial_status(cause: u16) -> &'static str {
    match cause {
        17 => "BUSY",
        34 => "CONGESTION",
        _ => "NOANSWER",
    }
}

/// The cause that Asterisk makes of a phone's refusal.
pub(super) fn cause_of(status: u16) -> u16 {
    match status {
        404 | 410 => 1,
        408 => 18,
        480 => 19,
        486 | 600 => 17,
        401 | 403 | 603 => 21,
        484 => 28,
        488 => 58,
        502 => 27,
        503 => 34,
        _ => 127,
    }
}
