//! What is given to a flag, as it is written.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use snug_server::config::{MetricsListener, StunListener};

/// Reads a number of which there must be some.
pub(super) fn positive() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..)
}

pub(super) fn stun(text: &str) -> Result<StunListener, String> {
    match text {
        "same" => Ok(StunListener::SameAsHttp),
        "off" => Ok(StunListener::Off),
        address => address
            .parse()
            .map(StunListener::At)
            .map_err(|_| "give an address as 0.0.0.0:3478, `same` or `off`".to_owned()),
    }
}

pub(super) fn metrics(text: &str) -> Result<MetricsListener, String> {
    match text {
        "off" => Ok(MetricsListener::Off),
        address => address
            .parse()
            .map(MetricsListener::At)
            .map_err(|_| "give an address as 127.0.0.1:9464, or `off`".to_owned()),
    }
}

/// Reads `10.0.0.0/8`, or a single address.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let single = || {
        text.parse()
            .ok()
            .map(|address: IpAddr| IpNet::from(address))
    };
    let network = text.parse().ok().or_else(single);
    network.ok_or_else(|| "give an address or a network, as 10.0.0.0/8".to_owned())
}

/// Reads `500ms`, `30s`, `5m`, `24h`, or a number of seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u32 = digits
        .parse()
        .map_err(|_| "give a time as 500ms, 30s, 5m or 24h")?;
    let unit = match &text[digits.len()..] {
        "ms" => Duration::from_millis(1),
        "s" | "" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return Err("the units are ms, s, m and h".to_owned()),
    };
    Ok(unit * number)
}

/// Reads a time of which there must be some.
pub(super) fn lasting(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("give a time longer than none".to_owned()),
        time => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("5m"), Ok(Duration::from_mins(5)));
        assert_eq!(duration("24h"), Ok(Duration::from_hours(24)));
        for bad in ["", "s", "5 m", "-1s", "1.5s", "5d", "\u{664}s"] {
            assert!(duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_must_take_time_cannot_take_none() {
        assert_eq!(lasting("1ms"), Ok(Duration::from_millis(1)));
        for none in ["0", "0s", "0ms", "0h"] {
            assert!(lasting(none).is_err(), "{none}");
        }
    }
}
