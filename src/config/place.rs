//! Where a ciphertext belongs: what its header says under age's own authentication.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// The place of one ciphertext.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The `id` of the repo.
    pub repo: String,
    /// The repo-relative path of the file, with `/`.
    pub file: String,
    /// The RFC 6901 pointer to the scalar within the file.
    pub path: String,
    /// The [hash](super::recipient::RecipientSet::hash) of the recipients.
    pub recipients: [u8; 16],
    /// Drawn anew whenever the value changes, kept when only recipients do.
    pub rev: [u8; 16],
}

/// Why a text is no place, or a place can't be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceFault {
    /// Not the five lines that a place consists of.
    #[error("the place isn't written as five lines: repo, file, path, recipients, rev")]
    Lines,
    /// A value is empty or has a control character.
    #[error("the place has an empty value or a control character")]
    Value,
    /// `path` is no RFC 6901 pointer to something within the file.
    #[error("the place's path isn't a JSON pointer")]
    Path,
    /// `recipients` or `rev` isn't the base64url of 16 bytes.
    #[error("the place's recipients or rev isn't the base64url of 16 bytes")]
    Bytes,
}

const KEYS: [&str; 5] = ["repo", "file", "path", "recipients", "rev"];

impl Place {
    /// Reads the body of a place stanza. Only what [`Place::encode`] writes is one.
    pub fn parse(body: &[u8]) -> Result<Place, PlaceFault> {
        let text = std::str::from_utf8(body).map_err(|_| PlaceFault::Lines)?;
        let lines: Vec<&str> = text.strip_suffix('\n').ok_or(PlaceFault::Lines)?.split('\n').collect();
        let mut values = [""; 5];
        if lines.len() != values.len() {
            return Err(PlaceFault::Lines);
        }
        for ((line, key), value) in lines.into_iter().zip(KEYS).zip(&mut values) {
            let rest = line.strip_prefix(key).and_then(|rest| rest.strip_prefix(' '));
            *value = rest.ok_or(PlaceFault::Lines)?;
        }
        let [repo, file, path, recipients, rev] = values;
        let place = Place {
            repo: repo.to_owned(),
            file: file.to_owned(),
            path: path.to_owned(),
            recipients: sixteen_bytes(recipients)?,
            rev: sixteen_bytes(rev)?,
        };
        place.check()?;
        Ok(place)
    }

    /// The body of the place's stanza.
    pub fn encode(&self) -> Result<String, PlaceFault> {
        self.check()?;
        let recipients = BASE64_URL_SAFE_NO_PAD.encode(self.recipients);
        let values = [&self.repo, &self.file, &self.path, &recipients, &self.rev_text()];
        Ok(KEYS.iter().zip(values).map(|(key, value)| format!("{key} {value}\n")).collect())
    }

    /// The `rev` as base64url without padding.
    pub fn rev_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.rev)
    }

    fn check(&self) -> Result<(), PlaceFault> {
        let values = [&self.repo, &self.file, &self.path];
        if values.iter().any(|value| value.is_empty() || value.chars().any(char::is_control)) {
            return Err(PlaceFault::Value);
        }
        let escapes = self.path.split('~').skip(1);
        let are_escapes_good = escapes.into_iter().all(|rest| rest.starts_with(['0', '1']));
        if !self.path.starts_with('/') || !are_escapes_good {
            return Err(PlaceFault::Path);
        }
        Ok(())
    }
}

fn sixteen_bytes(text: &str) -> Result<[u8; 16], PlaceFault> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| PlaceFault::Bytes)?;
    bytes.try_into().map_err(|_| PlaceFault::Bytes)
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};

    use super::{Place, PlaceFault};

    const BODY: &str = "repo 7f3c9e1a52d0\nfile apps/catalogue/app.yaml\npath /secrets/API_KEY\n\
        recipients AAECAwQFBgcICQoLDA0ODw\nrev _____________________w\n";

    #[test]
    fn the_body_is_five_lines() {
        let place = Place::parse(BODY.as_bytes()).unwrap();
        assert_eq!(place.repo, "7f3c9e1a52d0");
        assert_eq!(place.file, "apps/catalogue/app.yaml");
        assert_eq!(place.path, "/secrets/API_KEY");
        assert_eq!(place.recipients, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(place.rev, [255; 16]);
        assert_eq!(place.encode().unwrap(), BODY);
    }

    #[test]
    fn anything_else_is_refused() {
        for (from, to, fault) in [
            ("rev _____________________w\n", "rev _____________________w", PlaceFault::Lines),
            ("rev _____________________w\n", "", PlaceFault::Lines),
            ("w\n", "w\n\n", PlaceFault::Lines),
            ("w\n", "w\nmore x\n", PlaceFault::Lines),
            ("\n", "\r\n", PlaceFault::Value),
            ("repo ", "file ", PlaceFault::Lines),
            ("repo ", "repo", PlaceFault::Lines),
            ("repo ", "Repo ", PlaceFault::Lines),
            ("7f3c9e1a52d0", "", PlaceFault::Value),
            ("app.yaml", "app\u{1b}.yaml", PlaceFault::Value),
            ("/secrets/API_KEY", "secrets", PlaceFault::Path),
            ("/secrets/API_KEY", "/a~2", PlaceFault::Path),
            ("/secrets/API_KEY", "/a~", PlaceFault::Path),
            ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODw==", PlaceFault::Bytes),
            ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx", PlaceFault::Bytes),
            ("AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0O", PlaceFault::Bytes),
            ("_____________________w", "/////////////////////w", PlaceFault::Bytes),
        ] {
            let body = BODY.replacen(from, to, if from == "\n" { 1 } else { 9 });
            assert_eq!(Place::parse(body.as_bytes()), Err(fault), "{body}");
        }
        assert_eq!(Place::parse(b"\xff\n"), Err(PlaceFault::Lines));
    }

    #[test]
    fn a_value_that_would_forge_a_line_isnt_written() {
        let mut place = Place::parse(BODY.as_bytes()).unwrap();
        place.file = "a\npath /x".to_owned();
        assert_eq!(place.encode(), Err(PlaceFault::Value));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(repo in "[^\n]*", file in ".*", path in "/[a~01/ü]*") {
            let body = format!("repo {repo}\nfile {file}\npath {path}\n\
                recipients AAECAwQFBgcICQoLDA0ODw\nrev _____________________w\n");
            if let Ok(place) = Place::parse(body.as_bytes()) {
                prop_assert_eq!(place.encode().unwrap(), body);
            }
        }
    }
}
