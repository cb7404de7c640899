//! The signatures of a request, and nothing around them.

use std::time::{Duration, Instant};

use placet_base::registry::JwsAlg;
use placet_jose::{Jwk, SigningKey, VerifyingKey, generate};
use serde_json::Value;

/// About as long as the signing input of a token.
const MESSAGE: [u8; 400] = [b'm'; 400];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Es256,
    Ps256,
    VerifyEs256,
}

impl Work {
    pub(crate) const ALL: [Self; 3] = [Self::Es256, Self::Ps256, Self::VerifyEs256];

    /// As it stands in the path of a request, and in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::VerifyEs256 => "verify-ES256",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }
}

/// Keys, and a signature to verify.
pub(crate) struct Signatures {
    es256: SigningKey,
    ps256: SigningKey,
    verifying: VerifyingKey,
    signature: Vec<u8>,
}

impl Signatures {
    pub(crate) fn new() -> Result<Self, String> {
        let es256 = key(JwsAlg::Es256)?;
        let ps256 = key(JwsAlg::Ps256)?;
        let signing = |key: &Value, alg| Jwk::parse(key).and_then(|jwk| jwk.signing_key(alg));
        let verifying = Jwk::parse(&es256).and_then(|jwk| jwk.verifying_key(JwsAlg::Es256));
        let es256 = signing(&es256, JwsAlg::Es256).ok_or("no key")?;
        let signature = es256.sign(&MESSAGE).ok_or("no signature")?;
        let ps256 = signing(&ps256, JwsAlg::Ps256).ok_or("no key")?;
        Ok(Self { es256, ps256, verifying: verifying.ok_or("no key")?, signature })
    }

    pub(crate) fn perform(&self, work: Work) {
        let done = match work {
            Work::Es256 => self.es256.sign(&MESSAGE).is_some(),
            Work::Ps256 => self.ps256.sign(&MESSAGE).is_some(),
            Work::VerifyEs256 => self.verifying.verifies(&MESSAGE, &self.signature),
        };
        assert!(done, "{} has failed", work.name());
    }

    /// How often all cores together do it in a second.
    pub(crate) fn per_second(&self, work: Work, seconds: Duration) -> f64 {
        per_second(seconds, || self.perform(work))
    }
}

/// How often all cores together do something in a second.
#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
pub(crate) fn per_second(seconds: Duration, work: impl Fn() + Sync) -> f64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let started = Instant::now();
    let counts = std::thread::scope(|scope| {
        let one = || {
            let mut count = 0u32;
            while started.elapsed() < seconds {
                work();
                count += 1;
            }
            count
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(one)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).map(f64::from).sum::<f64>()
    });
    counts / started.elapsed().as_secs_f64()
}

pub(crate) fn key(alg: JwsAlg) -> Result<Value, String> {
    generate(alg).ok_or_else(|| format!("no key for {}", alg.protocol_name()))
}
