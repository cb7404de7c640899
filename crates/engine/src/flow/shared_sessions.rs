//! Which tokens belong to a session, so that they can end with it (OpenID Connect Native SSO).

use placet_base::{RecordNumber, Timestamp};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::shared_session::SharedSession;
use crate::records::token::Token;

/// The token is one of its session's, if it has one that can be shared here.
pub struct Joined;

/// Notes a token with its session.
pub async fn join(
    cx: &mut Cx<'_>,
    session: Option<&str>,
    token: RecordNumber,
    until: Timestamp,
) -> Result<Joined, Fault> {
    let Some(session) = session.filter(|_| cx.tenant.tokens.native_sso) else { return Ok(Joined) };
    let mark = SharedSession::mark(session);
    match cx.read.find_one::<SharedSession>(SharedSession::MARK, &mark).await? {
        Some(known) => {
            let (next, oldest) = known.value().clone().joined(token, until);
            cx.write.replace(known, &next);
            if let Some(oldest) = oldest
                && let Some(oldest) = cx.read.get::<Token>(&oldest).await?
            {
                cx.write.delete(oldest);
            }
        }
        None => {
            let number = cx.number();
            let first = SharedSession { mark, tokens: vec![token], expires_at: until };
            cx.write.insert(cx.tenant.id, &number, &first);
        }
    }
    Ok(Joined)
}

/// Ends the tokens of a session; how many there were.
pub async fn end(cx: &mut Cx<'_>, session: &str) -> Result<usize, Fault> {
    let mark = SharedSession::mark(session);
    let known = cx.read.find_one::<SharedSession>(SharedSession::MARK, &mark).await?;
    let Some(known) = known else { return Ok(0) };
    let mut count = 0;
    for number in known.tokens.clone() {
        // What was revoked before is none of the session's any more.
        if let Some(token) = cx.read.get::<Token>(&number).await?
            && let Some(live) = cx.live(token).await?
        {
            count += 1;
            cx.write.delete(live.token);
        }
    }
    cx.write.delete(known);
    Ok(count)
}
