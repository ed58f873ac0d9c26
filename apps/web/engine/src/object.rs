//! Objects that the page hands in.
//!
//! They are read field by field, where a field is needed. What serde would make of them was a
//! twentieth of what a browser had to load.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};

/// A value of JavaScript. What is of another type than the one asked for counts as not there:
/// TypeScript has checked that.
pub(crate) trait Object: Sized {
    /// A field, unless it is nothing.
    fn field(&self, name: &str) -> Option<Self>;
    fn as_text(&self) -> Option<String>;
    fn as_number(&self) -> Option<f64>;
    fn as_flag(&self) -> Option<bool>;
    fn as_bytes(&self) -> Option<Vec<u8>>;
    fn elements(&self) -> Option<Vec<Self>>;

    fn text(&self, field: &str) -> Option<String> {
        self.field(field)?.as_text()
    }

    fn flag(&self, field: &str) -> Option<bool> {
        self.field(field)?.as_flag()
    }

    fn number<T: TryFrom<u64>>(&self, field: &str) -> Option<T> {
        self.field(field)?.as_count()
    }

    /// A number that counts something.
    fn as_count<T: TryFrom<u64>>(&self) -> Option<T> {
        let number = self.as_number()?;
        if !(0.0..=MAX_SAFE).contains(&number) || number.fract() != 0.0 {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked one line above"
        )]
        let number = number as u64;
        T::try_from(number).ok()
    }
}

/// The largest up to which every integer is a JavaScript number.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

impl Object for JsValue {
    fn field(&self, name: &str) -> Option<Self> {
        let value = Reflect::get(self, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    fn as_text(&self) -> Option<String> {
        self.as_string()
    }

    fn as_number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn as_flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn as_bytes(&self) -> Option<Vec<u8>> {
        self.dyn_ref().map(Uint8Array::to_vec)
    }

    fn elements(&self) -> Option<Vec<Self>> {
        let array: &Array = self.dyn_ref()?;
        Some(array.iter().collect())
    }
}

/// Tests have no JavaScript.
#[cfg(test)]
impl Object for serde_json::Value {
    fn field(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|value| !value.is_null()).cloned()
    }

    fn as_text(&self) -> Option<String> {
        self.as_str().map(Into::into)
    }

    fn as_number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn as_flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn as_bytes(&self) -> Option<Vec<u8>> {
        self.elements()?.iter().map(Object::as_count).collect()
    }

    fn elements(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_counts_something_is_a_count() {
        for (value, count) in [
            (json!(0), Some(0)),
            (json!(65_535), Some(65_535)),
            (json!(65_536), None),
            (json!(-1), None),
            (json!(0.5), None),
            (json!(1e300), None),
            (json!("1"), None),
            (json!(null), None),
        ] {
            assert_eq!(value.as_count::<u16>(), count, "{value}");
        }
        assert_eq!(json!(9_007_199_254_740_992_u64).as_count::<u64>(), None);
    }

    #[test]
    fn nothing_is_no_field() {
        let object = json!({"nothing": null, "text": "", "flag": false});
        assert_eq!(object.field("nothing"), None);
        assert_eq!(object.field("another"), None);
        assert_eq!(object.text("text"), Some(String::new()));
        assert_eq!(object.flag("flag"), Some(false));
    }
}
