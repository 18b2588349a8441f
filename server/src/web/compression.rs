//! Compression of what is not compressed yet (assets are) and is not a stream of events.

use tower_http::compression::{CompressionLayer, DefaultPredicate};

/// Brotli and gzip, as the client likes. The predicate leaves out event streams, images and what is
/// too small; an answer with a Content-Encoding is left as it is.
pub(super) fn layer() -> CompressionLayer<DefaultPredicate> {
    CompressionLayer::new().br(true).gzip(true)
}
