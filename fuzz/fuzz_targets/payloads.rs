//! What peers put into relayed payloads: every payload keeps its bytes, and what negotiation reads
//! from it reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{
    ClientMessage, Payload,
    negotiation::{Description, TrickledCandidate},
};

fuzz_target!(|json: &str| {
    let Ok(payload) = Payload::from_json(json.to_owned()) else {
        return;
    };
    assert_eq!(payload.json(), json.trim_matches([' ', '\t', '\r', '\n']));
    let text = format!(r#"{{"type":"key","from":"a","to":"b","payload":{json}}}"#);
    if let Ok(ClientMessage::Forward(forward)) = ClientMessage::decode(&text) {
        assert_eq!(forward.payload, payload);
    }
    if let Ok(description) = Description::decode(&payload) {
        let again = Payload::encode(&description);
        assert_eq!(Description::decode(&again), Ok(description));
    }
    if let Ok(candidate) = TrickledCandidate::decode(&payload) {
        let again = Payload::encode(&candidate);
        assert_eq!(TrickledCandidate::decode(&again), Ok(candidate));
    }
});
