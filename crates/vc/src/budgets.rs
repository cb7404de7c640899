//! What a payload, a credential or a wallet's proof can multiply. What is larger is refused before work is done on it.

placet_base::budgets! {
    #[doc = "A payload that a credential is made of, as JSON."]
    PAYLOAD = 256 * 1024, "bytes", "no credential is made";
    #[doc = "Objects and arrays within each other, in a payload or a credential."]
    DEPTH = 16, "levels", "no credential is made, or it is invalid";
    #[doc = "Digests of an SD-JWT, decoys among them."]
    DIGESTS = 512, "digests", "no credential is made, or it is invalid";
    #[doc = "Paths of a frame."]
    PATHS = 512, "paths", "no credential is made";
    #[doc = "An SD-JWT with its disclosures."]
    SD_JWT = 1024 * 1024, "bytes", "malformed";
    #[doc = "Data elements of an mdoc."]
    ELEMENTS = 512, "elements", "no credential is made, or it is invalid";
    #[doc = "An mdoc, or another piece of CBOR."]
    CBOR = 1024 * 1024, "bytes", "malformed";
    #[doc = "A value in CBOR diagnostic notation."]
    NOTATION = 64 * 1024, "bytes", "no credential is made";
    #[doc = "Certificates of a chain, without its root."]
    CERTIFICATE_CHAIN = 6, "certificates", "not trusted";
    #[doc = "Keys of a key attestation."]
    ATTESTED_KEYS = 100, "keys", "the attestation is invalid";
    #[doc = "A status list, unpacked."]
    STATUS_LIST = 4 * 1024 * 1024, "bytes", "malformed";
}
