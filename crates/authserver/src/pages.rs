//! Pages: templates, their languages and their style sheet. A theme is a folder with some of the same files.

use std::path::Path;
use std::sync::Arc;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::{Environment, Value, context};

use crate::locale::{Locales, add_translations};
use crate::settings::Settings;

const TEMPLATES: [(&str, &str); 25] = [
    ("layout.html", include_str!("../templates/layout.html")),
    ("sign_in.html", include_str!("../templates/sign_in.html")),
    ("sign_up.html", include_str!("../templates/sign_up.html")),
    ("account.html", include_str!("../templates/account.html")),
    ("second_factor.html", include_str!("../templates/second_factor.html")),
    ("consent.html", include_str!("../templates/consent.html")),
    ("answered.html", include_str!("../templates/answered.html")),
    ("passkeys.html", include_str!("../templates/passkeys.html")),
    ("passkey_new.html", include_str!("../templates/passkey_new.html")),
    ("passkey_button.html", include_str!("../templates/passkey_button.html")),
    ("apps.html", include_str!("../templates/apps.html")),
    ("logout.html", include_str!("../templates/logout.html")),
    ("signed_out.html", include_str!("../templates/signed_out.html")),
    ("stayed.html", include_str!("../templates/stayed.html")),
    ("device.html", include_str!("../templates/device.html")),
    ("device_done.html", include_str!("../templates/device_done.html")),
    ("inbox.html", include_str!("../templates/inbox.html")),
    ("offer.html", include_str!("../templates/offer.html")),
    ("error.html", include_str!("../templates/error.html")),
    ("developers_sign_in.html", include_str!("../templates/developers_sign_in.html")),
    ("developers.html", include_str!("../templates/developers.html")),
    ("developer_new.html", include_str!("../templates/developer_new.html")),
    ("developer_client.html", include_str!("../templates/developer_client.html")),
    ("developer_delete.html", include_str!("../templates/developer_delete.html")),
    ("developer_fields.html", include_str!("../templates/developer_fields.html")),
];

/// The languages that are built in.
const LANGUAGES: [(&str, &str); 2] =
    [("en", include_str!("../locales/en.toml")), ("ja", include_str!("../locales/ja.toml"))];

const STYLE: &str = include_str!("../assets/style.css");

pub(crate) struct Pages {
    templates: Environment<'static>,
    pub(crate) locales: Arc<Locales>,
    pub(crate) style: String,
    site: Value,
    /// Where the one script is that a page may run.
    script: String,
    secure: bool,
}

/// What a page is shown with.
pub(crate) struct Shown<'a> {
    pub(crate) status: StatusCode,
    pub(crate) language: &'a str,
    /// Where the page is, for links to other languages of it; empty for none.
    pub(crate) here: &'a str,
    /// Where its forms may lead besides here, and what it may embed.
    pub(crate) form_targets: &'a [String],
    pub(crate) frames: &'a [String],
    /// It runs the script of passkeys.
    pub(crate) script: bool,
}

/// What pages speak of.
#[derive(Clone, Copy)]
pub(crate) struct Has {
    /// Made-up users.
    pub(crate) demo: bool,
    pub(crate) passkeys: bool,
    /// Credential offers.
    pub(crate) offers: bool,
}

