//! Where a request may go: origins, patterns of them, and addresses that are nobody's business. Pure.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use easel_protocol::{ErrorKind, Failure};
use reqwest::Url;

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an address; an error where it has none or is not `http` or `https`.
    pub fn of(url: &str) -> Result<Origin, Failure> {
        let wrong = |what: &str| {
            Failure::new(ErrorKind::InvalidRequest, format!("`{}` {what}", without_query(url)))
                .hint("an address looks like `https://api.example.org/path`")
        };
        let parsed = Url::parse(url).map_err(|_| wrong("is no address"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(wrong("is neither `https` nor `http`"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(wrong("has a name or a password in it"));
        }
        let (Some(host), Some(port)) = (parsed.host_str(), parsed.port_or_known_default()) else {
            return Err(wrong("has no host"));
        };
        Ok(Origin { scheme: parsed.scheme().to_owned(), host: host.to_owned(), port })
    }

    /// Encrypted.
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// The host, where it is an address and not a name.
    pub fn address(&self) -> Option<IpAddr> {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare.parse().ok()
    }

    /// This machine, by address or by its one reserved name.
    pub fn is_loopback(&self) -> bool {
        self.address().map_or(self.host == "localhost", |address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = if self.is_https() { 443 } else { 80 };
        write!(formatter, "{}://{}", self.scheme, self.host)?;
        if self.port == usual { Ok(()) } else { write!(formatter, ":{}", self.port) }
    }
}

/// An origin, or all hosts below a domain: `https://*.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Exactly this.
    Exact(Origin),
    /// Any host that ends in `.domain`.
    Below {
        /// With the domain as its host.
        origin: Origin,
    },
}

impl Pattern {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Pattern, Failure> {
        let Some((scheme, rest)) = text.split_once("://*.") else {
            return Origin::of(text).map(Pattern::Exact);
        };
        let origin = Origin::of(&format!("{scheme}://{rest}"))?;
        if origin.host.contains('.') && origin.address().is_none() {
            return Ok(Pattern::Below { origin });
        }
        Err(Failure::new(ErrorKind::InvalidRequest, format!("`{text}` is too wide"))
            .hint("name at least a domain, such as `https://*.example.org`"))
    }

    /// Whether an origin is one of these.
    pub fn matches(&self, origin: &Origin) -> bool {
        match self {
            Pattern::Exact(exact) => exact == origin,
            Pattern::Below { origin: wide } => {
                let below = origin
                    .host
                    .strip_suffix(&wide.host)
                    .is_some_and(|front| front.ends_with('.') && front.len() > 1);
                below && (wide.scheme.as_str(), wide.port) == (&origin.scheme, origin.port)
            }
        }
    }
}

/// Whether an address is out in the internet: not this machine, not its network, not a place that
/// means something else.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (second == 18 || second == 19))
        || (first == 192 && second == 0 && third == 0))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    // Global unicast alone; of that, neither documentation nor the old tunnels, which hide a v4.
    first & 0xe000 == 0x2000
        && first != 0x2002
        && !(first == 0x2001 && address.segments()[1] < 0x200)
        && !(first == 0x2001 && address.segments()[1] == 0x0db8)
}

/// An address without what may be a signature or a key.
pub(super) fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let origin = Origin::of("https://API.example.org/v1/x?y=z").unwrap();
        assert_eq!(origin.to_string(), "https://api.example.org");
        assert_eq!(origin, Origin::of("https://api.example.org:443").unwrap());
        assert_ne!(origin, Origin::of("http://api.example.org").unwrap());
        assert!(Origin::of("http://[::1]:8000/x").unwrap().is_loopback());
        for bad in ["", "x", "ftp://a.b", "https://", "file:///etc", "https://me:pw@a.b/"] {
            let failure = Origin::of(bad).unwrap_err();
            assert!(!failure.message.contains("pw") || bad != "x", "{failure}");
        }
    }

    #[test]
    fn patterns_are_exact_or_one_domain() {
        let matches = |pattern: &str, url: &str| {
            Pattern::parse(pattern).unwrap().matches(&Origin::of(url).unwrap())
        };
        assert!(matches("https://*.bfl.ai", "https://delivery-eu1.bfl.ai/x"));
        assert!(matches("https://*.bfl.ai", "https://a.b.bfl.ai"));
        for other in [
            "https://bfl.ai",
            "https://evilbfl.ai",
            "https://bfl.ai.evil.org",
            "http://x.bfl.ai",
            "https://x.bfl.ai:8443",
        ] {
            assert!(!matches("https://*.bfl.ai", other), "{other}");
        }
        assert!(matches("http://127.0.0.1:81", "http://127.0.0.1:81/x"));
        assert!(!matches("http://127.0.0.1:81", "http://127.0.0.1:82/x"));
        for wide in ["https://*.", "https://*.org", "https://*.1.1.1.1", "*"] {
            assert!(Pattern::parse(wide).is_err(), "{wide}");
        }
    }

    #[test]
    fn what_is_out_in_the_internet() {
        for address in ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450::1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2001:0:1::",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
