//! Attributes given to a component whose view has no type: they go to its outermost elements.

use leptos::{
    attr::{
        Attribute,
        any_attribute::{AnyAttribute, AnyAttributeState, IntoAnyAttribute},
    },
    prelude::{AddAnyAttr, Mountable, Render, RenderHtml},
    tachys::{
        hydration::Cursor,
        renderer::types::{Element, Node},
        view::{Position, PositionState},
    },
};

use super::drawn::{AnyState, AnyView};

/// A view and attributes for its outermost elements.
pub struct Spread {
    view: AnyView,
    attributes: Vec<AnyAttribute>,
}

impl Spread {
    pub(super) fn new(view: AnyView) -> Self {
        Self {
            view,
            attributes: Vec::new(),
        }
    }
}

/// What is in the document for it. The attributes live as long as the elements.
pub struct SpreadState {
    view: AnyState,
    _attributes: Vec<AnyAttributeState>,
}

impl AddAnyAttr for Spread {
    type Output<SomeNewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(mut self, attr: NewAttr) -> Self {
        self.attributes
            .push(attr.into_cloneable_owned().into_any_attr());
        self
    }
}

impl Render for Spread {
    type State = SpreadState;

    fn build(self) -> SpreadState {
        let view = self.view.build();
        let attributes = each(&self.attributes, &view.elements(), AnyAttribute::build);
        SpreadState {
            view,
            _attributes: attributes,
        }
    }

    /// Leptos' way: takes the old attributes off and puts the new ones on.
    fn rebuild(self, state: &mut SpreadState) {
        self.view.rebuild(&mut state.view);
        for element in state.view.elements() {
            self.attributes
                .clone()
                .rebuild(&mut (element.clone(), Vec::new()));
            self.attributes.clone().build(&element);
        }
    }
}

fn each(
    attributes: &[AnyAttribute],
    elements: &[Element],
    put: fn(AnyAttribute, &Element) -> AnyAttributeState,
) -> Vec<AnyAttributeState> {
    attributes
        .iter()
        .flat_map(|attribute| {
            elements
                .iter()
                .map(|element| put(attribute.clone(), element))
        })
        .collect()
}

impl RenderHtml for Spread {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
        unreachable!("a browser writes no markup");
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> SpreadState {
        let view = self.view.hydrate::<true>(cursor, position);
        let attributes = each(
            &self.attributes,
            &view.elements(),
            AnyAttribute::hydrate::<true>,
        );
        SpreadState {
            view,
            _attributes: attributes,
        }
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Mountable for SpreadState {
    fn unmount(&mut self) {
        self.view.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.view.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.view.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.view.elements()
    }
}
