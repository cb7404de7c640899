//! Keys of a service that are in hardware: where they are, and their public halves.

use std::sync::Arc;

use placet_api::types::Hsk;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::{KeyAlg, KeyId};
use placet_jose::{Jwk, JwkSet};

pub struct HardwareKey {
    /// The module that holds it.
    pub hsm: String,
    pub id: KeyId,
    pub kid: String,
    pub alg: KeyAlg,
    pub public: Jwk,
}

impl HardwareKey {
    /// `None` for what is no key that this release has made.
    pub fn of(hsk: &Hsk) -> Option<Self> {
        let (name, kid) = (hsk.alg.as_deref()?, hsk.kid.clone()?);
        let alg = match hsk.r#use.as_deref()? {
            "sig" => KeyAlg::Signs(JwsAlg::from_protocol(name)?),
            "enc" => KeyAlg::Decrypts(JweAlg::from_protocol(name)?),
            _ => return None,
        };
        let members = [("kid", kid.clone()), ("use", hsk.r#use.clone()?), ("alg", name.to_owned())];
        let public = Jwk::from_pem(hsk.public_key.as_deref()?)?;
        Some(Self {
            hsm: hsk.hsm_name.clone()?,
            id: KeyId::parse(hsk.handle.as_deref()?)?,
            kid,
            alg,
            public: public.with(members.map(|(name, value)| (name, value.into())))?,
        })
    }

    /// Whether this is its public half, as somebody has written it down. A module has no certificates; there they stand.
    pub fn is_shown_by(&self, jwk: &Jwk) -> bool {
        let fits = matches!(self.alg, KeyAlg::Signs(alg) if jwk.fits(alg));
        fits && !jwk.is_private() && jwk.thumbprint() == self.public.thumbprint()
    }

    /// The same of a key that opens what is encrypted for it, and is known by its name.
    pub fn opens_for(&self, jwk: &Jwk) -> bool {
        let fits = matches!(self.alg, KeyAlg::Decrypts(alg) if jwk.alg().and_then(JweAlg::from_protocol) == Some(alg));
        let named = jwk.kid() == Some(&self.kid);
        fits && named && !jwk.is_private() && jwk.thumbprint() == self.public.thumbprint()
    }

    pub fn decrypts(&self, alg: JweAlg) -> bool {
        self.alg == KeyAlg::Decrypts(alg)
    }
}

/// A set with the public halves of these keys, unless they stand in it by their names; `None` for no key at all.
pub(super) fn with_hardware<'a>(
    set: Option<JwkSet>,
    keys: impl Iterator<Item = &'a Arc<HardwareKey>>,
) -> Option<JwkSet> {
    let shown = |key: &HardwareKey| {
        let mut keys = set.iter().flat_map(JwkSet::keys);
        keys.any(|jwk| jwk.kid() == Some(&key.kid) && key.is_shown_by(jwk))
    };
    let public: Vec<_> = keys.filter(|key| !shown(key)).map(|key| key.public.clone()).collect();
    match public.is_empty() {
        true => set,
        false => Some(set.unwrap_or_default().with(public)),
    }
}
