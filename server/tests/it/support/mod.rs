//! A whole portal for a test: its own database, a scripted provider, browsers.

mod acts;
mod browser;
pub(crate) mod records;

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use axum::Router;
use clap::Parser as _;
use platform::{
    cx::Clock,
    people::{Role, TeamRole},
    repository::{Ceiling, Issuer, Organisation, Team},
    secrets::Keyring,
};
use server::{
    auth::{self, Auth, Issuers},
    cli::{Cli, Command},
    config::Config,
    state::State,
    web::{self, Web},
};
use sqlx::PgPool;

pub(crate) use browser::{Answer, Browser};

use crate::idp::{CLIENT, Idp, SECRET};

/// The portal's address in tests.
pub(crate) const PUBLIC_URL: &str = "http://localhost:4180";

/// A portal and the provider its people sign in through.
pub(crate) struct Portal {
    /// Everything, as it would be served.
    pub(crate) router: Router,
    /// What it shares.
    pub(crate) state: State,
    /// The database, as its owner.
    pub(crate) db: PgPool,
    /// The provider `corp`; its settings name RS256 and step-up class `mfa`.
    pub(crate) idp: Idp,
    _folder: tempfile::TempDir,
}

impl Portal {
    /// The same portal with its own clock standing still.
    #[must_use]
    pub(crate) fn at(mut self, now: jiff::Timestamp) -> Self {
        self.state.clock = Clock::Fixed(now);
        self.router = router(&self.state);
        self
    }

    /// Signs in with the script as it is, in a browser of its own: it must be refused by this rule,
    /// on the record, and nothing else may have changed.
    pub(crate) async fn refuses(&self, problem: &str, rule: &str) {
        let before = records::rows(&self.db).await;
        let mut browser = Browser::new(self);
        let answer = browser.sign_in(self).await;
        self.is_refusal(&answer, problem, rule).await;
        assert_eq!(browser.session(), None, "{rule}");
        assert_eq!(records::rows(&self.db).await, before, "{rule}");
    }

    /// This answer is a refusal with our text's code, and on the record.
    pub(crate) async fn is_refusal(&self, answer: &Answer, problem: &str, rule: &str) {
        assert_eq!(answer.status, 303, "{rule}: {answer:?}");
        assert_eq!(
            answer.problem().as_deref(),
            Some(problem),
            "{rule}: {:?}",
            answer.location()
        );
        let event = format!("session.sign_in_failed:{rule}");
        assert_eq!(records::last_event(&self.db).await, event);
    }

    /// Signs in with the script as it is, in a browser of its own.
    pub(crate) async fn accepts(&self) -> Browser {
        let mut browser = Browser::new(self);
        let answer = browser.sign_in(self).await;
        assert_eq!(answer.location(), Some("/"), "{answer:?}");
        browser
    }
}

/// A portal with one provider.
pub(crate) async fn portal(db: PgPool) -> Portal {
    portal_with(db, Idp::start().await, "", &[])
}

/// A portal with more settings (YAML of the entry `corp`) and more providers.
pub(crate) fn portal_with(db: PgPool, idp: Idp, more: &str, others: &[(&str, &Idp)]) -> Portal {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), SECRET).expect("written");
    let public_url = PUBLIC_URL.parse().expect("a URL");
    let issuers = Issuers::parse(
        &folder.path().join("issuers.yaml"),
        &yaml(&idp, more, others),
        true,
    )
    .expect("the settings of tests are sound");
    let organisation = organisation(&idp, others);
    let config = config();
    let web = Web::new(&config, &db).expect("a client");
    let state = State {
        auth: Arc::new(Auth::new(issuers, &public_url, &web.outgoing)),
        web: Arc::new(web),
        config: Arc::new(config),
        db: db.clone(),
        audit_db: db.clone(),
        organisation: Arc::new(ArcSwap::from_pointee(organisation)),
        keys: Arc::new(Keyring::generate()),
        clock: Clock::System,
        readiness: Arc::new(server::readiness::Readiness::open()),
        wakes: Arc::default(),
        streams: Arc::default(),
        repository: Arc::default(),
        sync_asked: Arc::default(),
    };
    Portal {
        router: router(&state),
        state,
        db,
        idp,
        _folder: folder,
    }
}

