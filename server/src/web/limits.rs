//! Bursts: how often one address or one person may do a thing, counted per node.
//!
//! Sign-in itself is counted in the database. Offices share an address, so limits per address are
//! wide and limits per person narrow.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State as Shared},
    http::{HeaderValue, Method, StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

use platform::{Cx, people::Actor};

use super::{ClientAddr, Web, reports};
use crate::state::State;

/// A limit, named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Reports of browsers, per address.
    Report,
    /// Searches, per person.
    Search,
    /// Tokens nobody has, per address.
    FailedToken,
}

/// A limit was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which.
    pub limit: Limit,
    /// When another try can succeed.
    pub retry_after: Duration,
    /// Whether this is the first hit of this key in the window: due an audit event.
    pub first: bool,
}

/// The window of every limit, and of its audit events.
const WINDOW: Duration = Duration::from_mins(1);

/// How long the refusal waits for its record.
const PATIENCE: Duration = Duration::from_secs(3);

impl Limit {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Report, Self::Search, Self::FailedToken];

    /// How many in a minute.
    pub const fn per_minute(self) -> u32 {
        match self {
            Self::Report => 30,
            Self::Search => 60,
            Self::FailedToken => 20,
        }
    }

    /// Name in events and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Search => "search",
            Self::FailedToken => "failed_token",
        }
    }
}

/// Counters of this node.
pub struct Limits {
    counters: Vec<(Limit, DefaultKeyedRateLimiter<String>)>,
    told: Mutex<HashMap<(Limit, String), Instant>>,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

impl Default for Limits {
    fn default() -> Self {
        let counter = |limit: Limit| {
            let count = NonZeroU32::new(limit.per_minute()).expect("no limit is zero");
            (limit, RateLimiter::keyed(Quota::per_minute(count)))
        };
        Self {
            counters: Limit::ALL.map(counter).into(),
            told: Mutex::default(),
        }
    }
}

impl Limits {
    /// Counts one; a hit when it was one too many.
    ///
    /// # Panics
    /// Never: every limit has a counter.
    pub fn count(&self, limit: Limit, key: &str) -> Result<(), Hit> {
        let (_, counter) = self
            .counters
            .iter()
            .find(|(of, _)| *of == limit)
            .expect("every limit has a counter");
        let Err(not_until) = counter.check_key(&key.to_owned()) else {
            return Ok(());
        };
        let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
        metrics::counter!("groundcrew_limit_hits_total", "limit" => limit.name()).increment(1);
        Err(Hit {
            limit,
            retry_after: wait,
            first: self.first(limit, key),
        })
    }

    fn first(&self, limit: Limit, key: &str) -> bool {
        let now = Instant::now();
        let mut told = self
            .told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        told.retain(|_, at| now.duration_since(*at) < WINDOW);
        told.insert((limit, key.to_owned()), now).is_none_or(|at| {
            // Not first: the window began with the first hit and is not prolonged by later ones.
            told.insert((limit, key.to_owned()), at);
            false
        })
    }

    /// Forgets keys that are back to full.
    fn tidy(&self) {
        for (_, counter) in &self.counters {
            counter.retain_recent();
            counter.shrink_to_fit();
        }
    }
}

/// Tidies once a minute, the counters and what the histograms of metrics keep, until the server stops.
pub async fn keep(web: Arc<Web>) {
    let mut often = tokio::time::interval(WINDOW);
    loop {
        tokio::select! {
            () = web.shutdown.cancelled() => return,
            _ = often.tick() => {}
        }
        web.limits.tidy();
        super::metrics::handle().run_upkeep();
    }
}

/// One key per IPv4 address and per IPv6 subscriber (/64).
pub fn key(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) >> 64 << 64).to_string(),
    }
}

/// Limits by path and address.
pub(super) async fn layer(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let limit = match (request.method(), request.uri().path()) {
        (&Method::POST, reports::PATH) => Some(Limit::Report),
        _ => None,
    };
    let address = request
        .extensions()
        .get::<ClientAddr>()
        .map(|addr| key(addr.0));
    if let (Some(limit), Some(address)) = (limit, address)
        && let Err(hit) = state.web.limits.count(limit, &address)
    {
        return refuse(super::cx(&state, &request), hit, Actor::Anonymous).await;
    }
    next.run(request).await
}

/// Limits by path and person.
pub(super) async fn people(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let limit = (path == "/search" || path.starts_with("/fn/search/")).then_some(Limit::Search);
    let actor = request.extensions().get::<Cx>().map(|cx| cx.actor.clone());
    if let (Some(limit), Some(Actor::Person(person))) = (limit, actor)
        && let Err(hit) = state.web.limits.count(limit, &person.id.0.to_string())
    {
        return refuse(super::cx(&state, &request), hit, Actor::Person(person)).await;
    }
    next.run(request).await
}

/// Answers, and puts the first hit of a window on the record.
pub(crate) async fn refuse(cx: Cx, hit: Hit, who: Actor) -> Response {
    if hit.first {
        let (name, a_minute) = (hit.limit.name(), hit.limit.per_minute());
        let record = platform::limits::ops::record(&cx, name, a_minute, who);
        let kept = tokio::time::timeout(PATIENCE, record).await;
        if !matches!(kept, Ok(Ok(()))) {
            tracing::error!(limit = name, "a limit was hit, and is not on the record");
        }
    }
    hit.into_response()
}

impl IntoResponse for Hit {
    fn into_response(self) -> Response {
        let seconds = self.retry_after.as_secs().max(1);
        let after = HeaderValue::from(seconds);
        (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, after)]).into_response()
    }
}
