//! The session's links, on connections that the browser makes.

use std::fmt::Write;

use snug_protocol::{
    Fingerprint, InvalidDescription, SessionDescription,
    limits::{CANDIDATE_BYTES, CANDIDATES_PER_ATTEMPT},
    maps::BTreeMap,
    negotiation,
    session_description::RECEIVE_BUFFER,
};
use snug_session::{Fingerprints, LinkId, LinkInput, Path};

use crate::{ConnectionState, Output};

/// The links that are open.
#[derive(Debug, Default)]
pub(crate) struct Links(BTreeMap<LinkId, Link>);

#[derive(Debug)]
struct Link {
    state: State,
    /// The certificates that the descriptions name.
    local: Option<Fingerprint>,
    remote: Option<Fingerprint>,
    /// The peer's ICE user name fragment; another one begins a restart (RFC 8839 §4.4.3.1.1).
    ufrag: Option<String>,
    /// Candidates of the peer since.
    candidates: usize,
    /// Those that wait for a description; `None` once there is one.
    early: Option<Vec<negotiation::Candidate>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Packets pass, or none have yet.
    Live,
    /// No packets have come for a while.
    Interrupted,
    /// The browser has closed it; the session has not.
    Dead,
}

/// Which description a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remote {
    /// An offer, before which a local one may be taken back.
    Offer { rollback: bool },
    /// An answer.
    Answer,
}

impl Links {
    pub(crate) fn open(&mut self, id: LinkId) {
        self.0.insert(id, Link::new());
    }

    /// Nothing of it matters any more.
    pub(crate) fn close(&mut self, id: LinkId) {
        self.0.remove(&id);
    }

    /// Reads a description of the peer. What comes out is what the browser gets to see: the
    /// description without its candidates, then those that it brought and those that waited.
    ///
    /// # Errors
    /// [`LinkInput::Rejected`] for one that no peer of ours makes.
    pub(crate) fn accept(
        &mut self,
        id: LinkId,
        kind: Remote,
        sdp: &str,
    ) -> Result<Vec<Output>, LinkInput> {
        let Some(link) = self.0.get_mut(&id) else {
            return Ok(Vec::new());
        };
        let description = link.read(sdp).map_err(rejected)?;
        let (link_id, sdp) = (id.0, description.sdp);
        let mut outputs = vec![match kind {
            Remote::Offer { rollback } => Output::AcceptOffer {
                link: link_id,
                sdp,
                rollback,
            },
            Remote::Answer => Output::AcceptAnswer { link: link_id, sdp },
        }];
        let early = link.early.take().unwrap_or_default();
        let told = early.into_iter().chain(description.candidates);
        let candidates: Vec<_> = told.filter(|candidate| link.counts(candidate)).collect();
        outputs.extend(candidates.into_iter().map(|it| add(id, it)));
        Ok(outputs)
    }

    /// Takes a candidate of the peer. It may come before the description that it belongs to.
    pub(crate) fn add_candidate(
        &mut self,
        id: LinkId,
        candidate: negotiation::Candidate,
    ) -> Option<Output> {
        let link = self.0.get_mut(&id)?;
        if let Some(early) = &mut link.early {
            if early.len() < CANDIDATES_PER_ATTEMPT {
                early.push(candidate);
            }
            return None;
        }
        link.counts(&candidate).then(|| add(id, candidate))
    }

    /// Notes the certificate that this end presents, and tells the peer in the description how
    /// many bytes its socket holds, if that is known.
    pub(crate) fn describe(
        &mut self,
        id: LinkId,
        mut sdp: String,
        receive_buffer: Option<u32>,
    ) -> String {
        if let Some(link) = self.0.get_mut(&id) {
            link.local = SessionDescription::read(&sdp).ok().map(|it| it.certificate);
        }
        if let Some(bytes) = receive_buffer {
            // The application section is the last, and attributes end a section (RFC 8866 §5).
            write!(sdp, "a={RECEIVE_BUFFER}:{bytes}\r\n").expect("a string takes everything");
        }
        sdp
    }

