//! OpenID Connect for Identity Assurance 1.0 – verified claims: what a client asks for, and what it gets of what the
//! authorization server has

#[cfg(test)]
mod annexes;
pub mod answer;
pub mod attachment;
pub mod element;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod examples_of_evidence;
pub mod given;
pub mod moment;
pub mod request;
pub mod shape;
pub mod supported;

use serde_json::Value;

/// The claim that carries them, and its name where a user consents to all of them.
pub const VERIFIED_CLAIMS: &str = "verified_claims";

/// Whether a value has at most so many levels, and so many members and elements in all of them together.
fn within(value: &Value, depth: usize, nodes: usize) -> bool {
    left(value, depth, nodes).is_some()
}

/// How many more nodes there may be behind a value.
fn left(value: &Value, depth: usize, nodes: usize) -> Option<usize> {
    let nodes = nodes.checked_sub(1)?;
    match value {
        Value::Array(elements) => {
            let depth = depth.checked_sub(1)?;
            elements.iter().try_fold(nodes, |nodes, element| left(element, depth, nodes))
        }
        Value::Object(members) => {
            let depth = depth.checked_sub(1)?;
            members.values().try_fold(nodes, |nodes, member| left(member, depth, nodes))
        }
        _ => Some(nodes),
    }
}
