//! What a peer's session description may say.
//!
//! The stack reads descriptions leniently: it skips spaces and stray carriage returns, takes the
//! first of several fingerprints, connects whatever comes of it, and reports nothing when the
//! handshake then fails. So a description is read here first, and the stack is given what was
//! read: lines trimmed, candidates taken out, the fingerprint in its canonical form.

use std::fmt::Write;

use snug_protocol::negotiation::{Candidate, RECEIVE_BUFFER};

use super::{
    Fingerprint,
    repair::Token,
    sdp::{FRAGMENTS, REPAIR, trickled},
};

/// A peer's description without its candidates, which take the same way as trickled ones.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) sdp: String,
    pub(super) candidates: Vec<Candidate>,
    /// The certificate that the peer is going to show.
    pub(super) certificate: Fingerprint,
    /// Its ICE user name fragment; another one begins a restart (RFC 8839 §4.4.3.1.1).
    pub(super) ufrag: Option<String>,
    /// The peer's receive buffer, if it tells.
    pub(super) receive_buffer: Option<usize>,
    /// Its token for repair, if it does that.
    pub(super) repair: Option<Token>,
    /// Whether records go in fragments, both ways. Only a peer that repairs does that.
    pub(super) fragments: bool,
}

/// A description that no peer of ours makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidDescription {
    #[error("the description names no certificate")]
    NoFingerprint,
    #[error("the description names a certificate by something else than its SHA-256")]
    UnsupportedFingerprint,
    #[error("the description names several certificates")]
    SeveralCertificates,
    #[error("the description names another certificate than the one before")]
    OtherCertificate,
    #[error("the description has {0} sections where one for data is expected")]
    Sections(usize),
    #[error("the description has a section for something else than data")]
    NotData,
}

impl Remote {
    /// Reads a description, whatever it is.
    ///
    /// RFC 8122 §5 allows several fingerprints: of one certificate under several hash functions,
    /// and of several certificates. Neither helps us: every implementation of WebRTC has SHA-256
    /// and one certificate a connection, and a choice is something that can be abused. So all
    /// fingerprints have to be SHA-256 and the same; browsers repeat theirs in every section.
    pub(super) fn read(text: &str) -> Result<Self, InvalidDescription> {
        let mut reading = Reading::default();
        for line in text.lines() {
            reading.take(line.trim())?;
        }
        reading.finish()
    }
}

/// A description of which some lines are read.
#[derive(Debug, Default)]
struct Reading {
    sdp: String,
    sections: usize,
    candidates: Vec<Candidate>,
    certificate: Option<Fingerprint>,
    ufrag: Option<String>,
    receive_buffer: Option<usize>,
    repair: Option<Token>,
    fragments: bool,
}

impl Reading {
    fn take(&mut self, line: &str) -> Result<(), InvalidDescription> {
        let (kind, value) = line.split_once('=').unwrap_or((line, ""));
        let value = value.trim();
        match kind {
            "a" => return self.take_attribute(value),
            "m" => self.take_section(value)?,
            _ => {}
        }
        self.keep(line);
        Ok(())
    }

    fn take_attribute(&mut self, attribute: &str) -> Result<(), InvalidDescription> {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name.trim() {
            "candidate" => self
                .candidates
                .push(trickled(format!("candidate:{}", value.trim()))),
            "fingerprint" => self.take_fingerprint(value)?,
            RECEIVE_BUFFER => self.receive_buffer = value.parse().ok(),
            REPAIR => self.repair = value.parse().ok(),
            FRAGMENTS => self.fragments = true,
            "ice-ufrag" => {
                self.ufrag.get_or_insert_with(|| value.to_owned());
                self.keep_attribute(attribute);
            }
            _ => self.keep_attribute(attribute),
        }
        Ok(())
    }

    fn take_fingerprint(&mut self, value: &str) -> Result<(), InvalidDescription> {
        let fingerprint =
            read_fingerprint(value).ok_or(InvalidDescription::UnsupportedFingerprint)?;
        if *self.certificate.get_or_insert(fingerprint) != fingerprint {
            return Err(InvalidDescription::SeveralCertificates);
        }
        self.keep_attribute(&format!("fingerprint:sha-256 {fingerprint}"));
        Ok(())
    }

    /// There is one section on a link of ours, the data channels' (RFC 8841 §5). Media would
    /// have the stack build receivers that nobody asked for.
    fn take_section(&mut self, media: &str) -> Result<(), InvalidDescription> {
        self.sections += 1;
        let is_data = media.split_ascii_whitespace().next() == Some("application");
        is_data.then_some(()).ok_or(InvalidDescription::NotData)
    }

    fn keep_attribute(&mut self, attribute: &str) {
        write!(self.sdp, "a={attribute}\r\n").expect("a string takes everything");
    }

    fn keep(&mut self, line: &str) {
        self.sdp.push_str(line);
        self.sdp.push_str("\r\n");
    }

    fn finish(self) -> Result<Remote, InvalidDescription> {
        if self.sections != 1 {
            return Err(InvalidDescription::Sections(self.sections));
        }
        Ok(Remote {
            sdp: self.sdp,
            candidates: self.candidates,
            certificate: self.certificate.ok_or(InvalidDescription::NoFingerprint)?,
            ufrag: self.ufrag,
            receive_buffer: self.receive_buffer,
            fragments: self.fragments && self.repair.is_some(),
            repair: self.repair,
        })
    }
}

