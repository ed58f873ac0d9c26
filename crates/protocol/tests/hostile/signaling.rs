//! What a client might send the server, the server a client, and peers through the server.

use snug_protocol::{
    ClientMessage, ForwardKind, Payload, ServerMessage,
    api::{ApiError, CreateRoom, JoinRoom, decode_answer},
    limits::{HTTP_BODY_BYTES, SDP_BYTES, SIGNAL_MESSAGE_BYTES},
    negotiation::{Description, TrickledCandidate},
};

use super::{Why, refuses};

#[test]
fn messages_that_are_not_messages() {
    let deep = "[".repeat(10_000);
    for (text, why) in [
        ("", Why::Malformed),
        ("null", Why::Malformed),
        ("{", Why::Malformed),
        ("{}", Why::Missing("type")),
        (r#"{"type":null}"#, Why::Missing("type")),
        (r#"{"type":7}"#, Why::Malformed),
        (r#"{"type":["leave"]}"#, Why::Malformed),
        (r#"["leave"]"#, Why::Malformed),
        (r#""leave""#, Why::Malformed),
        (r#"{"type":"leave"} x"#, Why::Malformed),
        (r#"{"type":"leave"}{"type":"leave"}"#, Why::Malformed),
        (r#"{"type":"leave","type":"leave"}"#, Why::Malformed),
        ("{\"type\":\"leave\"\0}", Why::Malformed),
        ("\u{feff}{\"type\":\"leave\"}", Why::Malformed),
        (r#"{"type":"\ud800"}"#, Why::Malformed),
        (r#"{"type":"\ud83d\ude00"}"#, Why::Unknown),
        (r#"{"type":"Leave"}"#, Why::Unknown),
        (r#"{"type":""}"#, Why::Unknown),
        (r#"{"type":"peer-joined","clientId":"a"}"#, Why::Unknown),
        (&deep, Why::Malformed),
        (&format!(r#"{{"x":{deep}"#), Why::Malformed),
    ] {
        refuses(text, &ClientMessage::decode(text), &why);
    }
    for extra in [
        "1e999",
        "-0",
        "9223372036854775808",
        r#""\ud800""#,
        &nested(10_000),
    ] {
        let text = format!(r#"{{"x":{extra},"type":"leave","x":{extra}}}"#);
        assert_eq!(
            ClientMessage::decode(&text),
            Ok(ClientMessage::Leave),
            "an extra field"
        );
    }
}

#[test]
fn fields_that_are_not_what_they_should_be() {
    for (fields, why) in [
        (r#""clientId":"a""#, Why::Missing("roomId")),
        (r#""roomId":null,"clientId":"a""#, Why::Missing("roomId")),
        (r#""roomId":"K7Q4X9""#, Why::Missing("clientId")),
        (r#""roomId":"","clientId":"a""#, Why::Invalid("roomId")),
        (
            r#""roomId":"K7Q4X9","clientId":"a b""#,
            Why::Invalid("clientId"),
        ),
        (
            r#""roomId":"K7Q4X9","clientId":"\u0000""#,
            Why::Invalid("clientId"),
        ),
        (r#""roomId":"K7Q4X9","clientId":["a"]"#, Why::Malformed),
        (r#""roomId":"K7Q4X9","clientId":{"a":1}"#, Why::Malformed),
        (r#""roomId":"K7Q4X9","clientId":1e999"#, Why::Malformed),
        (
            r#""roomId":"K7Q4X9","clientId":9223372036854775808"#,
            Why::Malformed,
        ),
        (r#""roomId":"K7Q4X9","clientId":"\ud800""#, Why::Malformed),
        (
            r#""roomId":"K7Q4X9","clientId":"a","clientId":"a""#,
            Why::Malformed,
        ),
        (
            &format!(
                r#""roomId":"K7Q4X9","clientId":"a","resume":"{}""#,
                "x".repeat(257)
            ),
            Why::Invalid("resume"),
        ),
        (&format!(r#""roomId":{}"#, nested(10_000)), Why::Malformed),
    ] {
        let text = format!(r#"{{"type":"init",{fields}}}"#);
        refuses(&text, &ClientMessage::decode(&text), &why);
    }
    for (fields, why) in [
        (r#""to":"b","payload":1"#, Why::Missing("from")),
        (r#""from":"a","payload":1"#, Why::Missing("to")),
        (r#""from":"a","to":"b""#, Why::Missing("payload")),
        (r#""from":"a","to":"b","payload":"#, Why::Malformed),
        (r#""from":"a","to":"b","payload":01"#, Why::Malformed),
        (
            r#""from":"a","to":"b","payload":1,"payload":1"#,
            Why::Malformed,
        ),
        (r#""from":"","to":"b","payload":1"#, Why::Invalid("from")),
    ] {
        let text = format!(r#"{{"type":"relay",{fields}}}"#);
        refuses(&text, &ClientMessage::decode(&text), &why);
        refuses(&text, &ServerMessage::decode(&text), &why);
    }
    for (text, why) in [
        (
            r#"{"type":"init-success","resume":"x","graceSeconds":1}"#,
            Why::Missing("peers"),
        ),
        (
            r#"{"type":"init-success","peers":[],"graceSeconds":1}"#,
            Why::Missing("resume"),
        ),
        (
            r#"{"type":"init-success","peers":[],"resume":"x"}"#,
            Why::Missing("graceSeconds"),
        ),
        (
            r#"{"type":"init-success","peers":[" "],"resume":"x","graceSeconds":1}"#,
            Why::Malformed,
        ),
        (
            r#"{"type":"restarting","reconnectInMs":-1}"#,
            Why::Malformed,
        ),
        (
            r#"{"type":"restarting","reconnectInMs":4294967296}"#,
            Why::Malformed,
        ),
        (
            r#"{"type":"restarting","reconnectInMs":1e3}"#,
            Why::Malformed,
        ),
        (
            r#"{"type":"error","code":"internal"}"#,
            Why::Missing("message"),
        ),
        (r#"{"type":"leave"}"#, Why::Unknown),
    ] {
        refuses(text, &ServerMessage::decode(text), &why);
    }
}

#[test]
fn messages_at_and_past_the_limit() {
    let frame = |len: usize| {
        let empty = r#"{"type":"relay","from":"a","to":"b","payload":""}"#.len();
        let filler = "x".repeat(len - empty);
        format!(r#"{{"type":"relay","from":"a","to":"b","payload":"{filler}"}}"#)
    };
    let largest = frame(SIGNAL_MESSAGE_BYTES);
    assert_eq!(ClientMessage::decode(&largest).unwrap().encode(), largest);
    let larger = frame(SIGNAL_MESSAGE_BYTES + 1);
    refuses(
        "one byte over",
        &ClientMessage::decode(&larger),
        &Why::TooLong,
    );
    refuses(
        "10 MB",
        &ServerMessage::decode(&frame(10_000_000)),
        &Why::TooLong,
    );
}

#[test]
fn payloads_come_back_however_odd() {
    for json in [
        "null",
        "0",
        "-0",
        "1e999",
        "[ ]",
        r#""\ud800""#,
        "18446744073709551616",
        &nested(30_000),
    ] {
        let text = format!(r#"{{"type":"key","from":"a","to":"b","payload":{json}}}"#);
        assert_eq!(ClientMessage::decode(&text).unwrap().encode(), text);
    }
}

#[test]
fn bodies_that_are_not_bodies() {
    for (body, why) in [
        (&b"[]"[..], Why::Malformed),
        (b"[4]", Why::Malformed),
        (b"null", Why::Malformed),
        (b" ", Why::Malformed),
        (b"\xff\xfe", Why::Malformed),
        (br#"{"capacity":65536}"#, Why::Invalid("capacity")),
        (br#"{"capacity":-1}"#, Why::Malformed),
        (br#"{"capacity":2.5}"#, Why::Malformed),
        (br#"{"capacity":"4"}"#, Why::Malformed),
        (br#"{"capacity":4,"capacity":4}"#, Why::Malformed),
        (&vec![b' '; HTTP_BODY_BYTES + 1], Why::TooLong),
    ] {
        refuses(
            &String::from_utf8_lossy(body),
            &CreateRoom::decode(body),
            &why,
        );
    }
    for (body, why) in [
        ("", Why::Malformed),
        (r#"["K7Q4X9","a"]"#, Why::Malformed),
        ("{}", Why::Missing("roomId")),
        (r#"{"roomId":"K7Q4X9"}"#, Why::Missing("clientId")),
        (r#"{"roomId":"%00","clientId":"a"}"#, Why::Invalid("roomId")),
        (
            r#"{"roomId":"K7Q4X9","clientId":""}"#,
            Why::Invalid("clientId"),
        ),
        (r#"{"roomId":7,"clientId":"a"}"#, Why::Malformed),
    ] {
        refuses(body, &JoinRoom::decode(body.as_bytes()), &why);
    }
    refuses(
        "array",
        &decode_answer::<ApiError>(br#"["x","internal"]"#),
        &Why::Malformed,
    );
}

#[test]
fn negotiation_that_is_not_negotiation() {
    let long_sdp = format!(r#"{{"attempt":1,"sdp":"{}"}}"#, "x".repeat(SDP_BYTES + 1));
    for (json, why) in [
        (r#"[1,"v=0"]"#, Why::Malformed),
        (r#""v=0""#, Why::Malformed),
        (r#"{"sdp":"v=0"}"#, Why::Malformed),
        (r#"{"attempt":4294967296,"sdp":""}"#, Why::Malformed),
        (r#"{"attempt":1,"sdp":"\ud800"}"#, Why::Malformed),
        (&long_sdp, Why::Invalid("sdp")),
    ] {
        let payload = Payload::from_json(json.into()).unwrap();
        refuses(json, &Description::decode(&payload), &why);
    }
    let long = "x".repeat(1025);
    let long_line = format!(r#"{{"attempt":1,"candidate":"{long}"}}"#);
    let long_mid = format!(r#"{{"attempt":1,"candidate":"","sdpMid":"{long}"}}"#);
    for (json, why) in [
        (r#"[1,"candidate:",null,null]"#, Why::Malformed),
        (r#"{"attempt":1}"#, Why::Malformed),
        (
            r#"{"attempt":1,"candidate":"","candidate":""}"#,
            Why::Malformed,
        ),
        (
            r#"{"attempt":1,"candidate":"","sdpMLineIndex":65536}"#,
            Why::Malformed,
        ),
        (&long_line, Why::Invalid("candidate")),
        (&long_mid, Why::Invalid("sdpMid")),
    ] {
        let payload = Payload::from_json(json.into()).unwrap();
        refuses(json, &TrickledCandidate::decode(&payload), &why);
    }
    for extra in ["1.5", "1e3", "-0", r#""\ud800""#, &nested(10_000)] {
        let json = format!(r#"{{"attempt":1,"candidate":"","x":{extra}}}"#);
        let payload = Payload::from_json(json).unwrap();
        let read = TrickledCandidate::decode(&payload);
        assert_eq!(read.map(|it| it.attempt), Ok(1), "an extra field");
    }
}

#[test]
fn message_errors_never_quote_what_people_said() {
    let secret = "meet me at seven";
    let text = format!(r#"{{"type":"init","roomId":"{secret}","clientId":["{secret}"]}}"#);
    let error = ClientMessage::decode(&text).unwrap_err();
    assert!(!error.to_string().contains(secret), "{error}");
}

#[test]
fn messages_show_of_a_payload_only_how_long_it_is() {
    for kind in ForwardKind::ALL {
        let kind = kind.as_str();
        let text = format!(r#"{{"type":"{kind}","from":"ann","to":"bob","payload":"secret"}}"#);
        let (up, down) = (ClientMessage::decode(&text), ServerMessage::decode(&text));
        for shown in [format!("{up:?}"), format!("{down:?}")] {
            assert!(shown.contains("Payload(8 bytes)"), "{shown}");
            assert!(!shown.contains("secret"), "{shown}");
        }
    }
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}
