//! Counts what an attacker could learn about the words.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, ClientMessage, KeyMessage, RefusalReason, ServerMessage};
use snug_session::sim::Adversary;

use crate::{
    Attack, Knowledge,
    wire::{Sent, is_nobody, key_of},
};

/// Guesses that one member may let somebody test.
const ALLOWED: usize = 5;

/// What each member has given away: proofs, and verdicts on the proofs of others.
#[derive(Debug, Clone, Default)]
pub(super) struct Guesses(Arc<Mutex<BTreeMap<ClientId, Vec<KeyMessage>>>>);

/// Counts, and lets somebody else attack.
#[derive(Debug)]
struct Counted {
    guesses: Guesses,
    /// Whether nobody hears who they should; else what members say to each other is no guess.
    between_all: bool,
    inner: Box<dyn Adversary + Send>,
}

impl Guesses {
    pub(super) fn counted(&self, attack: Attack, knowledge: Knowledge) -> impl Adversary + use<> {
        Counted {
            guesses: self.clone(),
            between_all: attack == Attack::Guess,
            inner: attack.adversary(knowledge),
        }
    }

    /// Members who have given away more than they may.
    pub(super) fn overspent(&self) -> Vec<String> {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = given.iter().filter(|(_, given)| given.len() > ALLOWED);
        over.map(|(member, given)| format!("{member} let {} be tested", given.len()))
            .collect()
    }

    fn note(&self, member: &ClientId, message: KeyMessage) {
        let reason = RefusalReason::WrongWords;
        let tells = match &message {
            KeyMessage::Proof(_) => true,
            refusal => *refusal == KeyMessage::Refused { reason },
        };
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let given = given.entry(member.clone()).or_default();
        // A proof that is said again tells nothing new; a verdict does.
        let again = matches!(message, KeyMessage::Proof(_)) && given.contains(&message);
        if tells && !again {
            given.push(message);
        }
    }
}

impl Adversary for Counted {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, rng: &mut ChaCha12Rng) -> Sent {
        self.inner.pass(to, message, rng)
    }

    fn overhear(
        &mut self,
        from: &ClientId,
        message: &ClientMessage,
        rng: &mut ChaCha12Rng,
    ) -> Sent {
        if let ClientMessage::Forward(forward) = message
            && (self.between_all || is_nobody(&forward.to))
            && let Some(said) = key_of(forward)
        {
            self.guesses.note(from, said);
        }
        self.inner.overhear(from, message, rng)
    }
}
