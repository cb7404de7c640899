//! How many requests for credentials of one access token may be open.

use placet_api::Reason;
use placet_base::RecordNumber;

use crate::budgets::OPEN_CREDENTIAL_REQUESTS;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::credential_request::CredentialRequestRecord;

/// Places for as many requests as are made now. Each place is a name that one request has, so that no more are open than there
/// are places, however many come at once.
pub async fn places(cx: &mut Cx<'_>, token: RecordNumber, count: usize) -> Result<Vec<usize>, Fault> {
    let mut free = Vec::with_capacity(count);
    // Whoever began with the first would meet all others there, and be out of attempts before there is a place.
    let [start] = cx.random::<1>();
    for step in 0..OPEN_CREDENTIAL_REQUESTS {
        let place = (usize::from(start) + step) % OPEN_CREDENTIAL_REQUESTS;
        if free.len() == count {
            break;
        }
        let name = CredentialRequestRecord::open(token, place);
        match cx.read.find_one::<CredentialRequestRecord>(CredentialRequestRecord::OPEN, &name).await? {
            Some(held) if !held.expires_at.is_past(cx.now) => continue,
            Some(expired) => cx.write.delete(expired),
            None => {}
        }
        free.push(place);
    }
    match free.len() == count {
        true => Ok(free),
        false => {
            Err(Reason::CredentialRequestsTooMany { limit: OPEN_CREDENTIAL_REQUESTS.to_string() }.into())
        }
    }
}
