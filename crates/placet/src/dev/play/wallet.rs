//! A wallet (OpenID for Verifiable Credential Issuance 1.0): it takes an offer, or asks by itself, and gets credentials.

use placet_sdk::form;
use serde_json::{Value, json};

use super::Run;
use super::client::{Outcome, RelyingParty, Shown};
use super::flow::{Flow, Key, query};
use super::record::pretty;
use super::verifying::{Against, verified};

const PRE_AUTHORIZED: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
/// §12.2.2: before the path of the issuer.
const METADATA: &str = "/.well-known/openid-credential-issuer/as";

/// What the wallet waits for.
#[derive(Clone)]
pub(super) enum Step {
    /// An offer, which the person makes elsewhere and brings here.
    Offer,
    /// Credentials that come later.
    Later(Later),
}

/// Credentials that come later.
#[derive(Clone)]
pub(super) struct Later {
    token: String,
    /// Each with its configuration.
    transactions: Vec<(String, String)>,
    /// When the wallet may come again, in seconds.
    pub(super) interval: i64,
}

/// What an authorization request asks for.
#[derive(Clone)]
pub(super) struct Wish {
    configurations: Vec<String>,
    /// Of the offer that it comes from.
    issuer_state: Option<String>,
}

impl Wish {
    /// §5.1.1, §5.1.3
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let detail = |id: &String| json!({ "type": "openid_credential", "credential_configuration_id": id });
        let details: Value = self.configurations.iter().map(detail).collect();
        let state = self.issuer_state.clone().map(|state| ("issuer_state", state));
        [("authorization_details", details.to_string())].into_iter().chain(state).collect()
    }
}

/// What becomes of an offer.
pub(super) enum Taken {
    /// The person signs in first.
    Asks(Wish),
    Got(Outcome, Option<Later>),
}

impl RelyingParty {
    /// All that the issuer has.
    pub(super) async fn wish(&self, id: &str) -> Result<Wish, String> {
        let metadata = self.metadata(id).await?;
        let all = metadata.get("credential_configurations_supported").and_then(Value::as_object);
        let configurations = all.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        Ok(Wish { configurations, issuer_state: None })
    }

    async fn metadata(&self, id: &str) -> Result<Value, String> {
        let text = self.get(id, METADATA, None).await?;
        let metadata: Value = serde_json::from_str(&text).map_err(|_| text)?;
        // §12.2.2: it is the issuer's own.
        let is_own = metadata.get("credential_issuer").and_then(Value::as_str) == Some(&self.at("/as"));
        if is_own { Ok(metadata) } else { Err("problem.other_issuer".to_owned()) }
    }

