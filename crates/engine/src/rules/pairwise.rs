//! OpenID Connect Core §8.1 – pairwise subject identifiers

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use placet_base::Subject;

use crate::tenant::{Client, Tenant};

/// What the client knows the user by: the subject itself, or, for a client with pairwise subjects, a value
/// that another sector does not share. It follows from the subject, the sector and a secret of the
/// service, so that it is the same for ever and tells nothing.
pub fn sub(subject: &Subject, tenant: &Tenant, client: &Client) -> String {
    let Some(sector) = &client.sector else { return subject.as_str().to_owned() };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &tenant.secrets.pairwise);
    let mut context = hmac::Context::with_key(&key);
    for part in [sector.as_str(), subject.as_str()] {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part.as_bytes());
    }
    BASE64URL_NOPAD.encode(context.sign().as_ref())
}
