//! An authorization server whose processes share what they remember. It stands on the SDK alone; the store is handed to it
//! here.

mod shared;

use std::sync::Arc;

use placet_ambient::Ambient;
use placet_authserver::StateStore;
use placet_authserver::command::{self, Options};

pub(crate) fn run(options: &Options) -> Result<(), String> {
    command::run(options, async |shared| {
        let store = shared::open(&shared, &Ambient::default()).await?;
        Ok(store as Arc<dyn StateStore>)
    })
}
