//! Addresses that are not called: ours, those of our networks, and those that mean nothing outside.

use std::{net::IpAddr, sync::LazyLock};

use ipnet::IpNet;
use url::Host;

/// From the IANA special-purpose registries (RFC 6890 and its successors).
const DENIED: &[&str] = &[
    "0.0.0.0/8",       // this network
    "10.0.0.0/8",      // private
    "100.64.0.0/10",   // carrier-grade NAT
    "127.0.0.0/8",     // loopback
    "169.254.0.0/16",  // link-local, metadata of clouds
    "172.16.0.0/12",   // private
    "192.0.0.0/24",    // protocol assignments
    "192.0.2.0/24",    // documentation
    "192.88.99.0/24",  // 6to4 relay
    "192.168.0.0/16",  // private
    "198.18.0.0/15",   // benchmarks
    "198.51.100.0/24", // documentation
    "203.0.113.0/24",  // documentation
    "224.0.0.0/4",     // multicast
    "240.0.0.0/4",     // class E, broadcast
    "::/96",           // unspecified, loopback, IPv4-compatible
    "::ffff:0:0:0/96", // IPv4-translated
    "64:ff9b::/96",    // NAT64
    "64:ff9b:1::/48",  // local NAT64
    "100::/64",        // discard
    "2001::/23",       // protocol assignments, Teredo
    "2001:db8::/32",   // documentation
    "2002::/16",       // 6to4
    "3fff::/20",       // documentation
    "5f00::/16",       // segment routing
    "fc00::/7",        // unique local
    "fe80::/10",       // link-local
    "fec0::/10",       // site-local
    "ff00::/8",        // multicast
];

static NETS: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let parse = |net: &&str| net.parse().expect("the list above holds networks");
    DENIED.iter().map(parse).collect()
});

/// Whether the address is in the list; IPv4 mapped into IPv6 counts as what it maps.
pub fn is_denied(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    NETS.iter().any(|net| net.contains(&ip))
}

/// Whether a URL names this machine.
pub fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(v4) => v4.is_loopback(),
        Host::Ipv6(v6) => v6.is_loopback(),
    }
}
