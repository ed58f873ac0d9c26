//! The side that speaks first: usually the newcomer.

use std::fmt;

use sha2::{Digest, Sha256};
use snug_protocol::{
    KeyMessage,
    key::{Commitment, KeyConfirm, KeyHello, KeyProof, KeyShare, Nonce},
};

use super::{
    HandshakeError, Identity, Keys, Parties, Password, Secrets, VERSION,
    parties::{Course, Pair},
    run::{Outcome, Run, Said},
};

/// A handshake begun: the hello is out, the share has not come.
pub struct Initiator {
    parties: Parties,
    identity: Identity,
    password: Password,
    nonce: Nonce,
    hello: KeyHello,
}

/// A handshake whose proof is out and whose confirmation has not come.
///
/// From the proof a responder can tell whether *it* has the right words, whether it answers or
/// not. So a proof that stays unanswered must count as a guess just as a wrong answer does.
pub struct Awaiting {
    nonce: Nonce,
    outcome: Outcome,
}

impl Initiator {
    /// Begins a run; the message is the hello.
    pub fn start(
        parties: Parties,
        identity: &Identity,
        password: &Password,
        secrets: &mut Secrets,
    ) -> (Self, KeyMessage) {
        let nonce = Nonce::new(*secrets.draw());
        let hello = KeyHello {
            versions: vec![VERSION],
            words: password.has_words(),
            identity: identity.key(),
            commitment: commit(&nonce),
        };
        let message = KeyMessage::Hello(hello.clone());
        let initiator = Self {
            parties,
            identity: identity.clone(),
            password: password.clone(),
            nonce,
            hello,
        };
        (initiator, message)
    }

    /// Whether `share` answers this run; any other is to be dropped.
    pub fn expects(&self, share: &KeyShare) -> bool {
        share.answers == self.hello.commitment
    }

    /// Takes the responder's share; the message is the proof.
    ///
    /// # Errors
    /// [`HandshakeError`]; the run is over.
    pub fn on_share(
        self,
        share: &KeyShare,
        secrets: &mut Secrets,
    ) -> Result<(Awaiting, KeyMessage), HandshakeError> {
        self.check_share(share)?;
        let identities = Pair {
            me: self.hello.identity,
            peer: share.identity,
        };
        let run = Run::new(
            self.parties,
            Course::Initiator,
            identities,
            &self.hello.commitment,
            &share.nonce,
        );
        let scalar = secrets.draw_scalar();
        let ours = run.generator(&self.password).share(&scalar);
        let said = Said {
            hello: &self.hello,
            share,
            nonce: &self.nonce,
            initiator_share: &ours,
            proof_answers: &share.nonce,
        };
        let outcome = run.conclude(&said, &scalar)?;
        let (tag, signature) = outcome.prove(&self.identity);
        let proof = KeyProof {
            nonce: self.nonce,
            share: ours,
            tag,
            signature,
            answers: share.nonce,
        };
        let awaiting = Awaiting {
            nonce: self.nonce,
            outcome,
        };
        Ok((awaiting, KeyMessage::Proof(proof)))
    }

    fn check_share(&self, share: &KeyShare) -> Result<(), HandshakeError> {
        if !self.expects(share) {
            return Err(HandshakeError::Unrelated);
        }
        if !self.hello.versions.contains(&share.version) {
            return Err(HandshakeError::Version);
        }
        if self.parties.are_one()
            || share.identity == self.hello.identity
            || share.nonce == self.nonce
        {
            return Err(HandshakeError::Reflected);
        }
        match (self.hello.words, share.words) {
            (true, false) => Err(HandshakeError::OpenRoom),
            (false, true) => Err(HandshakeError::WordsNeeded),
            (true, true) | (false, false) => Ok(()),
        }
    }
}

impl Awaiting {
    /// Whether `confirm` answers this run; any other is to be dropped.
    pub fn expects(&self, confirm: &KeyConfirm) -> bool {
        confirm.answers == self.nonce
    }

    /// Takes the responder's confirmation.
    ///
    /// # Errors
    /// [`HandshakeError`]; the run is over.
    pub fn on_confirm(self, confirm: &KeyConfirm) -> Result<Keys, HandshakeError> {
        if !self.expects(confirm) {
            return Err(HandshakeError::Unrelated);
        }
        let verified = self.outcome.verify(&confirm.tag, &confirm.signature)?;
        Ok(verified.into_keys())
    }
}

/// The commitment to a nonce.
pub(super) fn commit(nonce: &Nonce) -> Commitment {
    let hash = Sha256::new()
        .chain_update(b"snug v1 commitment")
        .chain_update(nonce.as_bytes())
        .finalize();
    Commitment::new(hash.into())
}

impl fmt::Debug for Initiator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Initiator({:?})", self.hello.commitment)
    }
}

impl fmt::Debug for Awaiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Awaiting(..)")
    }
}
