//! Reading the API of another server.

use std::time::Duration;

use placet_sdk::Secret;
use reqwest::header::LINK;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use url::Url;

use crate::problem::Problem;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest answer that is read, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// A server, and the token for it.
pub(super) struct Fetch {
    client: Client,
    base: Url,
    token: Option<Secret<String>>,
}

impl Fetch {
    pub(super) fn new(base: &str, token: Option<Secret<String>>) -> Result<Self, Problem> {
        let problem = |e: &dyn std::fmt::Display| Problem::at(base, e);
        let url = Url::parse(base).map_err(|e| problem(&e))?;
        // A redirect would carry the token to somebody else.
        let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
        Ok(Self { client: client.map_err(|e| problem(&e))?, base: url, token })
    }

    /// The document at a path behind the base.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Problem> {
        self.page(path).await.map(|(value, _)| value)
    }

    /// The same, where it need not be there.
    pub(super) async fn optional(&self, path: &str) -> Result<Option<Value>, Problem> {
        let response = self.sent(path).await?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(None),
            _ => self.read(response).await.map(Some),
        }
    }

    /// A page of a list, and the path of the next one (RFC 8288), which is on the same server.
    pub(super) async fn page(&self, path: &str) -> Result<(Value, Option<String>), Problem> {
        let response = self.sent(path).await?;
        let links = response.headers().get(LINK).and_then(|link| link.to_str().ok()).unwrap_or_default();
        let next =
            links.split(',').find(|link| link.contains("rel=\"next\"")).and_then(target).map(str::to_owned);
        let next = next.and_then(|next| self.base.join(&next).ok());
        let next = next.map(|next| match next.query() {
            Some(query) => format!("{}?{query}", next.path()),
            None => next.path().to_owned(),
        });
        Ok((self.read(response).await?, next))
    }

    async fn sent(&self, path: &str) -> Result<Response, Problem> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let mut request = self.client.get(&url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        request.send().await.map_err(|e| Problem::at(url, e.without_url()))
    }

    async fn read(&self, mut response: Response) -> Result<Value, Problem> {
        let place = response.url().to_string();
        if response.status() != StatusCode::OK {
            return Err(Problem::at(place, format!("answered with HTTP {}", response.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|e| Problem::at(&place, e.without_url()))? {
            body.extend_from_slice(&part);
            if body.len() > LARGEST {
                return Err(Problem::at(place, format!("answered with more than {LARGEST} bytes")));
            }
        }
        serde_json::from_slice(&body).map_err(|e| Problem::at(place, e))
    }
}

fn target(link: &str) -> Option<&str> {
    link.split_once('<')?.1.split_once('>').map(|(target, _)| target)
}
