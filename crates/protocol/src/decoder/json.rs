//! JSON (RFC 8259).

use std::borrow::Cow;

use super::{Decoder, Error, Head, Left};

/// What a value begins with, as it is written.
enum Token<'de> {
    Null,
    Bool(bool),
    Number(&'de [u8]),
    /// What is between the quotes, and whether some of it is escaped.
    Text(&'de [u8], bool),
    Array,
    Object,
}

impl<'de> Decoder<'de> {
    pub(super) fn json_head(&mut self) -> Result<Head<'de>, Error> {
        let before = |bracket| Left::Before {
            bracket,
            is_first: true,
        };
        Ok(match self.token()? {
            Token::Null => Head::Nil,
            Token::Bool(value) => Head::Bool(value),
            Token::Number(digits) => integer(digits),
            Token::Text(text, is_escaped) => {
                let text = std::str::from_utf8(text).map_err(|_| Error::NotUtf8)?;
                Head::Str(if is_escaped {
                    Cow::Owned(unescape(text)?)
                } else {
                    Cow::Borrowed(text)
                })
            }
            Token::Array => Head::Array(before(b']')),
            Token::Object => Head::Map(before(b'}')),
        })
    }

    /// Passes over a value, however deep it is, and without a look into its texts.
    pub(super) fn skip_json(&mut self) -> Result<(), Error> {
        // The brackets that close what is open.
        let mut open = Vec::new();
        loop {
            let mut is_first = match self.token()? {
                Token::Array => {
                    open.push(b']');
                    true
                }
                Token::Object => {
                    open.push(b'}');
                    true
                }
                _ => false,
            };
            loop {
                let Some(bracket) = open.last() else {
                    return Ok(());
                };
                if self.json_element(*bracket, is_first)? {
                    break;
                }
                open.pop();
                is_first = false;
            }
            if open.last() == Some(&b'}') {
                self.token()?;
                self.json_colon()?;
            }
        }
    }

    /// Goes to the next element of an array or an object, if there is one.
    pub(super) fn json_element(&mut self, bracket: u8, is_first: bool) -> Result<bool, Error> {
        if self.peek()? == bracket {
            self.rest = &self.rest[1..];
            return Ok(false);
        }
        if !is_first {
            self.expect(b',')?;
        }
        if bracket == b'}' && self.peek()? != b'"' {
            return Err(Error::Syntax);
        }
        Ok(true)
    }

    pub(super) fn json_colon(&mut self) -> Result<(), Error> {
        self.peek()?;
        self.expect(b':')
    }

    pub(super) fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// The next byte that is no white space.
    pub(super) fn peek(&mut self) -> Result<u8, Error> {
        self.skip_space();
        self.rest.first().copied().ok_or(Error::EndsEarly)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        let [found] = self.array()?;
        if found != byte {
            return Err(Error::Syntax);
        }
        Ok(())
    }

    fn token(&mut self) -> Result<Token<'de>, Error> {
        Ok(match self.peek()? {
            b'n' => self.literal("null", Token::Null)?,
            b't' => self.literal("true", Token::Bool(true))?,
            b'f' => self.literal("false", Token::Bool(false))?,
            b'"' => self.quoted()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b'[' => self.literal("[", Token::Array)?,
            b'{' => self.literal("{", Token::Object)?,
            _ => return Err(Error::Syntax),
        })
    }

    fn literal(&mut self, text: &str, token: Token<'de>) -> Result<Token<'de>, Error> {
        text.bytes().try_for_each(|byte| self.expect(byte))?;
        Ok(token)
    }

    /// RFC 8259 §7.
    fn quoted(&mut self) -> Result<Token<'de>, Error> {
        self.expect(b'"')?;
        let start = self.rest;
        let mut is_escaped = false;
        loop {
            let plain = self.rest.iter().position(|byte| !is_plain(*byte));
            self.rest = &self.rest[plain.ok_or(Error::EndsEarly)?..];
            match self.array()? {
                [b'"'] => break,
                [b'\\'] => {
                    is_escaped = true;
                    self.escape()?;
                }
                _ => return Err(Error::Syntax),
            }
        }
        let text = &start[..start.len() - self.rest.len() - 1];
        Ok(Token::Text(text, is_escaped))
    }

    fn escape(&mut self) -> Result<(), Error> {
        match self.array()? {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'] => Ok(()),
            [b'u'] if self.take(4)?.iter().all(u8::is_ascii_hexdigit) => Ok(()),
            _ => Err(Error::Syntax),
        }
    }

    /// RFC 8259 §6.
    fn number(&mut self) -> Result<Token<'de>, Error> {
        let start = self.rest;
        self.skip_one(b"-");
        if !self.skip_one(b"0") {
            self.digits()?;
        }
        if self.skip_one(b".") {
            self.digits()?;
        }
        if self.skip_one(b"eE") {
            self.skip_one(b"+-");
            self.digits()?;
        }
        Ok(Token::Number(&start[..start.len() - self.rest.len()]))
    }

    fn skip_one(&mut self, of: &[u8]) -> bool {
        let is_there = self.rest.first().is_some_and(|byte| of.contains(byte));
        if is_there {
            self.rest = &self.rest[1..];
        }
        is_there
    }

    fn digits(&mut self) -> Result<(), Error> {
        if !self.skip_one(b"0123456789") {
            return Err(Error::Syntax);
        }
        while self.skip_one(b"0123456789") {}
        Ok(())
    }
}

/// Whether a byte between quotes stands for itself.
pub(crate) const fn is_plain(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Reads a number. No field of ours takes one with a fraction or an exponent.
fn integer<'de>(number: &[u8]) -> Head<'de> {
    let (is_negative, digits) = match number {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let value = digits.iter().try_fold(0_u64, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        value.checked_mul(10)?.checked_add(digit.into())
    });
    match value {
        Some(value) if !is_negative => Head::Unsigned(value),
        // As in JavaScript, there is a zero with a sign, and it is no integer.
        Some(value @ 1..) => 0_i64
            .checked_sub_unsigned(value)
            .map_or(Head::Unreadable, Head::Signed),
        _ => Head::Unreadable,
    }
}

/// Reads what is between quotes. Its escapes are known to be some.
fn unescape(text: &str) -> Result<String, Error> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut after = escape.chars();
        let which = after.next().ok_or(Error::Syntax)?;
        rest = after.as_str();
        plain.push(match which {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => unescape_unit(&mut rest)?,
            // Quotes, and strokes of both kinds.
            itself => itself,
        });
    }
    plain.push_str(rest);
    Ok(plain)
}

/// A character outside the Basic Multilingual Plane is written as two units of UTF-16.
fn unescape_unit(rest: &mut &str) -> Result<char, Error> {
    let first = unit(rest)?;
    let char = if (0xd800..0xdc00).contains(&first) {
        *rest = rest.strip_prefix("\\u").ok_or(Error::Syntax)?;
        let second = unit(rest)?;
        let low = (0xdc00..0xe000).contains(&second);
        let low = low.then(|| second - 0xdc00).ok_or(Error::Syntax)?;
        0x1_0000 + ((first - 0xd800) << 10 | low)
    } else {
        first
    };
    char::from_u32(char).ok_or(Error::Syntax)
}

fn unit(rest: &mut &str) -> Result<u32, Error> {
    let (digits, after) = rest.split_at_checked(4).ok_or(Error::Syntax)?;
    *rest = after;
    u32::from_str_radix(digits, 16).map_err(|_| Error::Syntax)
}
