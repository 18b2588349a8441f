//! What production forbids about the settings of the web layer and of outgoing calls.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::config::{Config, Mistake};

/// Everything that is wrong; in development only what could not work anyway.
pub fn problems(config: &Config) -> Vec<Mistake> {
    let web = &config.web;
    let mut mistakes = Vec::new();
    if let Err(why) = crate::telemetry::filter(&web.log) {
        mistakes.push(Mistake::new(
            "--log (GROUNDCREW_LOG)",
            format!("not a filter: {why}"),
            "A level (info), or levels by module (info,server=debug).",
        ));
    }
    if let Some(collector) = &web.otlp {
        mistakes.extend(collector_mistake(collector, config.is_development()));
    }
    if config.is_development() {
        return mistakes;
    }
    for net in &web.trusted_proxies {
        if net.prefix_len() == 0 {
            mistakes.push(Mistake::new(
                "--trusted-proxy (GROUNDCREW_TRUSTED_PROXIES)",
                format!(
                    "{net} is everybody: anyone could say they are anyone, in limits and on record"
                ),
                "Name the network of the proxies only.",
            ));
        }
    }
    for net in &web.allow_internal {
        if let Some(why) = too_wide(net) {
            mistakes.push(Mistake::new(
                "--allow-internal (GROUNDCREW_ALLOW_INTERNAL)",
                format!("{net} holds {why}, which nobody outside may make the portal call"),
                "Name the networks of the systems the portal talks to, as narrow as they are.",
            ));
        }
    }
    mistakes
}

/// Traces hold paths and timings: they leave the machine encrypted, or not at all.
fn collector_mistake(collector: &Url, development: bool) -> Option<Mistake> {
    let internal = match collector.host() {
        Some(Host::Ipv4(v4)) => v4.is_loopback() || v4.is_private(),
        Some(Host::Ipv6(v6)) => v6.is_loopback() || v6.is_unique_local(),
        Some(Host::Domain(name)) => name == "localhost" || !name.contains('.'),
        None => false,
    };
    let (why, remedy) = match collector.scheme() {
        "https" => return None,
        "http" if internal || development => return None,
        "http" => (
            format!("{collector} is http and not in the internal network"),
            "Use https, or a collector on this machine that sends on.",
        ),
        other => (
            format!("{other} is no way to send spans"),
            "OTLP over http: https://collector.example.com/v1/traces",
        ),
    };
    Some(Mistake::new("--otlp (GROUNDCREW_OTLP)", why, remedy))
}

/// Addresses that give everything away: this machine's own services, and the cloud's metadata.
fn too_wide(net: &IpNet) -> Option<&'static str> {
    let metadata = [
        IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    ];
    let here = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    if metadata.iter().any(|address| net.contains(address)) {
        Some("the metadata service of clouds")
    } else if here.iter().any(|address| net.contains(address)) {
        Some("this machine")
    } else {
        None
    }
}
