//! Calls to URLs that a stranger has chosen: key sets, request objects and sector identifiers of clients, and
//! where they take logout tokens. Everything about such a call is bounded, and it leads to the open internet
//! only, unless the operator names an origin.

mod address;
mod clients;
mod limits;
mod slots;

use std::future::Future;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use http_cache_semantics::{CacheOptions, CachePolicy};
use reqwest::{Client, RequestBuilder, Url};

use address::is_public;
use clients::{Clients, Reach};
pub use limits::{Limits, Origin};
pub use slots::Caller;
use slots::{Flights, Slots};

/// A document, and how long it may be used without being asked for again (RFC 9111 §4.2); zero where nothing says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub text: String,
    pub fresh: Duration,
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The URL leads where no call may go.
    Forbidden(String),
    Failed(String),
    /// There was no place for the call, which was not made.
    Busy(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Forbidden(why) | Self::Failed(why) | Self::Busy(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for Failure {}

/// Makes the calls.
pub struct Outgoing {
    clients: Clients,
    limits: Limits,
    places: Slots,
    flights: Flights,
}

impl Outgoing {
    /// # Errors
    /// When the certificates of the limits cannot be read. Those of the system are read when they are first wanted.
    pub fn new(limits: Limits) -> Result<Self, String> {
        let (clients, places, flights) = (Clients::new(&limits)?, Slots::new(&limits), Flights::default());
        Ok(Self { clients, limits, places, flights })
    }

    /// Whether the operator has named the origin of the URL.
    fn is_named(&self, url: &Url) -> bool {
        let loopback = || {
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        };
        Origin::of(url).is_some_and(|origin| self.limits.origins.contains(&origin))
            || self.limits.loopback && loopback()
    }

    /// Whether a call to the URL would be made at all, as far as the URL itself tells.
    pub fn permits(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        self.is_named(&url) || is_open(&url)
    }

    /// The document at the URL, for somebody who is known.
    ///
    /// # Errors
    /// As [`Outgoing::get_for`].
    pub async fn get(&self, url: &str) -> Result<Fetched, Failure> {
        self.get_for(url, Caller::Known).await
    }

    /// The document at the URL.
    ///
    /// # Errors
    /// [`Failure::Forbidden`] and [`Failure::Busy`] without a call; [`Failure::Failed`] for anything but a 200 with a text that is not
    /// too large, in time.
    pub async fn get_for(&self, url: &str, caller: Caller) -> Result<Fetched, Failure> {
        let (client, host) = self.client(url).await?;
        let flight = self.flights.join(url);
        let fetch = || self.in_time(url, (&host, caller), self.fetched(client, url));
        let outcome = flight.get_or_init(fetch).await.clone();
        self.flights.end(url, &flight);
        outcome
    }

    async fn fetched(&self, client: &Client, url: &str) -> Result<Fetched, Failure> {
        let response = client.get(url).send().await.map_err(|e| failed(url, &e))?;
        if response.status().as_u16() != 200 {
            return Err(failed(url, &format!("status {}", response.status())));
        }
        let fresh = freshness(url, &response);
        Ok(Fetched { text: self.text(url, response).await?, fresh })
    }

    /// Makes a call when there is a place for it.
    async fn in_time<T>(
        &self,
        url: &str,
        (host, caller): (&str, Caller),
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let place = tokio::select! {
            // The time first: all that wait for one host would otherwise call it when their time is over.
            biased;
            () = tokio::time::sleep(self.limits.time) => None,
            place = self.places.take(host, caller) => place,
        };
        let _place = place.ok_or_else(|| Failure::Busy(format!("{url}: no place for a call")))?;
        let outcome = tokio::time::timeout(self.limits.time, call).await;
        outcome.unwrap_or_else(|_| Err(failed(url, &"no answer in time")))
    }

    /// Posts a form, and hands back the status.
    ///
    /// # Errors
    /// As [`Outgoing::get`], except that any status is an answer; its content is not read.
    pub async fn post_form(&self, url: &str, form: String) -> Result<u16, Failure> {
        let (client, host) = self.client(url).await?;
        let request = client.post(url).header("content-type", "application/x-www-form-urlencoded");
        let call = async {
            let response = request.body(form).send().await.map_err(|e| failed(url, &e))?;
            Ok(response.status().as_u16())
        };
        self.in_time(url, (&host, Caller::Known), call).await
    }

    /// Posts JSON, with a bearer token where there is one, and hands back the status.
    ///
    /// # Errors
    /// As [`Outgoing::post_form`].
    pub async fn post_json(&self, url: &str, token: Option<&str>, json: String) -> Result<u16, Failure> {
        let (client, host) = self.client(url).await?;
        let request = client.post(url).header("content-type", "application/json");
        let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
        let call = async {
            let response = request.body(json).send().await.map_err(|e| failed(url, &e))?;
            Ok(response.status().as_u16())
        };
        self.in_time(url, (&host, Caller::Known), call).await
    }

    /// Posts JSON, with a name and a password where there are some (RFC 7617), and hands back what is answered.
    ///
    /// # Errors
    /// As [`Outgoing::get`].
    pub async fn ask_json(
        &self,
        url: &str,
        basic: Option<(&str, &str)>,
        json: String,
    ) -> Result<String, Failure> {
        let (client, host) = self.client(url).await?;
        let request = client.post(url).header("content-type", "application/json");
        let request = basic
            .into_iter()
            .fold(request, |request, (name, password)| request.basic_auth(name, Some(password)));
        self.answered(url, (&host, Caller::Known), request.body(json)).await
    }

    /// Posts a form, and hands back what is answered.
    ///
    /// # Errors
    /// As [`Outgoing::get`].
    pub async fn ask_form(&self, url: &str, form: String, caller: Caller) -> Result<String, Failure> {
        let (client, host) = self.client(url).await?;
        let request = client.post(url).header("content-type", "application/x-www-form-urlencoded");
        self.answered(url, (&host, caller), request.body(form)).await
    }

    /// What the URL holds for the owner of the token (RFC 6750 §2.1): for nobody else, so that each call is made.
    ///
    /// # Errors
    /// As [`Outgoing::get`].
    pub async fn get_as(&self, url: &str, token: &str, caller: Caller) -> Result<String, Failure> {
        let (client, host) = self.client(url).await?;
        self.answered(url, (&host, caller), client.get(url).bearer_auth(token)).await
    }

    async fn answered(
        &self,
        url: &str,
        place: (&str, Caller),
        request: RequestBuilder,
    ) -> Result<String, Failure> {
        let call = async {
            let response = request.send().await.map_err(|e| failed(url, &e))?;
            match response.status().as_u16() {
                200 => self.text(url, response).await,
                status => Err(failed(url, &format!("status {status}"))),
            }
        };
        self.in_time(url, place, call).await
    }

    /// Who makes a call to the URL, and the host that it goes to.
    async fn client(&self, url: &str) -> Result<(&Client, String), Failure> {
        let parsed = Url::parse(url).map_err(|e| failed(url, &e))?;
        let host = parsed.host_str().unwrap_or_default().to_owned();
        let reach = match (self.is_named(&parsed), is_open(&parsed)) {
            (true, _) => Reach::Named,
            (false, true) => Reach::Open,
            (false, false) => {
                let why = "neither a public https URL nor an allowed origin";
                return Err(Failure::Forbidden(format!("{url}: {why}")));
            }
        };
        Ok((self.clients.get(reach).await.map_err(|e| failed(url, &e))?, host))
    }

    async fn text(&self, url: &str, mut response: reqwest::Response) -> Result<String, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| failed(url, &e))? {
            if body.len() + chunk.len() > self.limits.bytes {
                return Err(failed(url, &format!("more than {} bytes", self.limits.bytes)));
            }
            body.extend_from_slice(&chunk);
        }
        String::from_utf8(body).map_err(|e| failed(url, &e))
    }
}

