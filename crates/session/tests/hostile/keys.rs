//! Messages of the handshake, from somebody who knows the words and from somebody who does not.

use snug_protocol::ControlFrame;
use snug_session::handshake::{Identity, Secrets};

use crate::victim::{Victim, blames, blames_and_closes, mallorys};

/// Somebody who knows the words, with the help of the server, comes under the name of one who is
/// here.
#[test]
fn who_is_here_is_not_replaced_by_another_of_the_same_name() {
    let mut victim = Victim::linked();
    let honest = (victim.keys.take(), victim.link);
    victim.identity = Identity::generate(&mut Secrets::new([9; 32]));
    let outputs = victim.meet();
    assert!(blames(&outputs), "{outputs:?}");
    assert!(!blames_and_closes(&outputs), "{outputs:?}");
    victim.identity = Identity::generate(&mut Secrets::new([1; 32]));
    (victim.keys, victim.link) = honest;
    victim.control(&ControlFrame::Entry(mallorys(1, "still me")));
    assert_eq!(victim.texts(), ["still me"]);
}
