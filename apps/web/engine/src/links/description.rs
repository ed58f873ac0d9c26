//! What a session description says (RFC 8866), before the browser gets to see it.
//!
//! Browsers connect to whatever a description asks for: several sections, media, any of several
//! fingerprints. A link of ours has one section for data and one certificate, so everything else
//! is refused here.

use snug_protocol::{Fingerprint, limits::SDP_BYTES, negotiation::Candidate};

/// A description without its candidates, which take the same way as trickled ones.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) sdp: String,
    pub(super) candidates: Vec<Candidate>,
    /// The certificate that its author is going to show.
    pub(super) certificate: Fingerprint,
    /// The ICE user name fragment.
    pub(super) ufrag: Option<String>,
}

/// A description that no peer of ours makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidDescription {
    #[error("the description has {0} bytes")]
    TooLong(usize),
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

impl Description {
    /// Reads a description, whatever it is.
    ///
    /// All fingerprints have to be SHA-256 and the same (RFC 8122 §5 allows more, and no browser
    /// makes use of it): a choice is something that can be abused.
    pub(super) fn read(text: &str) -> Result<Self, InvalidDescription> {
        if text.len() > SDP_BYTES {
            return Err(InvalidDescription::TooLong(text.len()));
        }
        let mut reading = Reading::default();
        for line in text.lines() {
            reading.take(line.trim())?;
        }
        reading.finish()
    }
}

#[derive(Debug, Default)]
struct Reading {
    sdp: String,
    sections: usize,
    candidates: Vec<Candidate>,
    certificate: Option<Fingerprint>,
    ufrag: Option<String>,
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
        let value = value.trim();
        match name.trim() {
            "candidate" => self.candidates.push(Candidate {
                candidate: format!("candidate:{value}"),
                sdp_mid: None,
                sdp_mline_index: Some(0),
            }),
            "fingerprint" => self.take_fingerprint(value)?,
            "ice-ufrag" => {
                self.ufrag.get_or_insert_with(|| value.to_owned());
                self.keep(&format!("a={attribute}"));
            }
            _ => self.keep(&format!("a={attribute}")),
        }
        Ok(())
    }

    fn take_fingerprint(&mut self, value: &str) -> Result<(), InvalidDescription> {
        let fingerprint =
            read_fingerprint(value).ok_or(InvalidDescription::UnsupportedFingerprint)?;
        if *self.certificate.get_or_insert(fingerprint) != fingerprint {
            return Err(InvalidDescription::SeveralCertificates);
        }
        self.keep(&format!("a=fingerprint:sha-256 {fingerprint}"));
        Ok(())
    }

    /// There is one section on a link of ours, the data channels' (RFC 8841 §5).
    fn take_section(&mut self, media: &str) -> Result<(), InvalidDescription> {
        self.sections += 1;
        let is_data = media.split_ascii_whitespace().next() == Some("application");
        is_data.then_some(()).ok_or(InvalidDescription::NotData)
    }

    fn keep(&mut self, line: &str) {
        self.sdp.push_str(line);
        self.sdp.push_str("\r\n");
    }

    fn finish(self) -> Result<Description, InvalidDescription> {
        if self.sections != 1 {
            return Err(InvalidDescription::Sections(self.sections));
        }
        Ok(Description {
            sdp: self.sdp,
            candidates: self.candidates,
            certificate: self.certificate.ok_or(InvalidDescription::NoFingerprint)?,
            ufrag: self.ufrag,
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

    fn refused(sdp: &str) -> InvalidDescription {
        Description::read(sdp).unwrap_err()
    }

    #[test]
    fn candidates_leave_the_description() {
        let candidate = "candidate:1 1 udp 9 203.0.113.9 7 typ host";
        let text = sdp(&[&fingerprint("AA"), candidate, "sctp-port:5000"]);
        let description = Description::read(&text).unwrap();
        assert_eq!(description.candidates[0].candidate, candidate);
        assert!(!description.sdp.contains("candidate"));
        assert!(description.sdp.ends_with("a=sctp-port:5000\r\n"));
    }

    #[test]
    fn anything_but_one_sha_256_is_refused() {
        let right = fingerprint("AA");
        assert_eq!(refused(&sdp(&[])), InvalidDescription::NoFingerprint);
        let two = sdp(&[&right, &fingerprint("BB")]);
        assert_eq!(refused(&two), InvalidDescription::SeveralCertificates);
        let sha_1 = format!("fingerprint:sha-1 {}", ["AA"; 20].join(":"));
        for hostile in [&sha_1, "fingerprint", "fingerprint:sha-256 AA"] {
            let beside = refused(&sdp(&[&right, hostile]));
            assert_eq!(beside, InvalidDescription::UnsupportedFingerprint);
        }
    }

    #[test]
    fn one_section_is_for_data_and_no_other_is_there() {
        let data = sdp(&[&fingerprint("AA")]);
        assert_eq!(
            refused(&data.replace("m=", "i=")),
            InvalidDescription::Sections(0)
        );
        let media = format!("{data} m= audio 9 UDP/TLS/RTP/SAVPF 111\r\n");
        assert_eq!(refused(&media), InvalidDescription::NotData);
    }

    #[test]
    fn a_description_of_a_megabyte_is_not_read() {
        let long = "a=x\r\n".repeat(200_000);
        assert_eq!(refused(&long), InvalidDescription::TooLong(long.len()));
    }
}