/// Reads `sha-256 4A:AD:…` (RFC 8122 §5), in either case.
fn read_fingerprint(value: &str) -> Option<Fingerprint> {
    let (hash, fingerprint) = value.trim().split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    fingerprint.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{super::sdp, *};

    const CANDIDATE: &str = "candidate:1 1 udp 9 203.0.113.9 7 typ host";

    fn sdp(attributes: &[&str]) -> String {
        let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel";
        let mut sdp = format!("v=0\r\n{data}\r\n");
        for attribute in attributes {
            write!(sdp, "a={attribute}\r\n").unwrap();
        }
        sdp
    }

    fn fingerprint(byte: &str) -> String {
        format!("fingerprint:sha-256 {}", [byte; 32].join(":"))
    }

    fn refused(sdp: &str) -> InvalidDescription {
        Remote::read(sdp).unwrap_err()
    }

    #[test]
    fn peers_tell_each_other_their_receive_buffer_and_their_token() {
        let told = sdp::Told {
            receive_buffer: 425_984,
            repair: "c0ffee".parse().unwrap(),
            fragments: true,
        };
        let own = sdp::local(&sdp(&[&fingerprint("AA")]), told, sdp::Candidates::Open);
        let remote = Remote::read(&own).unwrap();
        assert_eq!(remote.receive_buffer, Some(425_984));
        assert_eq!(remote.repair, Some(told.repair));
        assert!(remote.fragments);
        assert!(!remote.sdp.contains("x-snug"));
    }

    #[test]
    fn a_hostile_number_is_none() {
        for hostile in ["-1", "1g9", "", "99999999999999999999999"] {
            let [buffer, repair] = [RECEIVE_BUFFER, REPAIR].map(|name| format!("{name}:{hostile}"));
            let text = sdp(&[&fingerprint("AA"), &buffer, &repair]);
            let remote = Remote::read(&text).unwrap();
            assert_eq!(remote.receive_buffer, None, "{hostile}");
            assert_eq!(remote.repair, None, "{hostile}");
        }
    }

    #[test]
    fn candidates_leave_the_description_however_they_are_written() {
        let fingerprint = fingerprint("AA");
        let spaced = format!(" \t{CANDIDATE}");
        let odd = format!("\u{a0}{}", CANDIDATE.replacen(':', " : ", 1));
        let text = sdp(&[&fingerprint, CANDIDATE, &spaced, &odd]);
        let text = format!("{text}\r\r a={CANDIDATE}\n\ra={CANDIDATE}\r\n");
        let remote = Remote::read(&text).unwrap();
        assert!(!remote.sdp.contains("candidate"), "{}", remote.sdp);
        assert_eq!(remote.candidates.len(), 5);
        assert!(
            remote
                .candidates
                .iter()
                .all(|found| found.candidate == CANDIDATE)
        );
    }

    #[test]
    fn a_fingerprint_may_be_repeated_in_either_case() {
        let lower = fingerprint("ab").replace("sha-256", "SHA-256");
        let remote = Remote::read(&sdp(&[&fingerprint("AB"), &lower])).unwrap();
        assert_eq!(remote.certificate, Fingerprint([0xab; 32]));
        let canonical = format!("a={}\r\n", fingerprint("AB"));
        assert_eq!(remote.sdp.matches(&canonical).count(), 2);
    }

    #[test]
    fn anything_but_one_sha_256_is_refused() {
        let right = fingerprint("AA");
        assert_eq!(refused(&sdp(&[])), InvalidDescription::NoFingerprint);
        let second = format!(" {}", fingerprint("BB"));
        let two = sdp(&[&right, &second]);
        assert_eq!(refused(&two), InvalidDescription::SeveralCertificates);
        let sha_1 = format!("fingerprint:sha-1 {}", ["AA"; 20].join(":"));
        let sha_512 = format!("fingerprint:sha-512 {}", ["AA"; 64].join(":"));
        let short = format!("fingerprint:sha-256 {}", ["AA"; 31].join(":"));
        let bare = right.replace("sha-256 ", "");
        for hostile in [
            &sha_1,
            &sha_512,
            &short,
            &bare,
            "fingerprint",
            "fingerprint:",
        ] {
            let alone = refused(&sdp(&[hostile]));
            let beside = refused(&sdp(&[&right, hostile]));
            assert_eq!(
                alone,
                InvalidDescription::UnsupportedFingerprint,
                "{hostile}"
            );
            assert_eq!(
                beside,
                InvalidDescription::UnsupportedFingerprint,
                "{hostile}"
            );
        }
    }

    #[test]
    fn one_section_is_for_data_and_no_other_is_there() {
        let data = sdp(&[&fingerprint("AA")]);
        let none = data.replace("m=", "i=");
        assert_eq!(refused(&none), InvalidDescription::Sections(0));
        let two = format!("{data}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
        assert_eq!(refused(&two), InvalidDescription::Sections(2));
        let media = format!("{data}\r m= audio 9 UDP/TLS/RTP/SAVPF 111\r\n");
        assert_eq!(refused(&media), InvalidDescription::NotData);
    }
}
