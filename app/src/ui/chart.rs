//! Charts the server draws: the title says the measure, the last value has its
//! label, and the data is there as a table.

use std::fmt::Write as _;

use crate::prelude::*;

use super::meter::part;
use super::{Glyph, Icon};

/// One line of a chart.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// What it is: "p50".
    pub name: String,
    /// Its values, one for each label of the chart.
    pub values: Vec<f64>,
    /// Its last value in words: "8m p50".
    pub last: String,
}

/// Up to two series over the same labels; the second is dashed.
#[component]
pub fn LineChart(
    /// The measure.
    #[prop(into)]
    title: String,
    /// How it is measured.
    #[prop(optional, into)]
    note: Option<String>,
    /// What the chart shows, in one sentence.
    #[prop(into)]
    sentence: String,
    /// Names of the moments, oldest first.
    labels: Vec<String>,
    /// The lines.
    series: Vec<Series>,
    /// The value at the upper edge.
    top: f64,
    /// Writes a value: "40m".
    words: fn(f64) -> String,
) -> AnyView {
    let scale: Vec<_> = [1.0, 2.0 / 3.0, 1.0 / 3.0, 0.0]
        .map(|at| view! { <span>{words(top * at)}</span> }.into_any())
        .into();
    let grid: Vec<_> = ["0", "33.33", "66.67", "100"]
        .map(|y| view! { <path class="grid" d=format!("M0 {y}H100")></path> }.into_any())
        .into();
    let lines: Vec<_> = series
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let class = if at == 0 { "ln1" } else { "ln2" };
            view! { <path class=class d=path(&one.values, top, 100.0)></path> }.into_any()
        })
        .collect();
    let ends: Vec<_> = series
        .iter()
        .map(|one| {
            let y = part(height(
                one.values.last().copied().unwrap_or_default(),
                top,
                100.0,
            ));
            view! { <text x="2" y=y dominant-baseline="middle">{one.last.clone()}</text> }
                .into_any()
        })
        .collect();
    view! {
        <figure class="chart card card--pad">
            <figcaption>
                <h3>{title}</h3>
                {note.map(|note| view! { <p>{note}</p> })}
            </figcaption>
            <div class="chart__plot">
                <div class="chart__y" aria-hidden="true">
                    {scale}
                </div>
                <svg
                    class="chart__area"
                    viewBox="0 0 100 100"
                    preserveAspectRatio="none"
                    role="img"
                    aria-label=sentence
                >
                    {grid}
                    {lines}
                </svg>
                <svg class="chart__x" aria-hidden="true">
                    {moments(&labels)}
                </svg>
                <svg class="chart__end" aria-hidden="true">
                    {ends}
                </svg>
            </div>
            <Data labels series words />
        </figure>
    }
    .into_any()
}

/// A line without scale, in a row or under a figure; decoration beside the
/// figure itself.
#[component]
pub fn Spark(
    /// Its values, oldest first.
    values: Vec<f64>,
) -> AnyView {
    let top = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let line = path(&values, top, 32.0);
    let area = format!("{line}L100 32L0 32z");
    view! {
        <svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">
            <path class="a" d=area></path>
            <path d=line></path>
        </svg>
    }
    .into_any()
}

/// The same as a table, folded.
#[component]
fn Data(labels: Vec<String>, series: Vec<Series>, words: fn(f64) -> String) -> AnyView {
    let heads: Vec<_> = series
        .iter()
        .map(|one| view! { <th scope="col" class="num">{one.name.clone()}</th> }.into_any())
        .collect();
    let rows: Vec<_> = labels
        .into_iter()
        .enumerate()
        .map(|(at, label)| {
            let values: Vec<_> = series
                .iter()
                .map(|one| {
                    view! { <td class="num">{one.values.get(at).copied().map(words)}</td> }
                        .into_any()
                })
                .collect();
            view! { <tr><th scope="row">{label}</th>{values}</tr> }.into_any()
        })
        .collect();
    view! {
        <details>
            <summary>
                <Icon glyph=Glyph::ChevronRight />
                "Show data"
            </summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

/// First, middle and last moment; the others are in the table.
fn moments(labels: &[String]) -> impl IntoView + use<> {
    let middle = (labels.len() > 2).then(|| (labels[labels.len() / 2].clone(), "50%", "middle"));
    let first = labels.first().map(|label| (label.clone(), "0", "start"));
    let last = labels
        .last()
        .filter(|_| labels.len() > 1)
        .map(|label| (label.clone(), "100%", "end"));
    [first, middle, last]
        .into_iter()
        .flatten()
        .map(|(label, x, anchor)| {
            view! { <text x=x y="12" text-anchor=anchor>{label}</text> }.into_any()
        })
        .collect::<Vec<_>>()
}

/// Where a value lies, from the upper edge.
fn height(value: f64, top: f64, tall: f64) -> f64 {
    tall - (value / top).clamp(0.0, 1.0) * tall
}

/// The line through values spread over a width of 100.
fn path(values: &[f64], top: f64, tall: f64) -> String {
    let mut path = String::new();
    let gaps = u32::try_from(values.len().saturating_sub(1).max(1)).unwrap_or(u32::MAX);
    for (at, value) in (0_u32..).zip(values) {
        let x = 100.0 * f64::from(at) / f64::from(gaps);
        let letter = if at == 0 { 'M' } else { 'L' };
        // Writing into a string cannot fail.
        let _ = write!(path, "{letter}{x:.2} {:.2}", height(*value, top, tall));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_path_spreads_its_values_and_stays_inside() {
        assert_eq!(
            path(&[0.0, 5.0, 20.0], 10.0, 100.0),
            "M0.00 100.00L50.00 50.00L100.00 0.00"
        );
        assert_eq!(path(&[1.0], 1.0, 32.0), "M0.00 0.00");
        assert_eq!(path(&[], 1.0, 32.0), "");
    }
}
