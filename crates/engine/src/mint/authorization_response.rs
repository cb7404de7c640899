//! RFC 6749 §4.1.2, OAuth 2.0 Form Post Response Mode – the answer to an authorization request.

use placet_base::form;
use placet_base::registry::ResponseMode;

use crate::rules::redirect_uri::Destination;

/// An answer, ready to be sent to its destination.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The value of `Location`.
    Location(String),
    /// A page that sends itself.
    Form(String),
}

/// Puts parameters on their way. What the destination always carries (`state`, `iss`) comes with them.
pub fn deliver(destination: &Destination, parameters: &[(&str, String)]) -> Delivery {
    let pairs =
        parameters.iter().map(|(name, value)| (*name, value.as_str())).chain(destination.companions());
    let uri = destination.uri();
    match destination.mode() {
        ResponseMode::FormPost => Delivery::Form(page(uri, pairs)),
        ResponseMode::Fragment => Delivery::Location(format!("{uri}#{}", form::encode(pairs))),
        _ => {
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
