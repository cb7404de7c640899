//! Making tokens of an entitlement. Every grant ends here.

use std::sync::Arc;

use placet_base::registry::GrantType;
use placet_base::{RecordNumber, Timestamp, Ttl};
use placet_store::{Id, Loaded};

use super::request::Wanted;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::entitlement::Entitlement;
use crate::policy::Policy;
use crate::records::token::{Token, Value, Which};
use crate::tenant::{Client, Tenant};

/// Tokens as they go to the client, and the record that stands behind them.
pub struct Issued {
    pub client: Arc<Client>,
    pub record: Token,
    pub access_token: String,
    pub access_secs: i64,
    /// The value and its seconds.
    pub refresh_token: Option<(String, i64)>,
    pub id_token: Option<String>,
}

/// Makes the first tokens of an entitlement.
pub fn issue(
    cx: &mut Cx<'_>,
    client: Arc<Client>,
    entitlement: Entitlement,
    wanted: Wanted,
) -> Result<(Issued, RecordNumber), Fault> {
    let policy = Policy::resolve(&cx.tenant, &client, entitlement.granted())?;
    let number = cx.number();
    let refresh_ttl = wanted.refresh.unwrap_or(policy.refresh_token);
    let refresh = is_refreshable(&cx.tenant, &client, &entitlement).then(|| {
        let value = cx.handle::<Token>(Which::Refresh, number, 0);
        (Value { hash: value.hash(), expires_at: cx.now + refresh_ttl }, value.into_value())
    });
    let access_until = access_until(cx, &policy, wanted, refresh.as_ref().map(|(value, _)| value.expires_at));
    let access = cx.handle::<Token>(Which::Access, number, 0);
    let record = Token {
        entitlement,
        access: Value { hash: access.hash(), expires_at: access_until },
        refresh: refresh.as_ref().map(|(value, _)| *value),
        generation: 0,
        issued_at: cx.now,
    };
    cx.write.insert(cx.tenant.id, Id::Number(number.0), &record);
    let issued = Issued {
        client,
        access_token: access.into_value(),
        access_secs: access_until.secs_after(cx.now),
        refresh_token: refresh.map(|(value, text)| (text, value.expires_at.secs_after(cx.now))),
        id_token: None,
        record,
    };
    Ok((issued, number))
}

/// A refresh token and what it is turned into.
pub struct Turn<'a> {
    pub loaded: Loaded<Token>,
    pub entitlement: Entitlement,
    /// The value that was presented.
    pub presented: &'a str,
}

/// Makes the next tokens in place of those of the turn; the former access token ends, and the former
/// refresh token too unless the service keeps it.
pub fn renew(cx: &mut Cx<'_>, client: Arc<Client>, turn: Turn<'_>, wanted: Wanted) -> Result<Issued, Fault> {
    let Turn { loaded, entitlement, presented } = turn;
    let policy = Policy::resolve(&cx.tenant, &client, entitlement.granted())?;
    let Id::Number(number) = *loaded.id() else { return Err(Fault::server("a token without a number")) };
    let number = RecordNumber(number);
    let kept = cx.tenant.tokens.refresh_kept;
    let generation = if kept { loaded.generation } else { loaded.generation.saturating_add(1) };
    let refresh_until = refresh_until(cx, &loaded, wanted.refresh.unwrap_or(policy.refresh_token));
    let refresh = match (kept, loaded.refresh) {
        (true, Some(value)) => (Value { expires_at: refresh_until, ..value }, presented.to_owned()),
        _ => {
            let value = cx.handle::<Token>(Which::Refresh, number, generation);
            (Value { hash: value.hash(), expires_at: refresh_until }, value.into_value())
        }
    };
    let access_until = access_until(cx, &policy, wanted, Some(refresh_until));
    let access = cx.handle::<Token>(Which::Access, number, generation);
    let record = Token {
        entitlement,
        access: Value { hash: access.hash(), expires_at: access_until },
        refresh: Some(refresh.0),
        generation,
        issued_at: cx.now,
    };
    cx.write.replace(loaded, &record);
    Ok(Issued {
        client,
        access_token: access.into_value(),
        access_secs: access_until.secs_after(cx.now),
        refresh_token: Some((refresh.1, refresh_until.secs_after(cx.now))),
        id_token: None,
        record,
    })
}

/// RFC 6749 §4.4.3: no refresh token for client credentials. Otherwise service and client decide.
fn is_refreshable(tenant: &Tenant, client: &Client, entitlement: &Entitlement) -> bool {
    let grant = GrantType::RefreshToken;
    entitlement.grant != GrantType::ClientCredentials
        && tenant.grant_types.contains(&grant)
        && client.grant_types.contains(&grant)
}

fn access_until(cx: &Cx<'_>, policy: &Policy, wanted: Wanted, refresh_until: Option<Timestamp>) -> Timestamp {
    let until = cx.now + wanted.access.unwrap_or(policy.access_token);
    match refresh_until {
        Some(refresh_until) if cx.tenant.tokens.expiration_linked => until.min(refresh_until),
        _ => until,
    }
}

/// A kept refresh token keeps its end unless the service starts it anew; a renewed one gets a whole
/// life unless the service makes it inherit the rest.
fn refresh_until(cx: &Cx<'_>, loaded: &Token, whole: Ttl) -> Timestamp {
    let tokens = &cx.tenant.tokens;
    let inherits =
        if tokens.refresh_kept { !tokens.refresh_duration_reset } else { tokens.refresh_duration_kept };
    match loaded.refresh {
        Some(value) if inherits => value.expires_at,
        _ => cx.now + whole,
    }
}
