//! Token Status List §5.2 – the signed list as a CWT (RFC 8392), for those who read mdocs.

use ciborium::Value;
use coset::iana::{self, EnumI64};
use coset::{CoseSign1, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable};
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;
use serde_json::Value as Json;

use super::Token;
use crate::cbor;
use crate::mdoc;

/// RFC 9596: what a COSE message is.
const TYP: i64 = 16;
/// §14.3 of the draft: the claims that it registers.
const STATUS_LIST: i64 = 65533;
const TTL: i64 = 65534;

/// Who signs a list.
pub struct Signer<'a> {
    /// With which algorithm.
    pub alg: JwsAlg,
    /// The key's name.
    pub kid: Option<&'a str>,
    /// The key's certificate and those above it, as DER; empty where there are none.
    pub x5chain: &'a [Vec<u8>],
}

/// A list before its signature.
pub struct Cwt(CoseSign1);

impl Cwt {
    /// What is to be signed: RFC 9052 §4.4 `Sig_structure`.
    pub fn signing_input(&self) -> Vec<u8> {
        self.0.tbs_data(&[])
    }

    /// The token with its signature; `None` where it has no form in CBOR.
    pub fn issued(mut self, signature: &[u8]) -> Option<Vec<u8>> {
        self.0.signature = signature.to_vec();
        self.0.to_tagged_vec().ok()
    }
}

impl Token<'_> {
    /// The same as a CWT, of a claim that has been made before. `None` for an algorithm that mdocs are not signed with, and for
    /// what is no such claim.
    pub fn cwt_of_claim(&self, status_list: &Json, signer: &Signer<'_>) -> Option<Cwt> {
        let alg = mdoc::algorithm(signer.alg)?;
        let typ = Value::Text("application/statuslist+cwt".to_owned());
        let protected = HeaderBuilder::new().algorithm(alg).value(TYP, typ).build();
        let mut unprotected = HeaderBuilder::new();
        if let Some(kid) = signer.kid {
            unprotected = unprotected.key_id(kid.as_bytes().to_vec());
        }
        if let Some(chain) = mdoc::x5chain(signer.x5chain) {
            unprotected = unprotected.value(iana::HeaderParameter::X5Chain.to_i64(), chain);
        }
        let payload = cbor::encode(&self.claims(status_list)?);
        let message = CoseSign1Builder::new().protected(protected).unprotected(unprotected.build());
        Some(Cwt(message.payload(payload).build()))
    }

    fn claims(&self, status_list: &Json) -> Option<Value> {
        let lst = BASE64URL_NOPAD.decode(status_list.get("lst")?.as_str()?.as_bytes()).ok()?;
        let aggregation = status_list.get("aggregation_uri").and_then(Json::as_str);
        let list: [(&str, Option<Value>); 3] = [
            ("bits", Some(status_list.get("bits")?.as_u64()?.into())),
            ("lst", Some(Value::Bytes(lst))),
            ("aggregation_uri", aggregation.map(Value::from)),
        ];
        let list = list.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
        let list = Value::Map(list.collect());
        let claims = [
            (iana::CwtClaimName::Sub.to_i64(), Some(self.uri.into())),
            (iana::CwtClaimName::Iat.to_i64(), Some(self.at.as_secs().into())),
            (iana::CwtClaimName::Exp.to_i64(), self.until.map(|until| until.as_secs().into())),
            (TTL, self.ttl.map(|ttl| ttl.as_secs().into())),
            (STATUS_LIST, Some(list)),
        ];
        let claims = claims.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
        Some(Value::Map(claims.collect()))
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use placet_base::{Timestamp, Ttl};
    use serde_json::json;

    use super::*;

    /// §5.2 of the draft, its example.
    const EXAMPLE: &str = "d2845820a2012610781a6170706c69636174696f6e2f7374617475736c6973742b637774a1044231\
        325850a502782168747470733a2f2f6578616d706c652e636f6d2f7374617475736c697374732f31061a648c5bea041a8898\
        dfea19fffe19a8c019fffda2646269747301636c73744a78dadbb918000217015d584030e39052d23cc3cdeca77c915d5e87\
        63353565fa772c47f5176f77b5e406b11430b3dce2ae21c07f4491fc12acdd7ec82875099d28f035d9b1893e2825e63488";

    fn token() -> Token<'static> {
        Token {
            uri: "https://example.com/statuslists/1",
            at: Timestamp::from_secs(1_686_920_170),
            until: Some(Timestamp::from_secs(2_291_720_170)),
            ttl: Some(Ttl::secs(43_200)),
            aggregation_uri: None,
        }
    }

    // shows STATUS-LIST 5.2/cwt
    #[test]
    fn the_example_is_made_byte_by_byte() {
        let example = HEXLOWER.decode(EXAMPLE.as_bytes()).unwrap();
        let signer = Signer { alg: JwsAlg::Es256, kid: Some("12"), x5chain: &[] };
        let claim = json!({ "bits": 1, "lst": "eNrbuRgAAhcBXQ" });
        let made = token().cwt_of_claim(&claim, &signer).unwrap();
        assert_eq!(made.issued(&example[example.len() - 64..]).unwrap(), example);
    }

    #[test]
    fn certificates_are_shown_and_other_algorithms_are_not_used() {
        let claim = json!({ "bits": 1, "lst": "eNrbuRgAAhcBXQ" });
        let chain = [vec![7; 3]];
        let signer = Signer { alg: JwsAlg::Es256, kid: None, x5chain: &chain };
        let made = token().cwt_of_claim(&claim, &signer).unwrap().issued(&[1; 64]).unwrap();
        // {33: h'070707'}
        assert!(made.windows(7).any(|part| part == [0xa1, 0x18, 33, 0x43, 7, 7, 7]));
        let other = Signer { alg: JwsAlg::Rs256, ..signer };
        let claim = json!({ "bits": 1, "lst": "eNrbuRgAAhcBXQ", "aggregation_uri": "https://example.com" });
        let with_uri = token().cwt_of_claim(&claim, &signer).unwrap().issued(&[1; 64]).unwrap();
        // "aggregation_uri": "https://example.com", of 15 and of 19 characters
        let member = [&b"\x6faggregation_uri\x73"[..], b"https://example.com"].concat();
        assert!(with_uri.windows(member.len()).any(|part| part == member));
        assert!(token().cwt_of_claim(&claim, &other).is_none());
        let signer = Signer { alg: JwsAlg::Es256, kid: None, x5chain: &[] };
        assert!(token().cwt_of_claim(&json!({ "bits": 1 }), &signer).is_none());
    }
}
