//! The steps of a job as a graph: one row per step, lanes where steps run beside each other.
//! The same as a table is always there too.

use std::fmt::Write as _;

use crate::prelude::*;

use crate::links::still;

use super::{Column, Glyph, Icon, Status, Table, Td, Th, Tone, Tr};

/// Lanes beyond this one share the last.
const LANES: usize = 6;
/// Height of a row, and where the first lane runs and how far the next is, in pixels.
const ROW: usize = 40;
const FIRST: usize = 12;
const LANE: usize = 16;

/// One step.
#[derive(Clone, Debug, Default)]
pub struct StepRow {
    /// What it is called.
    pub title: String,
    /// Where its log is.
    pub href: String,
    /// Picture of its state.
    pub glyph: Option<Glyph>,
    /// How its state is meant.
    pub tone: Tone,
    /// Word of its state.
    pub word: String,
    /// Whether it runs.
    pub running: bool,
    /// How long it took, or takes so far; empty before.
    pub duration: String,
    /// Tries so far.
    pub attempts: usize,
    /// Places of the steps it needs.
    pub needs: Vec<usize>,
    /// Why it does not run yet, or what went wrong; empty for nothing.
    pub note: String,
    /// Whether its log is the one shown.
    pub current: bool,
}

/// Rows with lanes: a rail drawn beside links.
#[component]
pub fn Steps(
    /// The steps, each after those it needs.
    rows: Vec<StepRow>,
) -> AnyView {
    let needs: Vec<_> = rows.iter().map(|row| row.needs.clone()).collect();
    let lanes = lanes(&needs);
    let most = lanes.iter().copied().max().unwrap_or_default();
    let edges: Vec<_> = edges(&needs, &lanes)
        .into_iter()
        .map(|d| view! { <path d=d></path> })
        .collect();
    let (width, height) = (FIRST * 2 + LANE * most, ROW * rows.len());
    let rows: Vec<_> = rows
        .into_iter()
        .zip(&lanes)
        .map(|(row, lane)| step(row, *lane))
        .collect();
    view! {
        <div class="steps" data-lanes=most.to_string()>
            <svg
                class="steps__rail"
                width=width.to_string()
                height=height.to_string()
                viewBox=format!("0 0 {width} {height}")
                aria-hidden="true"
            >
                {edges}
            </svg>
            <ol>{rows}</ol>
        </div>
    }
    .into_any()
}

fn step(row: StepRow, lane: usize) -> impl IntoView {
    let glyph = row.glyph.unwrap_or(Glyph::StateQueued);
    let word = format!(", {}", row.word.to_lowercase());
    view! {
        <li data-lane=lane.to_string()>
            <a {..still()} href=row.href aria-current=row.current.then_some("step")>
                <Icon glyph tone=row.tone spin=row.running />
                <span class="steps__title">{row.title}<span class="sr-only">{word}</span></span>
                <span class="dur">{row.duration}</span>
            </a>
        </li>
    }
}

/// The same steps, comparable.
#[component]
pub fn StepsTable(
    /// The steps.
    rows: Vec<StepRow>,
) -> AnyView {
    let columns = vec![
        Column::new("Step"),
        Column::new("State"),
        Column::new("Needs"),
        Column::number("Attempts"),
        Column::number("Duration"),
    ];
    let names: Vec<_> = rows.iter().map(|row| row.title.clone()).collect();
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let needs: Vec<_> = row
                .needs
                .iter()
                .filter_map(|place| names.get(*place).cloned())
                .collect();
            let note = (!row.note.is_empty()).then_some(row.note);
            let glyph = row.glyph.unwrap_or(Glyph::StateQueued);
            view! {
                <Tr>
                    <Th>
                        <a href=row.href>{row.title}</a>
                    </Th>
                    <td role="cell" data-label="State">
                        <Status tone=row.tone glyph word=row.word spin=row.running />
                        {note.map(|note| view! { <span class="sub">{note}</span> })}
                    </td>
                    <Td label="Needs">{needs.join(", ")}</Td>
                    <td role="cell" class="num" data-label="Attempts">
                        {row.attempts.to_string()}
                    </td>
                    <td role="cell" class="num" data-label="Duration">
                        {row.duration}
                    </td>
                </Tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Table caption="Steps" columns compact=true>
            {rows}
        </Table>
    }
    .into_any()
}

/// The lane of each step: the first in which neither it nor the lines to what it needs run through
/// another step.
fn lanes(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut lanes: Vec<usize> = Vec::with_capacity(needs.len());
    for (place, needs) in needs.iter().enumerate() {
        let free = |lane: usize| {
            needs.iter().filter(|need| **need < place).all(|need| {
                let way = lane.max(lanes[*need]);
                (need + 1..place).all(|between| lanes[between] != way)
            })
        };
        let lane = (0..LANES).find(|lane| free(*lane));
        lanes.push(lane.unwrap_or(LANES - 1));
    }
    lanes
}

/// The line from each need to each step, as paths.
#[expect(
    clippy::comparison_chain,
    reason = "left, straight and right read best in this order"
)]
fn edges(needs: &[Vec<usize>], lanes: &[usize]) -> Vec<String> {
    let x = |place: usize| FIRST + LANE * lanes[place];
    let y = |place: usize| ROW / 2 + ROW * place;
    let mut paths = Vec::new();
    for (place, needs) in needs.iter().enumerate() {
        for need in needs.iter().filter(|need| **need < place) {
            let (from, to) = ((x(*need), y(*need)), (x(place), y(place)));
            let mut path = format!("M{} {}", from.0, from.1);
            let _infallible = if from.0 == to.0 {
                write!(path, "V{}", to.1)
            } else if from.0 < to.0 {
                let bend = from.1 + ROW;
                write!(
                    path,
                    "C{} {} {} {} {} {bend}V{}",
                    from.0,
                    from.1 + ROW * 3 / 5,
                    to.0,
                    from.1 + ROW * 2 / 5,
                    to.0,
                    to.1
                )
            } else {
                let bend = to.1 - ROW;
                write!(
                    path,
                    "V{bend}C{} {} {} {} {} {}",
                    from.0,
                    to.1 - ROW * 2 / 5,
                    to.0,
                    to.1 - ROW * 3 / 5,
                    to.0,
                    to.1
                )
            };
            paths.push(path);
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_beside_each_other_have_lanes_of_their_own() {
        assert_eq!(lanes(&[vec![], vec![0], vec![1]]), [0, 0, 0], "a chain");
        let diamond = [vec![], vec![0], vec![0], vec![1, 2]];
        assert_eq!(lanes(&diamond), [0, 0, 1, 0]);
        assert_eq!(
            edges(&diamond, &lanes(&diamond)),
            [
                "M12 20V60",
                "M12 20C12 44 28 36 28 60V100",
                "M12 60V140",
                "M28 100V100C28 124 12 116 12 140",
            ]
        );
        let fan: Vec<_> = (0..9)
            .map(|place| if place == 0 { vec![] } else { vec![0] })
            .collect();
        assert_eq!(
            lanes(&fan),
            [0, 0, 1, 2, 3, 4, 5, 5, 5],
            "the last lane is shared"
        );
        assert_eq!(lanes(&[vec![], vec![], vec![0, 1]]), [0, 0, 1]);
    }
}
