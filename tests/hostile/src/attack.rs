//! What a hostile server may try.

use clap::ValueEnum;
use snug_protocol::{Forward, Secret};
use snug_session::sim::Adversary;

use crate::attacks::{
    Alter, Between, Chaos, Flap, Ghosts, Intruder, Loss, Reflect, Reorder, Replay, Split, Swap,
    alter::Change, drop::Dropped, split::Parts,
};

/// Something that a server must not do, and does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[non_exhaustive]
pub enum Attack {
    /// Connections end at somebody in between (simulated only)
    Intercept,
    /// Changes sealed descriptions and candidates
    FlipDescriptions,
    /// Changes messages of the handshake
    FlipKeys,
    /// Passes on what one says as if another had said it
    SwapPeers,
    /// Sends back to everybody what they said, as if the other had said it
    Reflect,
    /// Repeats old messages, of this room and of others
    Replay,
    /// Passes messages on in another order
    Reorder,
    /// Loses half of everything
    DropHalf,
    /// Loses every hello of the handshake
    DropHello,
    /// Loses every share of the handshake
    DropShare,
    /// Loses every proof of the handshake
    DropProof,
    /// Loses every confirmation of the handshake
    DropConfirm,
    /// Loses every message of the handshake
    DropKeys,
    /// Loses every description and candidate
    DropDescriptions,
    /// Loses what members who cannot connect say to each other
    DropRelay,
    /// Tells nobody who comes
    DropArrivals,
    /// Tells nobody who leaves
    DropDepartures,
    /// Offers versions that nobody speaks
    StripVersions,
    /// Claims that another version was chosen
    LowerVersion,
    /// Tells both that the other has no words
    ClearWords,
    /// Claims that the room is open
    ClaimOpen,
    /// Claims that the room has words
    ClaimWordsNeeded,
    /// Claims that the room takes nobody in
    ClaimClosed,
    /// Claims that the words are wrong
    ClaimWrongWords,
    /// Makes two rooms of one
    SplitHalves,
    /// Shows nobody anybody
    SplitAll,
    /// Keeps two members apart
    SplitPair,
    /// Says that members leave and come, and that the server goes
    Flap,
    /// Adds members who never were
    Invent,
    /// Stands between every two, with words of its own
    Guess,
    /// Comes as newcomers, each with other words
    GuessAsNewcomer,
    /// Changes relayed segments
    RelayFlip,
    /// Repeats relayed segments
    RelayReplay,
    /// Passes relayed segments on in another order
    RelayReorder,
    /// Loses relayed segments
    RelayDrop,
    /// Cuts relayed segments short
    RelayTruncate,
    /// A bit of everything
    Chaos,
}

/// What an attacker has got from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// What passed in other rooms.
    pub recorded: Vec<Forward>,
    /// The words: with them, everything is lost but the check strings.
    pub words: Option<Secret>,
}

impl Attack {
    /// Every attack there is.
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// Its name, as on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Somebody in the server who does it.
    pub fn adversary(self, knowledge: Knowledge) -> Box<dyn Adversary + Send> {
        match self {
            Self::Intercept => Box::new(Alter::new(Change::Nothing)),
            Self::FlipDescriptions => Box::new(Alter::new(Change::FlipDescriptions)),
            Self::FlipKeys => Box::new(Alter::new(Change::FlipKeys)),
            Self::StripVersions => Box::new(Alter::new(Change::StripVersions)),
            Self::LowerVersion => Box::new(Alter::new(Change::LowerVersion)),
            Self::ClearWords => Box::new(Alter::new(Change::ClearWords)),
            Self::ClaimOpen => Box::new(Alter::new(Change::ClaimOpen)),
            Self::ClaimWordsNeeded => Box::new(Alter::new(Change::ClaimWordsNeeded)),
            Self::ClaimClosed => Box::new(Alter::new(Change::ClaimClosed)),
            Self::ClaimWrongWords => Box::new(Alter::new(Change::ClaimWrongWords)),
            Self::RelayFlip => Box::new(Alter::new(Change::FlipRelay)),
            Self::RelayTruncate => Box::new(Alter::new(Change::TruncateRelay)),
            Self::SwapPeers => Box::new(Swap::default()),
            Self::Reflect => Box::new(Reflect::default()),
            Self::Replay => Box::new(Replay::everything(knowledge.recorded)),
            Self::RelayReplay => Box::new(Replay::relayed()),
            Self::Reorder => Box::new(Reorder::everything()),
            Self::RelayReorder => Box::new(Reorder::relayed()),
            Self::DropHalf => Box::new(Loss(Dropped::Half)),
            Self::DropHello => Box::new(Loss(Dropped::Hello)),
            Self::DropShare => Box::new(Loss(Dropped::Share)),
            Self::DropProof => Box::new(Loss(Dropped::Proof)),
            Self::DropConfirm => Box::new(Loss(Dropped::Confirm)),
            Self::DropKeys => Box::new(Loss(Dropped::Keys)),
            Self::DropDescriptions => Box::new(Loss(Dropped::Descriptions)),
            Self::DropRelay => Box::new(Loss(Dropped::Relay)),
            Self::RelayDrop => Box::new(Loss(Dropped::SomeRelay)),
            Self::DropArrivals => Box::new(Loss(Dropped::Arrivals)),
            Self::DropDepartures => Box::new(Loss(Dropped::Departures)),
            Self::SplitHalves => Box::new(Split::into(Parts::Halves)),
            Self::SplitAll => Box::new(Split::into(Parts::Each)),
            Self::SplitPair => Box::new(Split::into(Parts::OnePairApart)),
            Self::Flap => Box::new(Flap::default()),
            Self::Invent => Box::new(Ghosts::default()),
            Self::Guess => Box::new(Between::new(knowledge.words)),
            Self::GuessAsNewcomer => Box::new(Intruder::default()),
            Self::Chaos => Box::new(Chaos::new(&knowledge)),
        }
    }

    /// Whether it keeps every two members who have not met apart for as long as it lasts.
    pub const fn separates(self) -> bool {
        matches!(
            self,
            Self::DropHello
                | Self::DropShare
                | Self::DropProof
                | Self::DropConfirm
                | Self::DropKeys
                | Self::StripVersions
                | Self::LowerVersion
                | Self::ClearWords
                | Self::ClaimOpen
                | Self::ClaimWordsNeeded
                | Self::ClaimClosed
                | Self::ClaimWrongWords
                | Self::SplitAll
                | Self::Guess
        )
    }

    /// Whether it is about the words, and no member may let in whoever is behind it.
    pub const fn guesses(self) -> bool {
        matches!(self, Self::Guess | Self::GuessAsNewcomer)
    }

    /// Whether it is about members who cannot connect.
    pub const fn is_about_relay(self) -> bool {
        matches!(
            self,
            Self::DropRelay
                | Self::RelayFlip
                | Self::RelayReplay
                | Self::RelayReorder
                | Self::RelayDrop
                | Self::RelayTruncate
        )
    }

    /// Whether members do not learn of each other, so that it takes a list of the members to mend.
    pub const fn hides_members(self) -> bool {
        matches!(
            self,
            Self::SplitHalves
                | Self::SplitAll
                | Self::SplitPair
                | Self::DropArrivals
                | Self::DropDepartures
                | Self::DropHalf
                | Self::Reorder
                | Self::Flap
                | Self::Invent
                | Self::GuessAsNewcomer
                | Self::Chaos
        )
    }
}
