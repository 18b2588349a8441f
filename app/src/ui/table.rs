//! Comparable records. On a phone each row becomes a labelled block; the roles
//! are explicit so that a screen reader still finds a table there.

use crate::prelude::*;

use super::classes;

/// One column of a [`Table`].
#[derive(Clone, Debug, Default)]
pub struct Column {
    title: String,
    class: Option<&'static str>,
    hidden: bool,
}

impl Column {
    /// A column of text.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// A column of figures, at the end of their cells.
    pub fn number(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            class: Some("num"),
            ..Self::default()
        }
    }

    /// The last column, of buttons: its title is only heard.
    pub fn actions(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            class: Some("col-actions"),
            hidden: true,
        }
    }
}

/// Records in a card. Put [`Tr`]s inside, each with one [`Th`] and its [`Td`]s.
#[component]
pub fn Table(
    /// What the table shows, for those who cannot see it.
    #[prop(into)]
    caption: String,
    /// The columns, in order.
    columns: Vec<Column>,
    /// Less height per row.
    #[prop(optional)]
    compact: bool,
    /// One line per row; the table scrolls sideways and the first column stays.
    #[prop(optional)]
    wide: bool,
    /// What stands under the table: how many, further pages.
    #[prop(optional, into)]
    foot: Option<ViewFn>,
    /// The rows.
    children: Children,
) -> AnyView {
    let class = classes([
        "table table--stack",
        if compact { "table--compact" } else { "" },
        if wide { "table--nowrap" } else { "" },
    ]);
    let heads: Vec<_> = columns.into_iter().map(head).collect();
    let label = format!("{caption}, scrolls sideways");
    let table = view! {
        <table role="table" class=class>
            <caption class="sr-only">{caption}</caption>
            <thead role="rowgroup">
                <tr role="row">{heads}</tr>
            </thead>
            <tbody role="rowgroup">{children.run()}</tbody>
        </table>
    };
    let table = if wide {
        view! {
            <div class="tablescroll" tabindex="0" role="region" aria-label=label>
                {table}
            </div>
        }
        .into_any()
    } else {
        table.into_any()
    };
    view! {
        <div class="card tablewrap">
            {table} {foot.map(|foot| view! { <div class="card__foot">{foot.run()}</div> })}
        </div>
    }
    .into_any()
}

fn head(column: Column) -> AnyView {
    let title = if column.hidden {
        view! { <span class="sr-only">{column.title}</span> }.into_any()
    } else {
        column.title.into_any()
    };
    view! {
        <th role="columnheader" scope="col" class=column.class>
            {title}
        </th>
    }
    .into_any()
}

/// One record.
#[component]
pub fn Tr(
    /// Its cells.
    children: Children,
) -> AnyView {
    view! { <tr role="row">{children.run()}</tr> }.into_any()
}

/// The cell that names the record, first in its row.
#[component]
pub fn Th(
    /// A remark under the name.
    #[prop(optional, into)]
    sub: Option<String>,
    /// The name, usually a link.
    children: Children,
) -> AnyView {
    view! {
        <th role="rowheader" scope="row">
            {children.run()} {sub.map(|sub| view! { <span class="sub">{sub}</span> })}
        </th>
    }
    .into_any()
}

/// What kind of value a cell holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    #[default]
    Text,
    /// A figure.
    Number,
    /// Buttons of the row.
    Actions,
}

/// A value of the record. The label is the column's title; it shows on phones.
#[component]
pub fn Td(
    /// The column's title; none for [`Cell::Actions`].
    #[prop(optional, into)]
    label: Option<String>,
    /// What it holds.
    #[prop(optional)]
    cell: Cell,
    /// A remark under the value.
    #[prop(optional, into)]
    sub: Option<String>,
    /// The value.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    let class = match cell {
        Cell::Text => None,
        Cell::Number => Some("num"),
        Cell::Actions => Some("col-actions"),
    };
    view! {
        <td role="cell" class=class data-label=label>
            {children.map(Children::run)}
            {sub.map(|sub| view! { <span class="sub">{sub}</span> })}
        </td>
    }
    .into_any()
}
