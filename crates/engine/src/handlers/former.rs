//! Calls that present tokens: one that is not known here may be one of the server that the service was at before.

use std::sync::Arc;

use placet_api::types::{
    IntrospectionRequest, RevocationRequest, StandardIntrospectionRequest, TokenRequest, UserinfoRequest,
};
use placet_api::{Call, CallError};
use placet_base::form;

use crate::Engine;
use crate::audit::Origin;
use crate::fault::Fault;
use crate::flow::former_tokens::{self, Presented, Takeover};
use crate::records::token::TokenValue;
use crate::tenant::Tenant;

/// A request that presents a token.
pub(super) trait Presents {
    fn presented(&self) -> Vec<Presented>;
}

fn as_access(token: Option<&String>) -> Vec<Presented> {
    let value = token.filter(|value| !value.is_empty()).cloned();
    value.into_iter().map(|value| Presented { which: TokenValue::Access, value }).collect()
}

/// The parameter of an OAuth request, as whatever it may stand for. What is malformed is refused where it is judged.
fn of_parameters(text: Option<&String>, name: &str, kinds: &[TokenValue]) -> Vec<Presented> {
    let pairs = text.into_iter().flat_map(|text| text.split('&')).filter_map(|pair| pair.split_once('='));
    let value = pairs.filter(|(known, _)| *known == name).find_map(|(_, value)| form::decode(value));
    let value = value.filter(|value| !value.is_empty());
    let each = |value: &str| {
        kinds.iter().map(|which| Presented { which: *which, value: value.to_owned() }).collect()
    };
    value.as_deref().map_or_else(Vec::new, each)
}

impl Presents for IntrospectionRequest {
    fn presented(&self) -> Vec<Presented> {
        as_access(self.token.as_ref())
    }
}

impl Presents for UserinfoRequest {
    fn presented(&self) -> Vec<Presented> {
        as_access(self.token.as_ref())
    }
}

impl Presents for StandardIntrospectionRequest {
    fn presented(&self) -> Vec<Presented> {
        of_parameters(self.parameters.as_ref(), "token", &[TokenValue::Access, TokenValue::Refresh])
    }
}

impl Presents for RevocationRequest {
    fn presented(&self) -> Vec<Presented> {
        of_parameters(self.parameters.as_ref(), "token", &[TokenValue::Access, TokenValue::Refresh])
    }
}

impl Presents for TokenRequest {
    fn presented(&self) -> Vec<Presented> {
        of_parameters(self.parameters.as_ref(), "refresh_token", &[TokenValue::Refresh])
    }
}

impl Engine {
    /// Takes over what the request presents, where it is of the former server, in a commit of its own: the operation finds it
    /// as if it had always been here.
    pub(super) async fn bring<R: Presents>(
        &self,
        (call, tenant): (&Call, &Arc<Tenant>),
        request: &R,
    ) -> Result<Takeover, CallError> {
        if tenant.former.is_none() {
            return Ok(Takeover::Left);
        }
        let origin = Origin::of(call);
        for presented in request.presented() {
            let taken: Result<Takeover, Fault> = self
                .run((&origin, tenant), &presented, |cx, presented| {
                    Box::pin(former_tokens::take_over(cx, presented))
                })
                .await;
            if taken? == Takeover::Taken {
                return Ok(Takeover::Taken);
            }
        }
        Ok(Takeover::Left)
    }
}
