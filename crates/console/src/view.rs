//! How pages are made: templates, languages, and what every page has around it.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use minijinja::{Environment, Value, context};
use placet_locale::{Locales, add_translations};

use crate::BASE;
use crate::abroad::Abroad;
use crate::templates::TEMPLATES;
use crate::told::{Told, Ways};
use crate::visit::Seen;

const LANGUAGES: [(&str, &str); 2] =
    [("en", include_str!("../locales/en.toml")), ("ja", include_str!("../locales/ja.toml"))];

/// Nothing runs but our own files, and nobody frames a page (RFC 9700 §4.16).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(crate) struct View {
    templates: Environment<'static>,
    pub(crate) locales: Arc<Locales>,
    pub(crate) abroad: Abroad,
}

impl View {
    pub(crate) fn load() -> Result<Self, String> {
        let mut templates = Environment::new();
        for (name, text) in TEMPLATES.iter().copied() {
            templates.add_template(name, text).map_err(|e| format!("{e:#}"))?;
        }
        let locales = Arc::new(Locales::of(&LANGUAGES)?);
        add_translations(&mut templates, locales.clone());
        Ok(Self { templates, locales, abroad: Abroad::load()? })
    }

    pub(crate) fn show(&self, template: &str, seen: &Seen, status: StatusCode, page: Value) -> Response {
        let whole = context! { ..page, ..self.around(seen) };
        match self.templates.get_template(template).and_then(|template| template.render(whole)) {
            Ok(html) => framed((status, html).into_response(), seen),
            Err(e) => {
                tracing::error!(template, source = %format!("{e:#}"), "a page cannot be made");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// What every page has.
    fn around(&self, seen: &Seen) -> Value {
        let languages: Vec<_> = self
            .locales
            .iter()
            .map(|locale| context! { tag => &locale.tag, name => self.locales.text(&locale.tag, "language") })
            .collect();
        let session = seen.session.as_ref().map(|session| {
            context! { who => &session.credential.who, csrf => &session.csrf }
        });
        let rights = seen.session.as_ref().map(|session| session.known().shown().clone()).unwrap_or_default();
        let told: Vec<_> = seen
            .session
            .iter()
            .filter(|_| !seen.is_polled)
            .flat_map(|session| session.take_told())
            .map(told)
            .collect();
        let path = seen.here.split('?').next();
        context! { lang => &seen.language, here => &seen.here, path, base => Value::from_safe_string(BASE.to_owned()), languages, session, told, ..rights }
    }
}

fn told(told: Told) -> Value {
    let secret =
        told.secret.as_ref().map(|(what, value)| context! { what => *what, value => value.expose() });
    context! { text => told.text, about => told.about, ways => told.ways.as_ref().map(Ways::shown), secret }
}

fn framed(mut response: Response, seen: &Seen) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if seen.console.is_secure() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text() {
        assert!(Locales::of(&LANGUAGES).unwrap().have_the_same_texts());
    }

    #[test]
    fn every_text_that_a_template_says_is_there() {
        let view = View::load().unwrap();
        for (name, text) in TEMPLATES {
            for said in text.split("t(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                // Some are made of a name that the page has: `t("group." ~ name)`.
                assert!(
                    said.ends_with(['.', '_']) || view.locales.find("en", said).is_some(),
                    "{name}: {said}"
                );
            }
        }
    }
}
