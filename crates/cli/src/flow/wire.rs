//! Requests and answers of a flow, shown as they go by. Secrets are shortened unless they are asked for.

use placet_sdk::form;
use serde_json::{Map, Value, json};

use super::Proven;
use crate::exit::{Done, Exit, Failure};
use crate::http;
use crate::output::{Format, Output, cell, clean, put};
use crate::secrets::{is_secret, masked, shortened};

pub(super) struct Wire {
    http: reqwest::Client,
    output: Output,
    show_secrets: bool,
    hops: Vec<Value>,
}

/// What came back.
pub(super) struct Hop {
    pub(super) status: u16,
    pub(super) body: Map<String, Value>,
    /// What the next DPoP proof is to carry.
    pub(super) dpop_nonce: Option<String>,
}

impl Hop {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// It, unless it is an error of OAuth.
    pub(super) fn succeeded(self) -> Result<Self, Failure> {
        match (self.text("error"), self.status) {
            (None, 200..=299) => Ok(self),
            (Some(error), _) => Err(refusal(error, self.text("error_description"))),
            (None, status) => {
                Err(Failure::new(Exit::Refused, format!("the server answers with HTTP {status}")))
            }
        }
    }
}

/// An error of OAuth, with the result code that its description may have.
pub(super) fn refusal(error: &str, description: Option<&str>) -> Failure {
    let description = description.unwrap_or_default();
    let code = description.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let message = format!("{error}: {description}");
    Failure { exit: Exit::Refused, message, code: code.map(str::to_owned) }
}

impl Wire {
    pub(super) fn new(http: reqwest::Client, output: Output, show_secrets: bool) -> Self {
        Self { http, output, show_secrets, hops: Vec::new() }
    }

    /// Sends a form, and shows it and what comes back.
    pub(super) async fn post(&mut self, url: &str, proven: &Proven) -> Result<Hop, Failure> {
        let hop = self.post_quietly(url, proven).await?;
        self.show_request("POST", url, &proven.pairs, proven.shown())?;
        self.show_answer(&hop)?;
        Ok(hop)
    }

    /// The same, and nothing is shown: what is repeated every few seconds says nothing new.
    pub(super) async fn post_quietly(&mut self, url: &str, proven: &Proven) -> Result<Hop, Failure> {
        let body = form::encode(proven.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        let headers = [("authorization", &proven.authorization), ("dpop", &proven.dpop)];
        for (name, value) in headers {
            request = value.iter().fold(request, |request, value| request.header(name, value));
        }
        hop(url, request.body(body)).await
    }

    /// Fetches a document, and shows it.
    pub(super) async fn get(&mut self, url: &str) -> Result<Hop, Failure> {
        let hop = hop(url, self.http.get(url)).await?;
        self.show_request("GET", url, &[], (false, false))?;
        self.show_answer(&hop)?;
        Ok(hop)
    }

    /// Posts without a body, and shows what comes back.
    pub(super) async fn post_nothing(&mut self, url: &str) -> Result<Hop, Failure> {
        let hop = hop(url, self.http.post(url).body("")).await?;
        self.show_request("POST", url, &[], (false, false))?;
        self.show_answer(&hop)?;
        Ok(hop)
    }

    /// Posts JSON with an access token, and the proof of the key that it is bound to; shows it and what comes back.
    pub(super) async fn post_json(
        &mut self,
        url: &str,
        body: &Value,
        (token, proof): (&str, Option<String>),
    ) -> Result<Hop, Failure> {
        let scheme = if proof.is_some() { "DPoP" } else { "Bearer" };
        let request = self.http.post(url).header("authorization", format!("{scheme} {token}"));
        let request = proof.iter().fold(request, |request, proof| request.header("dpop", proof));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let hop = hop(url, request).await?;
        let members: Map<_, _> = body.as_object().cloned().unwrap_or_default();
        self.say(&format!("→ POST {}\n    Authorization: {scheme} ••••••\n{}", clean(url), lines(&members)))?;
        self.hops.push(json!({ "method": "POST", "url": url, "body": members, "authorization": true, "dpop": proof.is_some() }));
        self.show_answer(&hop)?;
        Ok(hop)
    }

    /// A request, as it was sent.
    pub(super) fn show_request(
        &mut self,
        method: &str,
        url: &str,
        pairs: &[(String, String)],
        (authorized, bound): (bool, bool),
    ) -> Done {
        let shown: Map<_, _> =
            pairs.iter().map(|(name, value)| (name.clone(), self.value(name, value).into())).collect();
        let mut text = format!("→ {method} {}\n", clean(url));
        if authorized {
            text += "    Authorization: Basic ••••••\n";
        }
        if bound {
            text += "    DPoP: a proof of the key that tokens are bound to\n";
        }
        text += &lines(&shown);
        self.say(&text)?;
        self.hops
            .push(json!({ "method": method, "url": url, "parameters": shown, "authorization": authorized, "dpop": bound }));
        Ok(())
    }

    /// What came back, as far as it is JSON.
    pub(super) fn show_answer(&mut self, hop: &Hop) -> Done {
        let body: Map<_, _> =
            hop.body.iter().map(|(name, value)| (name.clone(), self.shown(name, value))).collect();
        self.say(&format!("← {}\n{}", hop.status, lines(&body)))?;
        self.hops.push(json!({ "status": hop.status, "body": body }));
        Ok(())
    }

    /// What a browser has brought, or a JWT says.
    pub(super) fn show_members(&mut self, what: &str, members: &Map<String, Value>) -> Done {
        let members: Map<_, _> =
            members.iter().map(|(name, value)| (name.clone(), self.shown(name, value))).collect();
        self.say(&format!("← {what}\n{}", lines(&members)))?;
        self.hops.push(json!({ "from": what, "members": members }));
        Ok(())
    }

    fn shown(&self, name: &str, value: &Value) -> Value {
        match value.as_str() {
            Some(text) => self.value(name, text).into(),
            None if self.show_secrets => value.clone(),
            None => masked(value),
        }
    }

    fn value(&self, name: &str, value: &str) -> String {
        match is_secret(name) && !self.show_secrets {
            true => shortened(value),
            false => value.to_owned(),
        }
    }

    /// To people at once; what people have to do goes to them even where programs read the result.
    fn say(&self, text: &str) -> Done {
        match self.output.format {
            Format::Human => put(text),
            _ => Ok(()),
        }
    }

    /// What a person has to do now.
    pub(super) fn ask(&self, text: &str) -> Done {
        match self.output.format {
            Format::Human => put(&format!("\n{text}\n\n")),
            _ => {
                eprintln!("{text}");
                Ok(())
            }
        }
    }

    /// All hops, to programs.
    pub(super) fn told(&self, output: Output) -> Done {
        match output.format {
            Format::Human => Ok(()),
            _ => output.members(&Value::Array(self.hops.clone())),
        }
    }
}

/// What comes back, as far as it is JSON.
async fn hop(url: &str, request: reqwest::RequestBuilder) -> Result<Hop, Failure> {
    let answer = http::sent(url, request).await?;
    let body = serde_json::from_slice(&answer.body).ok().and_then(|body: Value| body.as_object().cloned());
    Ok(Hop { status: answer.status, body: body.unwrap_or_default(), dpop_nonce: answer.dpop_nonce })
}

fn lines(members: &Map<String, Value>) -> String {
    members.iter().map(|(name, value)| format!("    {}: {}\n", clean(name), cell(value))).collect()
}
