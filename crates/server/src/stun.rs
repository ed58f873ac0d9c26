//! STUN binding (RFC 8489), so that no third party learns who asks where they are.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use rtc_stun::{
    attributes::{ATTR_FINGERPRINT, AttrType},
    error_code::{CODE_UNKNOWN_ATTRIBUTE, ErrorCodeAttribute},
    fingerprint::FINGERPRINT,
    message::{
        BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Message, MessageType, Setter,
        is_stun_message,
    },
    uattrs::UnknownAttributes,
    xoraddr::XorMappedAddress,
};
use tokio::net::UdpSocket;

use crate::metrics::Metrics;

/// Answers binding requests until it is dropped.
pub(crate) async fn serve(socket: UdpSocket, metrics: Arc<Metrics>) {
    let mut datagram = [0; MAX_DATAGRAM];
    loop {
        // Errors belong to earlier answers (ICMP unreachable), not to this socket.
        let Ok((len, from)) = socket.recv_from(&mut datagram).await else {
            tokio::task::yield_now().await;
            continue;
        };
        if let Some(answer) = answer(&datagram[..len], from) {
            metrics.on_stun_answer();
            // An answer that does not fit into the socket is lost, like any datagram.
            let _ = socket.try_send_to(&answer, from);
        }
    }
}

/// The answer to a binding request; to anything else there is none.
fn answer(datagram: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    if !is_stun_message(datagram) || datagram.len() >= MAX_DATAGRAM {
        return None;
    }
    let mut request = Message::new();
    request.unmarshal_binary(datagram).ok()?;
    if request.typ != BINDING_REQUEST || from.port() == 0 {
        return None;
    }
    let unknown = unknown_attributes(&request);
    let fingerprint = request.contains(ATTR_FINGERPRINT);
    if fingerprint && FINGERPRINT.check(&request).is_err() {
        return None;
    }
    let answer = if unknown.is_empty() {
        let mapped = XorMappedAddress {
            ip: canonical(from.ip()),
            port: from.port(),
        };
        build(&request, BINDING_SUCCESS, &[&mapped], fingerprint)
    } else {
        let error = ErrorCodeAttribute {
            code: CODE_UNKNOWN_ATTRIBUTE,
            reason: Vec::new(),
        };
        let unknown = UnknownAttributes(unknown);
        build(&request, BINDING_ERROR, &[&error, &unknown], fingerprint)
    }?;
    // The request is at least a header; the answer adds one address. Never let it grow past
    // that, so that a forged source is not worth the trouble.
    (answer.len() <= datagram.len() + MAX_GROWTH).then_some(answer)
}

fn build(
    request: &Message,
    typ: MessageType,
    attributes: &[&dyn Setter],
    fingerprint: bool,
) -> Option<Vec<u8>> {
    let mut answer = Message::new();
    answer.set_type(typ);
    answer.transaction_id = request.transaction_id;
    answer.write_header();
    for attribute in attributes {
        attribute.add_to(&mut answer).ok()?;
    }
    if fingerprint {
        FINGERPRINT.add_to(&mut answer).ok()?;
    }
    Some(answer.raw)
}

/// Attributes that must be understood (RFC 8489 §14) and are not. Credentials are: the server
/// asks for none, and may ignore them (§6.3.1).
fn unknown_attributes(request: &Message) -> Vec<AttrType> {
    let types = request.attributes.0.iter().map(|attribute| attribute.typ);
    types
        .filter(|typ| typ.required() && !KNOWN.contains(&typ.value()))
        .take(MAX_UNKNOWN)
        .collect()
}

/// A socket of both families sees IPv4 peers as mapped addresses, which mean nothing to them.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// USERNAME, MESSAGE-INTEGRITY, REALM, NONCE, MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM,
/// USERHASH, PRIORITY, USE-CANDIDATE, CHANGE-REQUEST as old clients send it.
const KNOWN: [u16; 9] = [
    0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0024, 0x0025,
];

