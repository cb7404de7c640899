//! OpenID Attachments 1.0 §3 – files that go with evidence

use data_encoding::BASE64;
use placet_base::registry::AttachmentType;
use serde_json::Value;

/// The length of what the named algorithms of the registry make (RFC 6920 §9.4), in bytes.
const DIGESTS: [(&str, usize); 3] = [("sha-256", 32), ("sha-384", 48), ("sha-512", 64)];

/// External, if it has a URL.
pub fn kind(attachment: &Value) -> AttachmentType {
    if attachment.get("url").is_some() { AttachmentType::External } else { AttachmentType::Embedded }
}

/// The algorithm of its digest.
pub fn digest_algorithm(attachment: &Value) -> Option<&str> {
    attachment.get("digest")?.get("alg")?.as_str()
}

/// Whether it is one of either kind, and not of both.
pub fn is_sound(attachment: &Value) -> bool {
    let text = |name: &str| attachment.get(name).and_then(Value::as_str);
    let optional = |name: &str| attachment.get(name).is_none_or(Value::is_string);
    let either = match kind(attachment) {
        AttachmentType::Embedded => {
            text("content_type").is_some_and(is_one_part)
                && text("content").is_some_and(|content| BASE64.decode(content.as_bytes()).is_ok())
        }
        AttachmentType::External => {
            let token =
                attachment.get("access_token").is_none_or(|token| token.is_null() || token.is_string());
            let expiry = attachment.get("exp").is_none_or(|exp| exp.as_i64().is_some_and(|exp| exp > 0));
            let url = text("url").is_some_and(|url| url.starts_with("https://"));
            let embedded = attachment.get("content").is_some();
            url && !embedded && token && expiry && attachment.get("digest").is_some_and(is_digest)
        }
    };
    either && optional("desc") && optional("txn")
}

/// §3.1: no multipart or message types.
fn is_one_part(content_type: &str) -> bool {
    let (kind, rest) = content_type.split_once('/').unwrap_or_default();
    !kind.is_empty()
        && !rest.is_empty()
        && !["multipart", "message"].contains(&kind.to_ascii_lowercase().as_str())
}

/// Base64 of as many bytes as the algorithm makes.
fn is_digest(digest: &Value) -> bool {
    let text = |name: &str| digest.get(name).and_then(Value::as_str);
    let (Some(alg), Some(value)) = (text("alg"), text("value")) else { return false };
    let Ok(bytes) = BASE64.decode(value.as_bytes()) else { return false };
    match DIGESTS.iter().find(|(name, _)| *name == alg) {
        Some((_, length)) => bytes.len() == *length,
        None => !alg.is_empty() && !bytes.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn external(changed: &str, to: Value) -> Value {
        let digest = json!({ "alg": "sha-256", "value": BASE64.encode(&[7; 32]) });
        let mut attachment = json!({ "url": "https://op.example/files/1", "digest": digest });
        attachment[changed] = to;
        attachment
    }

    #[test]
    fn an_external_attachment_has_an_address_and_a_digest() {
        for sound in [
            external("desc", json!("a scan")),
            external("access_token", json!(null)),
            external("access_token", json!("ksj3n283dke")),
            external("exp", json!(1_676_552_089)),
            external("digest", json!({ "alg": "blake2s-256", "value": "AA==" })),
        ] {
            assert!(is_sound(&sound), "{sound}");
        }
        for unsound in [
            external("url", json!("http://op.example/files/1")),
            external("url", json!(1)),
            external("content", json!("AA==")),
            external("access_token", json!(1)),
            external("exp", json!("soon")),
            external("txn", json!(1)),
            external("digest", json!(null)),
            external("digest", json!({ "alg": "sha-256", "value": "AA==" })),
            external("digest", json!({ "alg": "sha-256", "value": "no base64" })),
            external("digest", json!({ "alg": "", "value": "AA==" })),
        ] {
            assert!(!is_sound(&unsound), "{unsound}");
        }
    }

    #[test]
    fn an_embedded_attachment_has_a_type_and_content() {
        assert!(is_sound(&json!({ "content_type": "image/png", "content": "d2l0bmVzcw==" })));
        for (kind, content) in [
            ("image/png", "no base64"),
            ("multipart/mixed", "AA=="),
            ("Message/rfc822", "AA=="),
            ("png", "AA=="),
            ("image/", "AA=="),
        ] {
            assert!(!is_sound(&json!({ "content_type": kind, "content": content })), "{kind} {content}");
        }
        for unsound in [json!({ "content": "AA==" }), json!({ "content_type": "image/png" }), json!("x")] {
            assert!(!is_sound(&unsound), "{unsound}");
        }
    }
}
