//! One run of the handshake, as both sides compute it alike.

use snug_protocol::{
    IdentityKey, Signature,
    key::{Commitment, KeyHello, KeyShare, Nonce, Share, Tag},
};

use super::{
    HandshakeError, Identity, Keys, Parties, Password,
    check::Check,
    cpace::{Generator, SharedPoint},
    encoding::lv_cat,
    identity::verify_transcript,
    keys::Agreed,
    parties::{Course, Pair, Role},
    schedule::{self, Key, Purpose, Schedule, Transcript},
    secrets::PrivateScalar,
};

/// Who is in the run, and what names it.
pub(super) struct Run {
    parties: Parties,
    course: Course,
    identities: Pair<IdentityKey>,
    session: Vec<u8>,
}

/// The first three messages, but the tag and signature.
pub(super) struct Said<'a> {
    pub(super) hello: &'a KeyHello,
    pub(super) share: &'a KeyShare,
    pub(super) nonce: &'a Nonce,
    pub(super) initiator_share: &'a Share,
    pub(super) proof_answers: &'a Nonce,
}

/// Keys that the peer has yet to prove to have too.
pub(super) struct Outcome {
    role: Role,
    transcript: Transcript,
    confirm: Pair<Key>,
    keys: Keys,
}

/// Keys that the peer has proved to have too.
pub(super) struct Verified(Outcome);

impl Run {
    pub(super) fn new(
        parties: Parties,
        course: Course,
        identities: Pair<IdentityKey>,
        commitment: &Commitment,
        responder_nonce: &Nonce,
    ) -> Self {
        Self {
            parties,
            course,
            identities,
            session: session_id(commitment, responder_nonce),
        }
    }

    /// The generator of this run under `password`.
    pub(super) fn generator(&self, password: &Password) -> Generator {
        let channel = self.parties.channel(self.course, &self.identities);
        Generator::new(password.as_bytes(), &channel, &self.session)
    }

    /// Computes the keys.
    ///
    /// # Errors
    /// [`HandshakeError::BadShare`] and [`HandshakeError::Reflected`], by the peer's share.
    pub(super) fn conclude(
        self,
        said: &Said<'_>,
        scalar: &PrivateScalar,
    ) -> Result<Outcome, HandshakeError> {
        let role = self.parties.role();
        let shares = match self.course {
            Course::Initiator => Pair {
                me: said.initiator_share,
                peer: &said.share.share,
            },
            Course::Responder => Pair {
                me: &said.share.share,
                peer: said.initiator_share,
            },
        };
        if shares.me == shares.peer {
            return Err(HandshakeError::Reflected);
        }
        let point = SharedPoint::new(scalar, shares.peer).ok_or(HandshakeError::BadShare)?;
        let [a, b] = shares.ordered(role);
        let session_key = point.session_key(&self.session, (a, b"A"), (b, b"B"));
        let transcript = said.transcript();
        let schedule = Schedule::new(&session_key, &transcript);
        let check = Check::new(
            &self.parties,
            &self.identities,
            said.nonce,
            &said.share.nonce,
        );
        Ok(Outcome {
            role,
            transcript,
            confirm: Pair {
                me: schedule.key(Purpose::Confirm(role)),
                peer: schedule.key(Purpose::Confirm(role.other())),
            },
            keys: Keys::new(
                self.parties,
                Agreed {
                    peer: self.identities.peer,
                    words: said.hello.words,
                    check,
                },
                &schedule,
            ),
        })
    }
}

impl Said<'_> {
    pub(super) fn transcript(&self) -> Transcript {
        Transcript::new(
            self.hello,
            self.share,
            self.nonce,
            self.initiator_share,
            self.proof_answers,
        )
    }
}

impl Outcome {
    /// What proves to the peer that this side has the keys.
    pub(super) fn prove(&self, identity: &Identity) -> (Tag, Signature) {
        (
            schedule::tag(&self.confirm.me, &self.transcript),
            identity.sign_transcript(self.role, &self.transcript),
        )
    }

    /// Checks what the peer proves with.
    ///
    /// The tag comes first: until it is right, nothing is known of who speaks.
    ///
    /// # Errors
    /// [`HandshakeError::WrongTag`], [`HandshakeError::BadSignature`].
    pub(super) fn verify(
        self,
        tag: &Tag,
        signature: &Signature,
    ) -> Result<Verified, HandshakeError> {
        if !schedule::is_tag(&self.confirm.peer, &self.transcript, tag) {
            return Err(HandshakeError::WrongTag);
        }
        let peer = self.keys.peer();
        if !verify_transcript(&peer, self.role.other(), &self.transcript, signature) {
            return Err(HandshakeError::BadSignature);
        }
        Ok(Verified(self))
    }
}

impl Verified {
    /// As [`Outcome::prove`], for the side that proves itself last.
    pub(super) fn prove(&self, identity: &Identity) -> (Tag, Signature) {
        self.0.prove(identity)
    }

    pub(super) fn into_keys(self) -> Keys {
        self.0.keys
    }
}

/// What names a run: both sides have added to it, so no two are alike.
pub(super) fn session_id(commitment: &Commitment, responder_nonce: &Nonce) -> Vec<u8> {
    lv_cat(&[
        b"snug v1 sid",
        commitment.as_bytes(),
        responder_nonce.as_bytes(),
    ])
}
