//! The tests that every module must pass, as functions over one. An implementation runs them from its own tests:
//! `for (name, check) in CHECKS { check(&module) }`.
//!
//! They panic on a breach, as tests do; nothing outside tests calls them.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use placet_base::registry::{JweAlg, JweEnc, JwsAlg};
use placet_jose::{Asked, DecryptionKey, Encrypted, Header, JweError, Jwk, encrypt};

use crate::{Destroyed, Hsm, HsmError, KeyAlg, KeyId, NewKey};

type Check = fn(&dyn Hsm);

/// Name and function of every check.
pub const CHECKS: &[(&str, Check)] = &[
    ("what is signed is verified by the public half", signatures),
    ("what is encrypted to the public half is opened", decryptions),
    ("what was spoilt opens with no error of the module", spoilt),
    ("a key does what it is for and nothing else", one_purpose),
    ("a key is there until it is destroyed, and that twice", destroyed),
    ("keys are apart", apart),
];

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Drives a future on this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// The ids of the keys of these tests.
const OWN: [KeyId; 2] = [KeyId([0x51; 32]), KeyId([0x52; 32])];

fn made(hsm: &dyn Hsm, id: KeyId, alg: KeyAlg) -> Jwk {
    let key = NewKey { id, alg, label: "placet contract".to_owned() };
    block_on(hsm.generate(key)).unwrap_or_else(|e| panic!("{}: {e}", alg.name()))
}

fn gone(hsm: &dyn Hsm, id: KeyId) {
    assert_eq!(block_on(hsm.destroy(id)), Ok(Destroyed));
}

fn signatures(hsm: &dyn Hsm) {
    let algs = [JwsAlg::Es256, JwsAlg::Es384, JwsAlg::Es512, JwsAlg::Rs256, JwsAlg::Rs512];
    for alg in algs.into_iter().chain([JwsAlg::Ps256, JwsAlg::Ps384, JwsAlg::Ps512]) {
        let public = made(hsm, OWN[0], KeyAlg::Signs(alg));
        assert!(!public.is_private(), "{alg:?}");
        let signature =
            block_on(hsm.sign(OWN[0], alg, b"message".to_vec())).unwrap_or_else(|e| panic!("{e}"));
        let key = public.verifying_key(alg).unwrap_or_else(|| panic!("{alg:?}: no public half"));
        assert!(key.verifies(b"message", &signature), "{alg:?}");
        assert!(!key.verifies(b"massage", &signature), "{alg:?}");
        gone(hsm, OWN[0]);
    }
}

fn sealed(public: &Jwk, alg: JweAlg, enc: JweEnc) -> String {
    let key = public.encryption_key(alg).unwrap_or_else(|| panic!("{alg:?}: no public half"));
    encrypt(b"content", Header::new(), &key, enc).unwrap_or_else(|| panic!("{alg:?}"))
}

fn opened(hsm: &dyn Hsm, public: &Jwk, text: &str) -> Result<Vec<u8>, JweError> {
    let jwe = Encrypted::parse(text)?;
    let (alg, asked) = (jwe.alg(), jwe.asked(public).ok_or(JweError::NoKey)?);
    let given = block_on(hsm.answer(OWN[0], alg, asked)).unwrap_or_else(|e| panic!("{alg:?}: {e}"));
    jwe.decrypted(&DecryptionKey::from_elsewhere(alg, given))
}

fn decryptions(hsm: &dyn Hsm) {
    for alg in [JweAlg::RsaOaep, JweAlg::EcdhEs, JweAlg::EcdhEsA128Kw, JweAlg::EcdhEsA256Kw] {
        let public = made(hsm, OWN[0], KeyAlg::Decrypts(alg));
        for enc in JweEnc::ALL {
            assert_eq!(opened(hsm, &public, &sealed(&public, alg, *enc)).as_deref(), Ok(&b"content"[..]));
        }
        gone(hsm, OWN[0]);
    }
}

fn spoilt(hsm: &dyn Hsm) {
    for alg in [JweAlg::RsaOaep, JweAlg::EcdhEsA128Kw] {
        let public = made(hsm, OWN[0], KeyAlg::Decrypts(alg));
        let text = sealed(&public, alg, JweEnc::A256Gcm);
        let parts: Vec<_> = text.split('.').collect();
        let spoilt = [parts[0], &"A".repeat(parts[1].len()), parts[2], parts[3], parts[4]].join(".");
        assert_eq!(opened(hsm, &public, &spoilt), Err(JweError::Decryption), "{alg:?}");
        // The module goes on after that.
        assert!(opened(hsm, &public, &text).is_ok(), "{alg:?}");
        gone(hsm, OWN[0]);
    }
}

fn one_purpose(hsm: &dyn Hsm) {
    made(hsm, OWN[0], KeyAlg::Signs(JwsAlg::Rs256));
    let asked = Asked::Decryption(vec![0; 256]);
    let given = block_on(hsm.answer(OWN[0], JweAlg::RsaOaep, asked));
    assert!(matches!(given, Ok(None) | Err(HsmError::Refused(_) | HsmError::Unsupported(_))), "{given:?}");
    gone(hsm, OWN[0]);
}

fn destroyed(hsm: &dyn Hsm) {
    made(hsm, OWN[0], KeyAlg::Signs(JwsAlg::Es256));
    assert!(block_on(hsm.sign(OWN[0], JwsAlg::Es256, b"m".to_vec())).is_ok());
    gone(hsm, OWN[0]);
    gone(hsm, OWN[0]);
    assert_eq!(block_on(hsm.sign(OWN[0], JwsAlg::Es256, b"m".to_vec())), Err(HsmError::NoKey));
}

fn apart(hsm: &dyn Hsm) {
    let [first, second] = OWN.map(|id| made(hsm, id, KeyAlg::Signs(JwsAlg::Es256)));
    assert_ne!(first.thumbprint(), second.thumbprint());
    gone(hsm, OWN[0]);
    let signature =
        block_on(hsm.sign(OWN[1], JwsAlg::Es256, b"m".to_vec())).unwrap_or_else(|e| panic!("{e}"));
    assert!(second.verifying_key(JwsAlg::Es256).is_some_and(|key| key.verifies(b"m", &signature)));
    gone(hsm, OWN[1]);
}
