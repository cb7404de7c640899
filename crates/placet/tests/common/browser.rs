//! A browser without scripts, over HTTP, for pages of a server that is another process.

use std::collections::HashMap;

use placet_sdk::form;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};

/// A page, and where it is.
pub struct Page {
    pub status: u16,
    pub body: String,
    url: Url,
}

impl Page {
    /// Whether there is a form with this id.
    pub fn has(&self, id: &str) -> bool {
        self.form(id).is_some()
    }

    fn form(&self, id: &str) -> Option<(String, String)> {
        let forms = self.body.split("<form ").skip(1);
        let form = forms
            .into_iter()
            .find(|form| form.split('>').next().unwrap().contains(&format!("id=\"{id}\"")))?;
        let value = |before: &str| Some(form.split_once(before)?.1.split('"').next()?.replace("&#x2f;", "/"));
        Some((value("action=\"")?, value("name=\"csrf\" value=\"")?))
    }
}

/// Cookies, and nothing else that is remembered. All of what it visits is on one host.
pub struct Browser {
    client: Client,
    cookies: HashMap<String, String>,
}

impl Default for Browser {
    fn default() -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, cookies: HashMap::new() }
    }
}

impl Browser {
    /// Follows redirects, wherever on this machine they lead.
    pub async fn get(&mut self, url: &str) -> Page {
        let request = self.client.get(url);
        self.followed(request).await
    }

    pub async fn post(&mut self, page: &Page, id: &str, pairs: &[(&str, &str)]) -> Page {
        let (action, csrf) = page.form(id).unwrap_or_else(|| panic!("no form {id}: {}", page.body));
        let url = page.url.join(&action).unwrap();
        let body = form::encode([("csrf", csrf.as_str())].into_iter().chain(pairs.iter().copied()));
        let request =
            self.client.post(url.clone()).header("content-type", "application/x-www-form-urlencoded");
        self.followed(request.header("origin", url.origin().ascii_serialization()).body(body)).await
    }

    async fn followed(&mut self, mut request: RequestBuilder) -> Page {
        loop {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let (name, value) =
                    cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let url = answer.url().clone();
            match answer.headers().get("location") {
                Some(location) => request = self.client.get(url.join(location.to_str().unwrap()).unwrap()),
                None => {
                    let status = answer.status().as_u16();
                    return Page { status, body: answer.text().await.unwrap(), url };
                }
            }
        }
    }
}
