//! Ranges of addresses: what `--subnet` and `--ip-range` name, and the next free address in one.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The ranges that a bridge network takes when none is named (libnetwork 20.10, `ipamutils`): 172.17 to 172.31 by /16,
/// then 192.168 by /20. The bridge network has the first.
const DEFAULT_POOLS: u32 = 31;
/// How many addresses of a range are tried before it counts as full.
const MOST_TRIED: u128 = 1 << 17;

/// A range of addresses, `172.18.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    base: u128,
    prefix: u8,
    is_v6: bool,
}

impl Subnet {
    /// Reads `ADDRESS/PREFIX`; the address may be any of the range's (Go's `net.ParseCIDR`).
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let prefix: u8 = prefix.parse().ok()?;
        let is_v6 = address.is_ipv6();
        if prefix > width(is_v6) {
            return None;
        }
        let mut subnet = Self { base: 0, prefix, is_v6 };
        subnet.base = number(address) & !subnet.host_mask();
        Some(subnet)
    }

    /// The default range of this number, counted from the bridge network's.
    pub fn default_pool(index: u32) -> Self {
        let at = index % DEFAULT_POOLS;
        let (address, prefix) = if at < 15 {
            (Ipv4Addr::from(0xAC11_0000 + (at << 16)), 16)
        } else {
            (Ipv4Addr::from(0xC0A8_0000 + ((at - 15) << 12)), 20)
        };
        Self { base: number(address.into()), prefix, is_v6: false }
    }

    /// How many default ranges there are.
    pub const fn default_pools() -> u32 {
        DEFAULT_POOLS
    }

    fn host_mask(self) -> u128 {
        let bits = u32::from(width(self.is_v6) - self.prefix);
        1u128.checked_shl(bits).map_or(u128::MAX, |size| size - 1)
    }

    /// Whether it has IPv6 addresses.
    pub fn is_v6(self) -> bool {
        self.is_v6
    }

    /// How many bits all its addresses have in common.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether an address is one of its own.
    pub fn contains(self, address: IpAddr) -> bool {
        address.is_ipv6() == self.is_v6 && number(address) & !self.host_mask() == self.base
    }

    /// Whether the two have an address in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.is_v6 == other.is_v6
            && (self.contains(address(other.base, other.is_v6))
                || other.contains(address(self.base, self.is_v6)))
    }

    /// The last address, which IPv4 keeps for broadcasts.
    pub fn last(self) -> IpAddr {
        address(self.base | self.host_mask(), self.is_v6)
    }

    /// The lowest address of `range` in this subnet that is neither the subnet's own, nor its broadcast, nor taken.
    pub fn free(self, range: Option<Self>, taken: &BTreeSet<IpAddr>) -> Option<IpAddr> {
        let range = range.unwrap_or(self);
        let mut at = range.base;
        let end = range.base | range.host_mask();
        for _ in 0..MOST_TRIED {
            if at > end {
                return None;
            }
            let candidate = address(at, self.is_v6);
            let reserved = at == self.base || (!self.is_v6 && candidate == self.last());
            if !reserved && !taken.contains(&candidate) {
                return Some(candidate);
            }
            at = at.checked_add(1)?;
        }
        None
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", address(self.base, self.is_v6), self.prefix)
    }
}

fn width(is_v6: bool) -> u8 {
    if is_v6 { 128 } else { 32 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn address(number: u128, is_v6: bool) -> IpAddr {
    if is_v6 {
        Ipv6Addr::from(number).into()
    } else {
        Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).into()
    }
}

/// The hardware address that Docker makes of an IPv4 address: `02:42` and its four bytes.
pub(super) fn mac_of(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_hold_their_addresses() {
        let subnet = Subnet::parse("10.6.0.5/16").unwrap();
        assert_eq!(subnet.to_string(), "10.6.0.0/16");
        assert!(
            subnet.contains("10.6.255.1".parse().unwrap()) && !subnet.contains("10.7.0.0".parse().unwrap())
        );
        assert_eq!(subnet.last().to_string(), "10.6.255.255");
        for bad in ["bogus", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "fd00::/129"] {
            assert_eq!(Subnet::parse(bad), None, "{bad}");
        }
        assert!(Subnet::parse("10.0.0.0/8").unwrap().overlaps(subnet));
        assert!(!Subnet::parse("fd00::/8").unwrap().overlaps(subnet));
        assert!(Subnet::parse("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
    }

    #[test]
    fn the_lowest_free_address_is_taken() {
        let subnet = Subnet::parse("10.5.0.0/16").unwrap();
        let taken = BTreeSet::from(["10.5.0.1".parse().unwrap()]);
        assert_eq!(subnet.free(None, &taken).unwrap().to_string(), "10.5.0.2");
        // A recorded case: the first address of a range inside the subnet is an address like others.
        let range = Subnet::parse("10.5.5.0/24");
        assert_eq!(subnet.free(range, &taken).unwrap().to_string(), "10.5.5.0");
        let small = Subnet::parse("10.0.0.0/30").unwrap();
        let taken = BTreeSet::from(["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]);
        assert_eq!(small.free(None, &taken), None);
        let six = Subnet::parse("fd00:1::/64").unwrap();
        assert_eq!(six.free(None, &BTreeSet::new()).unwrap().to_string(), "fd00:1::1");
    }

    #[test]
    fn default_ranges_are_docker_s() {
        assert_eq!(Subnet::default_pool(0).to_string(), "172.17.0.0/16");
        assert_eq!(Subnet::default_pool(1).to_string(), "172.18.0.0/16");
        assert_eq!(Subnet::default_pool(15).to_string(), "192.168.0.0/20");
        assert_eq!(Subnet::default_pool(19).to_string(), "192.168.64.0/20");
        assert_eq!(mac_of("172.17.0.2".parse().unwrap()), "02:42:ac:11:00:02");
    }
}
