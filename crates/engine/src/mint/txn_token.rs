//! draft-ietf-oauth-transaction-tokens-10 §5 – Txn-Tokens, unsigned.

use placet_base::{Scopes, Timestamp};
use placet_jose::Unsigned;
use serde_json::{Map, Value};

/// What such a token says.
pub struct TxnToken<'a> {
    pub issuer: &'a str,
    pub trust_domain: &'a str,
    pub sub: &'a str,
    /// The workload that asked for it.
    pub requester: &'a str,
    /// The transaction.
    pub txn: &'a str,
    pub now: Timestamp,
    pub expires_at: Timestamp,
    pub scopes: &'a Scopes,
    /// Where the request comes from (§5.2.2).
    pub requester_context: Map<String, Value>,
    /// What stays as it is down the chain of calls (§5.2.3).
    pub transaction_context: Map<String, Value>,
}

pub fn unsigned(token: TxnToken<'_>) -> Unsigned {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", token.issuer.into());
    put("iat", token.now.as_secs().into());
    put("exp", token.expires_at.as_secs().into());
    put("aud", token.trust_domain.into());
    put("txn", token.txn.into());
    put("sub", token.sub.into());
    put("scope", token.scopes.to_string().into());
    put("req_wl", token.requester.into());
    for (name, context) in [("rctx", token.requester_context), ("tctx", token.transaction_context)] {
        if !context.is_empty() {
            put(name, context.into());
        }
    }
    Unsigned { header: Map::from_iter([("typ".to_owned(), "txntoken+jwt".into())]), claims }
}
