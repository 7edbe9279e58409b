//! Base64 in a text: where it stands, and what it hides.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Shorter runs hide nothing that a rule knows.
const SHORTEST: usize = 20;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// The shortest line of what is wrapped.
const LINE: usize = 60;

/// Whether a run is the next line of what is wrapped.
pub fn goes_on(text: &str, range: &Range<usize>, next: &Range<usize>) -> bool {
    let last = text[..range.end].rfind(|c: char| c.is_ascii_whitespace()).map_or(0, |at| at + 1);
    let between = &text[range.end..next.start];
    range.end - last.max(range.start) >= LINE
        && between.matches('\n').count() == 1
        && between.bytes().all(|byte| byte.is_ascii_whitespace())
}

/// A run without its line breaks.
pub fn joined(run: &str) -> Cow<'_, str> {
    if run.contains('\n') { run.split_whitespace().collect::<String>().into() } else { run.into() }
}

/// The runs of a text that look like base64 of something: long enough, of capitals and small letters. What
/// is wrapped is one run a line.
pub fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        // Every run covers a multiple of its least length, so most bytes are never looked at.
        while at + SHORTEST <= bytes.len() {
            let probe = at + SHORTEST - 1;
            if !takes(bytes[probe]) {
                at = probe + 1;
                continue;
            }
            let start =
                bytes[at..probe].iter().rposition(|byte| !takes(*byte)).map_or(at, |last| at + last + 1);
            if start > at && start + SHORTEST > probe + 1 {
                // Too short so far: look where it would be long enough.
                let next = start + SHORTEST - 1;
                if next >= bytes.len() || !bytes[probe + 1..=next].iter().all(|byte| takes(*byte)) {
                    let stop = bytes[probe + 1..].iter().position(|byte| !takes(*byte));
                    at = stop.map_or(bytes.len(), |stop| probe + 2 + stop);
                    continue;
                }
            }
            let end = bytes[probe + 1..]
                .iter()
                .position(|byte| !takes(*byte))
                .map_or(bytes.len(), |n| probe + 1 + n);
            let padded = end + bytes[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
            at = padded.max(end + 1);
            if is_plausible(&bytes[start..end]) {
                return Some(start..padded);
            }
        }
        None
    })
}

fn takes(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Digests have no capitals, paths have many slashes and few of them.
fn is_plausible(run: &[u8]) -> bool {
    let count = |f: fn(&u8) -> bool| run.iter().filter(|byte| f(byte)).count();
    let upper = count(u8::is_ascii_uppercase);
    let lower = count(u8::is_ascii_lowercase);
    let signs = count(|byte| matches!(byte, b'/' | b'-' | b'_'));
    upper * 12 >= run.len() && lower * 12 >= run.len() && signs * 12 <= run.len()
}

/// The text that a run hides; `None` when it isn't base64 of a text.
pub fn decode_text(run: &str) -> Option<String> {
    if !run.is_ascii() {
        return None;
    }
    let engine = if run.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let run = run.trim_end_matches('=');
    // A cut or glued run is read as far as it goes.
    let whole = if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run };
    let bytes = engine.decode(whole).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let odd = text.chars().take(256).filter(|c| c.is_control() && !c.is_whitespace()).count();
    (odd == 0).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{decode_text, runs};

    #[test]
    fn runs_are_found_wherever_they_stand() {
        let run = "cGFzc3dvcmQ6IGh1bnRlcjIgYW5kIG1vcmU=";
        for before in 0..50 {
            for after in ["", " x", "\n  y: z"] {
                let text = format!("{}{run}{after}", " ".repeat(before));
                let found: Vec<&str> = runs(&text).map(|range| &text[range]).collect();
                assert_eq!(found, [run], "{before}");
            }
            let text = format!("{} {run}", "a".repeat(before));
            assert_eq!(runs(&text).map(|run| text[run].to_owned()).collect::<Vec<_>>(), [run], "{before}");
        }
    }

    #[test]
    fn digests_and_paths_are_no_runs() {
        let digest = "51c4304ea55d95a8f44a16c7e890ec6218246e8bef5ca5f9027866fd4aef365a";
        assert_eq!(runs(digest).count(), 0);
        assert_eq!(runs("/kubernetes/apps/monitoring/Victoria/app/config").count(), 0);
    }

    #[test]
    fn only_text_is_decoded() {
        assert_eq!(decode_text("dXNlcjpwYXNz").as_deref(), Some("user:pass"));
        assert_eq!(decode_text("AAECAwQFBgcICQ=="), None);
    }
}