    /// §4.1: by value or by reference. What leads to another host stays where it is.
    async fn offer(&self, id: &str, link: &str) -> Result<Value, String> {
        let query = link.trim().split_once("://?").map(|(_, query)| query).ok_or("problem.offer")?;
        let parameter = |name: &str| {
            let pair = query.split('&').filter_map(|item| item.split_once('='));
            let value = pair.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)?;
            Some(form::decode(value)?.into_owned())
        };
        let text = match parameter("credential_offer_uri") {
            Some(uri) => {
                let path = uri.strip_prefix(&self.at("")).filter(|path| path.starts_with("/as/offers/"));
                self.get(id, path.ok_or("problem.other_issuer")?, None).await?
            }
            None => parameter("credential_offer").ok_or("problem.offer")?,
        };
        let offer: Value = serde_json::from_str(&text).map_err(|_| text)?;
        match offer.get("credential_issuer").and_then(Value::as_str) == Some(&self.at("/as")) {
            true => Ok(offer),
            false => Err(offer.get("error").map_or("problem.other_issuer".to_owned(), Value::to_string)),
        }
    }

    /// The offer becomes a token, and that credentials; or a request, for the person to sign in.
    pub(super) async fn taken(
        &self,
        (id, run): (&str, &Run),
        link: &str,
        tx_code: &str,
    ) -> Result<Taken, String> {
        let offer = self.offer(id, link).await?;
        let text =
            |grant: &str, name: &str| Some(offer.get("grants")?.get(grant)?.get(name)?.as_str()?.to_owned());
        let names = offer.get("credential_configuration_ids").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let configurations: Vec<_> = names.collect();
        let Some(code) = text(PRE_AUTHORIZED, "pre-authorized_code") else {
            let issuer_state = text("authorization_code", "issuer_state");
            return Ok(Taken::Asks(Wish { configurations, issuer_state }));
        };
        let mut pairs = vec![("grant_type", PRE_AUTHORIZED.to_owned()), ("pre-authorized_code", code)];
        if !tx_code.trim().is_empty() {
            pairs.push(("tx_code", tx_code.trim().to_owned()));
        }
        let tokens = self.post(id, "/as/token", query(&pairs), None).await?;
        let asked = configurations.into_iter().map(|name| {
            let body = json!({ "credential_configuration_id": &name });
            (name, body)
        });
        let mut outcome = Outcome::default();
        let later = self.collected((id, run), &tokens, asked.collect(), &mut outcome).await;
        Ok(match later {
            Ok(later) => Taken::Got(outcome, later),
            // Nothing has come of it: another code may do.
            Err(problem) if outcome.shown.is_empty() => return Err(problem),
            Err(problem) => Taken::Got(Outcome { problem: Some(problem), ..outcome }, None),
        })
    }

    /// §6.2: the token response names the credentials.
    pub(super) async fn collected_by_details(
        &self,
        run: (&str, &Run),
        tokens: &Value,
        outcome: &mut Outcome,
    ) -> Result<Option<Later>, String> {
        let details = tokens.get("authorization_details").and_then(Value::as_array);
        let asked = details.into_iter().flatten().flat_map(|detail| {
            let name = detail.get("credential_configuration_id").and_then(Value::as_str).unwrap_or_default();
            let all = detail.get("credential_identifiers").and_then(Value::as_array).into_iter().flatten();
            all.map(move |one| (name.to_owned(), json!({ "credential_identifier": one })))
        });
        self.collected(run, tokens, asked.collect(), outcome).await
    }

    /// Asks for each credential, with a proof of the wallet's key (§8), and verifies what comes.
    async fn collected(
        &self,
        (id, run): (&str, &Run),
        tokens: &Value,
        asked: Vec<(String, Value)>,
        outcome: &mut Outcome,
    ) -> Result<Option<Later>, String> {
        let token = tokens.get("access_token").and_then(Value::as_str);
        let token = token.ok_or_else(|| pretty(&tokens.to_string()))?;
        let metadata = self.metadata(id).await?;
        let mut later = Later { token: token.to_owned(), transactions: Vec::new(), interval: 0 };
        for (name, mut body) in asked {
            let nonce = self.post_json(id, "/as/nonce", None, &Value::Null).await?;
            let nonce = nonce.get("c_nonce").and_then(Value::as_str).unwrap_or_default();
            let proof = run.key.key_proof(&self.at("/as"), nonce, self.now()).ok_or("problem.key")?;
            body["proofs"] = json!({ "jwt": [proof] });
            let answer = self.post_json(id, "/as/credential", Some((token, bound(run))), &body).await?;
            match answer.get("transaction_id").and_then(Value::as_str) {
                Some(transaction) => {
                    later.interval = answer.get("interval").and_then(Value::as_i64).unwrap_or_default();
                    later.transactions.push((name, transaction.to_owned()));
                }
                None => outcome.shown.push(self.got((id, run), (&metadata, &name), &answer).await?),
            }
        }
        Ok((!later.transactions.is_empty()).then_some(later))
    }

    /// §9: the wallet comes again; what is not there yet stays to be come for.
    pub(super) async fn come_again(
        &self,
        (id, run): (&str, &Run),
        later: Later,
        outcome: &mut Outcome,
    ) -> Result<Option<Later>, String> {
        let metadata = self.metadata(id).await?;
        let mut still = Later { transactions: Vec::new(), ..later.clone() };
        for (name, transaction) in later.transactions {
            let body = json!({ "transaction_id": transaction });
            let token = Some((later.token.as_str(), bound(run)));
            let answer = self.post_json(id, "/as/deferred_credential", token, &body).await?;
            match answer.get("interval").and_then(Value::as_i64) {
                Some(interval) => {
                    still.interval = interval;
                    still.transactions.push((name, transaction));
                }
                None => outcome.shown.push(self.got((id, run), (&metadata, &name), &answer).await?),
            }
        }
        Ok((!still.transactions.is_empty()).then_some(still))
    }

    /// A credential that came, verified; its status list is fetched for that.
    async fn got(
        &self,
        (id, run): (&str, &Run),
        (metadata, name): (&Value, &str),
        answer: &Value,
    ) -> Result<Shown, String> {
        let first = answer.get("credentials").and_then(|all| all.get(0)?.get("credential")?.as_str());
        let credential = first.ok_or_else(|| pretty(&answer.to_string()))?;
        let known = metadata.get("credential_configurations_supported").and_then(|all| all.get(name));
        let format = known.and_then(|one| one.get("format")?.as_str()).unwrap_or_default();
        let issuer = self.at("/as");
        let (root, holder, now) = (self.credential_root(), run.key.public(), self.now());
        let against = Against { issuer: &issuer, root, holder, now };
        let found = verified(format, credential, &against);
        let place = self.at("");
        // What leads to another host stays where it is.
        let list = match found.reference().as_ref().and_then(|named| named.uri.strip_prefix(&place)) {
            Some(path) => self.get(id, path, None).await.ok(),
            None => None,
        };
        let found = found.with_status(list.as_deref(), &against);
        Ok(Shown {
            name: "got.credential",
            value: credential.to_owned(),
            header: None,
            of: format!("{name} ({format})"),
            inside: pretty(&found.claims.to_string()),
            verified: found.is_right(),
            checks: found.checks,
        })
    }
}

/// The key that the tokens of the run are bound to.
fn bound(run: &Run) -> Option<&Key> {
    (run.flow == Flow::Wallet).then_some(&*run.key)
}
