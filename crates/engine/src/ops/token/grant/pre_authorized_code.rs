//! OpenID for Verifiable Credential Issuance 1.0 §6 – redeeming a pre-authorized code

use placet_api::Reason;
use placet_base::registry::GrantType;
use placet_base::{Scopes, Timestamp, Ttl};

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::issuing::{self, Entitled};
use crate::flow::token::{Asked, Outcome};
use crate::records::credential_offer::{CredentialOffer, OfferValue, State};
use crate::records::entitlement::{Narrowed, Proof, Proven, Terms};
use crate::rules::admission::admitted;
use crate::rules::credential::granted::{self, OfferedDetails};
use crate::rules::credential::offer::{self, TransactionCodeFault};
use crate::rules::{rar, scope};

/// §4.1.1: it must be short-lived, however long the offer is shown.
const LONGEST: Ttl = Ttl::secs(24 * 60 * 60);

pub async fn redeem(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("pre-authorized_code")?.ok_or(Reason::PreAuthorizedCodeMissing {})?;
    let offer = cx.bearer::<CredentialOffer>(OfferValue::PreAuthorizedCode, value).await?;
    let offer = offer.and_then(Held::present).ok_or(Reason::PreAuthorizedCodeUnknown {})?;
    let grant = offer.pre_authorized.clone().ok_or(Reason::PreAuthorizedCodeUnknown {})?;
    // The number of a record has the time when it was made.
    let made = Timestamp(offer.id().0 >> 20);
    if offer.expires_at.min(made + LONGEST).is_past(cx.now) {
        return Err(Reason::PreAuthorizedCodeExpired {}.into());
    }
    if !matches!(grant.state, State::Open { .. }) {
        return Err(Reason::PreAuthorizedCodeUsed {}.into());
    }
    let shown = match offer::shown(grant.transaction_code.as_ref(), asked.params.one("tx_code")?) {
        Ok(shown) => shown,
        Err(TransactionCodeFault::Shape(fault)) => return Err(fault),
        Err(TransactionCodeFault::Wrong(fault)) => {
            cx.write.transition_regardless(offer, |offer| Some(offer.failed()));
            return Err(fault);
        }
    };
    let client = asked.client.shared();
    let policy = cx.tenant.policy(&client, &Scopes::default());
    let proven = Proven {
        by: Proof::PreAuthorized(shown),
        admitted: admitted(&client, GrantType::PreAuthorizedCode, policy)?,
        bound: asked.evidence.bound(&client, &policy.token)?,
        narrowed: Narrowed::whole(),
    };
    let details = rar::details(asked.params, &cx.tenant, &client)?;
    let by_details = granted::of_offer(details, &offer.configurations)?;
    let scopes = scope::asked(asked.params)?;
    let by_scope =
        granted::of_offer_by_scope(&scopes, &offer.configurations, cx.tenant.credentials.as_ref())?;
    let wished = (by_details, by_scope);
    let terms = terms(offer.value(), &asked, wished).with(&asked.properties, asked.jwt_claims);
    let terms = terms.ok_or(Reason::TokenPropertiesTooLarge {})?;
    let entitled = Entitled::new(terms, proven);
    let issued = issuing::issue(cx, client, entitled, asked.wanted).await?;
    cx.write.transition(offer, CredentialOffer::redeemed);
    Ok(Outcome::Issued(Box::new(issued), Reason::PreAuthorizedRedeemed {}))
}

/// What the offer has promised to whoever brings its code.
fn terms(
    offer: &CredentialOffer,
    asked: &Asked<'_>,
    (by_details, by_scope): (Option<OfferedDetails>, Option<Vec<String>>),
) -> Terms {
    // §6.2: what is asked for by details is named by identifiers. Of what was not asked for nothing is granted.
    let credentials = match &by_details {
        Some(_) => by_scope.unwrap_or_default(),
        None => by_scope.unwrap_or_else(|| offer.configurations.clone()),
    };
    let details = by_details.map(OfferedDetails::into_details).unwrap_or_default();
    Terms {
        subject: offer.subject.clone(),
        credentials,
        details,
        properties: offer.properties.clone(),
        jwt_claims: offer.jwt_claims.clone(),
        auth_time: offer.auth_time,
        acr: offer.acr.clone(),
        ..Terms::new(asked.client.id, asked.alias_used, GrantType::PreAuthorizedCode)
    }
}