impl Pages {
    /// # Errors
    /// When a file of the theme cannot be read, or is no template or locale.
    pub(crate) fn load(settings: &Settings, theme: Option<&Path>, has: Has) -> Result<Self, String> {
        let folder = theme.map(|theme| theme.join("locales"));
        let locales = Arc::new(Locales::with_folder(&LANGUAGES, folder.as_deref())?);
        let own = |folder: &str, name: &str| {
            let path = theme.map(|theme| theme.join(folder).join(name)).filter(|path| path.is_file());
            path.map(|path| std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display())))
                .transpose()
        };
        let mut templates = Environment::new();
        for (name, built_in) in TEMPLATES {
            let text = own("templates", name)?.unwrap_or_else(|| built_in.to_owned());
            templates.add_template_owned(name, text).map_err(|e| format!("{e:#}"))?;
        }
        add_translations(&mut templates, locales.clone());
        let languages: Vec<_> = locales
            .iter()
            .map(|locale| context! { tag => &locale.tag, name => locales.text(&locale.tag, "language") })
            .collect();
        let (base, passkeys) = (settings.issuer.path(), has.passkeys);
        let site = context! { name => &settings.name, base, languages, demo => has.demo, passkeys, offers => has.offers };
        let style = own("assets", "style.css")?.unwrap_or_else(|| STYLE.to_owned());
        let script = format!("{}/assets/passkey.js", settings.issuer.url());
        Ok(Self { templates, locales, style, site, script, secure: settings.issuer.is_https() })
    }

    pub(crate) fn show(&self, template: &str, shown: &Shown<'_>, page: Value) -> Response {
        let whole =
            context! { lang => shown.language, here => shown.here, site => self.site.clone(), ..page };
        match self.templates.get_template(template).and_then(|template| template.render(whole)) {
            Ok(html) => self.html(shown, html),
            Err(e) => {
                tracing::error!(template, source = %format!("{e:#}"), "a page cannot be made");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// RFC 9700 §4.16: nobody frames the pages, and nothing runs in them, but for the one script that talks to authenticators
    /// where it is needed. A redirect that answers a form counts
    /// as its target, so that the client's addresses are among those.
    fn html(&self, shown: &Shown<'_>, html: String) -> Response {
        let mut policy = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; \
                          frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
            .to_owned();
        shown.form_targets.iter().for_each(|target| policy.push_str(&format!(" {target}")));
        if !shown.frames.is_empty() {
            policy.push_str(&format!("; frame-src {}", shown.frames.join(" ")));
        }
        if shown.script {
            policy.push_str(&format!("; script-src {}", self.script));
        }
        let mut response = (shown.status, html).into_response();
        secured(&mut response, &policy);
        if self.secure {
            let year = HeaderValue::from_static("max-age=31536000");
            response.headers_mut().insert("strict-transport-security", year);
        }
        response
    }
}

/// The headers that every page has.
pub(crate) fn secured(response: &mut Response, policy: &str) {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Issuer;

    #[test]
    fn every_language_has_every_text() {
        assert!(Locales::of(&LANGUAGES).unwrap().have_the_same_texts());
    }

    #[test]
    fn a_theme_goes_over_what_is_built_in_file_by_file() {
        let theme = std::env::temp_dir().join(format!("placet-theme-{}", std::process::id()));
        for folder in ["templates", "assets", "locales"] {
            std::fs::create_dir_all(theme.join(folder)).unwrap();
        }
        std::fs::write(
            theme.join("templates/stayed.html"),
            "<p>{{ t(\"logout.by\", client=\"{user}\") }}</p>",
        )
        .unwrap();
        std::fs::write(theme.join("assets/style.css"), "body { color: red }").unwrap();
        std::fs::write(theme.join("locales/fr.toml"), "[logout]\nby = \"{client} demande\"").unwrap();
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        let has = Has { demo: false, passkeys: true, offers: false };
        let pages = Pages::load(&settings, Some(&theme), has).unwrap();
        assert_eq!(pages.style, "body { color: red }");
        let shown = |template: &str, language: &str| {
            let whole = context! { lang => language, here => "", site => pages.site.clone(), client => "C", user => "U" };
            pages.templates.get_template(template).unwrap().render(whole).unwrap()
        };
        assert_eq!(shown("stayed.html", "fr"), "<p>{user} demande</p>");
        assert!(shown("logout.html", "en").contains("C asks to sign you out."));
        std::fs::write(theme.join("templates/stayed.html"), "{% broken").unwrap();
        assert!(Pages::load(&settings, Some(&theme), has).is_err());
        std::fs::remove_dir_all(&theme).unwrap();
    }
}
