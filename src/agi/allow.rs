//! Who may connect: addresses, and networks as `10.0.0.0/8`.

use std::{net::IpAddr, str::FromStr};

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// So many of its bits count.
    bits: u32,
}

/// It is no address and no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no address and no network")]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_no_address| NoNetwork)?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse().map_err(|_no_number| NoNetwork))?;
        if bits <= all { Ok(Self { address, bits }) } else { Err(NoNetwork) }
    }
}

impl Network {
    /// Whether an address is of this network. One of IPv4 is the same however it is written.
    pub fn holds(&self, address: IpAddr) -> bool {
        let differ = |one: u128, other: u128, all: u32| (one ^ other).checked_shr(all - self.bits).unwrap_or(0) != 0;
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => !differ(own.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => !differ(own.to_bits(), other.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_own_and_nobody_else() {
        for (network, inside, outside) in [
            ("127.0.0.0/8", "127.1.2.3", "128.0.0.1"),
            ("10.0.0.5", "10.0.0.5", "10.0.0.4"),
            ("10.0.0.5", "::ffff:10.0.0.5", "::10.0.0.5"),
            ("::1", "::1", "::2"),
            ("fd00::/8", "fd12:3::4", "fe80::1"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
        ] {
            let network: Network = network.parse().expect("a network");
            assert!(network.holds(inside.parse().expect("an address")), "{network:?} {inside}");
            assert!(!network.holds(outside.parse().expect("an address")), "{network:?} {outside}");
        }
        let all: Network = "0.0.0.0/0".parse().expect("all of them");
        assert!(all.holds("255.255.255.255".parse().expect("an address")));
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.0/", "1.2.3.4:5"] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork), "{text}");
        }
    }
}
