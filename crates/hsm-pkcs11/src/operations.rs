//! What is done with a session: PKCS #11 in terms of RFC 7518.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::Session;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::{Destroyed, HsmError, KeyId, NewKey};
use placet_jose::{Asked, Jwk};

use crate::attributes::{self, Shape};
use crate::connection::Live;
use crate::errors::Failure;
use crate::queue::Undone;

fn unsupported(what: &str) -> Failure {
    Failure::Other(HsmError::Unsupported(what.to_owned()))
}

/// Makes a key pair. What an attempt that was cut off may have left goes first.
pub(crate) fn generate(live: &mut Live, key: &NewKey) -> Result<Jwk, Failure> {
    let shape = attributes::shape(key.alg).ok_or_else(|| unsupported(key.alg.name()))?;
    let Undone = undo(live, key.id)?;
    let mechanism = match shape {
        Shape::Rsa(_) => Mechanism::RsaPkcsKeyPairGen,
        Shape::Ec(_) => Mechanism::EccKeyPairGen,
    };
    let (public, private) = (attributes::public(key, &shape), attributes::private(key, &shape));
    let (public, _) = live.session.generate_key_pair(&mechanism, &public, &private)?;
    let wanted = [AttributeType::Modulus, AttributeType::PublicExponent, AttributeType::EcPoint];
    let wanted = if matches!(shape, Shape::Rsa(_)) { &wanted[..2] } else { &wanted[2..] };
    let described = live.session.get_attributes(public, wanted)?;
    attributes::jwk(&shape, &described).ok_or_else(|| unsupported("the module does not show the public key"))
}

/// RFC 7518 §3.3 to §3.5. ECDSA is asked for over a digest, which every module does; RSA over the message, which those
/// do too that trust no digest of others.
pub(crate) fn sign(live: &mut Live, id: KeyId, alg: JwsAlg, message: &[u8]) -> Result<Vec<u8>, Failure> {
    let ecdsa = |hash: &'static Algorithm| (Mechanism::Ecdsa, digest(hash, message).as_ref().to_vec());
    let whole = |mechanism| (mechanism, message.to_vec());
    let pss = |hash_alg, mgf, length: u64| PkcsPssParams { hash_alg, mgf, s_len: length.into() };
    let (mechanism, data) = match alg {
        JwsAlg::Es256 => ecdsa(&SHA256),
        JwsAlg::Es384 => ecdsa(&SHA384),
        JwsAlg::Es512 => ecdsa(&SHA512),
        JwsAlg::Rs256 => whole(Mechanism::Sha256RsaPkcs),
        JwsAlg::Rs384 => whole(Mechanism::Sha384RsaPkcs),
        JwsAlg::Rs512 => whole(Mechanism::Sha512RsaPkcs),
        // §3.5: the salt is as long as the hash.
        JwsAlg::Ps256 => {
            whole(Mechanism::Sha256RsaPkcsPss(pss(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32)))
        }
        JwsAlg::Ps384 => {
            whole(Mechanism::Sha384RsaPkcsPss(pss(MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48)))
        }
        JwsAlg::Ps512 => {
            whole(Mechanism::Sha512RsaPkcsPss(pss(MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64)))
        }
        JwsAlg::None | JwsAlg::Hs256 | JwsAlg::Hs384 | JwsAlg::Hs512 | JwsAlg::Es256k | JwsAlg::EdDsa => {
            return Err(unsupported(alg.protocol_name()));
        }
    };
    live.with_key(id, |session, key| Ok(session.sign(&mechanism, key, &data)?))
}

/// RFC 7518 §4.3, §4.6.
pub(crate) fn answer(
    live: &mut Live,
    id: KeyId,
    alg: JweAlg,
    asked: &Asked,
) -> Result<Option<Vec<u8>>, Failure> {
    let outcome = match asked {
        Asked::Decryption(encrypted) => {
            let oaep = oaep(alg).ok_or_else(|| unsupported(alg.protocol_name()))?;
            live.with_key(id, |session, key| decrypt(session, key, oaep, encrypted))
        }
        Asked::Agreement(peer) => live.with_key(id, |session, key| agree(session, key, peer)),
    };
    match outcome {
        Ok(given) => Ok(Some(given)),
        Err(Failure::Data) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn oaep(alg: JweAlg) -> Option<PkcsOaepParams<'static>> {
    let (hash, mask) = match alg {
        JweAlg::RsaOaep => (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
        JweAlg::RsaOaep256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        _ => return None,
    };
    Some(PkcsOaepParams::new(hash, mask, PkcsOaepSource::empty()))
}

fn decrypt(
    session: &Session,
    key: ObjectHandle,
    oaep: PkcsOaepParams<'_>,
    encrypted: &[u8],
) -> Result<Vec<u8>, Failure> {
    session.decrypt(&Mechanism::RsaPkcsOaep(oaep), key, encrypted).map_err(|error| {
        tracing::debug!(%error, "an HSM has not decrypted");
        // RFC 7516 §11.5: modules have different words for a padding that is wrong, and anybody can send one.
        match Failure::from(error) {
            passing @ (Failure::Lost(_) | Failure::NoKey) => passing,
            Failure::Data | Failure::Other(_) => Failure::Data,
        }
    })
}

fn agree(session: &Session, key: ObjectHandle, peer: &[u8]) -> Result<Vec<u8>, Failure> {
    // An uncompressed point (SEC 1 §2.3.3) of two coordinates; the secret is as long as one.
    let length = u64::try_from(peer.len() / 2).map_err(|_| Failure::Data)?;
    let mechanism = Mechanism::Ecdh1Derive(Ecdh1DeriveParams::new(EcKdf::null(), peer));
    let secret = session.derive_key(&mechanism, key, &attributes::agreed(length))?;
    let value = session.get_attributes(secret, &[AttributeType::Value]);
    session.destroy_object(secret)?;
    let value = value?.into_iter().find_map(|attribute| match attribute {
        Attribute::Value(bytes) => Some(bytes),
        _ => None,
    });
    value.ok_or_else(|| unsupported("the module does not give out what was agreed"))
}

/// Sees to it that nothing of a key is there.
pub(crate) fn undo(live: &mut Live, id: KeyId) -> Result<Undone, Failure> {
    match destroy(live, id) {
        Ok(Destroyed) | Err(Failure::NoKey) => Ok(Undone),
        Err(failure) => Err(failure),
    }
}

/// Destroys every object of a key.
pub(crate) fn destroy(live: &mut Live, id: KeyId) -> Result<Destroyed, Failure> {
    live.forget(id);
    let objects = live.objects(id)?;
    if objects.is_empty() {
        return Err(Failure::NoKey);
    }
    for object in objects {
        live.session.destroy_object(object)?;
    }
    Ok(Destroyed)
}
