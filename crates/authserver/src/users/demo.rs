//! Three made-up people.

use serde_json::{Map, Value, json};

/// What a driving licence says besides (ISO/IEC 18013-5 §7.2.1). Dates are CBOR's own, which JSON has not.
fn licence(birthdate: &str, number: &str) -> Value {
    let date = |day: &str| format!("cbor:1004(\"{day}\")");
    let (from, until) = (date("2025-04-01"), date("2040-03-31"));
    json!({
        "birth_date": date(birthdate), "issue_date": from, "expiry_date": until, "document_number": number,
        // That of the signer (ISO/IEC 18013-5 B.1.4), and of no country.
        "issuing_country": "ZZ", "issuing_authority": "Demo service", "un_distinguishing_sign": "ZZ",
        "driving_privileges": [{ "vehicle_category_code": "B", "issue_date": from, "expiry_date": until }],
    })
}

fn claims(claims: Value) -> Map<String, Value> {
    match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}

pub(super) fn john() -> Map<String, Value> {
    claims(json!({
        "name": "John Smith", "given_name": "John", "family_name": "Smith", "nickname": "Johnny",
        "preferred_username": "john", "email": "john@example.com", "email_verified": true,
        "phone_number": "+1 555 0100", "phone_number_verified": true, "birthdate": "1984-02-29", "gender": "male",
        "zoneinfo": "America/New_York", "locale": "en-US", "website": "https://john.example.com/",
        "profile": "https://john.example.com/about", "picture": "https://john.example.com/me.png",
        "middle_name": "Q", "updated_at": 1_767_225_600,
        "org.iso.18013.5.1": licence("1984-02-29", "J-1984"),
        "address": {
            "formatted": "1 Main Street\nSpringfield, IL 62701\nUSA", "street_address": "1 Main Street",
            "locality": "Springfield", "region": "IL", "postal_code": "62701", "country": "US",
        },
        "verified_claims": {
            "verification": {
                "trust_framework": "demo", "time": "2025-06-01T10:00:00Z",
                "evidence": [{
                    "type": "document", "time": "2025-06-01T09:50:00Z",
                    "check_details": [{ "check_method": "vpip" }],
                    "document_details": { "type": "idcard", "document_number": "D-1984", "issuer": { "country": "US" } },
                }],
            },
            "claims": { "given_name": "John", "family_name": "Smith", "birthdate": "1984-02-29" },
        },
    }))
}

pub(super) fn jane() -> Map<String, Value> {
    claims(json!({
        "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe", "preferred_username": "jane",
        "email": "jane@example.com", "email_verified": false, "birthdate": "1990-11-05", "gender": "female",
        "zoneinfo": "Europe/Berlin", "locale": "de-DE", "updated_at": 1_767_225_600,
        "org.iso.18013.5.1": licence("1990-11-05", "J-1990"),
    }))
}

pub(super) fn hanako() -> Map<String, Value> {
    claims(json!({
        "name": "Hanako Yamada", "name#ja": "山田花子", "given_name": "Hanako", "given_name#ja": "花子",
        "family_name": "Yamada", "family_name#ja": "山田", "preferred_username": "hanako",
        "email": "hanako@example.com", "email_verified": true, "phone_number": "+81 3 5550 0100",
        "phone_number_verified": false, "birthdate": "1979-07-07", "gender": "female", "zoneinfo": "Asia/Tokyo",
        "locale": "ja-JP", "updated_at": 1_767_225_600,
        "org.iso.18013.5.1": licence("1979-07-07", "H-1979"),
        "address": { "locality": "Chiyoda-ku", "region": "Tokyo", "postal_code": "100-0001", "country": "JP" },
    }))
}
