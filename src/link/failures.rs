//! Everything that can't be fetched in a run, each cause said once.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::fault::Fault;
use super::plan::{User, Wanted};
use super::store_fault::StoreFault;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// What can't be fetched so far.
#[derive(Default)]
pub struct Failures {
    /// What is wrong with a whole store: its name and the cause, with the item that each place needs.
    stores: IndexMap<(String, StoreFault), BTreeMap<Span, String>>,
    items: Vec<Fault>,
}

impl Failures {
    /// Adds an item that a store doesn't give.
    pub fn add_item(&mut self, store: &str, wanted: &Wanted<'_>, fault: StoreFault) {
        let users = wanted.fields.values().flat_map(IndexMap::values);
        if fault.is_of_store() {
            let places = self.stores.entry((store.to_owned(), fault)).or_default();
            places.extend(users.map(|user| (user.span, wanted.item.to_string())));
        } else {
            self.add_field(store, wanted, users, fault);
        }
    }

    /// Adds a value that an item doesn't have.
    pub fn add_field<'u>(
        &mut self,
        store: &str,
        wanted: &Wanted<'_>,
        users: impl Iterator<Item = &'u User>,
        fault: StoreFault,
    ) {
        let users = users.cloned().collect();
        self.items.push(Fault::Item {
            store: store.to_owned(),
            item: wanted.item.to_string(),
            fault: fault.into(),
            users,
        });
    }

    /// Says all of it.
    pub fn report(self, out: &mut Diagnostics) {
        for ((store, fault), places) in self.stores {
            out.push(Fault::Store { store, fault: fault.into(), places: places.into_iter().collect() });
        }
        self.items.into_iter().for_each(|fault| out.push(fault));
    }
}
