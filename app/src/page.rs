//! A page whose content is one answer of the server: loading, the work, or what went wrong.

use crate::prelude::*;
use leptos_meta::Title;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    AppError,
    problem::Problem,
    ui::{Card, PageHead, SkeletonRows},
};

/// The page: a skeleton of its shape until the answer is there.
pub(crate) fn loaded<T, F>(
    title: &'static str,
    answer: Resource<Result<T, AppError>>,
    work: F,
) -> AnyView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    F: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    let skeleton = move || {
        view! {
            <div class="page">
                <PageHead title=title />
                <Card>
                    <SkeletonRows what=title />
                </Card>
            </div>
        }
    };
    let content = move || {
        let work = work.clone();
        Suspend::new(async move {
            match answer.await {
                Ok(value) => work(value),
                Err(error) => view! { <Problem error title /> }.into_any(),
            }
        })
    };
    view! {
        <Title text=title />
        <Suspense fallback=skeleton>{content}</Suspense>
    }
    .into_any()
}
