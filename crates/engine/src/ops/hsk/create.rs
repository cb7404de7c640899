//! POST /api/{serviceId}/hsk/create

use data_encoding::BASE64URL_NOPAD;
use placet_api::types::{Hsk, HskCreateRequest, HskCreateResponse, HskCreateResponseAction as Action};
use placet_api::{Kind, Reason};
use placet_hsm::{KeyId, NewKey, Proven};

use super::{Enabled, enabled, reply};
use crate::Engine;
use crate::budgets::HARDWARE_KEYS;
use crate::cx::{self, Cx};
use crate::fault::Fault;
use crate::flow::hardware_keys::{self, Apart, Staged};
use crate::flow::reply::result;
use crate::rules::hsk::{AskedKey, WantedKey};
use crate::tenant::Tenant;

/// A key that is in its module, and not yet in the service.
pub struct MadeKey {
    pub hsm: String,
    pub id: KeyId,
    hsk: Hsk,
}

/// Makes the key. This stands before the operation that keeps it, which may run more than once.
pub async fn make(engine: &Engine, tenant: &Tenant, call: &HskCreateRequest) -> Result<MadeKey, Fault> {
    let Enabled = enabled(tenant, Reason::HskCreateDisabled {})?;
    let asked = AskedKey {
        kty: call.kty.as_deref(),
        purpose: call.r#use.as_deref(),
        alg: call.alg.as_deref(),
        kid: call.kid.as_deref(),
    };
    let WantedKey { kty, purpose, alg, kid } = asked.judged()?;
    let named = Hsk { kid: kid.clone(), ..Hsk::default() };
    let known = tenant.document.hsks.iter().flatten().cloned();
    Apart::of(known.chain([named]).collect(), &tenant.document)?;
    let Room = room(tenant.document.hsks.as_ref())?;
    let (hsms, wanted) = (engine.outside.hsms(), call.hsm_name.as_deref().filter(|name| !name.is_empty()));
    let unknown = || Reason::HskHsmUnknown { hsm: wanted.unwrap_or_default().to_owned() };
    let hsm = hsms.name(wanted).ok_or_else(unknown)?.to_owned();
    let id = KeyId(engine.outside.seed());
    let kid = kid.unwrap_or_else(|| BASE64URL_NOPAD.encode(&engine.outside.seed()[..16]));
    let key = NewKey { id, alg, label: format!("placet {} {kid}", tenant.id) };
    let Proven(public) = cx::generate(hsms, &hsm, key).await?;
    let hsk = Hsk {
        kty: Some(kty.to_owned()),
        r#use: Some(purpose.to_owned()),
        kid: Some(kid),
        hsm_name: Some(hsm.clone()),
        handle: Some(id.handle()),
        public_key: Some(public.to_pem().ok_or_else(|| Fault::server("a public key without a PEM"))?),
        alg: Some(alg.name().to_owned()),
    };
    Ok(MadeKey { hsm, id, hsk })
}

/// That the service may have another key.
struct Room;

fn room(hsks: Option<&Vec<Hsk>>) -> Result<Room, Fault> {
    match hsks.map_or(0, Vec::len) < HARDWARE_KEYS {
        true => Ok(Room),
        false => Err(Reason::HsksTooMany { limit: HARDWARE_KEYS.to_string() }.into()),
    }
}

/// Keeps the key with the service, as it is now.
pub async fn keep(cx: &mut Cx<'_>, made: &MadeKey) -> Result<Hsk, Fault> {
    let (record, document) = hardware_keys::of_service(cx).await?;
    let mut keys = document.hsks.clone().unwrap_or_default();
    let Room = room(Some(&keys))?;
    keys.push(made.hsk.clone());
    let keys = Apart::of(keys, &document)?;
    let Staged = hardware_keys::put(cx, record, document, keys)?;
    Ok(made.hsk.clone())
}

pub fn create_reply(outcome: Result<Hsk, Fault>) -> HskCreateResponse {
    reply!(HskCreateResponse { hsk } by Action, Reason::HskCreated {}, outcome)
}
