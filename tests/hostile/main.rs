//! Small repos that try to hang, crash, flood or fool the compiler. Each ends with a clear error at a
//! place, within 256 MiB and, built for release, within 2 s: `cargo test --release --test hostile`.

mod bounded;
mod documents;
mod expressions;
mod links;
mod names;
mod secrets;
mod shapes;
#[path = "../support/mod.rs"]
mod support;

use bounded::{run, short, small};

#[test]
fn the_repo_that_the_cases_begin_with_is_good() {
    let repo = small();
    let checked = run(&repo.path(""), ["check"], "");
    assert_eq!(checked.code, 0, "{}", short(&checked));
    assert_eq!(run(&repo.path(""), ["preview", "prod"], "").code, 0);
}
