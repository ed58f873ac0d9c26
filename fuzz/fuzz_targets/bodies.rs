//! Bodies of the HTTP calls and their answers: whatever decodes reads back.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use snug_protocol::{
    DecodeError,
    api::{ApiError, CreateRoom, IceServers, JoinRoom, RoomCreated, RoomJoined, decode_answer},
};

fuzz_target!(|body: &[u8]| {
    reads_back(body, CreateRoom::decode);
    reads_back(body, JoinRoom::decode);
    reads_back(body, decode_answer::<RoomCreated>);
    reads_back(body, decode_answer::<RoomJoined>);
    reads_back(body, decode_answer::<IceServers>);
    reads_back(body, decode_answer::<ApiError>);
});

fn reads_back<T>(body: &[u8], decode: impl Fn(&[u8]) -> Result<T, DecodeError>)
where
    T: Serialize + Debug + PartialEq,
{
    if let Ok(value) = decode(body) {
        let again = serde_json::to_vec(&value).expect("wire types always serialize");
        assert_eq!(decode(&again), Ok(value));
    }
}
