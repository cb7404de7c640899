//! What a stranger's key, signature or certificate can multiply. What is larger is as if it could not be read.

placet_base::budgets! {
    #[doc = "A signed JWT."]
    SIGNED_JWT = 64 * 1024, "bytes", "malformed";
    #[doc = "An encrypted JWT."]
    ENCRYPTED_JWT = 128 * 1024, "bytes", "malformed";
    #[doc = "The content of an encrypted JWT that is compressed, where that may be."]
    INFLATED_JWT = 64 * 1024, "bytes", "malformed";
    #[doc = "Keys that one signature is tried with."]
    KEYS_TRIED = 8, "keys", "the signature is wrong";
    #[doc = "A JWK Set."]
    KEY_SET = 64 * 1024, "bytes", "`A031215`, or as if it could not be had";
    #[doc = "Keys of a JWK Set."]
    KEYS = 100, "keys", "`A031215`, or as if it could not be had";
    #[doc = "A certificate in PEM."]
    CERTIFICATE = 32 * 1024, "bytes", "malformed";
    #[doc = "The `jti` of a DPoP proof."]
    PROOF_JTI = 256, "bytes", "the proof is invalid";
}
