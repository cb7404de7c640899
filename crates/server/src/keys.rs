//! New keys for a service.

use placet_jose::generate_named;

/// A JWK Set of new private keys, one for each algorithm: as it stands in the property `jwks` of a service.
///
/// # Errors
///
/// The name of an algorithm that no key is made for.
pub fn key_set(algorithms: &[impl AsRef<str>]) -> Result<String, String> {
    let one = |name: &str| {
        generate_named(name).ok_or_else(|| format!("there is no key for the algorithm '{name}'"))
    };
    let keys: Result<Vec<_>, _> = algorithms.iter().map(|name| one(name.as_ref())).collect();
    Ok(serde_json::json!({ "keys": keys? }).to_string())
}

#[cfg(test)]
mod tests {
    use placet_base::registry::{JweAlg, JwsAlg};

    use super::*;

    #[test]
    fn a_key_for_each_algorithm_or_none_at_all() {
        let set = key_set(&["ES256", "RSA-OAEP-256"]).unwrap();
        let set = placet_jose::JwkSet::parse(&set).unwrap();
        assert!(set.keys()[0].signing_key(JwsAlg::Es256).is_some());
        assert!(set.keys()[1].decryption_key(JweAlg::RsaOaep256).is_some());
        for refused in ["none", "HS256", "RSA1_5", "dir", "es256"] {
            assert!(key_set(&["ES256", refused]).unwrap_err().contains(refused));
        }
    }
}
