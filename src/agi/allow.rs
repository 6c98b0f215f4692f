//! Who may connect: addresses, and networks as `10.0.0.0/8`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// So many of its bits count.
    bits: u32,
}

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNetwork {
    /// It is nothing of the kind.
    #[error("no address and no network")]
    Unread,
    /// The address goes on where the network's part of it ends, as in `10.0.0.5/8`: either may be meant.
    #[error("one address with the length of a network: {0} is the network, {1} the address")]
    Both(Network, IpAddr),
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_no_address| NoNetwork::Unread)?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse().map_err(|_no_number| NoNetwork::Unread))?;
        if bits > all {
            return Err(NoNetwork::Unread);
        }
        let network = Self { address: beginning(address, bits), bits };
        if network.address == address { Ok(network.canonical()) } else { Err(NoNetwork::Both(network, address)) }
    }
}

/// An address with nothing behind its first bits.
fn beginning(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(it) => Ipv4Addr::from_bits(it.to_bits() & u32::MAX.checked_shl(32 - bits).unwrap_or(0)).into(),
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() & u128::MAX.checked_shl(128 - bits).unwrap_or(0)).into(),
    }
}

impl Network {
    /// One of IPv4 is written as such: in IPv6 its addresses stand behind 96 bits.
    fn canonical(self) -> Self {
        match (self.address.to_canonical(), self.address) {
            (address @ IpAddr::V4(_), IpAddr::V6(_)) => Self { address, bits: self.bits.saturating_sub(96) },
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), _) => self,
        }
    }

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
            ("::ffff:10.0.0.5", "10.0.0.5", "10.0.0.4"),
            ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.1"),
            ("::ffff:0:0/96", "192.168.0.1", "::1"),
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
            assert_eq!(text.parse::<Network>(), Err(NoNetwork::Unread), "{text}");
        }
    }

    #[test]
    fn an_address_that_is_no_network_s_beginning_is_told_with_what_may_be_meant() {
        for (text, network) in [
            ("10.0.0.5/8", "10.0.0.0/8"),
            ("fd12::1/8", "fd00::/8"),
            ("10.0.0.5/0", "0.0.0.0/0"),
            ("::ffff:10.0.0.0/90", "::ffc0:0:0/90"),
        ] {
            let told = text.parse::<Network>().expect_err(text).to_string();
            assert!(told.contains(&format!("{network} is the network")), "{text}: {told}");
        }
    }
}
