//! How answers of the server become values in the browser.
//!
//! Server and browser speak JSON. The server writes and reads it with `serde_json`; the browser
//! reads with [`read`], which exists once for all types where `serde_json` compiles a parser for
//! each of them, twice. Server functions name [`Answers`] as their `output`.

mod node;
mod reader;
#[cfg(test)]
mod tests;

use leptos::server::codee::{Decoder, Encoder};
use serde::{Serialize, de::DeserializeOwned};
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post};

pub use reader::Unreadable;
pub(crate) use reader::read;

/// The `output` of server functions.
pub(crate) type Answers = Post<Text>;

/// JSON on the way from the server to the browser.
pub struct Text;

impl ContentType for Text {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Text {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Text {
    type Error = serde_json::Error;

    fn encode(answer: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(answer).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Text {
    type Error = Unreadable;

    fn decode(answer: Bytes) -> Result<T, Unreadable> {
        read(std::str::from_utf8(&answer).map_err(|_| Unreadable)?)
    }
}

impl<T: Serialize> Encoder<T> for Text {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Text {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Unreadable> {
        read(text)
    }
}
