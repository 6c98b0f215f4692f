//! A telephone of the house that does something by itself: it registers, and calls somebody past Sentral.
//!
//! Beside a real Asterisk it says what a telephone says, once each; on the stand-in the same is done by hand.

use std::net::UdpSocket;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use sentral::sim::face::Face;
use sentral::sim::world::{Habit, Pickup};

use crate::machines::Machines;
use crate::time::{Moment, ms, secs};

/// Asterisk's echo, for telephones of the house: a call that Sentral has nothing to do with.
const ECHO: &str = "*43";

/// A call that somebody made by himself.
pub enum OwnCall {
    Toy { face: Face, phone: String },
    Sip(Said),
}

impl OwnCall {
    /// He picks up his telephone at the stand-in and calls somebody.
    pub async fn at_toy(face: &Face, phone: &str) -> Result<Self> {
        let (face, phone) = (face.clone(), phone.to_owned());
        let name = phone.clone();
        let calls = face.act(move |world, now| world.phone_calls_out(now, &name)).await;
        ensure!(calls == Some(true), "{phone} cannot call out");
        Ok(Self::Toy { face, phone })
    }

    /// The same beside a real Asterisk.
    pub fn at(machines: &Machines, phone: &str) -> Result<Self> {
        Self::dialling(machines, phone, ECHO)
    }

    /// He calls somebody else, who answers within three seconds.
    pub fn dialling(machines: &Machines, phone: &str, whom: &str) -> Result<Self> {
        let mut said = Said::new(machines, phone, &format!("sip:{whom}@{}", machines.asterisk_at()))?;
        let us = said.us.clone();
        let (address, _port) = us.split_once(':').context("an address")?;
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n\
             a=rtpmap:0 PCMU/8000\r\n"
        );
        let answer = said.ask("INVITE", "Content-Type: application/sdp\r\n", &sdp)?;
        said.to = header(&answer, "To").context("an answer without To")?;
        said.say("ACK", "", "")?;
        Ok(Self::Sip(said))
    }

    /// What another telephone asks Asterisk to bring together with its own call: this one, beside a real Asterisk.
    pub fn refer_to(&self) -> Result<String> {
        let Self::Sip(said) = self else { bail!("the stand-in's telephones do not transfer") };
        let tag = said.to.split_once("tag=").context("an answer without a tag")?.1;
        let uri = &said.uri;
        Ok(format!("<{uri}?Replaces={}%3Bto-tag%3D{tag}%3Bfrom-tag%3Dhouse>", said.call_id))
    }

    /// He hangs up.
    pub async fn hangs_up(self) -> Result<()> {
        match self {
            Self::Toy { face, phone } => {
                let ended = face.act(move |world, now| world.phone_ends_its_own_call(now, &phone)).await;
                ensure!(ended == Some(true), "he was in no call of his own");
                Ok(())
            }
            Self::Sip(mut said) => said.ask("BYE", "", "").map(drop),
        }
    }
}

/// A telephone registers at the stand-in, or is no longer there.
pub async fn registers_at_toy(face: &Face, phone: &str, there: bool) -> Result<()> {
    let phone = phone.to_owned();
    let done = face.act(move |world, _| match there {
        true => world.set_phone(&phone, Habit::always(Pickup::Silent)),
        false => world.remove_phone(&phone),
    });
    done.await.context("the stand-in is gone")
}

/// The same beside a real Asterisk: it is where all phones are.
pub fn registers_at(machines: &Machines, phone: &str, there: bool) -> Result<()> {
    let mut said = Said::new(machines, phone, &format!("sip:{}", machines.asterisk_at()))?;
    said.to = format!("<sip:{phone}@{}>", machines.asterisk_at());
    let place =
        format!("Contact: <sip:{phone}@{}:5060>\r\nExpires: {}\r\n", machines.phones_at(), u8::from(there) * 60);
    said.ask("REGISTER", &place, "").map(drop)
}

/// What one telephone says to Asterisk in one dialog.
pub struct Said {
    socket: UdpSocket,
    us: String,
    user: String,
    uri: String,
    to: String,
    call_id: String,
    count: u32,
}

impl Said {
    fn new(machines: &Machines, user: &str, uri: &str) -> Result<Self> {
        let socket = UdpSocket::bind((machines.host(), 0))?;
        socket.connect((machines.asterisk_at(), 5060))?;
        socket.set_read_timeout(Some(ms(200)))?;
        let us = socket.local_addr()?.to_string();
        let call_id = format!("house-{user}-{}", us.replace(':', "-"));
        Ok(Self { socket, us, user: user.to_owned(), uri: uri.to_owned(), to: format!("<{uri}>"), call_id, count: 0 })
    }

    fn say(&mut self, method: &str, headers: &str, body: &str) -> Result<()> {
        // What acknowledges an answer has its number.
        if method != "ACK" {
            self.count += 1;
        }
        let Self { us, user, uri, to, call_id, count, .. } = &*self;
        let contact =
            if headers.contains("Contact:") { String::new() } else { format!("Contact: <sip:{user}@{us}>\r\n") };
        let text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {us};rport;branch=z9hG4bK-{call_id}-{method}-{count}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@{us}>;tag=house\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {count} {method}\r\n{contact}{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.socket.send(text.as_bytes()).context("a telephone cannot be heard")?;
        Ok(())
    }

    /// Says something until it is answered; gives the answer, which is yes.
    fn ask(&mut self, method: &str, headers: &str, body: &str) -> Result<String> {
        self.say(method, headers, body)?;
        let patience: Duration = secs(3);
        let begun = Moment::now();
        while Moment::now() - begun < patience {
            let mut text = [0; 4096];
            let Ok(length) = self.socket.recv(&mut text) else { continue };
            let answer = String::from_utf8_lossy(&text[..length]).into_owned();
            let is_his = header(&answer, "CSeq").is_some_and(|cseq| cseq.ends_with(method));
            if is_his && !answer.starts_with("SIP/2.0 1") {
                ensure!(answer.starts_with("SIP/2.0 200"), "{method} of {}: {answer}", self.user);
                return Ok(answer);
            }
        }
        anyhow::bail!("{method} of {} is not answered", self.user)
    }
}

fn header(message: &str, name: &str) -> Option<String> {
    let line = message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.map(|value| value.trim().to_owned())
}
