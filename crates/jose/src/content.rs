//! RFC 7518 §5 – content encryption: AES-CBC with HMAC, and AES-GCM.

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::cipher::{
    self, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use placet_ambient::Entropy;
use placet_base::registry::JweEnc;

/// RFC 7518 §5.3: the only lengths that are accepted, whatever the message brings.
const GCM_IV: usize = 12;
const GCM_TAG: usize = 16;
const CBC_IV: usize = 16;

/// What encryption leaves besides the ciphertext.
pub(crate) struct Sealed {
    pub(crate) iv: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

enum Make {
    Gcm(&'static Algorithm),
    Cbc(&'static cipher::Algorithm, hmac::Algorithm),
}

fn make(enc: JweEnc) -> Make {
    match enc {
        JweEnc::A128Gcm => Make::Gcm(&AES_128_GCM),
        JweEnc::A192Gcm => Make::Gcm(&AES_192_GCM),
        JweEnc::A256Gcm => Make::Gcm(&AES_256_GCM),
        JweEnc::A128CbcHs256 => Make::Cbc(&cipher::AES_128, hmac::HMAC_SHA256),
        JweEnc::A192CbcHs384 => Make::Cbc(&cipher::AES_192, hmac::HMAC_SHA384),
        JweEnc::A256CbcHs512 => Make::Cbc(&cipher::AES_256, hmac::HMAC_SHA512),
    }
}

/// Bytes of the content encryption key.
pub(crate) fn key_length(enc: JweEnc) -> usize {
    match enc {
        JweEnc::A128Gcm => 16,
        JweEnc::A192Gcm => 24,
        JweEnc::A256Gcm | JweEnc::A128CbcHs256 => 32,
        JweEnc::A192CbcHs384 => 48,
        JweEnc::A256CbcHs512 => 64,
    }
}

pub(crate) fn seal(enc: JweEnc, key: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<Sealed> {
    if key.len() != key_length(enc) {
        return None;
    }
    match make(enc) {
        Make::Gcm(algorithm) => seal_gcm(algorithm, key, aad, plaintext),
        Make::Cbc(cipher, mac) => {
            let (mac_key, encryption_key) = key.split_at(key.len() / 2);
            let mut iv = [0; CBC_IV];
            Entropy::system().fill(&mut iv);
            let mut ciphertext = plaintext.to_vec();
            PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(cipher, encryption_key).ok()?)
                .ok()?
                .less_safe_encrypt(&mut ciphertext, EncryptionContext::Iv128(FixedLength::from(iv)))
                .ok()?;
            let tag = tag(mac, mac_key, aad, &iv, &ciphertext);
            Some(Sealed { iv: iv.to_vec(), ciphertext, tag })
        }
    }
}

fn seal_gcm(algorithm: &'static Algorithm, key: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<Sealed> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let mut iv = [0; GCM_IV];
    Entropy::system().fill(&mut iv);
    let mut ciphertext = plaintext.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), &mut ciphertext).ok()?;
    Some(Sealed { iv: iv.to_vec(), ciphertext, tag: tag.as_ref().to_vec() })
}

/// `None` for whatever is wrong: callers learn nothing about which part it was.
pub(crate) fn open(enc: JweEnc, key: &[u8], aad: &[u8], sealed: Sealed) -> Option<Vec<u8>> {
    if key.len() != key_length(enc) {
        return None;
    }
    match make(enc) {
        Make::Gcm(algorithm) => open_gcm(algorithm, key, aad, sealed),
        Make::Cbc(cipher, mac) => {
            let (mac_key, encryption_key) = key.split_at(key.len() / 2);
            let expected = tag(mac, mac_key, aad, &sealed.iv, &sealed.ciphertext);
            verify_slices_are_equal(&expected, &sealed.tag).ok()?;
            let iv: [u8; CBC_IV] = sealed.iv.try_into().ok()?;
            let key =
                PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(cipher, encryption_key).ok()?);
            let mut content = sealed.ciphertext;
            let context = DecryptionContext::Iv128(FixedLength::from(iv));
            let length = key.ok()?.decrypt(&mut content, context).ok()?.len();
            content.truncate(length);
            Some(content)
        }
    }
}

fn open_gcm(algorithm: &'static Algorithm, key: &[u8], aad: &[u8], sealed: Sealed) -> Option<Vec<u8>> {
    if sealed.tag.len() != GCM_TAG {
        return None;
    }
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let iv: [u8; GCM_IV] = sealed.iv.try_into().ok()?;
    let mut content = sealed.ciphertext;
    let length = content.len();
    content.extend_from_slice(&sealed.tag);
    key.open_in_place(Nonce::assume_unique_for_key(iv), Aad::from(aad), &mut content).ok()?;
    content.truncate(length);
    Some(content)
}

/// RFC 7518 §5.2.2.1: the first half of the HMAC over AAD, IV, ciphertext and the AAD's length in bits.
fn tag(mac: hmac::Algorithm, key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(mac, key));
    let bits = (aad.len() as u64).saturating_mul(8).to_be_bytes();
    for part in [aad, iv, ciphertext, &bits] {
        context.update(part);
    }
    let whole = context.sign();
    whole.as_ref()[..whole.as_ref().len() / 2].to_vec()
}
