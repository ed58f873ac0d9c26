//! Crockford's base32, in which codes are written: no letter of it looks like a digit, and `U` is
//! left out.

/// The symbols, by value.
pub(crate) const ALPHABET: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The symbol that somebody means, forgiving case and the look-alikes `O` for `0` and `I` or `L`
/// for `1`.
pub(crate) fn symbol(typed: u8) -> Option<u8> {
    let symbol = match typed.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.contains(&symbol).then_some(symbol)
}
