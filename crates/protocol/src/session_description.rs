//! What a peer's session description may say (RFC 8866), before WebRTC gets to see it.
//!
//! Browsers and stacks read descriptions leniently: they skip spaces and stray carriage returns,
//! take any of several fingerprints, and connect whatever comes of it, media too. A link of ours
//! has one section, for data, and one certificate. So a description is read here first, and WebRTC
//! is given what was read: lines trimmed, candidates taken out, fingerprints in their canonical
//! form.

use std::fmt;

use crate::{Fingerprint, limits::SDP_BYTES, negotiation::Candidate};

/// A description without its candidates, which take the same way as trickled ones.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionDescription {
    /// Its lines, each with an end.
    pub sdp: String,
    /// The candidates that were in it.
    pub candidates: Vec<Candidate>,
    /// The certificate that its author is going to show.
    pub certificate: Fingerprint,
    /// The ICE user name fragment; another one begins a restart (RFC 8839 §4.4.3.1.1).
    pub ufrag: Option<String>,
    /// What only peers of our kind tell, by name.
    own: Vec<(String, String)>,
}

/// A description that no peer of ours makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDescription {
    /// It has so many bytes, more than [`SDP_BYTES`].
    #[error("the description has {0} bytes")]
    TooLong(usize),
    /// It names no certificate.
    #[error("the description names no certificate")]
    NoFingerprint,
    /// It has a fingerprint of another kind, or a broken one.
    #[error("the description names a certificate by something else than its SHA-256")]
    UnsupportedFingerprint,
    /// Its fingerprints differ.
    #[error("the description names several certificates")]
    SeveralCertificates,
    /// An earlier one on the same link named another.
    #[error("the description names another certificate than the one before")]
    OtherCertificate,
    /// It has none, or so many.
    #[error("the description has {0} sections where one for data is expected")]
    Sections(usize),
    /// It asks for audio or video.
    #[error("the description has a section for something else than data")]
    NotData,
}

/// The attribute that tells the peer how many bytes the sockets of its author hold, in decimal
/// digits (`docs/protocol.md` §5).
pub const RECEIVE_BUFFER: &str = "x-snug-receive-buffer";

/// The attribute that tells the peer that lost packets are repaired, with the token for it in
/// hexadecimal digits.
pub const REPAIR: &str = "x-snug-repair";

/// The attribute that tells the peer that records go in fragments, both ways.
pub const FRAGMENTS: &str = "x-snug-fragments";

/// What the attributes begin with that only peers of our kind write. Browsers skip them.
const OWN: &str = "x-snug-";

impl SessionDescription {
    /// Reads a description, whatever it is.
    ///
    /// RFC 8122 §5 allows several fingerprints: of one certificate under several hash functions,
    /// and of several certificates. Neither helps us: every implementation of WebRTC has SHA-256
    /// and one certificate a connection, and a choice is something that can be abused. So all
    /// fingerprints have to be SHA-256 and the same; browsers repeat theirs in every section.
    ///
    /// # Errors
    /// [`InvalidDescription`] says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, InvalidDescription> {
        if text.len() > SDP_BYTES {
            return Err(InvalidDescription::TooLong(text.len()));
        }
        let mut reading = Reading::default();
        for line in text.lines() {
            reading.take(line.trim())?;
        }
        reading.finish()
    }

    /// The value of one of our own attributes, such as [`REPAIR`]; empty where it has none.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut own = self.own.iter();
        own.find_map(|(told, value)| (told == name).then_some(value.as_str()))
    }
}

/// Shows how long the description is and not what it says: it has addresses.
impl fmt::Debug for SessionDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sdp, certificate, ..
        } = self;
        write!(
            f,
            "SessionDescription({} bytes, {certificate:?})",
            sdp.len()
        )
    }
}

/// A description of which some lines are read.
#[derive(Default)]
struct Reading {
    sdp: String,
    sections: usize,
    candidates: Vec<Candidate>,
    certificate: Option<Fingerprint>,
    ufrag: Option<String>,
    own: Vec<(String, String)>,
}

impl Reading {
    fn take(&mut self, line: &str) -> Result<(), InvalidDescription> {
        let (kind, value) = line.split_once('=').unwrap_or((line, ""));
        match kind.trim() {
            "a" => return self.take_attribute(value.trim()),
            "m" => self.take_section(value)?,
            "" => return Ok(()),
            _ => {}
        }
        self.keep(line);
        Ok(())
    }

