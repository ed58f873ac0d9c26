//! What the stack's statistics say (W3C WebRTC Statistics).

use std::time::Duration;

use webrtc::{
    peer_connection::{PeerConnection, RTCStatsReport, RTCStatsReportEntry, StatsSelector},
    runtime::Runtime,
};

use super::Fingerprint;

/// The statistics of one connection at one moment.
pub(super) struct Report(RTCStatsReport);

impl Report {
    pub(super) async fn of(connection: &dyn PeerConnection, runtime: &dyn Runtime) -> Self {
        let report = connection.get_stats(runtime.now(), StatsSelector::None);
        Self(report.await)
    }

    /// Both certificates of the connection, ours first, once its handshake is over.
    ///
    /// They are not those of the descriptions, which a server could have swapped, but those that
    /// the handshake proved.
    pub(super) fn fingerprints(&self) -> Option<(Fingerprint, Fingerprint)> {
        self.find(|entry| match entry {
            RTCStatsReportEntry::Transport(transport) => Some((
                self.certificate(&transport.local_certificate_id)?,
                self.certificate(&transport.remote_certificate_id)?,
            )),
            _ => None,
        })
    }

    /// What the last connectivity check of the pair in use took.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        let selected = self.find(|entry| match entry {
            RTCStatsReportEntry::Transport(transport) => {
                Some(&transport.selected_candidate_pair_id)
            }
            _ => None,
        })?;
        let seconds = self.find(|entry| match entry {
            RTCStatsReportEntry::IceCandidatePair(pair) if pair.stats.id == *selected => {
                Some(pair.current_round_trip_time)
            }
            _ => None,
        })?;
        let round_trip = Duration::try_from_secs_f64(seconds).ok();
        round_trip.filter(|round_trip| !round_trip.is_zero())
    }

    fn certificate(&self, id: &str) -> Option<Fingerprint> {
        self.find(|entry| match entry {
            RTCStatsReportEntry::Certificate(found) if found.stats.id == id => {
                (found.fingerprint_algorithm == "sha-256")
                    .then(|| found.fingerprint.parse().ok())?
            }
            _ => None,
        })
    }

    fn find<'a, T>(&'a self, which: impl Fn(&'a RTCStatsReportEntry) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(which)
    }
}
