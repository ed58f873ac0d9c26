//! The side that is spoken to: usually a member.

use std::fmt;

use snug_protocol::{
    KeyMessage,
    key::{KeyConfirm, KeyHello, KeyProof, KeyShare, Nonce},
};

use super::{
    HandshakeError, Identity, Keys, Parties, Password, Secrets, VERSION,
    initiator::commit,
    parties::{Course, Pair},
    run::{Run, Said},
    secrets::PrivateScalar,
};

/// A handshake answered: the share is out, the proof has not come.
///
/// The share tells nothing about the words, so answering a stranger costs time alone.
pub struct Responder {
    identity: Identity,
    scalar: PrivateScalar,
    hello: KeyHello,
    share: KeyShare,
    run: Run,
}

impl Responder {
    /// Answers a hello; the message is the share.
    ///
    /// # Errors
    /// [`HandshakeError::Reflected`], [`HandshakeError::Version`],
    /// [`HandshakeError::WordsNeeded`], [`HandshakeError::OpenRoom`].
    pub fn start(
        parties: Parties,
        identity: &Identity,
        password: &Password,
        hello: &KeyHello,
        secrets: &mut Secrets,
    ) -> Result<(Self, KeyMessage), HandshakeError> {
        let own = identity.key();
        if parties.are_one() || hello.identity == own {
            return Err(HandshakeError::Reflected);
        }
        check_hello(hello, password)?;
        let nonce = Nonce::new(*secrets.draw());
        let identities = Pair {
            me: own,
            peer: hello.identity,
        };
        let run = Run::new(
            parties,
            Course::Responder,
            identities,
            &hello.commitment,
            &nonce,
        );
        let scalar = secrets.draw_scalar();
        let share = KeyShare {
            version: VERSION,
            words: password.has_words(),
            identity: own,
            nonce,
            share: run.generator(password).share(&scalar),
            answers: hello.commitment,
        };
        let message = KeyMessage::Share(share.clone());
        let responder = Self {
            identity: identity.clone(),
            scalar,
            hello: hello.clone(),
            share,
            run,
        };
        Ok((responder, message))
    }

    /// Whether `proof` answers this run; any other is to be dropped.
    pub fn expects(&self, proof: &KeyProof) -> bool {
        proof.answers == self.share.nonce
    }

    /// Takes the initiator's proof; the message is the confirmation.
    ///
    /// # Errors
    /// [`HandshakeError`]; the run is over.
    pub fn on_proof(self, proof: &KeyProof) -> Result<(Keys, KeyMessage), HandshakeError> {
        if !self.expects(proof) {
            return Err(HandshakeError::Unrelated);
        }
        if proof.nonce == self.share.nonce {
            return Err(HandshakeError::Reflected);
        }
        if commit(&proof.nonce) != self.hello.commitment {
            return Err(HandshakeError::BadCommitment);
        }
        let said = Said {
            hello: &self.hello,
            share: &self.share,
            nonce: &proof.nonce,
            initiator_share: &proof.share,
            proof_answers: &proof.answers,
        };
        let outcome = self.run.conclude(&said, &self.scalar)?;
        let verified = outcome.verify(&proof.tag, &proof.signature)?;
        let (tag, signature) = verified.prove(&self.identity);
        let confirm = KeyConfirm {
            tag,
            signature,
            answers: proof.nonce,
        };
        Ok((verified.into_keys(), KeyMessage::Confirm(confirm)))
    }
}

fn check_hello(hello: &KeyHello, password: &Password) -> Result<(), HandshakeError> {
    if !hello.versions.contains(&VERSION) {
        return Err(HandshakeError::Version);
    }
    match (password.has_words(), hello.words) {
        (true, false) => Err(HandshakeError::WordsNeeded),
        (false, true) => Err(HandshakeError::OpenRoom),
        (true, true) | (false, false) => Ok(()),
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Responder({:?})", self.share.nonce)
    }
}
