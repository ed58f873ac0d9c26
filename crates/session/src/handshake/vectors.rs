//! Every value between the messages, for the test vectors. Built for tests alone: most of this
//! must never be seen elsewhere.

use curve25519_dalek::Scalar;
use hkdf::Hkdf;
use sha2::Sha256;
use snug_protocol::{
    Signature,
    key::{KeyHello, KeyProof, KeyShare, Share, Tag},
};
use zeroize::Zeroizing;

use super::{
    Identity, Parties, Password,
    cpace::{Generator, SharedPoint},
    parties::{Course, Pair, Role},
    run::{Said, session_id},
    schedule::{self, Purpose, Schedule, Transcript},
    secrets::PrivateScalar,
};

/// What is computed on the way from the messages of a run to its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// `sid` of `CPace`.
    pub session: Vec<u8>,
    /// `CI` of `CPace`.
    pub channel: Vec<u8>,
    /// The generator, encoded.
    pub generator: [u8; 32],
    /// `K` of `CPace`.
    pub shared_point: [u8; 32],
    /// `ISK` of `CPace`.
    pub session_key: [u8; 64],
    /// The hash of the transcript.
    pub transcript: [u8; 32],
    /// The pseudorandom key of HKDF.
    pub pseudorandom_key: [u8; 32],
    /// The keys with which A and B confirm.
    pub confirm: [[u8; 32]; 2],
    /// The keys with which A and B seal.
    pub seal: [[u8; 32]; 2],
    /// The keys with which A and B seal what is relayed.
    pub relay: [[u8; 32]; 2],
    /// The key that binds connections.
    pub binding: [u8; 32],
}

/// A uniform scalar from 64 random bytes.
pub fn scalar(wide: &[u8; 64]) -> [u8; 32] {
    Scalar::from_bytes_mod_order_wide(wide).to_bytes()
}

/// The generator, encoded.
pub fn generator(password: &[u8], channel: &[u8], session: &[u8]) -> [u8; 32] {
    Generator::new(password, channel, session).encode()
}

/// The public share of `scalar`, which is little-endian.
pub fn share(password: &[u8], channel: &[u8], session: &[u8], scalar: [u8; 32]) -> Share {
    Generator::new(password, channel, session).share(&private(scalar))
}

/// `scalar_mult_vfy`: `None` stands for the identity.
pub fn shared_point(scalar: [u8; 32], theirs: &Share) -> Option<[u8; 32]> {
    SharedPoint::new(&private(scalar), theirs).map(|point| *point.as_bytes())
}

/// `ISK` of the initiator-responder setting, by A's scalar.
pub fn session_key(
    session: &[u8],
    scalar: [u8; 32],
    a: (&Share, &[u8]),
    b: (&Share, &[u8]),
) -> Option<[u8; 64]> {
    SharedPoint::new(&private(scalar), b.0).map(|point| *point.session_key(session, a, b))
}

/// Computes what the initiator computes. `None` for a share that is no share.
pub fn trace(
    parties: &Parties,
    password: &Password,
    messages: (&KeyHello, &KeyShare, &KeyProof),
    initiator_scalar: [u8; 32],
) -> Option<Trace> {
    let (hello, share, proof) = messages;
    let role = parties.role();
    let identities = Pair {
        me: hello.identity,
        peer: share.identity,
    };
    let shares = Pair {
        me: &proof.share,
        peer: &share.share,
    };
    let [a, b] = shares.ordered(role);
    let session = session_id(&hello.commitment, &share.nonce);
    let channel = parties.channel(Course::Initiator, &identities);
    let point = SharedPoint::new(&private(initiator_scalar), &share.share)?;
    let session_key = point.session_key(&session, (a, b"A"), (b, b"B"));
    let said = Said {
        hello,
        share,
        nonce: &proof.nonce,
        initiator_share: &proof.share,
        proof_answers: &proof.answers,
    };
    let transcript = said.transcript();
    let schedule = Schedule::new(&session_key, &transcript);
    let (pseudorandom_key, _) =
        Hkdf::<Sha256>::extract(Some(transcript.as_bytes()), session_key.as_slice());
    let both = |purpose: fn(_) -> Purpose| [Role::A, Role::B].map(|of| *schedule.key(purpose(of)));
    Some(Trace {
        generator: Generator::new(password.as_bytes(), &channel, &session).encode(),
        shared_point: *point.as_bytes(),
        session_key: *session_key,
        transcript: *transcript.as_bytes(),
        pseudorandom_key: pseudorandom_key.into(),
        confirm: both(Purpose::Confirm),
        seal: both(Purpose::Seal),
        relay: both(Purpose::Relay),
        binding: *schedule.key(Purpose::Binding),
        session,
        channel,
    })
}

/// What A or B proves itself with, under the keys of `trace`.
pub fn prove(trace: &Trace, parties: &Parties, identity: &Identity) -> (Tag, Signature) {
    let role = parties.role();
    let [a, b] = trace.confirm;
    let key = match role {
        Role::A => a,
        Role::B => b,
    };
    let transcript = Transcript::from_bytes(trace.transcript);
    (
        schedule::tag(&Zeroizing::new(key), &transcript),
        identity.sign_transcript(role, &transcript),
    )
}

fn private(scalar: [u8; 32]) -> PrivateScalar {
    PrivateScalar(Scalar::from_bytes_mod_order(scalar))
}
