//! The app for phones that opens this server's links instead of the page.
//!
//! iOS asks the host for it when the app is installed, over HTTPS and without following redirects
//! ([Supporting associated domains](https://developer.apple.com/documentation/xcode/supporting-associated-domains)).

use std::{fmt, str::FromStr};

use serde::Serialize;

/// An app as Apple names it: the team that signed it, and its bundle, as
/// `ABCDE12345.org.example.app`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppId(String);

/// Why a text names no app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAppId {
    /// It does not begin with a team and a dot.
    #[error("an app is named by the ten capitals and digits of its team, a dot, and its bundle")]
    Team,
    /// What follows is no bundle identifier.
    #[error("a bundle is named by letters, digits, dashes and dots, as org.example.app")]
    Bundle,
}

/// The answer to iOS.
#[derive(Debug, Serialize)]
pub(crate) struct Association<'a> {
    applinks: Links<'a>,
}

#[derive(Debug, Serialize)]
struct Links<'a> {
    details: [Detail<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Detail<'a> {
    #[serde(rename = "appIDs")]
    app_ids: [&'a AppId; 1],
    components: [Component; 1],
}

/// What a link has to match.
#[derive(Debug, Serialize)]
struct Component {
    #[serde(rename = "/")]
    path: &'static str,
    #[serde(rename = "#")]
    fragment: &'static str,
}

impl<'a> Association<'a> {
    /// Gives an app the links that have a code. The page without one stays the browser's.
    pub(crate) const fn new(app: &'a AppId) -> Self {
        let component = Component {
            path: "/",
            fragment: "?*",
        };
        Self {
            applinks: Links {
                details: [Detail {
                    app_ids: [app],
                    components: [component],
                }],
            },
        }
    }
}

impl FromStr for AppId {
    type Err = InvalidAppId;

    fn from_str(text: &str) -> Result<Self, InvalidAppId> {
        let (team, bundle) = text.split_once('.').ok_or(InvalidAppId::Team)?;
        let of_team = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if team.len() != TEAM_BYTES || !team.bytes().all(of_team) {
            return Err(InvalidAppId::Team);
        }
        let of_bundle = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(of_bundle);
        if bundle.len() > BUNDLE_BYTES || !bundle.split('.').all(is_part) {
            return Err(InvalidAppId::Bundle);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Apple's team identifiers have ten.
const TEAM_BYTES: usize = 10;

/// The longest that the App Store takes.
const BUNDLE_BYTES: usize = 155;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_a_team_and_a_bundle() {
        for good in [
            "ABCDE12345.app.snug",
            "0123456789.a",
            "ABCDEFGHIJ.org.ex-1.B",
        ] {
            assert_eq!(good.parse::<AppId>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "app.snug",
            "ABCDE12345",
            "abcde12345.app.snug",
            "ABCDE123456.app.snug",
        ] {
            assert_eq!(bad.parse::<AppId>(), Err(InvalidAppId::Team), "{bad}");
        }
        let long = format!("ABCDE12345.{}", "a".repeat(156));
        for bad in [
            "ABCDE12345.",
            "ABCDE12345.app..snug",
            "ABCDE12345.app.snug ",
            "ABCDE12345.app_snug",
            "ABCDE12345.*",
            &long,
        ] {
            assert_eq!(bad.parse::<AppId>(), Err(InvalidAppId::Bundle), "{bad}");
        }
    }
}
