//! `application/x-www-form-urlencoded` into wire types. Numbers and booleans are read from their text;
//! an array is a JSON array or words between spaces, an object is JSON text: both forms are in use.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::objects::Objects;

/// Why a form does not fit a type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FormError(String);

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FormError {}

impl de::Error for FormError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, FormError> {
    let mut pairs = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        if !value.is_empty() {
            pairs.push((name.into_owned(), Value(value)));
        }
    }
    T::deserialize(MapDeserializer::new(pairs.into_iter()))
}

fn decode(text: &str) -> Result<Cow<'_, str>, FormError> {
    placet_base::form::decode(text)
        .ok_or_else(|| FormError(format!("{text:.40} is not percent-encoded UTF-8")))
}

struct Value<'a>(Cow<'a, str>);

impl<'de> IntoDeserializer<'de, FormError> for Value<'_> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(FormError(format!("{:.40} is not {}", self.0, $what))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_str(&self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_some(self)
    }

    parsed! {
        deserialize_i32 visit_i32 "an integer of 32 bits";
        deserialize_i64 visit_i64 "an integer";
    }

    /// COMPAT: published clients of the API write booleans as their languages do, `True` among them.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.0.to_ascii_lowercase().as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(FormError(format!("{:.40} is not true or false", self.0))),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        if self.0.starts_with('[') {
            return Objects(json(&self.0)?).deserialize_seq(visitor).map_err(wrong);
        }
        let words = self.0.split(' ').filter(|word| !word.is_empty());
        visitor.visit_seq(SeqDeserializer::new(words.map(|word| Value(Cow::Borrowed(word)))))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        Objects(json(&self.0)?).deserialize_struct(name, fields, visitor).map_err(wrong)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_enum(self.0.as_ref().into_deserializer())
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct map identifier ignored_any
    }
}

fn json(text: &str) -> Result<serde_json::Value, FormError> {
    serde_json::from_str(text).map_err(wrong)
}

fn wrong(e: serde_json::Error) -> FormError {
    FormError(e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AuthorizationFailRequest, Client, IntrospectionRequest};

    #[test]
    fn every_kind_of_member_is_read() {
        let client: Client = from_str(concat!(
            "clientName=My+App&defaultMaxAge=60&pkceRequired=True&clientType=PUBLIC",
            "&grantTypes=%5B%22AUTHORIZATION_CODE%22%2C%22REFRESH_TOKEN%22%5D",
            "&responseTypes=CODE+TOKEN&extension=%7B%22accessTokenDuration%22%3A5%7D&developer="
        ))
        .unwrap();
        assert_eq!(client.client_name.as_deref(), Some("My App"));
        assert_eq!((client.default_max_age, client.pkce_required), (Some(60), Some(true)));
        assert_eq!(client.grant_types.map(|g| g.len()), Some(2));
        assert_eq!(client.response_types.map(|r| r.len()), Some(2));
        assert_eq!(client.extension.and_then(|e| e.access_token_duration), Some(5));
        assert_eq!(client.developer, None);
    }

    #[test]
    fn wrong_members_are_refused() {
        assert!(from_str::<Client>("defaultMaxAge=x").is_err());
        assert!(from_str::<Client>("pkceRequired=yes").is_err());
        assert!(from_str::<Client>("pkceRequired=1").is_err());
        assert!(from_str::<Client>("defaultMaxAge=2147483648").is_err());
        assert!(from_str::<AuthorizationFailRequest>("reason=BORED").is_err());
        assert!(from_str::<IntrospectionRequest>("token=%ff").is_err());
        assert!(from_str::<IntrospectionRequest>("token=%zz").is_err());
        assert!(from_str::<IntrospectionRequest>("token=a&token=b").is_err());
    }
}
