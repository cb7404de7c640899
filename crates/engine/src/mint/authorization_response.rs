//! RFC 6749 §4.1.2, §4.2.2, OAuth 2.0 Form Post Response Mode, JWT Secured Authorization Response Mode for
//! OAuth 2.0 – the answer to an authorization request.

use placet_base::registry::ResponseMode;
use placet_base::{Timestamp, form};
use placet_jose::Unsigned;
use serde_json::Map;

use crate::rules::redirect_uri::Destination;

/// An answer, ready to be sent to its destination.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The value of `Location`.
    Location(String),
    /// A page that sends itself.
    Form(String),
}

/// The parameters as the claims of a JWT, unsigned (JARM §2.1).
pub fn unsigned(
    destination: &Destination,
    parameters: &[(&str, String)],
    issuer: &str,
    audience: &str,
    expires_at: Timestamp,
) -> Unsigned {
    let mut claims = Map::new();
    claims.insert("iss".into(), issuer.into());
    claims.insert("aud".into(), audience.into());
    claims.insert("exp".into(), expires_at.as_secs().into());
    if let Some(state) = destination.state() {
        claims.insert("state".into(), state.into());
    }
    for (name, value) in parameters {
        claims.entry((*name).to_owned()).or_insert_with(|| value.as_str().into());
    }
    Unsigned { header: Map::new(), claims }
}

/// Puts a JWT on its way.
pub fn deliver_jwt(destination: &Destination, jwt: &str) -> Delivery {
    send(destination, [("response", jwt)].into_iter())
}

/// Puts parameters on their way. What the destination always carries (`state`, `iss`) comes with them.
pub fn deliver(destination: &Destination, parameters: &[(&str, String)]) -> Delivery {
    let pairs = parameters.iter().map(|(name, value)| (*name, value.as_str()));
    send(destination, pairs.chain(destination.companions()))
}

fn send<'a>(destination: &Destination, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Delivery {
    let uri = destination.uri();
    match destination.mode() {
        ResponseMode::FormPost | ResponseMode::FormPostJwt => Delivery::Form(page(uri, pairs)),
        ResponseMode::Fragment | ResponseMode::FragmentJwt => {
            Delivery::Location(format!("{uri}#{}", form::encode(pairs)))
        }
        // `jwt` stands for one of the two others of its kind, and has been resolved to it (JARM §2.3.4).
        ResponseMode::Query | ResponseMode::QueryJwt | ResponseMode::Jwt => {
            let joint = if uri.contains('?') { '&' } else { '?' };
            Delivery::Location(format!("{uri}{joint}{}", form::encode(pairs)))
        }
    }
}

fn page<'a>(uri: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let fields: Vec<_> = pairs
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\"/>", escaped(name), escaped(value))
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"/><title>Continue</title></head>\n\
         <body onload=\"document.forms[0].submit()\">\n<form method=\"post\" action=\"{}\">\n{}\n\
         <noscript><button type=\"submit\">Continue</button></noscript>\n</form>\n</body>\n</html>\n",
        escaped(uri),
        fields.join("\n")
    )
}

/// A text between double quotes in HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_attribute() {
        let page = page("https://a/?x=\"><script>", [("state", "'\"><script>&")].into_iter());
        assert!(!page.contains("<script>"));
        assert!(page.contains("value=\"&#39;&quot;&gt;&lt;script&gt;&amp;\""));
    }
}
