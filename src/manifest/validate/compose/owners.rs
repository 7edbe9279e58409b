//! Whose a service is: what one unit makes, no other changes. Documents of the environment itself may.

use std::collections::HashMap;

use super::fact::{Fact, Section};
use super::inventory::{Part, at};
use crate::manifest::draft::Document;
use crate::manifest::taint::Sealed;
use crate::manifest::validate::finding::Finding;
use crate::manifest::validate::gathered::is_same;
use crate::manifest::validate::spot::Spot;

/// Says of what two units make something different. What they make alike they share, such as a network; a service
/// they don't.
pub fn check(sealed: &[Sealed], documents: &[&Document], found: &mut Vec<Finding>) {
    let groups = sealed.iter().enumerate().flat_map(|(group, owner)| {
        let is_of_unit = owner.unit().is_some();
        owner.documents().iter().map(move |_| is_of_unit.then_some(group))
    });
    let mut firsts: HashMap<(&str, &str), (usize, Spot<'_>)> = HashMap::new();
    for (index, (document, group)) in documents.iter().zip(groups).enumerate() {
        let (Some(group), Some(Part::File | Part::Override)) = (group, Part::of(document)) else { continue };
        let root = Spot::root(index, &document.body);
        let sections = Section::ALL.map(|section| (section.key(), section.noun()));
        for (key, noun) in [("services", "service")].into_iter().chain(sections) {
            for (name, spot) in root.get(key).iter().flat_map(Spot::entries) {
                let (owner, first) = firsts.entry((key, name)).or_insert((group, spot));
                if *owner == group || key != "services" && is_same(first.datum, spot.datum) {
                    continue;
                }
                let fact = Fact::OfTwo { noun, name: name.to_string() };
                found.push(Finding { other: Some((first.document, first.steps())), ..at(&spot, fact) });
            }
        }
    }
}
