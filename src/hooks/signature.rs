//! How a notification shows that it is ours.
//!
//! `Sentral-Id` names it; `Sentral-Signature: t=SECONDS,v1=HEX` has the time of this try and the HMAC-SHA256 of
//! `SECONDS.ID.BODY` under the shared secret, so that neither the body nor the name can be changed, and an old one not be
//! told again.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::domain::Time;

const ID: HeaderName = HeaderName::from_static("sentral-id");
const SIGNATURE: HeaderName = HeaderName::from_static("sentral-signature");

/// The headers of a notification that is told now.
pub(super) fn headers(secret: Option<&SecretString>, id: &str, body: &str, now: Time) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.extend(HeaderValue::from_str(id).ok().map(|id| (ID, id)));
    let signed = secret.map(|secret| signature(secret, id, body, now.as_micros() / 1_000_000));
    headers.extend(signed.and_then(|text| HeaderValue::from_str(&text).ok()).map(|text| (SIGNATURE, text)));
    headers
}

fn signature(secret: &SecretString, id: &str, body: &str, seconds: u64) -> String {
    // A key may be of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return String::new() };
    mac.update(format!("{seconds}.{id}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_time_id_and_body() {
        let now = Time::from_secs(1_700_000_000);
        let headers = headers(Some(&SecretString::from("0123456789abcdef")), "00000001-2-3", r#"{"a":1}"#, now);
        assert_eq!(headers.get(ID).expect("an id"), "00000001-2-3");
        // printf '%s' '1700000000.00000001-2-3.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let expected = "t=1700000000,v1=7e8784ad5ec9f6684e8b1294218ae02e3d45dbcfe87dfadc89d1d271f8f2e9ed";
        assert_eq!(headers.get(SIGNATURE).expect("a signature"), expected);
        assert!(super::headers(None, "1", "{}", now).get(SIGNATURE).is_none());
    }
}
