//! Status lists (Token Status List §8.1): which of the credentials that were issued count.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use placet_sdk::types::{StatusListFormat, VciStatusListRequest};
use placet_sdk::{Content, Transport, VciStatusListDecision as Listed};

use super::super::Server;
use super::{kept, preferred, unknown, varying};
use crate::respond::{json, typed, unavailable};

const JWT: &str = "application/statuslist+jwt";
const CWT: &str = "application/statuslist+cwt";

pub(crate) async fn status_list<T: Transport + 'static>(
    State(server): Server<T>,
    Path(list): Path<String>,
    headers: HeaderMap,
) -> Response {
    let cwt = preferred(&headers, [JWT, CWT]) == CWT;
    let format = if cwt { StatusListFormat::Cwt } else { StatusListFormat::Jwt };
    let request = VciStatusListRequest { identifier: Some(list), format: Some(format) };
    match server.api.vci_status_list(request).await {
        Ok(Listed::Ok(content)) if cwt => of_bytes(&content),
        Ok(Listed::Ok(content)) => current(typed(StatusCode::OK, JWT, content.text)),
        Ok(Listed::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Listed::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Listed::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    }
}

/// §9.3: where all lists are.
pub(crate) async fn status_lists<T: Transport + 'static>(State(server): Server<T>) -> Response {
    match server.api.vci_status_list(VciStatusListRequest::default()).await {
        Ok(Listed::Ok(content)) => kept(json(StatusCode::OK, content)),
        Ok(Listed::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Listed::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Listed::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    }
}

fn of_bytes(content: &Content) -> Response {
    match BASE64URL_NOPAD.decode(content.text.as_bytes()) {
        Ok(bytes) => current(([(CONTENT_TYPE, CWT)], bytes).into_response()),
        Err(_) => unknown(),
    }
}

/// The list itself says how long it may be kept; a cache on the way would add its own time to that.
fn current(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    varying(response)
}