    /// Both channels are open. The browser checks the peer's certificate against the description
    /// (RFC 8122 §6.2), in which there is one; where its statistics tell the certificates, they
    /// have to be the same.
    pub(crate) fn on_opened(
        &mut self,
        id: LinkId,
        local: Option<&str>,
        remote: Option<&str>,
    ) -> Option<LinkInput> {
        let link = self.0.get_mut(&id)?;
        let named = link.local.zip(link.remote);
        let agrees = |told: Option<&str>, named| told.is_none_or(|told| told.parse() == Ok(named));
        Some(match named {
            Some((ours, theirs)) if agrees(local, ours) && agrees(remote, theirs) => {
                let (local, remote) = (ours, theirs);
                LinkInput::Opened {
                    fingerprints: Fingerprints { local, remote },
                }
            }
            _ => {
                link.state = State::Dead;
                LinkInput::Failed("the certificates are not those of the descriptions".into())
            }
        })
    }

    /// Says what a state means to the session, if anything.
    pub(crate) fn on_state(&mut self, id: LinkId, state: ConnectionState) -> Option<LinkInput> {
        let link = self.0.get_mut(&id)?;
        if link.state == State::Dead {
            return None;
        }
        match state {
            ConnectionState::Connected if link.state == State::Interrupted => {
                link.state = State::Live;
                Some(LinkInput::Resumed)
            }
            ConnectionState::New | ConnectionState::Connecting | ConnectionState::Connected => None,
            ConnectionState::Disconnected => {
                link.state = State::Interrupted;
                Some(LinkInput::Interrupted)
            }
            ConnectionState::Failed => {
                // After an ICE restart packets may flow again.
                link.state = State::Interrupted;
                Some(LinkInput::Failed("no packets get through".into()))
            }
            ConnectionState::Closed => {
                link.state = State::Dead;
                Some(LinkInput::Failed("closed by the peer".into()))
            }
        }
    }

    /// Whether the session still hears of this link.
    pub(crate) fn is_open(&self, id: LinkId) -> bool {
        self.0
            .get(&id)
            .is_some_and(|link| link.state != State::Dead)
    }
}

impl Link {
    fn new() -> Self {
        Self {
            state: State::Live,
            local: None,
            remote: None,
            ufrag: None,
            candidates: 0,
            early: Some(Vec::new()),
        }
    }

    fn read(&mut self, sdp: &str) -> Result<SessionDescription, InvalidDescription> {
        let description = SessionDescription::read(sdp)?;
        // A new certificate asks for a new handshake (RFC 8842 §3.1), which would prove itself to
        // nobody.
        if *self.remote.get_or_insert(description.certificate) != description.certificate {
            return Err(InvalidDescription::OtherCertificate);
        }
        if self.ufrag != description.ufrag {
            self.ufrag.clone_from(&description.ufrag);
            self.candidates = 0;
        }
        Ok(description)
    }

    fn counts(&mut self, candidate: &negotiation::Candidate) -> bool {
        let counts = self.candidates < CANDIDATES_PER_ATTEMPT
            && candidate.candidate.len() <= CANDIDATE_BYTES;
        self.candidates += usize::from(counts);
        counts
    }
}

/// The path that packets travel.
pub(crate) const fn path(turn: bool) -> LinkInput {
    LinkInput::Path(if turn { Path::Turn } else { Path::Direct })
}

fn add(id: LinkId, candidate: negotiation::Candidate) -> Output {
    Output::AddCandidate {
        link: id.0,
        candidate: candidate.into(),
    }
}

