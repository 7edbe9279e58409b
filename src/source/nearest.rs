//! "Did you mean": the known name that is closest to a mistyped one.

use strsim::osa_distance;

/// The longest name that is compared: the work grows with both lengths.
const MAX_LENGTH: usize = 256;

/// The known name that `name` most likely stands for, if one is close. Case, `-` and `_` don't count. Of equally
/// close names the first.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > MAX_LENGTH {
        return None;
    }
    let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    let wanted = plain(name);
    let others = known.into_iter().filter(|other| *other != name && other.len() <= MAX_LENGTH);
    let near =
        others.map(|other| (osa_distance(&wanted, &plain(other)), other)).filter(|(distance, other)| {
            let (short, long) = (name.len().min(other.len()), name.len().max(other.len()));
            *distance == 0 || (*distance <= long.max(3) / 3 && *distance < short)
        });
    near.min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["carts", "catalogue", "awssecrets", "readOnlyRoot", "vault"];
        for (name, meant) in [
            ("catalouge", Some("catalogue")),
            ("read_only_root", Some("readOnlyRoot")),
            ("Vault", Some("vault")),
            ("vualt", Some("vault")),
            ("awssecret", Some("awssecrets")),
            ("x", None),
            ("echo", None),
            ("carts", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
        assert_eq!(nearest(&"carts".repeat(50_000), known), None);
    }
}
