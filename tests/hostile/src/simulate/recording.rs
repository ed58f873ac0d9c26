//! What somebody heard in another room.

use std::sync::{Arc, Mutex, PoisonError};

use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, Forward, ServerMessage};
use snug_session::sim::{Adversary, Network};

use crate::wire::Sent;

/// Everything that passes through the server while two members meet and cannot connect at first.
pub fn recorded_elsewhere() -> Vec<Forward> {
    let mut net = Network::new(u64::MAX);
    let heard = Arc::new(Mutex::new(Vec::new()));
    net.set_adversary(Recorder(Arc::clone(&heard)));
    net.cut(0, 1);
    net.full_room(2);
    net.say(0, "said elsewhere");
    net.run_for(std::time::Duration::from_secs(20));
    net.heal_all();
    net.run_for(std::time::Duration::from_secs(20));
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    heard.clone()
}

/// Somebody who only listens.
#[derive(Debug)]
struct Recorder(Arc<Mutex<Vec<Forward>>>);

impl Adversary for Recorder {
    fn pass(&mut self, to: &ClientId, message: ServerMessage, _: &mut ChaCha12Rng) -> Sent {
        if let ServerMessage::Forward(forward) = &message {
            let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push(forward.clone());
        }
        vec![(to.clone(), message)]
    }
}
