//! Literal `$`: Compose replaces `$NAME` and `${…}` in every value by what the environment of the command has,
//! so a `$` that is meant stands as `$$`. Some implementations refuse any other single `$`.

use super::fact::Fact;
use crate::manifest::draft::Datum;
use crate::manifest::validate::finding::{Fact as Any, Finding};

/// Checks every value of a document. Nothing is said of one that holds a secret.
pub fn check(document: usize, body: &Datum, found: &mut Vec<Finding>) {
    walk(document, body, &mut Vec::new(), found);
}

fn walk(document: usize, datum: &Datum, steps: &mut Vec<usize>, found: &mut Vec<Finding>) {
    let mut below = |index: usize, value: &Datum| {
        steps.push(index);
        walk(document, value, steps, found);
        steps.pop();
    };
    match datum {
        Datum::List(items) => items.iter().enumerate().for_each(|(index, item)| below(index, item)),
        Datum::Map(map) => map.values().enumerate().for_each(|(index, value)| below(index, value)),
        _ => {
            if datum.as_text().is_some_and(|text| has_single(&text)) {
                let fact = Any::Compose(Fact::Dollar);
                found.push(Finding { document, steps: steps.clone(), fact, other: None });
            }
        }
    }
}

/// Whether a `$` is left when, from the left, each two of them are one.
fn has_single(text: &str) -> bool {
    text.split(|c| c != '$').any(|dollars| dollars.len() % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::has_single;

    #[test]
    fn pairs_are_literal() {
        for text in ["", "$$", "a$$b", "$$$$x", "$$a$$"] {
            assert!(!has_single(text), "{text}");
        }
        for text in ["$", "$a", "${a}", "$$$a", "$$a$", "5 $ "] {
            assert!(has_single(text), "{text}");
        }
    }
}
