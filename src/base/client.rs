//! The client of a request: its address and user agent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Longer user agents are truncated: this is enough to tell the device, and clients cannot fill the database with
/// headers.
const MAX_USER_AGENT: usize = 512;

/// The networks of this machine.
pub const LOOPBACK: [IpNet; 2] =
    [IpNet::new_assert(IpAddr::V4(Ipv4Addr::LOCALHOST), 8), IpNet::new_assert(IpAddr::V6(Ipv6Addr::LOCALHOST), 128)];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// An IPv4-mapped IPv6 address is stored as IPv4.
    pub ip: IpAddr,
    /// At most 512 characters.
    pub user_agent: Option<String>,
    /// Who acts on the account of somebody else; `None` for users themselves.
    pub actor: Option<Actor>,
}

/// An admin, or an operator on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `None` for an operator, who needs no account.
    pub user_id: Option<i64>,
    pub name: String,
}

impl Client {
    #[must_use]
    pub fn new(ip: IpAddr, user_agent: Option<&str>) -> Self {
        let user_agent = user_agent.map(|text| {
            if text.len() <= MAX_USER_AGENT && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                return text.to_owned();
            }
            let end = text.char_indices().nth(MAX_USER_AGENT).map_or(text.len(), |(end, _)| end);
            // A terminal would interpret some control characters.
            text.get(..end).unwrap_or(text).replace(char::is_control, "\u{fffd}")
        });
        Self { ip: ip.to_canonical(), user_agent, actor: None }
    }

    /// As this client, on behalf of an admin or operator.
    #[must_use]
    pub fn with_actor(self, user_id: Option<i64>, name: &str) -> Self {
        Self { actor: Some(Actor { user_id, name: name.to_owned() }), ..self }
    }

    /// The network for rate limiting: the IPv4 address, or the IPv6 /64, which usually belongs to a single customer.
    #[must_use]
    pub fn network(&self) -> String {
        match self.ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(_) => truncated(self.ip, 64).to_string(),
        }
    }

    /// Whether both addresses are in the same IPv4 /24 or IPv6 /48. A client's address may change within these at any
    /// time.
    #[must_use]
    pub fn is_near(&self, other: IpAddr) -> bool {
        let around = |ip: IpAddr| truncated(ip, if ip.is_ipv4() { 24 } else { 48 });
        around(self.ip) == around(other)
    }
}

fn truncated(ip: IpAddr, bits: u8) -> IpNet {
    IpNet::new_assert(ip, bits).trunc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(ip: &str) -> Client {
        Client::new(ip.parse().expect("an address"), None)
    }

    #[test]
    fn a_network_is_an_ipv4_address_or_an_ipv6_64() {
        assert_eq!(client("203.0.113.7").network(), "203.0.113.7");
        assert_eq!(client("::ffff:203.0.113.7").network(), "203.0.113.7");
        assert_eq!(client("2001:db8:1:2:3:4:5:6").network(), "2001:db8:1:2::/64");
    }

    #[test]
    fn near_is_the_same_24_or_48() {
        let near = |one: &str, other: &str| client(one).is_near(other.parse().expect("an address"));
        assert!(near("203.0.113.7", "203.0.113.250"));
        assert!(!near("203.0.113.7", "203.0.114.7"));
        assert!(near("2001:db8:1:2::1", "2001:db8:1:ffff::1"));
        assert!(!near("2001:db8:1::1", "2001:db8:2::1"));
        assert!(!near("203.0.113.7", "2001:db8:1::1"));
    }

    #[test]
    fn a_long_user_agent_is_truncated() {
        let client = Client::new(IpAddr::from([127, 0, 0, 1]), Some(&"ü".repeat(2000)));
        assert_eq!(client.user_agent.map(|text| text.chars().count()), Some(512));
    }
}
