//! Every page there is: one table for navigation, palette, titles and the tests that hold the
//! router and the policy to it.

use platform::{
    people::{Actor, Authentication, Person, PersonId},
    policy::{self, Action, Relation},
};
use uuid::Uuid;

use crate::{ui::Glyph, viewer::Me};

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Address, as the router writes it (`/people/:id`).
    pub path: &'static str,
    /// Title in the window, breadcrumbs and palette.
    pub title: &'static str,
    /// Its picture.
    pub glyph: Glyph,
    /// Where it is offered.
    pub place: Place,
    /// Who may open it.
    pub door: Door,
    /// Second key after G that goes there.
    pub key: Option<char>,
    /// Other words people search it by.
    pub words: &'static str,
}

/// Where a page is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the sidebar, in the group of this number, and in the palette.
    Sidebar(u8),
    /// In the palette and in menus.
    Palette,
    /// Reached by links only.
    Linked,
}

/// Who may open a page, or call a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Anybody, signed in or not. Reviewed: see the test that counts them.
    Public,
    /// Whoever the policy table allows this action. The page asks nothing else by itself.
    Asks(Action),
}

/// All pages in the order of the sidebar.
pub const PAGES: &[Page] = &[
    page("/", "Home", Glyph::Home, 0)
        .key('h')
        .words("start dashboard who am i roles teams"),
    page("/catalog", "Catalog", Glyph::Catalog, 1)
        .key('c')
        .words("templates new environment database"),
    page("/environments", "Environments", Glyph::Environment, 1)
        .key('e')
        .words("resources lease drift staging production preview"),
    page("/requests", "Requests", Glyph::Request, 1)
        .key('r')
        .words("changes plans drafts"),
    page("/approvals", "Approvals", Glyph::Hourglass, 1).words("inbox waiting decide review"),
    page("/runbooks", "Runbooks", Glyph::Runbook, 2)
        .key('b')
        .words("guides alerts steps on-call"),
    page("/incidents", "Incidents", Glyph::Incident, 2)
        .key('i')
        .words("outage severity postmortem alerts"),
    page("/jobs", "Jobs", Glyph::Job, 2)
        .key('j')
        .words("queue workers logs attempts")
        .asks(Action::JobList),
    page("/jobs/queue", "Queue", Glyph::Queue, 9)
        .at(Place::Palette)
        .asks(Action::JobList)
        .words("waiting position workers pools why"),
    page("/jobs/new", "Run a job", Glyph::Play, 9)
        .at(Place::Palette)
        .asks(Action::JobCreate)
        .words("yaml by hand example echo"),
    page("/jobs/:id", "Job", Glyph::Job, 9)
        .at(Place::Linked)
        .asks(Action::JobView),
    page("/workers", "Workers", Glyph::Server, 9)
        .at(Place::Palette)
        .asks(Action::WorkerView)
        .words("runner token drain pool labels"),
    page("/stacks", "Stacks", Glyph::Database, 9)
        .at(Place::Palette)
        .asks(Action::StackList)
        .words("state lock terraform serial"),
    page("/stacks/:id", "Stack", Glyph::Database, 9)
        .at(Place::Linked)
        .asks(Action::StackView),
    page("/insights", "Insights", Glyph::Insights, 3).words("cost budget lead time charts"),
    page("/admin", "Admin", Glyph::Admin, 3)
        .asks(Action::AdminView)
        .words("platform repository sync identity providers settings teams mapping"),
    page("/sessions", "Sessions", Glyph::Shield, 9)
        .at(Place::Palette)
        .asks(Action::SessionList)
        .words("devices sign out browser security account"),
    page("/people/:id", "Person", Glyph::User, 9)
        .at(Place::Linked)
        .asks(Action::PersonView),
    page("/audit", "Audit", Glyph::Audit, 3)
        .key('a')
        .words("events chain log evidence verify export hash")
        .asks(Action::AuditRead),
    page("/audit/:id", "Event", Glyph::Audit, 9)
        .at(Place::Linked)
        .asks(Action::AuditRead),
    page("/search", "Search", Glyph::Search, 9)
        .at(Place::Linked)
        .asks(Action::Search),
    page("/sign-in", "Sign in", Glyph::Key, 9)
        .at(Place::Linked)
        .public(),
];

