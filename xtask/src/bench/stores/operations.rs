//! What is asked of a store, beyond what stands alone.

use std::borrow::Cow;

use super::super::load::{self, Conversation, Load, Once};
use super::super::process::Server;
use super::super::subject::member;
use super::super::{CONNECTIONS, Options};
use crate::faults::service::Service;

/// Grants for each second of load: each can be refreshed and revoked once.
const GRANTS: u64 = 60_000;

/// The code flow of a confidential client: three calls.
pub(super) struct Flow<'s>(pub(super) &'s Service);

impl Conversation for Flow<'_> {
    fn steps(&self) -> usize {
        3
    }

    fn request(&self, _: usize, step: usize, last: &[u8]) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Owned(match step {
            0 => self.0.authorization(),
            1 => self.0.issue(member(last, "ticket")?),
            _ => self.0.redeem(member(last, "authorizationCode")?),
        }))
    }
}

/// Tokens with their refresh tokens: one half to be refreshed, the other to be revoked.
pub(super) struct Grants {
    refreshed: Vec<Vec<u8>>,
    revoked: Vec<Vec<u8>>,
}

impl Grants {
    pub(super) fn made(server: &Server, service: &Service, options: &Options) -> Result<Self, String> {
        let wanted = GRANTS.saturating_mul(options.seconds.as_secs().max(1));
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let made = || load::collect(&server.address, &service.create(), CONNECTIONS, wanted);
        Ok(Self { refreshed: made()?, revoked: made()? })
    }

    pub(super) fn refreshes(&self, service: &Service) -> Once {
        Once::new(each(&self.refreshed, "refreshToken", |token| service.refresh(token)))
    }

    pub(super) fn revocations(&self, service: &Service) -> Once {
        Once::new(each(&self.revoked, "accessToken", |token| service.revoke(token)))
    }

    /// Of the first `revoked` that have been revoked.
    pub(super) fn introspections(&self, service: &Service, revoked: usize) -> Load {
        let revoked = self.revoked.get(..revoked).unwrap_or(&self.revoked);
        Load { requests: each(revoked, "accessToken", |token| service.introspect(token)) }
    }
}

fn each(bodies: &[Vec<u8>], name: &str, request: impl Fn(&str) -> Vec<u8>) -> Vec<Vec<u8>> {
    bodies.iter().filter_map(|body| member(body, name)).map(request).collect()
}
