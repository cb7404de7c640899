//! OpenID Identity Assurance Schema Definition 1.0, appendices C and D: what is published there is held by a user, asked for
//! and answered.

use serde_json::{Value, json};

use super::examples::answered;
use super::examples_of_evidence::whole;

fn published() -> Value {
    serde_json::from_str(include_str!("annexes.json")).unwrap()
}

/// What asks for all of a set: every type of evidence by its value, as §5.4 wants it, and every type of record too, since an
/// entry is given as the first filter asks that it fits.
fn all_of(set: &Value) -> Value {
    let mut asked = whole(set);
    let evidence = set["verification"].get("evidence").and_then(Value::as_array);
    for (index, entry) in evidence.into_iter().flatten().enumerate() {
        let filter = &mut asked["verification"]["evidence"][index];
        filter["type"] = json!({ "value": entry["type"] });
        if let Some(record) = entry.get("record") {
            filter["record"]["type"] = json!({ "value": record["type"] });
        }
    }
    asked
}

#[test]
fn each_set_of_appendix_c_is_answered_whole() {
    let published = published();
    for clause in ["C.1 first", "C.1 second", "C.2", "C.3", "C.4", "C.5", "C.6"] {
        let user = &published[clause];
        assert_eq!(answered(&all_of(user), user), Some(user.clone()), "{clause}");
    }
}

#[test]
fn two_sets_of_a_user_are_answered_each_for_itself() {
    let sets = &published()["C.7"];
    let request = json!([all_of(&sets[0]), all_of(&sets[1])]);
    assert_eq!(answered(&request, sets), Some(sets.clone()));
    let one = json!({ "verification": { "trust_framework": { "value": "de_aml" } }, "claims": { "address": null } });
    let address = sets[1]["claims"].clone();
    let expected = json!({ "verification": { "trust_framework": "de_aml" }, "claims": address });
    assert_eq!(answered(&one, sets), Some(expected));
}

/// The users have more than is asked for: what the other examples tell about people who were identified in the same way.
#[test]
fn the_requests_of_appendix_d_bring_its_responses() {
    let published = published();
    for clause in ["D.1", "D.2"] {
        let (request, response) =
            (&published[&format!("{clause} request")], &published[&format!("{clause} response")]);
        let mut user = published["C.2"].clone();
        user["verification"]["evidence"][0].as_object_mut().unwrap().remove("organization");
        for (name, value) in response["claims"].as_object().unwrap() {
            user["claims"][name] = value.clone();
        }
        assert_eq!(answered(request, &user), Some(response.clone()), "{clause}");
    }
}

#[test]
fn a_framework_that_is_not_asked_for_is_not_given() {
    let published = published();
    let user = &published["C.3"];
    let asked = |framework: &str| {
        let verification = json!({ "trust_framework": { "value": framework } });
        answered(&json!({ "verification": verification, "claims": { "given_name": null } }), user)
    };
    let expected =
        json!({ "verification": { "trust_framework": "uk_diatf" }, "claims": { "given_name": "Sarah" } });
    assert_eq!(asked("uk_diatf"), Some(expected));
    assert_eq!(asked("eidas"), None);
}
