//! The API as a session calls it.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use placet_sdk::types::{Client, ListQuery, Service};
use placet_sdk::{Answer, Error, Secret, ServiceId, Transport, TransportError};

use crate::budgets::{CLIENTS, PAGE, SERVICES};

type Sent = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send>>;

/// Whatever transport the console was given, so that pages need not know which.
#[derive(Clone)]
pub(crate) struct Carrier {
    send: Arc<dyn Fn(Request<Bytes>) -> Sent + Send + Sync>,
    base: String,
}

impl Carrier {
    pub(crate) fn new<T: Transport + Clone + 'static>(transport: T) -> Self {
        let base = transport.base().to_owned();
        let send = move |request| -> Sent {
            let transport = transport.clone();
            Box::pin(async move { transport.send(request).await })
        };
        Self { send: Arc::new(send), base }
    }
}

impl Transport for Carrier {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        (self.send)(request).await
    }

    fn base(&self) -> &str {
        &self.base
    }
}

/// A client of the API with the token of a session.
pub(crate) type Api = placet_sdk::Client<Carrier>;

pub(crate) fn api(carrier: &Carrier, token: &Secret) -> Api {
    Api::new(carrier.clone(), Secret::new(token.expose().clone()))
}

pub(crate) fn about(carrier: &Carrier, token: &Secret, service: i64) -> Api {
    api(carrier, token).for_service(ServiceId(service))
}

fn window(start: usize, end: usize) -> ListQuery {
    ListQuery { start: Some(start.to_string()), end: Some(end.to_string()), developer: None }
}

/// The services that the token sees, as many as are listed, and how many there are.
pub(crate) async fn services(api: &Api) -> Result<(Vec<Service>, usize), Error> {
    let answer = api.service_get_list(window(0, SERVICES)).await?.body;
    let services = answer.services.unwrap_or_default();
    let total = answer.total_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(services.len());
    Ok((services, total))
}

/// Some clients, and how many there are.
pub(crate) async fn clients(api: &Api, start: usize, end: usize) -> Result<(Vec<Client>, usize), Error> {
    let answer = api.client_get_list(window(start, end)).await?.body;
    let clients = answer.clients.unwrap_or_default();
    let total = answer.total_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(clients.len());
    Ok((clients, total))
}

/// The clients that a search looks through, and how many there are.
pub(crate) async fn all_clients(api: &Api) -> Result<(Vec<Client>, usize), Error> {
    let mut found = Vec::new();
    loop {
        let (more, total) = clients(api, found.len(), (found.len() + 10 * PAGE).min(CLIENTS)).await?;
        let ended = more.is_empty();
        found.extend(more);
        if ended || found.len() >= total.min(CLIENTS) {
            return Ok((found, total));
        }
    }
}

/// A document as JSON, with what this release does not know of it.
pub(crate) fn document<T: serde::Serialize>(answer: &Answer<T>) -> serde_json::Value {
    serde_json::to_value(answer).unwrap_or_default()
}
