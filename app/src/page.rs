//! What is drawn from an answer of the server: loading, the work, or what went wrong.

use leptos_meta::Title;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    AppError,
    answer::Asked,
    prelude::*,
    problem::{Problem, Refused},
    ui::{Card, PageHead, SkeletonRows},
};

/// A page that is one answer: a skeleton of its shape until it is there.
pub(crate) fn loaded<T>(
    title: &'static str,
    asked: Asked<T>,
    work: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    titled(
        title,
        asked.drawn(
            move || skeleton(title),
            move |answer| match answer {
                Ok(value) => work(value),
                Err(error) => failed(error, title),
            },
        ),
    )
}

/// A part of a page that is there once its answer is; the page does not fail with it.
pub(crate) fn part<T>(
    asked: Asked<T>,
    work: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    asked.drawn(
        || ().into_any(),
        move |answer| match answer {
            Ok(value) => work(value),
            Err(error) => missing(error),
        },
    )
}

/// A page that could not be made.
pub(crate) fn failed(error: AppError, title: &'static str) -> AnyView {
    view! { <Problem error title /> }.into_any()
}

/// A part that could not be made.
pub(crate) fn missing(error: AppError) -> AnyView {
    view! { <Refused error act=false /> }.into_any()
}

/// A page under its title in the window.
pub(crate) fn titled(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <Title text=title />
        {content}
    }
    .into_any()
}

fn skeleton(title: &'static str) -> AnyView {
    view! {
        <div class="page">
            <PageHead title=title />
            <Card>
                <SkeletonRows what=title />
            </Card>
        </div>
    }
    .into_any()
}
