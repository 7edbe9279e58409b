//! How far fetching secrets is, on a terminal.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Terminal;
use crate::args::MessageFormat;
use crate::link::connected::Progress;

/// How long nothing is shown: most runs are over by then.
const PATIENCE: Duration = Duration::from_millis(500);

/// A line on standard error that goes away when fetching is over.
pub(super) struct FetchLine {
    /// Whether someone looks at it.
    is_wanted: bool,
    bar: RefCell<Option<ProgressBar>>,
}

impl FetchLine {
    /// A line for a terminal whose user wants to hear more than errors.
    pub(super) fn new(terminal: &Terminal) -> FetchLine {
        let global = &terminal.global;
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let is_for_people = !global.quiet && global.message_format == MessageFormat::Human;
        let is_wanted = is_for_people && !is_dumb && std::io::stderr().is_terminal();
        FetchLine { is_wanted, bar: RefCell::new(None) }
    }

    /// Shows a progress.
    pub(super) fn show(&self, progress: Progress) {
        let mut bar = self.bar.borrow_mut();
        match progress {
            Progress::Waiting { elapsed, answered, total } if self.is_wanted && elapsed >= PATIENCE => {
                let bar = bar.get_or_insert_with(|| line(total));
                bar.set_position(answered as u64);
                bar.tick();
            }
            Progress::Waiting { .. } => {}
            Progress::Over => {
                if let Some(bar) = bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

fn line(total: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} fetching secrets: {pos} of {len} ({elapsed})");
    bar.with_style(style.expect("the template is one"))
}
