//! What a platform asks of a value that its schema doesn't say.

use super::grammar::Grammar;

/// A rule for the value of one property.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of these strings.
    EachOf(&'static [&'static str]),
    /// Not less than that.
    AtLeast(i64),
    /// From the first to the second.
    Between(i64, i64),
    /// A port's number.
    Port,
    /// A port's number or name.
    PortOrName,
    /// Text of a form.
    Text(Grammar),
    /// A mapping whose keys are of a form.
    Keys(Grammar),
    /// A mapping of labels.
    Labels,
    /// A mapping of annotations.
    Annotations,
}
