//! What the generated JSON code reads and writes with, where pbjson departs from the ProtoJSON mapping
//! (<https://protobuf.dev/programming-guides/json/>). The code generator puts these names in place of pbjson's.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, IntoDeserializer as _, MapAccess, Unexpected, Visitor},
};

/// A numeric type of the wire, made from whatever notation JSON has for its value.
pub(crate) trait Numeric: Sized {
    /// What an error message calls it.
    const EXPECTED: &'static str;

    fn from_integer(value: i128) -> Option<Self>;

    fn from_float(value: f64) -> Option<Self>;

    /// What a string says that is not a number's decimal notation.
    fn from_word(_word: &str) -> Option<Self> {
        None
    }
}

macro_rules! integer {
    ($type:ty, $expected:literal) => {
        impl Numeric for $type {
            const EXPECTED: &'static str = $expected;

            fn from_integer(value: i128) -> Option<Self> {
                value.try_into().ok()
            }

            fn from_float(value: f64) -> Option<Self> {
                let whole = value.fract() == 0.0 && (f64::from(Self::MIN)..=f64::from(Self::MAX)).contains(&value);
                whole.then_some(value as Self)
            }
        }
    };
}

integer!(i32, "a 32-bit integer");
integer!(u32, "an unsigned 32-bit integer");

impl Numeric for f64 {
    const EXPECTED: &'static str = "a number, \"NaN\", \"Infinity\" or \"-Infinity\"";

    fn from_integer(value: i128) -> Option<Self> {
        Some(value as Self)
    }

    fn from_float(value: f64) -> Option<Self> {
        Some(value)
    }

    fn from_word(word: &str) -> Option<Self> {
        match word {
            "NaN" => Some(Self::NAN),
            "Infinity" => Some(Self::INFINITY),
            "-Infinity" => Some(Self::NEG_INFINITY),
            _ => None,
        }
    }
}

/// Reads a number, or a string that spells one; `1.0` and `1e2` are integers too.
pub(crate) struct Number<T>(pub(crate) T);

impl<'de, T: Numeric> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor(PhantomData)).map(Self)
    }
}

struct NumberVisitor<T>(PhantomData<T>);

impl<T: Numeric> Visitor<'_> for NumberVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(T::EXPECTED)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        T::from_integer(value.into()).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        T::from_integer(value.into()).ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        T::from_float(value).ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        // JSON allows white space around a number; inside the quotes the mapping does not.
        let bare = !value.contains(|c: char| c.is_ascii_whitespace());
        let number = bare.then(|| serde_json::from_str::<f64>(value).ok()).flatten();
        let value_of = number.and_then(T::from_float).or_else(|| T::from_word(value));
        value_of.ok_or_else(|| E::invalid_value(Unexpected::Str(value), &self))
    }
}

/// Writes a double: whole numbers without a fraction, what JSON has no number for as a word.
pub(crate) struct Double(pub(crate) f64);

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0;
        if value.is_nan() {
            serializer.serialize_str("NaN")
        } else if value.is_infinite() {
            serializer.serialize_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
        } else if value as i64 as f64 == value {
            serializer.serialize_i64(value as i64)
        } else {
            serializer.serialize_f64(value)
        }
    }
}

/// A value of an enum that may have values we do not know: numbers are kept, names that are unknown leave the field unset.
pub(crate) struct OpenEnum<E> {
    number: Option<i32>,
    names: PhantomData<E>,
}

impl<E> OpenEnum<E> {
    pub(crate) fn new(number: i32) -> Self {
        Self { number: Some(number), names: PhantomData }
    }

    pub(crate) fn number(self) -> Option<i32> {
        self.number
    }
}

impl<E: TryFrom<i32> + Serialize> Serialize for OpenEnum<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.number.unwrap_or_default();
        match E::try_from(number) {
            Ok(known) => known.serialize(serializer),
            Err(_) => serializer.serialize_i32(number),
        }
    }
}

impl<'de, E: Deserialize<'de> + Into<i32>> Deserialize<'de> for OpenEnum<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EnumVisitor(PhantomData))
    }
}

struct EnumVisitor<E>(PhantomData<E>);

impl<'de, E: Deserialize<'de> + Into<i32>> Visitor<'de> for EnumVisitor<E> {
    type Value = OpenEnum<E>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an enum value's name or number")
    }

    fn visit_u64<F: de::Error>(self, value: u64) -> Result<Self::Value, F> {
        NumberVisitor(PhantomData).visit_u64(value).map(OpenEnum::new)
    }

    fn visit_i64<F: de::Error>(self, value: i64) -> Result<Self::Value, F> {
        NumberVisitor(PhantomData).visit_i64(value).map(OpenEnum::new)
    }

    fn visit_f64<F: de::Error>(self, value: f64) -> Result<Self::Value, F> {
        NumberVisitor(PhantomData).visit_f64(value).map(OpenEnum::new)
    }

    fn visit_str<F: de::Error>(self, name: &str) -> Result<Self::Value, F> {
        let known: Result<E, de::value::Error> = E::deserialize(name.into_deserializer());
        Ok(OpenEnum { number: known.ok().map(Into::into), names: PhantomData })
    }
}

/// Reads a map with string keys and refuses a key that comes twice, as it is refused for fields.
#[derive(Default)]
pub(crate) struct StringMap<V>(pub(crate) BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for StringMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData)).map(Self)
    }
}

struct MapVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for MapVisitor<V> {
    type Value = BTreeMap<String, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry()? {
            if map.insert(key, value).is_some() {
                return Err(de::Error::custom("a key of a map comes twice"));
            }
        }
        Ok(map)
    }
}
