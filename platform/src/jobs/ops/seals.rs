//! Where the secrets of jobs stand, and how they read.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    Cx,
    error::{Error, Result},
    secrets::Place,
};

/// Named secrets of a row, sealed; nothing for none.
pub(super) fn seal_map(
    cx: &Cx,
    column: &'static str,
    step: Uuid,
    secrets: &BTreeMap<String, String>,
) -> Result<Option<Vec<u8>>> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_vec(secrets).map_err(|_| Error::Internal)?;
    Ok(Some(seal(cx, "step", column, step, &text)))
}

/// Opens named secrets of a row.
pub(super) fn open_map(
    cx: &Cx,
    column: &'static str,
    step: Uuid,
    sealed: Option<&[u8]>,
) -> Result<BTreeMap<String, String>> {
    let Some(sealed) = sealed else {
        return Ok(BTreeMap::new());
    };
    let text = open(cx, "step", column, step, sealed)?;
    serde_json::from_slice(&text).map_err(|_| Error::Internal)
}

/// Seals bytes for a row.
pub(super) fn seal(
    cx: &Cx,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    plain: &[u8],
) -> Vec<u8> {
    cx.keys.seal(place(table, column, &row.to_string()), plain)
}

/// Opens bytes of a row.
pub(super) fn open(
    cx: &Cx,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    sealed: &[u8],
) -> Result<Vec<u8>> {
    cx.keys
        .open(place(table, column, &row.to_string()), sealed)
        .map_err(|why| {
            tracing::error!(table, column, %row, %why, "a sealed value does not open");
            Error::conflict(format!("{table}.{column}: {why}"))
        })
}

const fn place<'a>(table: &'a str, column: &'a str, row: &'a str) -> Place<'a> {
    Place {
        table,
        column,
        row,
        version: 1,
    }
}
