//! POST /api/{serviceId}/vci/offer/create, /vci/offer/info – OpenID for Verifiable Credential Issuance 1.0 §4.1

use placet_api::Reason;
use placet_api::types::{VciOfferCreateRequest, VciOfferInfoRequest};
use placet_base::ids::SubjectError;
use placet_base::registry::GrantType;
use placet_base::{RecordNumber, Subject, Ttl};

use crate::budgets::OFFER_CONTEXT;
use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::credential_offer::Offer;
use crate::flow::{reply, subject_info};
use crate::records::credential_offer::{
    AuthorizationCodeGrant, CredentialOffer, OfferValue, PreAuthorizedGrant, State,
};
use crate::rules::credential::offer::{Offered, TransactionCode};
use crate::tenant::Tenant;
use crate::tenant::credential_issuer::CredentialIssuer;

pub async fn create(cx: &mut Cx<'_>, call: &VciOfferCreateRequest) -> Result<Offer, Fault> {
    let tenant = cx.tenant.clone();
    let issuer = tenant.credentials.as_ref().ok_or(Reason::OfferNotAllowed {})?;
    let identifier = issuer.identifier.as_deref().ok_or(Reason::OfferIssuerMissing {})?;
    let offered = Offered::parse(call.credential_configuration_ids.as_deref(), issuer)?;
    let grants = Grants::parse(call, &tenant, transaction_code(cx, call, issuer)?)?;
    let subject = subject(call, &grants)?;
    let properties = reply::parse_properties(call.properties.clone());
    let jwt_claims =
        subject_info::object(call.jwt_at_claims.as_deref(), &Reason::OfferJwtClaimsMalformed {})?;
    let lifetime = match call.duration {
        Some(..0) => return Err(Reason::OfferDurationNegative {}.into()),
        secs => Ttl::specified(secs).unwrap_or(issuer.offer),
    };
    let number = cx.number();
    let record = CredentialOffer {
        identifier: cx.handle::<CredentialOffer>(OfferValue::Identifier, number, 0).into_value(),
        authorization_code: grants.authorization_code(cx, number),
        pre_authorized: grants.pre_authorized(cx, number),
        subject,
        configurations: offered.into_names(),
        context: context(call)?,
        properties: properties.ok_or(Reason::OfferPropertiesTooLarge {})?,
        jwt_claims,
        auth_time: call.auth_time.filter(|time| *time > 0),
        acr: call.acr.clone().filter(|acr| !acr.is_empty()),
        expires_at: cx.now + lifetime,
    };
    cx.write.insert(tenant.id, &number, &record);
    Ok(Offer::new(identifier, record))
}

pub async fn info(cx: &mut Cx<'_>, call: &VciOfferInfoRequest) -> Result<Offer, Fault> {
    let tenant = cx.tenant.clone();
    let issuer = tenant.credentials.as_ref().ok_or(Reason::OfferInfoNotAllowed {})?;
    let issuer = issuer.identifier.as_deref().ok_or(Reason::OfferIssuerMissing {})?;
    let identifier = call.identifier.as_deref().filter(|text| !text.is_empty());
    let identifier = identifier.ok_or(Reason::OfferIdentifierMissing {})?;
    let found = cx.bearer::<CredentialOffer>(OfferValue::Identifier, identifier).await?;
    let found = found.and_then(Held::present).ok_or(Reason::OfferUnknown {})?;
    if found.expires_at.is_past(cx.now) {
        return Err(Reason::OfferExpired {}.into());
    }
    Ok(Offer::new(issuer, found.into_value()))
}

/// The grants that an offer is to name. Nothing is said of a grant that is not there.
struct Grants {
    /// With an `issuer_state` or without.
    authorization_code: Option<bool>,
    /// With a transaction code or without.
    pre_authorized: Option<Option<TransactionCode>>,
}

impl Grants {
    fn parse(
        call: &VciOfferCreateRequest,
        tenant: &Tenant,
        transaction_code: Option<TransactionCode>,
    ) -> Result<Self, Fault> {
        let on = |flag: Option<bool>| flag == Some(true);
        let (by_code, ahead) =
            (on(call.authorization_code_grant_included), on(call.pre_authorized_code_grant_included));
        if on(call.issuer_state_included) && !by_code {
            return Err(Reason::OfferIssuerStateAlone {}.into());
        }
        if transaction_code.is_some() && !ahead {
            return Err(Reason::OfferTransactionCodeAlone {}.into());
        }
        for (included, grant) in
            [(by_code, GrantType::AuthorizationCode), (ahead, GrantType::PreAuthorizedCode)]
        {
            if included && !tenant.grant_types.contains(&grant) {
                let grant = grant.protocol_name().to_owned();
                return Err(Reason::OfferGrantUnsupported { grant }.into());
            }
        }
        Ok(Self {
            authorization_code: by_code.then_some(on(call.issuer_state_included)),
            pre_authorized: ahead.then_some(transaction_code),
        })
    }

    fn authorization_code(&self, cx: &mut Cx<'_>, number: RecordNumber) -> Option<AuthorizationCodeGrant> {
        let with_state = self.authorization_code?;
        let mut state = || cx.handle::<CredentialOffer>(OfferValue::IssuerState, number, 0).into_value();
        Some(AuthorizationCodeGrant { issuer_state: with_state.then(&mut state) })
    }

    fn pre_authorized(self, cx: &mut Cx<'_>, number: RecordNumber) -> Option<PreAuthorizedGrant> {
        let transaction_code = self.pre_authorized?;
        let code = cx.handle::<CredentialOffer>(OfferValue::PreAuthorizedCode, number, 0).into_value();
        Some(PreAuthorizedGrant { code, transaction_code, state: State::Open { failures: 0 } })
    }
}

/// The code that the user types: the caller's, or one that is drawn where the caller describes one and the service says how
/// long it is.
fn transaction_code(
    cx: &mut Cx<'_>,
    call: &VciOfferCreateRequest,
    issuer: &CredentialIssuer,
) -> Result<Option<TransactionCode>, Fault> {
    let given = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
    let (value, mode) = (given(&call.tx_code), given(&call.tx_code_input_mode));
    let description = given(&call.tx_code_description);
    let described = mode.is_some() || description.is_some();
    match issuer.transaction_code.filter(|_| described && value.is_none()) {
        Some(length) => {
            let said = (mode.as_deref(), description.as_deref());
            TransactionCode::drawn(length, said, || cx.random()).map(Some)
        }
        None => TransactionCode::parse(value.as_deref(), mode.as_deref(), description.as_deref()),
    }
}

/// Whom the offer is for; a pre-authorized code is for somebody (§3.5).
fn subject(call: &VciOfferCreateRequest, grants: &Grants) -> Result<Option<Subject>, Fault> {
    let reason = match Subject::parse(call.subject.as_deref().unwrap_or_default()) {
        Ok(subject) => return Ok(Some(subject)),
        Err(SubjectError::Empty) if grants.pre_authorized.is_none() => return Ok(None),
        Err(SubjectError::Empty) => Reason::OfferSubjectMissing {},
        Err(SubjectError::TooLong) => Reason::OfferSubjectTooLong {},
        Err(SubjectError::NotAscii) => Reason::OfferSubjectNotAscii {},
    };
    Err(reason.into())
}

fn context(call: &VciOfferCreateRequest) -> Result<Option<String>, Fault> {
    let context = call.context.clone().filter(|text| !text.is_empty());
    match context {
        Some(text) if text.len() > OFFER_CONTEXT => {
            Err(Reason::OfferContextTooLarge { limit: OFFER_CONTEXT.to_string() }.into())
        }
        context => Ok(context),
    }
}
