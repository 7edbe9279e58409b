//! SOPS files of the repo that are encrypted to age recipients: YAML, JSON and dotenv.
//!
//! Each file is read and decrypted once, whatever the number of fields. A value's version is a digest of its
//! ciphertext, which `sops` keeps as long as the value is the same, so that a change of one value restarts only
//! what uses that one; `sops rotate` writes all of them anew.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use self::cipher::Cipher;
use self::document::{Document, Form, bad};
use self::metadata::Metadata;
use crate::config::stores::StoreSettings;
use crate::link::calls::Calls;
use crate::link::content::{Body, Content};
use crate::link::decrypt::{Decrypt, DecryptError};
use crate::link::store::{Answers, Item, Proof, Store, Surroundings};
use crate::link::store_fault::StoreFault;
use crate::source::repo_path::RepoPath;
use crate::source::world::{ReadError, World};

mod cipher;
mod document;
mod metadata;
mod opened;

/// What the store is called in a message.
pub const NAME: &str = "sops";

const ARMOR_BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOR_END: &str = "-----END AGE ENCRYPTED FILE-----";

/// The SOPS files of the repo.
struct Sops<'a> {
    world: &'a dyn World,
    identities: &'a dyn Decrypt,
}

/// Opens the repo's SOPS files. They need no settings.
pub fn open<'a>(
    _: &'a StoreSettings,
    around: Surroundings<'a>,
    _: &Calls,
) -> Result<Box<dyn Store + 'a>, StoreFault> {
    Ok(Box::new(Sops { world: around.world, identities: around.identities }))
}

impl Store for Sops<'_> {
    fn describe(&self) -> String {
        NAME.to_owned()
    }

    fn fetch<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Content> {
        Box::pin(async move {
            let contents = items.par_iter().map(|item| self.content(item)).collect();
            calls.answered(items.len());
            contents
        })
    }

    fn verify<'a>(&'a self, items: &'a [Item], calls: &'a Calls) -> Answers<'a, Proof> {
        Box::pin(async move {
            let proofs = items.par_iter().map(|item| self.prove(item)).collect();
            calls.answered(items.len());
            proofs
        })
    }
}

impl Sops<'_> {
    fn content(&self, item: &Item) -> Result<Content, StoreFault> {
        let (values, metadata) = self.read(item)?;
        Ok(Content { body: self.decrypt(&values, &metadata)?, version: None })
    }

    /// Without an identity only the names can be looked at; then no value was read.
    fn prove(&self, item: &Item) -> Result<Proof, StoreFault> {
        let (values, metadata) = self.read(item)?;
        let values_were_read = match self.decrypt(&values, &metadata) {
            Ok(_) => true,
            Err(StoreFault::NoIdentity { .. }) => false,
            Err(fault) => return Err(fault),
        };
        Ok(Proof { shape: Some(opened::shape(&values)), version: None, values_were_read })
    }

    fn read(&self, item: &Item) -> Result<(Document, Metadata), StoreFault> {
        let unreadable = |why: String| StoreFault::Unreadable { why };
        let path = RepoPath::new(&item.locator().path()).map_err(|fault| unreadable(fault.to_string()))?;
        let form = Form::of(&path)?;
        let bytes = self.world.read(&path).map_err(|error| match error {
            ReadError::NotFound => StoreFault::NotFound,
            error => unreadable(error.to_string()),
        })?;
        metadata::split(form.read(&bytes)?, form)
    }

    fn decrypt(&self, values: &Document, metadata: &Metadata) -> Result<Body, StoreFault> {
        opened::open(values, metadata, &self.cipher(metadata)?)
    }

    /// The key is encrypted to each recipient on its own: the first that opens is as good as any.
    fn cipher(&self, metadata: &Metadata) -> Result<Cipher, StoreFault> {
        let mut is_damaged = false;
        for key in &metadata.keys {
            let opened = unarmored(key).ok_or(DecryptError::Corrupt);
            match opened.and_then(|file| self.identities.open(&file)) {
                Ok(key) => return Cipher::new(&key).ok_or(bad("its key isn't one of 256 bits")),
                Err(DecryptError::NoIdentity) => {}
                Err(_) => is_damaged = true,
            }
        }
        match is_damaged {
            true => Err(bad("what holds its key for a recipient is damaged")),
            false => Err(StoreFault::NoIdentity { looked: self.identities.describe() }),
        }
    }
}

/// The bytes of an age file in ASCII armor.
fn unarmored(text: &str) -> Option<Vec<u8>> {
    let body = text.trim().strip_prefix(ARMOR_BEGIN)?.strip_suffix(ARMOR_END)?;
    BASE64_STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()
}
