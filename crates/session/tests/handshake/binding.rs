//! The keys are tied to one connection between two certificates (hostile inputs 48, 51).

use snug_protocol::Fingerprint;
use snug_session::Fingerprints;

use crate::{
    fixture::{ann_and_ben, keys, shake},
    flip::Flip,
};

const ANNS: Fingerprint = Fingerprint([0xaa; 32]);
const BENS: Fingerprint = Fingerprint([0xbb; 32]);

const AT_ANN: Fingerprints = Fingerprints {
    local: ANNS,
    remote: BENS,
};
const AT_BEN: Fingerprints = Fingerprints {
    local: BENS,
    remote: ANNS,
};

#[test]
fn both_ends_of_one_connection_know_each_other() {
    let (anns, bens) = keys();
    assert!(bens.is_bound(7, &AT_BEN, &anns.bind(7, &AT_ANN)));
    assert!(anns.is_bound(7, &AT_ANN, &bens.bind(7, &AT_BEN)));
}

#[test]
fn ones_own_binding_is_not_the_others() {
    let (anns, bens) = keys();
    assert!(!anns.is_bound(7, &AT_ANN, &anns.bind(7, &AT_ANN)));
    // Not even where both ends have one certificate.
    let same = Fingerprints {
        local: ANNS,
        remote: ANNS,
    };
    assert!(!anns.is_bound(7, &same, &anns.bind(7, &same)));
    assert!(bens.is_bound(7, &same, &anns.bind(7, &same)));
}

#[test]
fn another_certificate_at_either_end_is_noticed() {
    let (anns, bens) = keys();
    for bit in 0..256 {
        let mut eves = ANNS.0;
        eves.as_mut_slice().flip(bit);
        let eves = Fingerprint(eves);
        // Ben's stack checked another certificate than Ann presents.
        let at_ben = Fingerprints {
            local: BENS,
            remote: eves,
        };
        assert!(!bens.is_bound(7, &at_ben, &anns.bind(7, &AT_ANN)));
        // Ann's stack checked another than Ben presents.
        let at_ann = Fingerprints {
            local: ANNS,
            remote: eves,
        };
        assert!(!bens.is_bound(7, &AT_BEN, &anns.bind(7, &at_ann)));
    }
}

#[test]
fn a_binding_is_of_its_attempt_and_its_run() {
    let (anns, bens) = keys();
    let mac = anns.bind(7, &AT_ANN);
    for bit in 0..7_u32.bits() {
        let mut attempt = 7;
        attempt.flip(bit);
        assert!(!bens.is_bound(attempt, &AT_BEN, &mac), "{attempt}");
    }
    let (mut ann, mut ben) = ann_and_ben();
    shake(&mut ann, &mut ben);
    let (_, later) = shake(&mut ann, &mut ben);
    assert!(!later.is_bound(7, &AT_BEN, &mac));
}

#[test]
fn no_bit_of_a_binding_can_be_changed() {
    let (anns, bens) = keys();
    let mut mac = anns.bind(7, &AT_ANN);
    for bit in 0..mac.bits() {
        mac.as_mut_slice().flip(bit);
        assert!(!bens.is_bound(7, &AT_BEN, &mac), "{bit}");
        mac.as_mut_slice().flip(bit);
    }
    assert!(bens.is_bound(7, &AT_BEN, &mac));
    assert!(!bens.is_bound(7, &AT_BEN, &[0; 32]));
}
