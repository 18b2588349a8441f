//! The reader beside `serde_json`, which it stands in for.

use std::collections::BTreeMap;

use platform::{
    Error,
    audit::view::Filter,
    people::{Grants, Role},
    sessions::Session,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Unreadable, read};
use crate::AppError;

/// Every shape that serde knows and JSON can write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct All {
    text: String,
    numbers: (i8, u64, i64, f64, u16),
    nothing: Option<u8>,
    something: Option<String>,
    kinds: Vec<Kind>,
    by_number: BTreeMap<u32, bool>,
    unit: (),
    wrapped: Wrapped,
    letter: char,
    #[serde(default)]
    absent: Vec<String>,
    tagged: Vec<Tagged>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(Vec<u8>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Unit,
    New(i32),
    Tuple(i32, String),
    Struct { a: bool },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
enum Tagged {
    Plain,
    With { seconds: u64, why: Option<String> },
}

fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    for text in [
        serde_json::to_string(value).expect("written"),
        serde_json::to_string_pretty(value).expect("written"),
    ] {
        assert_eq!(read::<T>(&text).as_ref(), Ok(value), "{text}");
    }
}

#[test]
fn every_shape_is_read_as_it_was_written() {
    same(&All {
        text: "quotes \" \\ / \n\t\u{1} ü 🚀 </script>".into(),
        numbers: (-7, u64::MAX, i64::MIN, -0.125, 65_535),
        nothing: None,
        something: Some(String::new()),
        kinds: vec![
            Kind::Unit,
            Kind::New(-1),
            Kind::Tuple(2, "x".into()),
            Kind::Struct { a: true },
        ],
        by_number: [(1, true), (20, false)].into(),
        unit: (),
        wrapped: Wrapped(vec![0, 255]),
        letter: 'é',
        absent: Vec::new(),
        tagged: vec![
            Tagged::Plain,
            Tagged::With {
                seconds: 3,
                why: None,
            },
        ],
    });
}

#[test]
fn answers_of_ours_are_read_as_they_were_written() {
    let error = AppError {
        error: Error::TooMany { retry_after_s: 60 },
        trace: "7c3e".into(),
    };
    same(&Err::<u8, _>(error));
    same(&Ok::<_, AppError>(Filter::default()));
    same(&Grants {
        roles: [Role::Admin].into(),
        teams: [("payments".to_owned(), [].into())].into(),
        functions: ["cost".to_owned()].into(),
    });
    same(&vec![Session {
        label: uuid::Uuid::from_u128(7),
        current: true,
        issuer: "demo".into(),
        ip: None,
        agent: Some("curl/8".into()),
        created_at: platform::time::Timestamp::UNIX_EPOCH,
        last_seen_at: platform::time::Timestamp::UNIX_EPOCH,
        absolute_until: platform::time::Timestamp::UNIX_EPOCH,
    }]);
}

#[test]
fn escapes_are_read_as_everybody_reads_them() {
    for text in [
        r#""\u00e9\ud83d\ude80\/\b\f\r""#,
        r#" "a\\\"b" "#,
        r#""\u0041bc""#,
    ] {
        let known: String = serde_json::from_str(text).expect("valid");
        assert_eq!(read::<String>(text), Ok(known), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":1,}",
        "\"open",
        r#""\x""#,
        r#""\ud83d""#,
        r#""\ud83dx""#,
        r#""\u12""#,
        "nul",
        "1 2",
        "tru",
        "--",
        &deep,
    ] {
        assert_eq!(
            read::<serde::de::IgnoredAny>(text).and_then(|_| read::<u8>(text)),
            Err(Unreadable),
            "{text:.20}"
        );
    }
}
