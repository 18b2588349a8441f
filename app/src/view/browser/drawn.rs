//! A view behind one virtual table.

use std::any::{Any, TypeId};

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::{AddAnyAttr, Mountable, Render, RenderHtml},
    tachys::{
        hydration::Cursor,
        renderer::{
            Rndr,
            types::{Element, Node, Placeholder},
        },
        view::{Position, PositionState},
    },
};

use super::spread::Spread;

/// A view whose type is forgotten.
pub struct AnyView(Box<dyn Drawn>);

/// Forgets the type of a view.
pub trait IntoAny {
    /// The view, without its type.
    fn into_any(self) -> AnyView;
}

impl<T: RenderHtml> IntoAny for T {
    fn into_any(self) -> AnyView {
        AnyView(Box::new(self.into_owned()))
    }
}

/// What the browser does with a view.
trait Drawn: Send {
    fn kind(&self) -> TypeId;
    fn build(self: Box<Self>) -> AnyState;
    fn rebuild(self: Box<Self>, state: &mut dyn Any);
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> AnyState;
}

impl<T: RenderHtml + 'static> Drawn for T {
    fn kind(&self) -> TypeId {
        TypeId::of::<T>()
    }

    fn build(self: Box<Self>) -> AnyState {
        AnyState {
            kind: TypeId::of::<T>(),
            state: Box::new(Render::build(*self)),
            placeholder: (!T::EXISTS).then(Rndr::create_placeholder),
        }
    }

    fn rebuild(self: Box<Self>, state: &mut dyn Any) {
        if let Some(state) = state.downcast_mut::<T::State>() {
            Render::rebuild(*self, state);
        }
    }

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> AnyState {
        AnyState {
            kind: TypeId::of::<T>(),
            state: Box::new(RenderHtml::hydrate::<true>(*self, cursor, position)),
            placeholder: (!T::EXISTS).then(|| cursor.next_placeholder(position)),
        }
    }
}

/// What is in the document for a view.
pub struct AnyState {
    kind: TypeId,
    state: Box<dyn State>,
    placeholder: Option<Placeholder>,
}

trait State: Any {
    fn unmount(&mut self);
    fn mount(&mut self, parent: &Element, marker: Option<&Node>);
    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool;
    fn elements(&self) -> Vec<Element>;
}

impl<T: Mountable + Any> State for T {
    fn unmount(&mut self) {
        Mountable::unmount(self);
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        Mountable::mount(self, parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        Mountable::insert_before_this(self, child)
    }

    fn elements(&self) -> Vec<Element> {
        Mountable::elements(self)
    }
}

impl Mountable for AnyState {
    fn unmount(&mut self) {
        self.state.unmount();
        if let Some(placeholder) = &mut self.placeholder {
            Mountable::unmount(placeholder);
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.state.mount(parent, marker);
        if let Some(placeholder) = &mut self.placeholder {
            Mountable::mount(placeholder, parent, marker);
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.state.insert_before_this(child)
            || self
                .placeholder
                .as_ref()
                .is_some_and(|placeholder| Mountable::insert_before_this(placeholder, child))
    }

    fn elements(&self) -> Vec<Element> {
        self.state.elements()
    }
}

impl Render for AnyView {
    type State = AnyState;

    fn build(self) -> AnyState {
        self.0.build()
    }

    fn rebuild(self, state: &mut AnyState) {
        if self.0.kind() == state.kind {
            let known: &mut dyn Any = &mut *state.state;
            self.0.rebuild(known);
            return;
        }
        let mut new = self.0.build();
        if let Some(placeholder) = &mut state.placeholder {
            Mountable::insert_before_this(placeholder, &mut new);
        } else {
            Mountable::insert_before_this(state, &mut new);
        }
        Mountable::unmount(state);
        *state = new;
    }
}

impl AddAnyAttr for AnyView {
    type Output<SomeNewAttr: Attribute> = Spread;

    fn add_any_attr<NewAttr: Attribute>(self, attr: NewAttr) -> Spread {
        Spread::new(self).add_any_attr(attr)
    }
}

impl RenderHtml for AnyView {
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
    ) -> AnyState {
        self.0.hydrate(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}
