//! Server functions by GET are for reading, and the database holds them to it: another site can make
//! a browser send a GET with our cookie.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use platform::Cx;
use sqlx::PgPool;

use super::{Web, functions::PREFIX};

/// The same database, as the same log-in, where every transaction is read only.
pub(super) fn pool(db: &PgPool) -> PgPool {
    let options = db
        .connect_options()
        .as_ref()
        .clone()
        .options([("default_transaction_read_only", "on")]);
    db.options().clone().connect_lazy_with(options)
}

/// Exchanges the pool in the context of such a function.
pub(super) async fn layer(
    State(web): State<Arc<Web>>,
    mut request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads
        && request.uri().path().starts_with(PREFIX)
        && let Some(cx) = request.extensions_mut().get_mut::<Cx>()
    {
        cx.db = web.read_db.clone();
    }
    next.run(request).await
}
