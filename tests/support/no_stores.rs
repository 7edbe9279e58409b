use sealwright::link::connected::{Answer, Stores};
use sealwright::link::content::Content;
use sealwright::link::plan::Wanted;

/// Stores for a repo that has no pointers.
pub struct NoStores;

impl Stores for NoStores {
    fn fetch(&self, wanted: &[Wanted<'_>]) -> Vec<Answer<Content>> {
        assert!(wanted.is_empty(), "a store is asked");
        Vec::new()
    }
}