/// A browser in which a person of these groups is signed in; the groups name the person too.
pub(crate) async fn signed_in(portal: &Portal, groups: &[&str]) -> Browser {
    let mut browser = Browser::new(portal);
    let sub = if groups.is_empty() {
        "nobody".to_owned()
    } else {
        groups.join("+")
    };
    portal
        .idp
        .claim(serde_json::json!({"sub": sub, "name": format!("P {sub}"), "groups": groups}));
    let answer = browser.sign_in(portal).await;
    assert_eq!(answer.location(), Some("/"), "signed in as {sub}");
    browser
}

fn yaml(idp: &Idp, more: &str, others: &[(&str, &Idp)]) -> String {
    let entry = |id: &str, idp: &Idp, more: &str| {
        let secret = if more.contains("private_key_file") {
            ""
        } else {
            "  client_secret_file: secret\n"
        };
        format!(
            "- id: {id}\n  issuer: {}\n  client_id: {CLIENT}\n{secret}{more}",
            idp.issuer
        )
    };
    let more = if more.is_empty() {
        "  acr_values: [mfa]\n"
    } else {
        more
    };
    let others = others.iter().map(|(id, idp)| entry(id, idp, ""));
    [entry("corp", idp, more)]
        .into_iter()
        .chain(others)
        .collect()
}

/// Teams payments and search; groups are `team-role`, roles `role`, functions as named.
fn organisation(idp: &Idp, others: &[(&str, &Idp)]) -> Organisation {
    let group = |name: &str| [name.to_owned()].into();
    let team = |name: &str| Team {
        title: name.to_owned(),
        roles: [
            (TeamRole::Developer, group(&format!("{name}-developers"))),
            (TeamRole::TeamLead, group(&format!("{name}-leads"))),
            (TeamRole::OnCall, group(&format!("{name}-on-call"))),
        ]
        .into(),
        ..Team::default()
    };
    let all = Ceiling {
        roles: [Role::PlatformEngineer, Role::Auditor, Role::Admin].into(),
        team_roles: [TeamRole::Developer, TeamRole::TeamLead, TeamRole::OnCall].into(),
        functions: ["security".to_owned()].into(),
    };
    let few = Ceiling {
        team_roles: [TeamRole::Developer].into(),
        ..Ceiling::default()
    };
    let issuer = |id: &str, idp: &Idp, ceiling: &Ceiling| Issuer {
        id: id.to_owned(),
        issuer: idp.issuer.clone(),
        ceiling: ceiling.clone(),
    };
    let mut issuers = vec![issuer("corp", idp, &all)];
    issuers.extend(others.iter().map(|(id, idp)| issuer(id, idp, &few)));
    Organisation {
        name: "Example".to_owned(),
        teams: BTreeMap::from([
            ("payments".to_owned(), team("payments")),
            ("search".to_owned(), team("search")),
        ]),
        roles: [
            (Role::PlatformEngineer, group("platform-engineers")),
            (Role::Auditor, group("auditors")),
            (Role::Admin, group("admins")),
        ]
        .into(),
        functions: [("security".to_owned(), group("security"))].into(),
        issuers,
        version: "test".to_owned(),
        ..Organisation::default()
    }
}

fn config() -> Config {
    let arguments = ["groundcrew", "serve", "--public-url", PUBLIC_URL];
    match Cli::try_parse_from(arguments)
        .expect("sound arguments")
        .command
    {
        Command::Serve(config) => *config,
        _ => unreachable!("asked to serve"),
    }
}

/// The portal's routes, with a few of the test's own: who acts, and acts of every kind.
fn router(state: &State) -> Router {
    let routes = auth::routes().merge(acts::routes());
    let routes = web::inside(routes, state).layer(axum::middleware::from_fn_with_state(
        state.clone(),
        auth::layer::layer,
    ));
    web::layers(routes, state).with_state(state.clone())
}
