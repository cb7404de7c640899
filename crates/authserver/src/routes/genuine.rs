//! Forms that come back: only those that this server has shown to this very browser count (RFC 6749 §10.12).

use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::Transport;

use crate::respond::see_other;
use crate::session::{Handle, Shown};
use crate::visit::Visit;
use crate::{AuthServer, Problem};

/// The form is ours, and of the present login.
pub(super) struct Genuine;

/// `page`: where it stands. One that was shown before somebody signed in, in another tab most likely, leads back there.
pub(super) fn genuine<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    session: &Handle,
    page: &str,
) -> Result<Genuine, Box<Response>> {
    match visit.shown(session, server.settings.issuer.origin()) {
        Some(Shown::Now) => Ok(Genuine),
        Some(Shown::Before) => Err(Box::new(see_other(page))),
        None => {
            let problem = Problem { retry: Some(page), ..Problem::new(StatusCode::FORBIDDEN, "forged") };
            Err(Box::new(server.error(visit, problem)))
        }
    }
}