/// Bytes of a request that is read; ours have 20, those of browsers at most 100.
const MAX_DATAGRAM: usize = 576;

/// Bytes that an answer may be longer than its request: an IPv6 address with its header.
const MAX_GROWTH: usize = 24;

/// Unknown attributes that are named in an answer, so that it stays within [`MAX_GROWTH`].
const MAX_UNKNOWN: usize = 4;

#[cfg(test)]
mod tests {
    use rtc_stun::{
        attributes::{ATTR_ERROR_CODE, ATTR_UNKNOWN_ATTRIBUTES},
        message::{Getter, TransactionId},
    };

    use super::*;

    fn request(attributes: &[(u16, &[u8])]) -> Message {
        let mut request = Message::new();
        request.set_type(BINDING_REQUEST);
        request.transaction_id = TransactionId([7; 12]);
        request.write_header();
        for (typ, value) in attributes {
            request.add(AttrType(*typ), value);
        }
        request
    }

    fn read(answer: &[u8]) -> Message {
        let mut message = Message::new();
        message.unmarshal_binary(answer).unwrap();
        message
    }

    #[test]
    fn askers_learn_their_address_and_nothing_more() {
        for (from, seen, len) in [
            ("192.0.2.1:4000", "192.0.2.1", 32),
            ("[::ffff:192.0.2.1]:4000", "192.0.2.1", 32),
            ("[2001:db8::1]:4000", "2001:db8::1", 44),
        ] {
            let answer = answer(&request(&[]).raw, from.parse().unwrap()).unwrap();
            assert_eq!(answer.len(), len);
            let answer = read(&answer);
            assert_eq!(answer.typ, BINDING_SUCCESS);
            assert_eq!(answer.transaction_id, TransactionId([7; 12]));
            let mut mapped = XorMappedAddress::default();
            mapped.get_from(&answer).unwrap();
            assert_eq!((mapped.ip.to_string().as_str(), mapped.port), (seen, 4000));
        }
    }

    #[test]
    fn fingerprints_are_checked_and_answered_with_one() {
        let from = "192.0.2.1:4000".parse().unwrap();
        let mut request = request(&[]);
        FINGERPRINT.add_to(&mut request).unwrap();
        let reply = read(&answer(&request.raw, from).unwrap());
        FINGERPRINT.check(&reply).unwrap();
        *request.raw.last_mut().unwrap() ^= 1;
        assert_eq!(answer(&request.raw, from), None);
    }

    #[test]
    fn attributes_that_must_be_understood_are_named() {
        let from = "192.0.2.1:4000".parse().unwrap();
        let request = request(&[(0x7fff, b""), (0xc001, b"skip")]);
        let answer = read(&answer(&request.raw, from).unwrap());
        assert_eq!(answer.typ, BINDING_ERROR);
        assert_eq!(answer.get(ATTR_ERROR_CODE).unwrap(), [0, 0, 4, 20]);
        assert_eq!(answer.get(ATTR_UNKNOWN_ATTRIBUTES).unwrap(), [0x7f, 0xff]);
    }

    #[test]
    fn everything_else_is_met_with_silence() {
        let from = "192.0.2.1:4000".parse().unwrap();
        let request = request(&[]).raw;
        for len in 0..request.len() {
            assert_eq!(answer(&request[..len], from), None, "{len} bytes");
        }
        let mut response = request.clone();
        response[..2].copy_from_slice(&BINDING_SUCCESS.value().to_be_bytes());
        assert_eq!(answer(&response, from), None);
        let mut classic = request.clone();
        classic[4] = 0;
        assert_eq!(answer(&classic, from), None);
        let mut lying = request.clone();
        lying[3] = 4;
        assert_eq!(answer(&lying, from), None);
        assert_eq!(answer(&[0xff; 576], from), None);
        assert_eq!(answer(&request, "192.0.2.1:0".parse().unwrap()), None);
    }
}
