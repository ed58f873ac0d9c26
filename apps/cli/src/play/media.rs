//! Which files are films and songs.

/// The media type of what is neither: a browser must not take it for a page (RFC 2046 §4.5.1).
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// The names that films and songs commonly end with.
const TYPES: [(&str, &str); 22] = [
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("mkv", "video/x-matroska"),
    ("webm", "video/webm"),
    ("avi", "video/x-msvideo"),
    ("ogv", "video/ogg"),
    ("mpg", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("ts", "video/mp2t"),
    ("m2ts", "video/mp2t"),
    ("wmv", "video/x-ms-wmv"),
    ("3gp", "video/3gpp"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("flac", "audio/flac"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("aiff", "audio/aiff"),
];

/// Whether a sender says that it can be played.
pub(super) fn is_playable(media_type: &str) -> bool {
    let kind = media_type.split('/').next();
    matches!(kind, Some("video" | "audio")) && media_type.contains('/')
}

/// The media type of a film or a song, by its name.
pub(super) fn type_of(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    let known = |(known, _): &&(&str, _)| extension.eq_ignore_ascii_case(known);
    TYPES.iter().find(known).map(|(_, media_type)| *media_type)
}
