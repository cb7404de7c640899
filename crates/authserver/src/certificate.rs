//! Certificates of clients: from the TLS connection, or from the header of a proxy that the operator has named.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;
use data_encoding::BASE64;

use crate::form;
use crate::settings::Proxy;

/// Who is at the other end of the connection; an extension of each request.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// Where the connection comes from.
    pub address: Option<IpAddr>,
    /// DER, the client's own first. Its key signed the handshake.
    pub presented: Arc<Vec<Vec<u8>>>,
    /// An authority that the operator trusts vouches for it (RFC 8705 §2.1).
    pub vouched_for: bool,
}

/// A client's certificate and those above it, PEM.
#[derive(Default)]
pub(crate) struct Certificates {
    pub(crate) own: Option<String>,
    pub(crate) path: Option<Vec<String>>,
    /// An authority that the operator trusts vouches for it.
    pub(crate) vouched_for: bool,
}

impl Peer {
    /// Where the client is: at the other end of the connection, or where a named proxy says. A proxy writes what it
    /// has seen behind what others say.
    pub(crate) fn client(&self, headers: &HeaderMap, proxy: Option<&Proxy>) -> Option<IpAddr> {
        let peer = self.address?;
        let Some(proxy) = proxy.filter(|proxy| proxy.addresses.contains(&peer)) else { return Some(peer) };
        let header = headers.get_all(proxy.address_header.as_ref()?).iter().next_back()?.to_str().ok()?;
        let last = header.rsplit(',').next()?.trim();
        last.parse().ok().or_else(|| last.parse::<SocketAddr>().ok().map(|address| address.ip()))
    }

    pub(crate) fn certificates(&self, headers: &HeaderMap, proxy: Option<&Proxy>) -> Certificates {
        let from_proxy =
            proxy.filter(|proxy| self.address.is_some_and(|peer| proxy.addresses.contains(&peer)));
        let mut all = match from_proxy {
            Some(proxy) => {
                let header = headers.get(&proxy.certificate_header).and_then(|value| value.to_str().ok());
                header.and_then(from_header).into_iter().collect()
            }
            None => self.presented.iter().map(|der| pem(der)).collect::<Vec<_>>(),
        };
        if all.is_empty() {
            return Certificates::default();
        }
        let own = all.remove(0);
        let vouched_for = from_proxy.map_or(self.vouched_for, |proxy| proxy.vouches);
        Certificates { own: Some(own), path: Some(all).filter(|path| !path.is_empty()), vouched_for }
    }
}

fn pem(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// RFC 9440 §2.1 (`:base64:`), or PEM as proxies write it: percent-encoded, or with blanks for line ends.
fn from_header(value: &str) -> Option<String> {
    let value = value.trim();
    if let Some(encoded) = value.strip_prefix(':').and_then(|value| value.strip_suffix(':')) {
        return BASE64.decode(encoded.as_bytes()).ok().map(|der| pem(&der));
    }
    // A plus sign is one: nginx escapes blanks as %20.
    let plain = form::decode(&value.replace('+', "%2B"))?;
    let (_, rest) = plain.split_once("-----BEGIN CERTIFICATE-----")?;
    let (content, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let base64: String = content.chars().filter(|c| !c.is_whitespace()).collect();
    BASE64.decode(base64.as_bytes()).ok().map(|der| pem(&der))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn proxy() -> Proxy {
        Proxy {
            addresses: vec![IpAddr::from([10, 0, 0, 1])],
            certificate_header: HeaderName::from_static("client-cert"),
            vouches: false,
            address_header: Some(HeaderName::from_static("x-forwarded-for")),
        }
    }

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static("client-cert"), value.parse().unwrap())])
    }

    // shows RFC9700 4.13/proxy
    #[test]
    fn a_header_counts_from_the_named_proxy_alone() {
        let from = |address: [u8; 4]| Peer { address: Some(IpAddr::from(address)), ..Peer::default() };
        let read = |peer: Peer| peer.certificates(&headers(":AQID:"), Some(&proxy())).own;
        assert!(read(from([10, 0, 0, 1])).is_some());
        assert!(read(from([10, 0, 0, 2])).is_none());
        assert!(read(Peer::default()).is_none());
        assert!(from([10, 0, 0, 1]).certificates(&headers(":AQID:"), None).own.is_none());
    }

    #[test]
    fn a_proxy_says_where_the_client_is_and_nobody_else_does() {
        let from = |address: [u8; 4]| Peer { address: Some(IpAddr::from(address)), ..Peer::default() };
        let said = |value: &str| {
            HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), value.parse().unwrap())])
        };
        let client = |peer: Peer, value: &str| peer.client(&said(value), Some(&proxy()));
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        assert_eq!(client(from([10, 0, 0, 1]), "203.0.113.9, 192.0.2.7"), address("192.0.2.7"));
        assert_eq!(client(from([10, 0, 0, 1]), "[2001:db8::1]:4711"), address("2001:db8::1"));
        assert_eq!(client(from([10, 0, 0, 1]), "unknown"), None);
        assert_eq!(client(from([10, 0, 0, 2]), "192.0.2.7"), address("10.0.0.2"));
        assert_eq!(client(Peer::default(), "192.0.2.7"), None);
    }

    #[test]
    fn a_proxy_ends_tls_so_its_own_certificate_is_not_the_clients() {
        let peer = Peer {
            address: Some(IpAddr::from([10, 0, 0, 1])),
            presented: Arc::new(vec![vec![9]]),
            vouched_for: true,
        };
        assert!(peer.certificates(&HeaderMap::new(), Some(&proxy())).own.is_none());
    }

    #[test]
    fn headers_come_in_three_forms() {
        let expected = pem(&[1, 2, 3]);
        let escaped = "-----BEGIN%20CERTIFICATE-----%0AAQID%0A-----END%20CERTIFICATE-----%0A";
        let spaced = "-----BEGIN CERTIFICATE----- AQID -----END CERTIFICATE-----";
        for text in [":AQID:", escaped, spaced] {
            assert_eq!(from_header(text).as_deref(), Some(expected.as_str()), "{text}");
        }
        for text in ["", "(null)", ":A:", "-----BEGIN CERTIFICATE----- ! -----END CERTIFICATE-----"] {
            assert_eq!(from_header(text), None, "{text}");
        }
    }

    #[test]
    fn the_path_stands_apart() {
        let peer = Peer { address: None, presented: Arc::new(vec![vec![1], vec![2]]), vouched_for: true };
        let certificates = peer.certificates(&HeaderMap::new(), None);
        assert!(certificates.vouched_for);
        assert_eq!(certificates.own, Some(pem(&[1])));
        assert_eq!(certificates.path, Some(vec![pem(&[2])]));
    }
}
