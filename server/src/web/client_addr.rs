//! Who is at the other end.
//!
//! `X-Forwarded-For` counts only when the connection comes from a trusted proxy, and then only its
//! rightmost entry that is not itself a trusted proxy. Everything else a client says about
//! forwarding is dropped before anyone can read it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use super::Web;

/// Address of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddr(pub IpAddr);

/// Headers about forwarding; nobody behind this layer sees them.
const FORWARDING: [&str; 7] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-prefix",
    "x-real-ip",
];

/// Finds the client's address and drops the headers.
pub(super) async fn layer(
    State(web): State<Arc<Web>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let client = resolve(peer, request.headers(), &web.proxies);
    for name in FORWARDING {
        request.headers_mut().remove(name);
    }
    request.extensions_mut().insert(ClientAddr(client));
    next.run(request).await
}

/// The address nearest to us that is not a trusted proxy. A malformed entry ends the search at the
/// proxy that wrote it.
fn resolve(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    let mut client = peer.to_canonical();
    if !trusted(&client) {
        return client;
    }
    let lines = headers.get_all("x-forwarded-for").into_iter().rev();
    let entries = lines
        .map(|line| line.to_str().unwrap_or("?"))
        .flat_map(|line| line.rsplit(','));
    for entry in entries {
        let Some(address) = parse(entry.trim()) else {
            return client;
        };
        client = address;
        if !trusted(&client) {
            return client;
        }
    }
    client
}

/// An address, with or without a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let address = bare
        .parse::<IpAddr>()
        .or_else(|_| entry.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().expect("a header value"));
        }
        let proxies = ["10.0.0.0/8".parse().expect("a network")];
        resolve(peer.parse().expect("an address"), &headers, &proxies).to_string()
    }

    #[test]
    fn security_41_only_a_trusted_proxy_says_who_the_client_is() {
        assert_eq!(client("203.0.113.9", &["1.2.3.4"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        // The client wrote the first entry itself: the proxy's own is the last.
        assert_eq!(client("10.0.0.1", &["127.0.0.1, 1.2.3.4"]), "1.2.3.4");
        assert_eq!(
            client("10.0.0.1", &["127.0.0.1", "1.2.3.4, 10.0.0.2"]),
            "1.2.3.4"
        );
        assert_eq!(client("10.0.0.1", &["junk, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            client("::ffff:10.0.0.1", &["[2001:db8::1]:443"]),
            "2001:db8::1"
        );
    }
}
