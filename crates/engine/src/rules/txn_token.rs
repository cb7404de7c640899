//! OAuth 2.0 Transaction Tokens (draft-ietf-oauth-transaction-tokens-10) §8 – a workload asks for a token that stays with one transaction

use placet_api::Reason;
use placet_base::registry::TokenType;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::rules::token_exchange::ExchangeRequest;
use crate::tenant::Tenant;

/// A request for a Txn-Token that says what it has to.
pub struct RequestedTxnToken(());

/// §8.1, §8.2: the trust domain, a purpose, and a subject that is no refresh token.
pub fn requested(
    request: &ExchangeRequest,
    params: &Params,
    tenant: &Tenant,
) -> Result<RequestedTxnToken, Fault> {
    let [audience] = &*request.audiences else { return Err(Reason::ExchangeElsewhereAudience {}.into()) };
    let domain = tenant.token_exchange.transactions.as_ref().map(|of| &of.trust_domain);
    if domain != Some(audience) {
        return Err(Reason::TxnTokenAudience {}.into());
    }
    if request.scopes.is_empty() {
        return Err(Reason::TxnTokenScope {}.into());
    }
    if request.subject.kind == TokenType::RefreshToken {
        return Err(Reason::TxnTokenSubject {}.into());
    }
    for parameter in ["request_context", "request_details"] {
        let object = params.one(parameter)?.map(serde_json::from_str::<Map<String, Value>>);
        object.transpose().map_err(|_| Reason::TxnTokenContext { parameter: parameter.to_owned() })?;
    }
    Ok(RequestedTxnToken(()))
}