fn rejected(error: InvalidDescription) -> LinkInput {
    LinkInput::Rejected(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: LinkId = LinkId(1);
    const OFFER: Remote = Remote::Offer { rollback: false };

    fn opened() -> Links {
        let mut links = Links::default();
        links.open(ID);
        links
    }

    fn sdp(byte: &str, ufrag: &str) -> String {
        let print = [byte; 32].join(":");
        format!(
            "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:{ufrag}\r\n\
             a=fingerprint:sha-256 {print}\r\n"
        )
    }

    fn candidate(number: usize) -> negotiation::Candidate {
        negotiation::Candidate {
            candidate: format!("candidate:{number} 1 udp 9 203.0.113.9 7 typ host"),
            sdp_mid: None,
            sdp_mline_index: Some(0),
        }
    }

    #[test]
    fn candidates_wait_for_the_description() {
        let mut links = opened();
        assert_eq!(links.add_candidate(ID, candidate(1)), None);
        let outputs = links.accept(ID, OFFER, &sdp("AA", "u")).unwrap();
        assert!(matches!(outputs[0], Output::AcceptOffer { .. }));
        assert!(matches!(outputs[1], Output::AddCandidate { .. }));
        assert!(links.add_candidate(ID, candidate(2)).is_some());
    }

    #[test]
    fn a_flood_of_candidates_is_cut_until_ice_restarts() {
        let mut links = opened();
        links.accept(ID, OFFER, &sdp("AA", "u")).unwrap();
        let taken = |links: &mut Links| {
            let all = (0..1000).filter_map(|n| links.add_candidate(ID, candidate(n)));
            all.count()
        };
        assert_eq!(taken(&mut links), CANDIDATES_PER_ATTEMPT);
        links.accept(ID, OFFER, &sdp("AA", "v")).unwrap();
        assert_eq!(taken(&mut links), CANDIDATES_PER_ATTEMPT);
    }

    #[test]
    fn another_certificate_on_the_same_link_is_rejected() {
        let mut links = opened();
        links.accept(ID, OFFER, &sdp("AA", "u")).unwrap();
        let other = links.accept(ID, OFFER, &sdp("BB", "u"));
        assert!(matches!(other, Err(LinkInput::Rejected(_))));
    }

    #[test]
    fn a_link_opens_between_the_certificates_of_the_descriptions() {
        let mut links = opened();
        assert!(matches!(
            links.on_opened(ID, None, None),
            Some(LinkInput::Failed(_))
        ));
        let mut links = opened();
        links.describe(ID, sdp("AA", "u"), None);
        links.accept(ID, Remote::Answer, &sdp("BB", "u")).unwrap();
        let told = [["AA"; 32].join(":"), ["BB"; 32].join(":")];
        let open = links.on_opened(ID, Some(&told[0]), Some(&told[1]));
        assert!(matches!(open, Some(LinkInput::Opened { .. })));
        let swapped = links.on_opened(ID, Some(&told[1]), Some(&told[0]));
        assert!(matches!(swapped, Some(LinkInput::Failed(_))));
    }

    #[test]
    fn the_peer_is_told_what_the_socket_holds() {
        let mut links = opened();
        assert_eq!(links.describe(ID, sdp("AA", "u"), None), sdp("AA", "u"));
        let told = links.describe(ID, sdp("AA", "u"), Some(200_000));
        assert!(told.ends_with("\r\na=x-snug-receive-buffer:200000\r\n"));
        assert!(
            SessionDescription::read(&told).is_ok(),
            "a page takes it, too"
        );
    }

    #[test]
    fn an_interrupted_link_resumes_and_a_closed_one_is_silent() {
        let mut links = opened();
        let mut on = |state| links.on_state(ID, state);
        assert_eq!(on(ConnectionState::Connected), None);
        assert_eq!(
            on(ConnectionState::Disconnected),
            Some(LinkInput::Interrupted)
        );
        assert_eq!(on(ConnectionState::Connected), Some(LinkInput::Resumed));
        assert!(matches!(
            on(ConnectionState::Closed),
            Some(LinkInput::Failed(_))
        ));
        assert_eq!(on(ConnectionState::Failed), None);
    }
}
