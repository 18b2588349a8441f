//! Every server function takes one struct named `input`; anything beside it, and anything said
//! twice, is refused before it is read.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use url::form_urlencoded;

/// Checks a form or a query.
pub(super) fn form(encoded: &[u8]) -> Result<(), StatusCode> {
    let mut seen = BTreeSet::new();
    for (key, value) in form_urlencoded::parse(encoded) {
        let known = key.starts_with("input[") && key.ends_with(']');
        let list = key.ends_with("[]");
        // The database holds no NUL.
        if !known || value.contains('\0') || !(list || seen.insert(key.into_owned())) {
            return Err(StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    Ok(())
}

/// Checks a JSON body.
pub(super) fn json(body: &[u8]) -> Result<(), StatusCode> {
    let value: serde_json::Value =
        serde_json::from_slice(body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let only_input = value
        .as_object()
        .is_some_and(|object| object.keys().all(|key| key == "input"));
    if only_input {
        Ok(())
    } else {
        Err(StatusCode::UNPROCESSABLE_ENTITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_30_unknown_and_repeated_fields_are_refused() {
        assert!(form(b"input%5Btext%5D=x&input[page]=2").is_ok());
        assert!(form(b"").is_ok());
        assert!(form(b"input[text]=x&other=1").is_err());
        assert!(form(b"input[text]=x&input[text]=y").is_err());
        assert!(form(b"input[text]=a%00b").is_err());
        assert!(json(br#"{"input":{"text":"x"}}"#).is_ok());
        assert!(json(br#"{"input":{},"more":1}"#).is_err());
        assert!(json(b"[]").is_err());
    }
}
