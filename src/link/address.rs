//! The address of a store's server, and whether it may receive credentials.

use std::fmt;

use super::store::Surroundings;

/// The variable that names further stores that may receive credentials: addresses with commas between them.
pub const TRUSTED_VARIABLE: &str = "SEALWRIGHT_TRUSTED_STORES";

/// `SCHEME://HOST[:PORT][/PATH]`, in one form: lowercase, with the port, without a slash at the end.
///
/// The grammar is narrow on purpose, so that no library reads another host out of it: no user, no query, no
/// escapes, nothing outside of ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    is_https: bool,
    host: String,
    port: u16,
    path: String,
}

impl Address {
    /// Takes an address apart; `None` if it isn't one.
    pub fn parse(text: &str) -> Option<Address> {
        let (scheme, rest) = text.split_once("://")?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let path = path.trim_end_matches('/');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if !path.chars().all(is_plain) || path.split('/').skip(1).any(|step| matches!(step, "" | "." | ".."))
        {
            return None;
        }
        // The colons of an IPv6 address stand in brackets.
        let colon = authority.rfind(':').filter(|colon| authority[*colon..].find(']').is_none());
        let (host, port) = match colon {
            Some(colon) => (&authority[..colon], port_of(&authority[colon + 1..])?),
            None => (authority, if is_https { 443 } else { 80 }),
        };
        is_host(host).then(|| Address {
            is_https,
            host: host.to_ascii_lowercase(),
            port,
            path: path.to_owned(),
        })
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether someone outside of the repo names this address: `variables` of the store at hand, or
    /// [`TRUSTED_VARIABLE`].
    pub fn is_trusted(&self, variables: &[&str], surroundings: Surroundings<'_>) -> bool {
        let listed = surroundings.variable(TRUSTED_VARIABLE).unwrap_or_default();
        let own: Vec<String> = variables.iter().filter_map(|name| surroundings.variable(name)).collect();
        let named = listed.split(',').chain(own.iter().map(String::as_str));
        named.map(str::trim).any(|named| Address::parse(named).as_ref() == Some(self))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.is_https { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

fn port_of(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok().filter(|port| *port > 0) } else { None }
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => {
            rest.strip_suffix(']').is_some_and(|inner| inner.parse::<core::net::Ipv6Addr>().is_ok())
        }
        None => {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_has_one_form() {
        for (text, form) in [
            ("https://Vault.Example.com", "https://vault.example.com"),
            ("HTTPS://vault.example.com:443/", "https://vault.example.com"),
            ("https://vault.example.com:8200/a/b/", "https://vault.example.com:8200/a/b"),
            ("http://127.0.0.1:8200", "http://127.0.0.1:8200"),
            ("http://[::1]:8200", "http://[::1]:8200"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(
                Address::parse(text).map(|address| address.to_string()).as_deref(),
                Some(form),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_library_could_read_otherwise_is_refused() {
        for text in [
            "",
            "vault",
            "//a",
            "ftp://a",
            "https://",
            "https:///a",
            "https://a:",
            "https://a:0",
            "https://a:65536",
            "https://a:+1",
            "https://u@a",
            "https://u:p@a",
            "https://a@b",
            "https://a\\b",
            "https://a/?x",
            "https://a#x",
            "https://a/%2e",
            "https://a/../b",
            "https://a//b",
            "https://a b",
            " https://a",
            "https://a\n",
            "https://[::1",
            "https://[a]",
            "https://é",
            "https://a,b",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }
}
