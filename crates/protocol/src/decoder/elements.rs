//! What arrays and maps hold.

use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess,
    Visitor, value::CowStrDeserializer,
};

use super::{Decoder, Error, Head, Left};

/// An array or a map, of which some elements are left.
#[derive(Debug)]
pub(super) struct Elements<'a, 'de> {
    pub(super) decoder: &'a mut Decoder<'de>,
    pub(super) left: Left,
}

impl Elements<'_, '_> {
    /// Goes to the next element, if there is one.
    pub(super) fn next(&mut self) -> Result<bool, Error> {
        self.left = match self.left {
            Left::Exactly(0) => return Ok(false),
            Left::Exactly(left) => Left::Exactly(left - 1),
            Left::Before { bracket, is_first } => {
                if !self.decoder.json_element(bracket, is_first)? {
                    self.left = Left::Exactly(0);
                    return Ok(false);
                }
                let is_first = false;
                Left::Before { bracket, is_first }
            }
        };
        Ok(true)
    }

    /// Has all of them read, and comes out again.
    pub(super) fn all<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let value = read(&mut self)?;
        self.leave()?;
        Ok(value)
    }

    fn leave(&mut self) -> Result<(), Error> {
        self.decoder.depth += 1;
        if self.next()? {
            return Err(Error::Unexpected);
        }
        Ok(())
    }

    fn size(&self) -> Option<usize> {
        match self.left {
            Left::Exactly(left) => usize::try_from(left).ok(),
            Left::Before { .. } => None,
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if !self.next()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.size()
    }
}

impl<'de> MapAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if !self.next()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.decoder.skip_colon()?;
        seed.deserialize(&mut *self.decoder)
    }

    fn size_hint(&self) -> Option<usize> {
        self.size()
    }
}

impl<'de> EnumAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        if !self.next()? {
            return Err(Error::Unexpected);
        }
        let name: CowStrDeserializer<'_, Error> = self.decoder.text()?.into_deserializer();
        let variant = seed.deserialize(name)?;
        self.decoder.skip_colon()?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.decoder.head()? {
            Head::Nil => Ok(()),
            _ => Err(Error::Unexpected),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(&mut *self.decoder)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_seq(&mut *self.decoder, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_map(&mut *self.decoder, visitor)
    }
}
