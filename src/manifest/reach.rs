//! What a template's expression can hold of a secret, as far as its text tells.

/// How much of a secret a value holds. Ordered: of two values that may stand in one place, the greater
/// is assumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing of a secret.
    #[default]
    Clean,
    /// A mapping from names to secrets: `secrets` itself. Its keys are plain.
    Mapping,
    /// A list of pairs of a plain key and a secret: `secrets|items`.
    Pairs,
    /// One such pair.
    Pair,
    /// A list or another structure with a secret somewhere in it.
    Holder,
    /// A secret, or text composed with one.
    Secret,
    /// Captured output: text in which tokens stand for every printed string.
    Captured,
}

impl Reach {
    /// What stands where either of two values may stand.
    pub fn or(self, other: Reach) -> Reach {
        self.max(other)
    }

    /// Whether the value itself is unknown while templates run. Of a structure, the shape is known.
    pub fn is_unknown(self) -> bool {
        self >= Reach::Secret
    }

    /// What iterating yields, of a value that may be iterated.
    pub fn item(self) -> Reach {
        match self {
            Reach::Clean | Reach::Mapping => Reach::Clean,
            Reach::Pairs => Reach::Pair,
            Reach::Pair | Reach::Holder | Reach::Secret | Reach::Captured => Reach::Secret,
        }
    }

    /// What unpacking yields at a position.
    pub fn at(self, index: usize) -> Reach {
        match (self, index) {
            (Reach::Pair, 0) => Reach::Clean,
            _ => self.item(),
        }
    }

    /// What a key or attribute yields.
    pub fn member(self) -> Reach {
        match self {
            Reach::Mapping => Reach::Secret,
            _ => self.item(),
        }
    }
}
