//! POST /api/{serviceId}/device/complete

use placet_api::Reason;
use placet_api::types::{DeviceCompleteRequest, DeviceCompleteResult};
use placet_base::registry::GrantType;

use super::user_code::{self, Reasons};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::decision::{self, Asked};
use crate::flow::subject_info::{self, SubjectInfo};
use crate::records::decision::Refused;

/// The decision is kept until the device comes for it.
pub struct Completed;

fn codes() -> Reasons {
    Reasons {
        missing: Reason::DeviceUserCodeMissing {},
        unknown: Reason::DeviceUserCodeUnknown {},
        expired: Reason::DeviceUserCodeExpired {},
        used: Reason::DeviceUserCodeUsed {},
        exhausted: Reason::DeviceGuessesExhausted {},
    }
}

fn reasons() -> subject_info::Reasons {
    subject_info::Reasons {
        subject_missing: Reason::DeviceSubjectMissing {},
        subject_too_long: Reason::DeviceSubjectTooLong {},
        subject_not_ascii: Reason::DeviceSubjectNotAscii {},
        claims_malformed: Reason::DeviceClaimsMalformed {},
        header_malformed: Reason::DeviceHeaderMalformed {},
        properties_too_large: Reason::DevicePropertiesTooLarge {},
    }
}

fn call(call: &DeviceCompleteRequest) -> subject_info::Call<'_> {
    subject_info::Call {
        subject: call.subject.as_deref(),
        sub: call.sub.as_deref(),
        scopes: call.scopes.as_ref(),
        properties: call.properties.as_ref(),
        acr: call.acr.as_deref(),
        auth_time: call.auth_time,
        claims: call.claims.as_deref(),
        header: call.idt_header_params.as_deref(),
        consented_claims: call.consented_claims.as_ref(),
        audience_type: call.id_token_aud_type.as_deref(),
        jwt_claims: call.jwt_at_claims.as_deref(),
        access_secs: call.access_token_duration,
        refresh_secs: call.refresh_token_duration,
        ..subject_info::Call::default()
    }
}

pub async fn complete(cx: &mut Cx<'_>, request: &DeviceCompleteRequest) -> Result<Completed, Fault> {
    let waiting = user_code::waiting(cx, request.user_code.as_deref(), &codes()).await?;
    let loaded = waiting.into_request();
    let result = request.result.ok_or(Reason::DeviceResultMissing {})?;
    let client = cx.client(loaded.client).await?.ok_or(Reason::DeviceClientGone {})?;
    let record = loaded.value().clone();
    let next = match result {
        DeviceCompleteResult::Authorized => {
            let said = SubjectInfo::parse(&call(request), &cx.tenant, &reasons())?;
            let asked = Asked {
                client: &client,
                alias_used: record.alias_used,
                grant: GrantType::DeviceCode,
                access: &record.access,
            };
            let agreed = decision::authorized(cx, said, &asked).await?;
            record.authorized(agreed, cx.now)
        }
        DeviceCompleteResult::AccessDenied | DeviceCompleteResult::TransactionFailed => {
            let refused = Refused {
                by_user: result == DeviceCompleteResult::AccessDenied,
                description: request.error_description.clone().filter(|text| !text.is_empty()),
                uri: request.error_uri.clone().filter(|text| !text.is_empty()),
            };
            record.refused(refused, cx.now)
        }
    };
    cx.write.replace(loaded, &next);
    Ok(Completed)
}
