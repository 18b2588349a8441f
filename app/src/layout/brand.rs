//! The mark: a signal person on the apron.

use crate::prelude::*;

/// The mark, decoration beside the name.
#[component]
pub(crate) fn Mark() -> AnyView {
    view! {
        <svg class="brand__mark" viewBox="0 0 22 22" aria-hidden="true">
            <rect width="22" height="22" rx="5.5" fill="var(--ink)"></rect>
            <circle cx="11" cy="6.6" r="2.1" fill="var(--on-ink)"></circle>
            <path
                d="M8.3 17v-3.6c0-1.3 1.2-2.3 2.7-2.3s2.7 1 2.7 2.3V17"
                fill="none"
                stroke="var(--on-ink)"
                stroke-width="1.7"
                stroke-linecap="round"
            ></path>
            <path
                d="m6.200 12.400-2.400-6M15.800 12.400l2.400-6"
                fill="none"
                stroke="var(--brand)"
                stroke-width="2"
                stroke-linecap="round"
            ></path>
        </svg>
    }
    .into_any()
}
