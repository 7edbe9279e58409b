//! No two documents of a unit are one file of their own.

use std::collections::HashMap;

use crate::manifest::artifact::Form;
use crate::manifest::fault::Fault;
use crate::manifest::pack::Pack;
use crate::manifest::taint::Sealed;
use crate::source::diagnostic::Diagnostics;
use crate::source::span::Span;

/// Says which documents would be written to a file that another is written to.
pub fn check(sealed: &[Sealed], pack: &Pack, out: &mut Diagnostics) {
    // Templates of the repo have a slash in their names.
    let is_own = |template: &str| template.contains('/');
    for group in sealed {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for document in group.documents() {
            let Some(file) = document.artifact.file.as_ref().filter(|file| file.form == Form::Own) else {
                continue;
            };
            // Many file systems take `A` and `a` for one name.
            let Some(first) = seen.insert(file.name.to_ascii_lowercase(), &document.template) else {
                continue;
            };
            let template = pack.file(&document.template).filter(|_| is_own(&document.template));
            out.push(Fault::SameFile {
                span: template.map(|file| Span::new(file, 0, 0)),
                file: file.name.to_string(),
                of_pack: is_own(&document.template) && !is_own(first),
                platform: pack.name.clone(),
                unit: group.unit().map(|config| config.unit.clone()),
            });
        }
    }
}
