use std::path::Path;
use std::process::Stdio;

use super::command;

/// Who commits in a folder, as git is set up there: a name, or else an address of mail.
pub fn user(folder: &Path) -> Option<String> {
    ["user.name", "user.email"].into_iter().find_map(|key| {
        let output = command(folder).args(["config", "--get", key]).stdout(Stdio::piped()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !text.is_empty()).then_some(text)
    })
}
