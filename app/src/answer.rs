//! Answers of the server that a page waits for.
//!
//! All of them are one type: signals, tasks and the switch between waiting and shown are compiled
//! once, and a page brings only its fetching and its drawing. That is what keeps a page small in
//! the browser.

use std::{any::Any, convert::Infallible, marker::PhantomData, pin::Pin, sync::Arc};

use leptos::server::codee::{Decoder, Encoder};
use serde::{Serialize, de::DeserializeOwned};

use crate::{AppError, context, prelude::*, wire};

/// An answer whose type is forgotten: fetched here, or written into the page by the server.
#[derive(Clone)]
struct Answer {
    value: Option<Arc<dyn Any + Send + Sync>>,
    written: Arc<str>,
}

type Fetched = Pin<Box<dyn Future<Output = Answer> + Send>>;
type Drawing = dyn Fn(&Answer) -> AnyView + Send + Sync;

/// How an answer is written into the page: as it is.
struct AsWritten;

impl Encoder<Answer> for AsWritten {
    type Error = Infallible;
    type Encoded = String;

    fn encode(answer: &Answer) -> Result<String, Infallible> {
        Ok(answer.written.to_string())
    }
}

impl Decoder<Answer> for AsWritten {
    type Error = Infallible;
    type Encoded = str;

    fn decode(text: &str) -> Result<Answer, Infallible> {
        Ok(Answer {
            value: None,
            written: text.into(),
        })
    }
}

/// What an answer depends on; when it changes, the server is asked again.
#[derive(Clone)]
struct Key(Arc<dyn Part>);

trait Part: Any + Send + Sync {
    fn is(&self, other: &dyn Any) -> bool;
}

impl<K: PartialEq + Send + Sync + 'static> Part for K {
    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<K>() == Some(self)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let other: &dyn Any = &*other.0;
        self.0.is(other)
    }
}

/// An answer on its way.
pub(crate) struct Asked<T> {
    answer: Resource<Answer, AsWritten>,
    kind: PhantomData<fn() -> T>,
}

/// Asks the server, and again whenever what `key` reads changes.
pub(crate) fn ask<K, T, F>(
    key: impl Fn() -> K + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + Send + Sync + 'static,
) -> Asked<T>
where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    let fetch = move |key: Key| -> Fetched {
        let key: &dyn Any = &*key.0;
        let fetched = key.downcast_ref().cloned().map(&fetch);
        Box::pin(async move {
            let value = match fetched {
                Some(fetched) => fetched.await,
                None => Err(AppError::from(platform::Error::Internal)),
            };
            Answer {
                written: context::written(&value).into(),
                value: Some(Arc::new(value)),
            }
        })
    };
    Asked {
        answer: resource(Box::new(move || Key(Arc::new(key()))), Box::new(fetch)),
        kind: PhantomData,
    }
}

fn resource(
    key: Box<dyn Fn() -> Key + Send + Sync>,
    fetch: Box<dyn Fn(Key) -> Fetched + Send + Sync>,
) -> Resource<Answer, AsWritten> {
    Resource::new_with_options(key, fetch, false)
}

impl<T> Asked<T>
where
    T: Clone + DeserializeOwned + 'static,
{
    /// What `draw` makes of the answer; `waiting` until it is there for the first time.
    pub(crate) fn drawn(
        self,
        waiting: impl Fn() -> AnyView + Send + Sync + 'static,
        draw: impl Fn(Result<T, AppError>) -> AnyView + Send + Sync + 'static,
    ) -> AnyView {
        let draw = move |answer: &Answer| {
            draw(
                match &answer.value {
                    Some(value) => value.downcast_ref().cloned(),
                    None => wire::read::<Result<T, AppError>>(&answer.written).ok(),
                }
                .unwrap_or_else(|| Err(AppError::from(platform::Error::Internal))),
            )
        };
        switch(self.answer, waiting.into(), Arc::new(draw))
    }
}

fn switch(answer: Resource<Answer, AsWritten>, waiting: ViewFn, draw: Arc<Drawing>) -> AnyView {
    let content = move || {
        let draw = Arc::clone(&draw);
        Suspend::new(async move { draw(&answer.await) })
    };
    view! { <Transition fallback=move || waiting.run()>{content}</Transition> }.into_any()
}
