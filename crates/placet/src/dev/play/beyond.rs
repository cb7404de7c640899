//! What comes after the tokens: a resource that wants more of the person (RFC 9470), a token for one that is less
//! (RFC 8693), a grant that the client ends (OAuth 2.0 Grant Management).

use serde_json::Value;

use super::Run;
use super::client::{Outcome, RelyingParty, opaque};
use super::flow::{Flow, query};
use super::record::pretty;
use super::wallet::Later;

/// What a resource wants of the person before it opens (RFC 9470 §3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) acr_values: String,
    pub(super) max_age: String,
}

/// What is to be done with the tokens.
pub(super) enum Next {
    Nothing,
    /// The person is asked once more.
    Again(Demand),
    /// The wallet comes again for credentials.
    Later(Later),
}

const PAYMENTS: &str = "/rs/payments";
const ORDERS: &str = "/rs/orders";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

impl RelyingParty {
    pub(super) async fn beyond(
        &self,
        id: &str,
        run: &Run,
        tokens: &Value,
        outcome: &mut Outcome,
    ) -> Result<Next, String> {
        let text = |name: &str| tokens.get(name).and_then(Value::as_str).unwrap_or_default();
        let access = text("access_token");
        match run.flow {
            Flow::StepUp => self.stepped_up(id, run, access, outcome).await,
            Flow::Exchange => self.exchanged(id, access, outcome).await.map(|()| Next::Nothing),
            Flow::Grants => self.managed(id, access, text("grant_id"), outcome).await.map(|()| Next::Nothing),
            _ => Ok(Next::Nothing),
        }
    }

    /// The resource says what it wants; the person is asked for that, once.
    async fn stepped_up(
        &self,
        id: &str,
        run: &Run,
        access: &str,
        outcome: &mut Outcome,
    ) -> Result<Next, String> {
        let (challenge, body) = self.tried(id, PAYMENTS, access).await?;
        match demanded(&challenge) {
            None => {
                outcome.shown.push(opaque("got.payments", "", &pretty(&body)));
                Ok(Next::Nothing)
            }
            Some(demand) if run.demand.is_none() => Ok(Next::Again(demand)),
            Some(_) => Err(challenge),
        }
    }

    /// Another service gets a token of its own, that reads orders and does nothing else.
    async fn exchanged(&self, id: &str, access: &str, outcome: &mut Outcome) -> Result<(), String> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange".to_owned()),
            ("subject_token", access.to_owned()),
            ("subject_token_type", ACCESS_TOKEN.to_owned()),
            ("resource", self.at("/rs")),
            ("scope", "orders:read".to_owned()),
        ];
        let made = self.post(id, "/as/token", query(&form), None).await?;
        let token = made.get("access_token").and_then(Value::as_str);
        let token = token.ok_or_else(|| pretty(&made.to_string()))?;
        outcome.shown.push(opaque("got.exchanged", token, &pretty(&made.to_string())));
        let orders = self.get(id, ORDERS, Some((token, None))).await?;
        outcome.shown.push(opaque("got.resource", "", &pretty(&orders)));
        Ok(())
    }

    /// The client looks at its grant, ends it, and finds that its token is gone too.
    async fn managed(
        &self,
        id: &str,
        access: &str,
        grant: &str,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let path = format!("/as/grants/{grant}");
        let shown = self.get(id, &path, Some((access, None))).await?;
        outcome.shown.push(opaque("got.grant", grant, &pretty(&shown)));
        self.ended(id, &path, access).await?;
        let (challenge, _) = self.tried(id, ORDERS, access).await?;
        outcome.shown.push(opaque("got.gone", "", &challenge));
        if challenge.contains("invalid_token") { Ok(()) } else { Err("problem.grant".to_owned()) }
    }
}

/// The parameters of the challenge (RFC 9470 §3); `None` for any other.
fn demanded(challenge: &str) -> Option<Demand> {
    let parameter = |name: &str| {
        let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    (parameter("error")? == "insufficient_user_authentication").then(|| Demand {
        acr_values: parameter("acr_values").unwrap_or_default(),
        max_age: parameter("max_age").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_demand_for_more_is_one() {
        let challenge =
            "Bearer error=\"insufficient_user_authentication\", acr_values=\"a b\", max_age=\"300\"";
        let demand = Demand { acr_values: "a b".to_owned(), max_age: "300".to_owned() };
        assert_eq!(demanded(challenge), Some(demand));
        assert_eq!(demanded("Bearer error=\"insufficient_scope\", scope=\"x\""), None);
        assert_eq!(demanded(""), None);
    }
}
