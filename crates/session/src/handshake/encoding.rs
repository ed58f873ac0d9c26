//! Byte strings with their lengths in front, so that no two lists of them read alike
//! (draft-irtf-cfrg-cpace-21 §6.3, appendix A.1).

/// Concatenates `fields`, each behind its length.
///
/// The result never moves while it grows, so that secrets in it leave no copy behind.
pub(super) fn lv_cat(fields: &[&[u8]]) -> Vec<u8> {
    let len = fields.iter().map(|field| prepended_len(field)).sum();
    let mut cat = Vec::with_capacity(len);
    for field in fields {
        write_leb128(&mut cat, field.len());
        cat.extend_from_slice(field);
    }
    cat
}

/// Bytes that `field` takes behind its length.
pub(super) fn prepended_len(field: &[u8]) -> usize {
    let mut length = Vec::new();
    write_leb128(&mut length, field.len());
    length.len() + field.len()
}

/// Writes an unsigned LEB128: seven bits a byte, the lowest first, the top bit on all but the last.
fn write_leb128(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(0x80 | low_bits(value));
        value >>= 7;
    }
    out.push(low_bits(value));
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits fit")]
fn low_bits(value: usize) -> u8 {
    (value & 0x7f) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// draft-irtf-cfrg-cpace-21, appendices A.1.2 and A.1.4.
    #[test]
    fn lengths_are_those_of_the_draft() {
        let bytes: Vec<u8> = (0..=127).collect();
        assert_eq!(lv_cat(&[b""]), [0]);
        assert_eq!(lv_cat(&[b"1234"]), b"\x041234");
        assert_eq!(lv_cat(&[&bytes[..127]])[..3], [0x7f, 0x00, 0x01]);
        assert_eq!(lv_cat(&[&bytes])[..4], [0x80, 0x01, 0x00, 0x01]);
        assert_eq!(
            lv_cat(&[b"1234", b"5", b"", b"678"]),
            b"\x041234\x015\x00\x03678"
        );
    }

    #[test]
    fn lengths_are_foreseen() {
        for len in [0, 1, 127, 128, 16_383, 16_384, 70_000] {
            let field = vec![7; len];
            assert_eq!(lv_cat(&[&field]).len(), prepended_len(&field));
        }
    }
}