/// The time itself does not matter: a response that has just come is as old as its own headers say.
fn freshness(url: &str, response: &reqwest::Response) -> Duration {
    let mut request = http::Request::new(());
    *request.uri_mut() = url.parse().unwrap_or_default();
    let mut answer = http::Response::new(());
    *answer.headers_mut() = response.headers().clone();
    let options = CacheOptions { shared: true, cache_heuristic: 0.0, ..CacheOptions::default() };
    let policy = CachePolicy::new_options(&request, &answer, SystemTime::UNIX_EPOCH, options);
    if policy.is_storable() { policy.time_to_live(SystemTime::UNIX_EPOCH) } else { Duration::ZERO }
}

fn failed(url: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::Failed(format!("{url}: {why}"))
}

/// A URL that may lead to the open internet: https, and no address of an inside. What its name leads to is
/// judged when it is looked up.
fn is_open(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let local = host == "localhost" || host.ends_with(".localhost");
    url.scheme() == "https" && !host.is_empty() && !local && literal.map_or(true, is_public)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn outgoing(origins: &[&str]) -> Outgoing {
        let origins = origins.iter().map(|text| Origin::parse(text).unwrap()).collect();
        Outgoing::new(Limits { origins, ..Limits::default() }).unwrap()
    }

    #[test]
    fn insides_are_closed_unless_they_are_named() {
        let closed = outgoing(&[]);
        for url in [
            "http://client.example/jwks",
            "https://127.0.0.1/jwks",
            "https://[::1]/jwks",
            "https://localhost/jwks",
            "https://169.254.169.254/latest",
            "https://2130706433/",
            "https://0x7f.1/",
            "file:///etc/passwd",
            "gopher://client.example/",
            "nothing",
        ] {
            assert!(!closed.permits(url), "{url}");
        }
        assert!(closed.permits("https://client.example/jwks"));
        let open = outgoing(&["http://127.0.0.1:8080"]);
        assert!(open.permits("http://127.0.0.1:8080/jwks"));
        assert!(!open.permits("http://127.0.0.1:8081/jwks"));
        assert!(!open.permits("http://127.0.0.1:8080@127.0.0.1/jwks"));
    }

    #[test]
    fn an_origin_is_nothing_but_an_origin() {
        assert!(Origin::parse("https://a.example").is_some());
        for text in ["https://a.example/path", "https://u@a.example", "ftp://a", "a.example"] {
            assert!(Origin::parse(text).is_none(), "{text}");
        }
    }

    /// A server that takes its time, and counts who asks.
    async fn slow() -> (SocketAddr, Arc<AtomicUsize>) {
        answering("", Duration::from_millis(100)).await
    }

    async fn answering(headers: &'static str, pause: Duration) -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = asked.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 1024]).await;
                    tokio::time::sleep(pause).await;
                    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n";
                    let _ = stream.write_all(format!("{head}{headers}\r\n{{}}").as_bytes()).await;
                });
            }
        });
        (address, asked)
    }

    fn local(limits: Limits) -> Arc<Outgoing> {
        Arc::new(Outgoing::new(Limits { loopback: true, ..limits }).unwrap())
    }

    fn fetched(text: &str, secs: u64) -> Result<Fetched, Failure> {
        Ok(Fetched { text: text.to_owned(), fresh: Duration::from_secs(secs) })
    }

    #[tokio::test]
    async fn a_document_is_as_fresh_as_its_headers_say() {
        for (headers, secs) in [
            ("", 0),
            ("Cache-Control: max-age=300\r\n", 300),
            ("Cache-Control: max-age=300, s-maxage=60\r\n", 60),
            ("Cache-Control: max-age=300\r\nAge: 100\r\n", 200),
            ("Cache-Control: no-store, max-age=300\r\n", 0),
            ("Cache-Control: private, max-age=300\r\n", 0),
            ("Cache-Control: no-cache\r\n", 0),
            ("Date: Sun, 29 Nov 2026 12:00:00 GMT\r\nExpires: Sun, 29 Nov 2026 12:01:00 GMT\r\n", 60),
        ] {
            let (address, _) = answering(headers, Duration::ZERO).await;
            let outgoing = local(Limits::default());
            assert_eq!(outgoing.get(&format!("http://{address}/")).await, fetched("{}", secs), "{headers}");
        }
    }

    #[tokio::test]
    async fn an_answer_has_a_largest_size() {
        let (address, _) = slow().await;
        let url = format!("http://{address}/jwks");
        let fits = local(Limits { bytes: 2, ..Limits::default() });
        assert_eq!(fits.get(&url).await, fetched("{}", 0));
        let larger = local(Limits { bytes: 1, ..Limits::default() });
        assert!(
            matches!(larger.get(&url).await, Err(Failure::Failed(why)) if why.contains("more than 1 bytes"))
        );
    }

    #[tokio::test]
    async fn the_same_document_is_fetched_once_at_a_time() {
        let (address, asked) = slow().await;
        let outgoing = local(Limits::default());
        let fetch = |path: &'static str| {
            let outgoing = outgoing.clone();
            tokio::spawn(async move { outgoing.get(&format!("http://{address}/{path}")).await })
        };
        let fetches: Vec<_> = ["jwks", "jwks", "jwks", "other"].map(fetch).into();
        for fetch in fetches {
            assert_eq!(fetch.await.unwrap(), fetched("{}", 0));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        assert_eq!(fetch("jwks").await.unwrap(), fetched("{}", 0));
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_slow_host_holds_its_own_places_only() {
        let (address, asked) = slow().await;
        let time = Duration::from_millis(700);
        let outgoing = local(Limits { concurrency_per_host: 1, time, ..Limits::default() });
        let fetch = |host: &str, n: usize| {
            let (outgoing, url) = (outgoing.clone(), format!("http://{host}:{}/{n}", address.port()));
            tokio::spawn(async move { outgoing.get(&url).await.is_ok() })
        };
        let many: Vec<_> = (0..20).map(|n| fetch("127.0.0.1", n)).collect();
        assert!(fetch("localhost", 0).await.unwrap());
        let mut answered = 0;
        for one in many {
            answered += usize::from(one.await.unwrap());
        }
        // One after the other, until the time of those that wait is over; then none of them asks any more. All
        // twenty would take two seconds, so that a machine that stalls for a while changes nothing.
        assert!((1..15).contains(&answered), "{answered} of twenty");
        let asked = asked.load(Ordering::Relaxed);
        assert!(asked < 17, "{asked} asked, {answered} answered");
    }

    #[tokio::test]
    async fn strangers_hold_their_own_places_only() {
        let (address, _) = slow().await;
        let time = Duration::from_millis(700);
        let outgoing = local(Limits { concurrency: 2, time, ..Limits::default() });
        let fetch = |n: usize, caller| {
            let (outgoing, url) = (outgoing.clone(), format!("http://{address}/{n}"));
            tokio::spawn(async move { outgoing.get_for(&url, caller).await })
        };
        let many: Vec<_> = (0..30).map(|n| fetch(n, Caller::Stranger)).collect();
        assert!(fetch(30, Caller::Known).await.unwrap().is_ok());
        let mut outcomes = Vec::new();
        for one in many {
            outcomes.push(one.await.unwrap());
        }
        // Who waited in vain was not told that nobody answers.
        assert!(outcomes.iter().any(Result::is_ok));
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Err(Failure::Busy(_)))));
        assert!(!outcomes.iter().any(|outcome| matches!(outcome, Err(Failure::Failed(_)))));
    }
}
