//! The one call that may go inside without a list: to the collector of traces the settings name.

use async_trait::async_trait;
use axum::body::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;

/// Sends spans. The exporter runs on a thread of its own, so calls are made on the runtime's.
#[derive(Debug)]
pub(crate) struct Collector {
    client: reqwest::Client,
    runtime: Handle,
}

impl Collector {
    /// On the runtime in scope.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            client: super::bare().build()?,
            runtime: Handle::try_current()?,
        })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let call = async move {
            let answer = client.execute(request).await.map_err(super::failed)?;
            super::whole(answer).await
        };
        let answer = self.runtime.spawn(call).await??;
        Ok(answer.map(Bytes::from))
    }
}