const fn page(path: &'static str, title: &'static str, glyph: Glyph, group: u8) -> Page {
    Page {
        path,
        title,
        glyph,
        place: Place::Sidebar(group),
        door: Door::Asks(Action::PortalView),
        key: None,
        words: "",
    }
}

impl Page {
    const fn asks(mut self, action: Action) -> Self {
        self.door = Door::Asks(action);
        self
    }

    const fn public(mut self) -> Self {
        self.door = Door::Public;
        self
    }

    const fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    const fn key(mut self, key: char) -> Self {
        self.key = Some(key);
        self
    }

    const fn words(mut self, words: &'static str) -> Self {
        self.words = words;
        self
    }

    /// Whether it is worth offering to this person. The page asks the operation again.
    pub fn offered_to(&self, me: &Me) -> bool {
        match self.door {
            Door::Public => true,
            Door::Asks(action) => offered(me, action),
        }
    }
}

/// Whether an act on one's own things, or on none, is worth offering.
pub(crate) fn offered(me: &Me, action: Action) -> bool {
    let person = Person {
        id: PersonId(me.id),
        name: String::new(),
        grants: me.grants.clone(),
        groups_claim: me.groups,
        session: Uuid::nil(),
        authentication: Authentication::default(),
    };
    let best = Relation {
        own: true,
        current: true,
        fresh: true,
        team: platform::people::Place::Lead,
    };
    policy::decide(&Actor::Person(Box::new(person)), action, best).is_ok()
}

/// The page at this path, by the longest entry that fits.
pub(crate) fn page_at(path: &str) -> Option<&'static Page> {
    let fits = |page: &&Page| {
        let mut wanted = page.path.split('/');
        let mut given = path.trim_end_matches('/').split('/');
        if page.path == "/" {
            return path == "/";
        }
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == given || wanted.starts_with(':') => {}
                _ => return false,
            }
        }
    };
    PAGES.iter().find(fits)
}

/// The page whose path is nearest to a mistyped one.
pub(crate) fn nearest(path: &str, me: &Me) -> Option<&'static Page> {
    let typed = path.trim_matches('/').to_lowercase();
    let first = typed.split('/').next().unwrap_or_default();
    PAGES
        .iter()
        .filter(|page| matches!(page.place, Place::Sidebar(_) | Place::Palette))
        .filter(|page| page.offered_to(me))
        .map(|page| (distance(first, page.path.trim_matches('/')), page))
        .filter(|(distance, page)| *distance <= page.path.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, page)| page)
}

/// Levenshtein's distance: insertions, deletions and replacements between two words.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_page() {
        assert_eq!(page_at("/").map(|p| p.title), Some("Home"));
        assert_eq!(page_at("/catalog/").map(|p| p.title), Some("Catalog"));
        assert_eq!(page_at("/people/0192").map(|p| p.title), Some("Person"));
        assert_eq!(page_at("/people"), None);
        assert_eq!(page_at("/catalog/x"), None);
    }

    #[test]
    fn a_mistyped_path_finds_the_nearest_page() {
        let me = Me::default();
        assert_eq!(
            nearest("/enviroments", &me).map(|p| p.path),
            Some("/environments")
        );
        assert_eq!(
            nearest("/request/12", &me).map(|p| p.path),
            Some("/requests")
        );
        assert_eq!(nearest("/wp-login.php", &me), None);
        assert_eq!(
            nearest("/admni", &me),
            None,
            "not offered to whoever may not open it"
        );
    }

    #[test]
    fn keys_and_paths_are_unique() {
        let mut keys: Vec<_> = PAGES.iter().filter_map(|page| page.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(
            keys.len(),
            PAGES.iter().filter(|page| page.key.is_some()).count()
        );
        for (i, page) in PAGES.iter().enumerate() {
            assert!(
                PAGES[..i].iter().all(|other| other.path != page.path),
                "{}",
                page.path
            );
        }
    }
}
