//! A world for the targets that call the whole engine.

use std::cell::RefCell;

use placet_testkit::World;

/// A service, and a client that may do everything.
pub struct Furnished {
    pub world: World,
    pub client: String,
    pub secret: String,
    calls: u32,
}

impl Furnished {
    fn new() -> Self {
        let (world, client, secret) = World::with_service_and_client();
        Self { world, client, secret, calls: 0 }
    }
}

/// Runs something in the world of this thread, which is made anew after `calls`: what is written must not
/// pile up, and what is changed must not last.
pub fn furnished<T>(calls: u32, run: impl FnOnce(&Furnished) -> T) -> T {
    thread_local! {
        static WORLD: RefCell<Option<Furnished>> = const { RefCell::new(None) };
    }
    WORLD.with_borrow_mut(|known| {
        known.take_if(|known| known.calls >= calls);
        let known = known.get_or_insert_with(Furnished::new);
        known.calls += 1;
        run(known)
    })
}
