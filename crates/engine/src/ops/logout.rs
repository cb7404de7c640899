//! POST /api/{serviceId}/backchannel/logout/token – OpenID Connect Back-Channel Logout 1.0 §2.4

use placet_api::Reason;
use placet_api::types::{
    BackchannelLogoutTokenRequest, BackchannelLogoutTokenResponse,
    BackchannelLogoutTokenResponseAction as Action,
};
use placet_base::Subject;
use placet_base::registry::JwsAlg;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::result;
use crate::flow::{clients, issuing};
use crate::mint::logout_token::{self, EndedSession};
use crate::rules::pairwise;
use crate::tenant::Tenant;

/// The token, and where it goes.
pub struct LogoutToken {
    token: String,
    uri: Option<String>,
}

pub async fn token(cx: &mut Cx<'_>, call: &BackchannelLogoutTokenRequest) -> Result<LogoutToken, Fault> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if !cx.tenant.tokens.logout {
        return Err(Reason::LogoutUnsupported {}.into());
    }
    let identifier = given(&call.client_identifier).ok_or(Reason::LogoutClientMissing {})?;
    let client = clients::named(cx, &identifier).await?.ok_or(Reason::LogoutClientUnknown {})?.client;
    let session = given(&call.session_id);
    // §2.4: one of the two is always there.
    if call.subject.as_deref().unwrap_or_default().is_empty() && session.is_none() {
        return Err(Reason::LogoutNobody {}.into());
    }
    // §2.2: `backchannel_logout_session_required`
    if client.logout.session_required && session.is_none() {
        return Err(Reason::LogoutSessionMissing {}.into());
    }
    let subject = given(&call.subject).map(|text| Subject::parse(&text)).transpose();
    let subject = subject.map_err(|_| Reason::LogoutSubjectUnfit {})?;
    let sub = subject.map(|subject| pairwise::sub(&subject, &cx.tenant, &client));
    // §2.4: the client's keys and algorithms are those of its ID tokens; `none` is not one.
    let alg = client.id_token.alg.filter(|alg| *alg != JwsAlg::None).unwrap_or(JwsAlg::Rs256);
    let key = issuing::id_token_key(cx, &client, alg)?;
    let jti = cx.random();
    // The caller names the client as its tokens do.
    let audience = client.identifier(client.alias.as_deref() == Some(&identifier));
    let ended = EndedSession { sub, session };
    let unsigned = logout_token::unsigned(&cx.tenant.issuer, &audience, cx.now, jti, ended);
    let token = cx.protected(&client, unsigned, Some(&key), client.id_token).await?;
    Ok(LogoutToken { token, uri: client.logout.uri.clone() })
}

pub fn reply(_: &Tenant, outcome: Result<LogoutToken, Fault>) -> BackchannelLogoutTokenResponse {
    let (reason, action, token, uri) = match outcome {
        Ok(LogoutToken { token, uri }) => (Reason::LogoutTokenMade {}, Action::Ok, Some(token), uri),
        Err(fault) => {
            let action = match fault.reason {
                Reason::LogoutUnsupported {}
                | Reason::LogoutClientMissing {}
                | Reason::LogoutClientUnknown {}
                | Reason::LogoutNobody {}
                | Reason::LogoutSessionMissing {}
                | Reason::LogoutSubjectUnfit {} => Action::CallerError,
                _ => Action::ServerError,
            };
            (fault.reason, action, None, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    BackchannelLogoutTokenResponse {
        result_code,
        result_message,
        action: Some(action),
        logout_token: token,
        backchannel_logout_uri: uri,
    }
}