    fn take_attribute(&mut self, attribute: &str) -> Result<(), InvalidDescription> {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        let (name, value) = (name.trim(), value.trim());
        match name {
            "candidate" => self.candidates.push(Candidate {
                candidate: format!("candidate:{value}"),
                sdp_mid: None,
                // There is one section. Its tag is the offerer's to choose, its index is not.
                sdp_mline_index: Some(0),
            }),
            "fingerprint" => self.take_fingerprint(value)?,
            _ if name.starts_with(OWN) => self.own.push((name.to_owned(), value.to_owned())),
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

    /// There is one section on a link of ours, the data channels' (RFC 8841 §5). For media WebRTC
    /// would build receivers that nobody asked for.
    fn take_section(&mut self, media: &str) -> Result<(), InvalidDescription> {
        self.sections += 1;
        let is_data = media.split_ascii_whitespace().next() == Some("application");
        is_data.then_some(()).ok_or(InvalidDescription::NotData)
    }

    fn keep_attribute(&mut self, attribute: &str) {
        self.keep(&format!("a={attribute}"));
    }

    fn keep(&mut self, line: &str) {
        self.sdp.push_str(line);
        self.sdp.push_str("\r\n");
    }

    fn finish(self) -> Result<SessionDescription, InvalidDescription> {
        if self.sections != 1 {
            return Err(InvalidDescription::Sections(self.sections));
        }
        Ok(SessionDescription {
            sdp: self.sdp,
            candidates: self.candidates,
            certificate: self.certificate.ok_or(InvalidDescription::NoFingerprint)?,
            ufrag: self.ufrag,
            own: self.own,
        })
    }
}

/// Reads `sha-256 4A:AD:…` (RFC 8122 §5), in either case.
fn read_fingerprint(value: &str) -> Option<Fingerprint> {
    let (hash, fingerprint) = value.split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    fingerprint.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANDIDATE: &str = "candidate:1 1 udp 9 203.0.113.9 7 typ host";

    fn sdp(attributes: &[&str]) -> String {
        let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel";
        let lines = attributes
            .iter()
            .map(|attribute| format!("a={attribute}\r\n"));
        format!("v=0\r\n{data}\r\n{}", lines.collect::<String>())
    }

    fn fingerprint(byte: &str) -> String {
        format!("fingerprint:sha-256 {}", [byte; 32].join(":"))
    }

    fn read(attributes: &[&str]) -> SessionDescription {
        SessionDescription::read(&sdp(attributes)).unwrap()
    }

    fn refused(sdp: &str) -> InvalidDescription {
        SessionDescription::read(sdp).unwrap_err()
    }

    #[test]
    fn candidates_leave_the_description_however_they_are_written() {
        let fingerprint = fingerprint("AA");
        let spaced = format!(" \t{CANDIDATE}");
        let odd = format!("\u{a0}{}", CANDIDATE.replacen(':', " : ", 1));
        let text = sdp(&[&fingerprint, CANDIDATE, &spaced, &odd]);
        let text = format!("{text}\r\r a={CANDIDATE}\n\ra={CANDIDATE}\r\na ={CANDIDATE}\r\n");
        let description = SessionDescription::read(&text).unwrap();
        assert!(
            !description.sdp.contains("candidate"),
            "{}",
            description.sdp
        );
        let candidates = description.candidates.iter();
        let told: Vec<&str> = candidates.map(|it| it.candidate.as_str()).collect();
        assert_eq!(told, [CANDIDATE; 6]);
    }

    #[test]
    fn the_rest_stays_in_order() {
        let read = read(&["ice-ufrag:4ZcD", &fingerprint("AA"), "sctp-port:5000"]);
        assert_eq!(read.ufrag.as_deref(), Some("4ZcD"));
        let kept = ["ice-ufrag:4ZcD", &fingerprint("AA"), "sctp-port:5000"];
        assert_eq!(read.sdp, sdp(&kept));
    }

    #[test]
    fn what_peers_of_our_kind_tell_leaves_the_description() {
        let told = ["x-snug-repair: c0ffee ", "x-snug-fragments", "x-snug-new:1"];
        let read = read(&[&fingerprint("AA"), told[0], told[1], told[2]]);
        assert_eq!(read.attribute(REPAIR), Some("c0ffee"));
        assert_eq!(read.attribute(FRAGMENTS), Some(""));
        assert_eq!(read.attribute(RECEIVE_BUFFER), None);
        assert!(!read.sdp.contains("x-snug"));
    }

    #[test]
    fn a_fingerprint_may_be_repeated_in_either_case() {
        let lower = fingerprint("ab").replace("sha-256", "SHA-256");
        let read = read(&[&fingerprint("AB"), &lower]);
        assert_eq!(read.certificate, Fingerprint([0xab; 32]));
        let canonical = format!("a={}\r\n", fingerprint("AB"));
        assert_eq!(read.sdp.matches(&canonical).count(), 2);
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
        let broken = ["fingerprint", "fingerprint:"];
        for hostile in [&sha_1, &sha_512, &short, &bare, broken[0], broken[1]] {
            let unsupported = InvalidDescription::UnsupportedFingerprint;
            assert_eq!(refused(&sdp(&[hostile])), unsupported, "{hostile}");
            assert_eq!(refused(&sdp(&[&right, hostile])), unsupported, "{hostile}");
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

    #[test]
    fn a_description_of_a_megabyte_is_not_read() {
        let long = "a=x\r\n".repeat(200_000);
        assert_eq!(refused(&long), InvalidDescription::TooLong(long.len()));
    }
}
