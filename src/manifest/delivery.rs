//! How each secret of a unit reaches it. A permission is needed for every cleartext in the output.

use super::fault::Fault;
use crate::config::check::Config;
use crate::config::secret::SecretId;
use crate::source::diagnostic::Diagnostics;

/// The secrets that are resolved into the output, in the order of their declaration. One that the
/// platform can't dereference itself and that nothing permits is an error.
pub fn inline(config: &Config, out: &mut Diagnostics) -> Vec<SecretId> {
    let (app, environment) = (&config.unit.app, &config.environment);
    let mut inline = Vec::new();
    for (id, secret) in config.secrets.iter() {
        if environment.permits_inline(app, &secret.name) {
            inline.push(id);
        } else {
            out.push(Fault::NotPermittedInline {
                span: secret.span,
                unit: config.unit.clone(),
                name: secret.name.to_string(),
                document: environment.document,
                list: environment.inline_span,
            });
        }
    }
    inline
}
