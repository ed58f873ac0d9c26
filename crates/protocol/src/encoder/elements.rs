//! Lists and objects, as they are written.

use serde::ser::{self, Serialize};

use super::{Encoder, Format, Unwritable};

/// A list or an object that is being written.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    pub(super) encoder: &'a mut Encoder,
    pub(super) is_first: bool,
    /// What closes it in JSON, and the variant around it.
    pub(super) closing: [&'static str; 2],
}

impl Elements<'_> {
    pub(super) fn within_variant(mut self) -> Self {
        self.closing[1] = "}";
        self
    }

    fn next(&mut self) {
        if self.encoder.is_json() && !self.is_first {
            self.encoder.push(",");
        }
        self.is_first = false;
    }

    pub(super) fn key(&mut self, key: &str) -> Result<(), Unwritable> {
        self.next();
        self.encoder.text(key)?;
        self.colon();
        Ok(())
    }

    fn colon(&mut self) {
        if self.encoder.is_json() {
            self.encoder.push(":");
        }
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unwritable> {
        if self.encoder.format == Format::Compact {
            return value.serialize(&mut *self.encoder);
        }
        self.key(key)?;
        value.serialize(&mut *self.encoder)
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.next();
        value.serialize(&mut *self.encoder)
    }

    fn close(self) {
        if self.encoder.is_json() {
            self.closing.iter().for_each(|it| self.encoder.push(it));
        }
    }
}

/// Implements the traits of what has elements, which are alike.
macro_rules! elements {
    ($($of:ident: $method:ident,)+) => {$(
        impl ser::$of for Elements<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.element(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )+};
}

elements! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
}

/// Implements the traits of what has fields.
macro_rules! fields {
    ($($of:ident)+) => {$(
        impl ser::$of for Elements<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Unwritable> {
                self.field(key, value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )+};
}

fields! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Elements<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.element(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.colon();
        value.serialize(&mut *self.encoder)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close();
        Ok(())
    }
}
