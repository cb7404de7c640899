//! Style sheet and scripts. Pages do without the scripts.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

use crate::BASE;

const FILES: [(&str, &str, &str); 4] = [
    ("style.css", "text/css;charset=utf-8", include_str!("../assets/style.css")),
    ("theme.js", "text/javascript;charset=utf-8", include_str!("../assets/theme.js")),
    ("live.js", "text/javascript;charset=utf-8", include_str!("../assets/live.js")),
    ("console.js", "text/javascript;charset=utf-8", include_str!("../assets/console.js")),
];

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.into_iter().fold(Router::new(), |router, (name, kind, text)| {
        router.route(&format!("{BASE}/assets/{name}"), get(move || async move { file(kind, text) }))
    })
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "max-age=300"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}
