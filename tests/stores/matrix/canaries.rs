//! What must show nowhere.

use std::sync::OnceLock;

use crate::support::Canaries;

/// The value of each secret.
pub const VALUE: &str = "Kq7wXz3vRt9bNm5pLd2y";
/// A name within a value of AWS.
pub const NAME: &str = "u5TgHs8kWq2mZc6xRb4n";
/// The token of the environment.
pub const TOKEN: &str = "hvs.Pf3nYw8sKd6vJq1tMz9b";
/// The tokens that logging in gives, one after the other.
pub const ISSUED: [&str; 2] = ["hvs.Xr5cLk2gTv7yBn4wHs8m", "hvs.Gd9qZj3fWp6kRx1nTb5v"];
/// The halves of an AppRole.
pub const ROLE_ID: &str = "c8Lm4Vt7-Qy2Rz6Ks9Wd";
/// See [`ROLE_ID`].
pub const SECRET_ID: &str = "n3Bf6Hx9-Tk5Jp1Gv8Zq";
/// The key that requests to AWS are signed with.
pub const KEY: &str = "wJ2kR7tYpL5sDf9gHq4xVb8nMc3zTe6u";
/// The token of a session at AWS.
pub const SESSION: &str = "FwoGZx4Lq8Rm2Vy7Tn5Kc9Hb3Ws6";
/// What a server says of its own, which may quote anything.
pub const TEXT: &str = "Bz6rMf1uXd8jSv3eQk7a";

/// A search for all of them.
pub fn canaries() -> &'static Canaries {
    static CANARIES: OnceLock<Canaries> = OnceLock::new();
    CANARIES.get_or_init(|| {
        let [first, second] = ISSUED;
        let tokens = [TOKEN, first, second].map(|token| token.trim_start_matches("hvs."));
        Canaries::new([VALUE, NAME, ROLE_ID, SECRET_ID, KEY, SESSION, TEXT].into_iter().chain(tokens))
    })
}
