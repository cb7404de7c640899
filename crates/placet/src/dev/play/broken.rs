//! What the relying party does wrong when it is told to, so that a person sees how it is found out.

/// One mistake, or attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The verifier is not that of the challenge: somebody else has got hold of the code (RFC 7636 §4.6).
    Verifier,
    /// The code is redeemed twice (RFC 6749 §4.1.2).
    Twice,
    /// The code is redeemed for another redirect URI than it was sent to (RFC 6749 §4.1.3).
    RedirectUri,
    /// The client proves itself with another secret (RFC 6749 §2.3.1).
    Secret,
    /// A token that is bound to a key is used without a proof (RFC 9449 §7.1).
    Proof,
}

impl Broken {
    pub(super) const ALL: [Self; 5] =
        [Self::Verifier, Self::Twice, Self::RedirectUri, Self::Secret, Self::Proof];

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|broken| broken.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Verifier => "verifier",
            Self::Twice => "twice",
            Self::RedirectUri => "redirect_uri",
            Self::Secret => "secret",
            Self::Proof => "proof",
        }
    }
}

/// The parameters of a token request, with what is wrong in them.
pub(super) fn parameters(broken: Option<Broken>, pairs: &mut [(&'static str, String)]) {
    let wrong = match broken {
        Some(Broken::Verifier) => "code_verifier",
        Some(Broken::RedirectUri) => "redirect_uri",
        _ => return,
    };
    for (_, value) in pairs.iter_mut().filter(|(name, _)| *name == wrong) {
        match broken {
            Some(Broken::Verifier) => *value = value.chars().rev().collect(),
            _ => value.push_str("/elsewhere"),
        }
    }
}

/// The secret that the client shows.
pub(super) fn secret(broken: Option<Broken>, secret: &str) -> String {
    match broken {
        Some(Broken::Secret) => format!("not-{}", secret.get(..4).unwrap_or_default()),
        _ => secret.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_wrong_in_one_place() {
        let whole = || vec![("code_verifier", "abc".to_owned()), ("redirect_uri", "https://a/cb".to_owned())];
        let with = |broken| {
            let mut pairs = whole();
            parameters(broken, &mut pairs);
            pairs.iter().zip(whole()).filter(|(one, other)| *one != other).count()
        };
        assert_eq!([None, Some(Broken::Twice), Some(Broken::Secret)].map(with), [0; 3]);
        assert_eq!([Some(Broken::Verifier), Some(Broken::RedirectUri)].map(with), [1; 2]);
        assert!(Broken::ALL.iter().all(|broken| Broken::parse(broken.name()) == Some(*broken)));
    }
}
