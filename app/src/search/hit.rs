//! What can be found, and in which order.

use crate::{
    routes::{PAGES, Place},
    ui::Glyph,
    viewer::Me,
};

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// Heading it stands under.
    pub(super) group: &'static str,
    /// Its picture.
    pub(super) glyph: Glyph,
    /// What it is called.
    pub(super) title: String,
    /// What else is known.
    pub(super) sub: String,
    /// Where it is.
    pub(super) href: String,
}

/// Pages offered to this person that fit the text, best first. All of them when it is empty.
pub(super) fn pages(text: &str, me: &Me) -> Vec<Hit> {
    let asked: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let mut ranked: Vec<(u8, Hit)> = PAGES
        .iter()
        .filter(|page| page.place != Place::Linked && page.offered_to(me))
        .filter_map(|page| {
            let rank = rank(&asked, page.title, page.words)?;
            let hit = Hit {
                group: "Pages",
                glyph: page.glyph,
                title: page.title.to_owned(),
                sub: String::new(),
                href: page.path.to_owned(),
            };
            Some((rank, hit))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, hit)| hit).collect()
}

/// 0 when the title begins with the text, higher the looser the fit; nothing when a word fits
/// nowhere.
fn rank(asked: &[String], title: &str, words: &str) -> Option<u8> {
    let title = title.to_lowercase();
    asked.iter().try_fold(0, |worst, word| {
        let fit = if title.starts_with(word.as_str()) {
            0
        } else if title.contains(word.as_str()) {
            1
        } else if words
            .split(' ')
            .any(|other| other.starts_with(word.as_str()))
        {
            2
        } else {
            return None;
        };
        Some(worst.max(fit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str) -> Vec<String> {
        pages(text, &Me::default())
            .into_iter()
            .map(|hit| hit.title)
            .collect()
    }

    #[test]
    fn titles_come_before_other_words() {
        assert_eq!(titles("in")[..2], ["Incidents", "Insights"]);
        assert_eq!(titles("outage"), ["Incidents"]);
        assert_eq!(titles("device"), ["Sessions"]);
        assert_eq!(titles("zzz"), Vec::<String>::new());
    }

    #[test]
    fn pages_one_may_not_open_are_not_found() {
        assert!(!titles("").contains(&"Admin".to_owned()));
        assert!(titles("").contains(&"Home".to_owned()));
        assert!(!titles("").contains(&"Sign in".to_owned()));
    }
}
