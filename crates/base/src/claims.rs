//! The standard claims about a person (OpenID Connect Core §5.1), and the scopes that ask for them (§5.4).

/// §5.4: the four scope values that stand for claims.
const OF_SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// The claims that a scope value asks for: none, unless it is `profile`, `email`, `address` or `phone`.
pub fn of_scope(scope: &str) -> &'static [&'static str] {
    OF_SCOPES.iter().find(|(name, _)| *name == scope).map_or(&[], |(_, claims)| claims)
}

/// The names of all standard claims, each once; `sub` is the first.
pub fn standard() -> impl Iterator<Item = &'static str> {
    let of_scopes = OF_SCOPES.iter().flat_map(|(_, claims)| claims.iter().copied());
    std::iter::once("sub").chain(of_scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_ask_for_claims_and_together_for_all_but_sub() {
        assert_eq!(of_scope("phone"), ["phone_number", "phone_number_verified"]);
        assert!(of_scope("openid").is_empty());
        assert!(of_scope("Email").is_empty());
        let all: Vec<_> = standard().collect();
        assert_eq!(all.len(), 20);
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
        for scope in ["profile", "email", "address", "phone"] {
            assert!(of_scope(scope).iter().all(|claim| all.contains(claim)), "{scope}");
        }
    }
}
