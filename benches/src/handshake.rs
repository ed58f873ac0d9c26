//! What a handshake costs each side, beside the two multiplications that every key exchange on
//! this group takes.

use anyhow::{Context, Result, bail};
use curve25519_dalek::{RistrettoPoint, Scalar};
use nix::time::ClockId;
use snug_protocol::{KeyMessage, Payload};
use snug_session::handshake::{Identity, Initiator, Parties, Password, Responder, Secrets};

use crate::{histogram::median, say};

/// Runs `rounds` handshakes over words, encodings included, and as many times the reference.
pub(crate) fn measure(rounds: usize) -> Result<()> {
    let mut pair = Pair::new()?;
    let (mut initiators, mut responders, mut references) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let [initiator, responder] = pair.shake()?;
        initiators.push(initiator);
        responders.push(responder);
        references.push(reference(&mut pair.first)?);
    }
    let reference = median(&references);
    say("handshake: processor time of a whole one, median");
    for (side, figures) in [("initiator", initiators), ("responder", responders)] {
        let spent = median(&figures);
        say(format_args!(
            "  {side}: {spent:.0} µs, {:.1} of the reference",
            spent / reference
        ));
    }
    say(format_args!(
        "  reference, two multiplications on ristretto255: {reference:.0} µs"
    ));
    Ok(())
}

/// Two peers of one room.
struct Pair {
    at_first: Parties,
    at_second: Parties,
    first: Secrets,
    second: Secrets,
    identities: [Identity; 2],
    password: Password,
}

impl Pair {
    fn new() -> Result<Self> {
        let (mut first, mut second) = (Secrets::new([1; 32]), Secrets::new([2; 32]));
        let parties = |me: &str, peer: &str| -> Result<Parties> {
            Ok(Parties {
                room: "K7Q4X9".parse()?,
                me: me.parse()?,
                peer: peer.parse()?,
            })
        };
        Ok(Self {
            at_first: parties("ann", "ben")?,
            at_second: parties("ben", "ann")?,
            identities: [
                Identity::generate(&mut first),
                Identity::generate(&mut second),
            ],
            first,
            second,
            password: Password::new(b"otter-lemon-cloud-ferry"),
        })
    }

    /// One handshake: microseconds of the initiator and of the responder.
    fn shake(&mut self) -> Result<[f64; 2]> {
        let mut spent = [0.0; 2];
        let [one, two] = &self.identities;
        let (initiator, hello) = timed(&mut spent[0], || {
            let parties = self.at_first.clone();
            let (initiator, hello) =
                Initiator::start(parties, one, &self.password, &mut self.first);
            (initiator, hello.encode())
        })?;
        let (responder, share) = timed(&mut spent[1], || -> Result<_> {
            let KeyMessage::Hello(hello) = KeyMessage::decode(&hello)? else {
                bail!("no hello");
            };
            let parties = self.at_second.clone();
            let (responder, share) =
                Responder::start(parties, two, &self.password, &hello, &mut self.second)?;
            Ok((responder, share.encode()))
        })??;
        let (awaiting, proof) = timed(&mut spent[0], || -> Result<_> {
            let KeyMessage::Share(share) = KeyMessage::decode(&share)? else {
                bail!("no share");
            };
            let (awaiting, proof) = initiator.on_share(&share, &mut self.first)?;
            Ok((awaiting, proof.encode()))
        })??;
        let (_keys, confirm) = timed(&mut spent[1], || -> Result<_> {
            let KeyMessage::Proof(proof) = KeyMessage::decode(&proof)? else {
                bail!("no proof");
            };
            let (keys, confirm) = responder.on_proof(&proof)?;
            Ok((keys, confirm.encode()))
        })??;
        timed(&mut spent[0], || finish(awaiting, &confirm))??;
        Ok(spent)
    }
}

fn finish(awaiting: snug_session::handshake::Awaiting, confirm: &Payload) -> Result<()> {
    let KeyMessage::Confirm(confirm) = KeyMessage::decode(confirm)? else {
        bail!("no confirmation");
    };
    awaiting.on_confirm(&confirm)?;
    Ok(())
}

/// A key exchange without anything around it: a share, and the shared point.
fn reference(secrets: &mut Secrets) -> Result<f64> {
    let generator = RistrettoPoint::from_uniform_bytes(&secrets.draw());
    let theirs = RistrettoPoint::from_uniform_bytes(&secrets.draw());
    let scalar = Scalar::from_bytes_mod_order_wide(&secrets.draw());
    let mut spent = 0.0;
    timed(&mut spent, || {
        std::hint::black_box([generator * scalar, theirs * scalar]);
    })?;
    Ok(spent)
}

/// Adds the microseconds that the processor spent on `work`.
fn timed<T>(spent: &mut f64, work: impl FnOnce() -> T) -> Result<T> {
    let start = processor_micros()?;
    let result = work();
    *spent += processor_micros()? - start;
    Ok(result)
}

/// The time of this thread on a processor.
#[expect(clippy::cast_precision_loss, reason = "a figure to print")]
fn processor_micros() -> Result<f64> {
    let time = ClockId::CLOCK_THREAD_CPUTIME_ID
        .now()
        .context("no clock of the thread")?;
    Ok(time.tv_sec() as f64 * 1e6 + time.tv_nsec() as f64 / 1e3)
}
