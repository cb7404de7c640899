//! The server with a store that forgets what is added to its log: what issuing costs when nothing is
//! stored. Everything else is read from the real store.

use std::path::PathBuf;
use std::sync::Arc;

use placet_base::Timestamp;
use placet_server::config::Config;
use placet_server::listen::runtime;
use placet_server::serve::{Server, Sockets, open_with};
use placet_store::{
    BoxFuture, Change, CommitError, IndexKey, Key, Layout, Page, Row, Rows, Scanned, Store, Swept,
    Unavailable,
};

struct Discarding(Arc<dyn Store>);

impl Store for Discarding {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        self.0.get(key)
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        self.0.find(index, page)
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        let forgotten =
            |change: &Change| matches!(change, Change::Insert { key, .. } if key.kind.layout == Layout::Log);
        if batch.iter().all(forgotten) {
            return Box::pin(async { Ok(()) });
        }
        self.0.commit(batch)
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        self.0.scan(layout, after, max)
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        self.0.sweep(before, max)
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.0.health()
    }
}

/// `bench-discard DIRECTORY`: prints its address and answers until it is ended.
pub(crate) fn serve(arguments: &[String]) -> Result<(), String> {
    let directory = arguments.first().map(PathBuf::from).ok_or("expected a directory")?;
    let mut config = Config::new(directory);
    config.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let sockets = Sockets::bind(&config).map_err(|e| e.to_string())?;
    let opening = open_with(&config, |store| Arc::new(Discarding(store)));
    let opened = runtime().map_err(|e| e.to_string())?.block_on(opening).map_err(|e| e.to_string())?;
    println!("listens on http://{}", sockets.address);
    Server::start(&config, opened, sockets, None)
        .and_then(|server| server.run(None))
        .map_err(|e| e.to_string())
}
