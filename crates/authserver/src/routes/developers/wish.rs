//! What a developer may say of a client. All else is the operator's, and stays as it is.

use placet_sdk::registry::{ClientAuthMethod, ClientType, GrantType, ResponseType};
use placet_sdk::types::{Client, MergePatch, Pair, Service};
use serde_json::{Map, Value, json};
use url::Url;

use crate::link;
use crate::users::Developer;
use crate::visit::Visit;

/// The longest name, in characters.
const NAME: usize = 100;
/// The longest description, in characters.
const DESCRIPTION: usize = 500;
/// The longest address, in bytes.
const ADDRESS: usize = 1000;
/// Redirect URIs of one client.
const REDIRECT_URIS: usize = 20;

/// The fields of the form, as they were sent: they are shown again when something is wrong with them.
pub(super) struct Fields {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) logo: String,
    pub(super) redirect_uris: String,
    pub(super) kind: String,
}

/// Fields that a client can have.
pub(super) struct Wish {
    name: String,
    description: String,
    logo: String,
    redirect_uris: Vec<String>,
}

impl Fields {
    pub(super) fn of(visit: &Visit) -> Self {
        let field = |name: &str| visit.field(name).unwrap_or_default().trim().to_owned();
        Self {
            name: field("name"),
            description: field("description"),
            logo: field("logo"),
            redirect_uris: field("redirect_uris"),
            kind: field("type"),
        }
    }

    /// # Errors
    /// The name of the text that says what is wrong.
    pub(super) fn read(&self) -> Result<Wish, &'static str> {
        if !(1..=NAME).contains(&self.name.chars().count()) || self.name.chars().any(char::is_control) {
            return Err("name_unfit");
        }
        if self.description.chars().count() > DESCRIPTION {
            return Err("description_unfit");
        }
        let logo = if self.logo.is_empty() { Some(String::new()) } else { link::web(&self.logo) };
        let logo = logo.filter(|uri| uri.len() <= ADDRESS).ok_or("logo_unfit")?;
        let mut redirect_uris = Vec::new();
        for uri in self.redirect_uris.lines().map(str::trim).filter(|uri| !uri.is_empty()) {
            if !is_redirect_uri(uri) || redirect_uris.len() == REDIRECT_URIS {
                return Err("redirect_uris_unfit");
            }
            if !redirect_uris.iter().any(|known| known == uri) {
                redirect_uris.push(uri.to_owned());
            }
        }
        if redirect_uris.is_empty() {
            return Err("redirect_uris_unfit");
        }
        let (name, description) = (self.name.clone(), self.description.clone());
        Ok(Wish { name, description, logo, redirect_uris })
    }

    /// # Errors
    /// The same.
    pub(super) fn client_type(&self) -> Result<ClientType, &'static str> {
        match self.kind.as_str() {
            "confidential" => Ok(ClientType::Confidential),
            "public" => Ok(ClientType::Public),
            _ => Err("type_unfit"),
        }
    }
}

/// RFC 9700 §2.6, RFC 8252 §7: a page on the web, an application by a scheme that is a domain name turned round, or a loopback
/// address.
fn is_redirect_uri(uri: &str) -> bool {
    let loopback = |url: &Url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let Some(url) = link::destination(uri).and_then(|uri| Url::parse(uri).ok()) else { return false };
    uri.len() <= ADDRESS && url.fragment().is_none() && (url.scheme() != "http" || loopback(&url))
}

impl Wish {
    /// A new client. What nobody has looked at is not vetted (RFC 9700 §4.11.2), and a client without a secret uses PKCE (§2.1.1).
    pub(super) fn client(self, developer: &Developer, kind: ClientType, service: &Service) -> Client {
        let supports =
            |grant: &GrantType| service.supported_grant_types.iter().flatten().any(|one| one == grant);
        let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken];
        let public = kind == ClientType::Public;
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Client {
            developer: Some(developer.subject.clone()),
            client_name: Some(self.name),
            client_type: Some(kind),
            description: given(self.description),
            logo_uri: given(self.logo),
            redirect_uris: Some(self.redirect_uris),
            grant_types: Some(grants.into_iter().filter(supports).collect()),
            response_types: Some(vec![ResponseType::Code]),
            token_auth_method: Some(if public {
                ClientAuthMethod::None
            } else {
                ClientAuthMethod::ClientSecretBasic
            }),
            pkce_required: Some(public),
            pkce_s256_required: Some(public),
            attributes: Some(vec![not_vetted()]),
            ..Client::default()
        }
    }

    /// What changes of a client, and nothing else of it. Whoever has vetted it has looked at other addresses.
    pub(super) fn changes(self, client: &Client) -> MergePatch {
        let mut changes = Map::from_iter([
            ("clientName".to_owned(), json!(self.name)),
            ("description".to_owned(), text(&self.description)),
            ("logoUri".to_owned(), text(&self.logo)),
        ]);
        if client.redirect_uris.as_ref() != Some(&self.redirect_uris) {
            let others =
                client.attributes.iter().flatten().filter(|pair| pair.key.as_deref() != Some(VETTED));
            let attributes: Vec<_> = others.cloned().chain([not_vetted()]).collect();
            changes.insert("attributes".to_owned(), json!(attributes));
            changes.insert("redirectUris".to_owned(), json!(self.redirect_uris));
        }
        MergePatch(changes)
    }
}

/// Null takes a member out (RFC 7396 §1).
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

const VETTED: &str = "vetted";

fn not_vetted() -> Pair {
    Pair { key: Some(VETTED.to_owned()), value: Some("false".to_owned()) }
}

/// A client that users are not asked about, or that the operator has locked, is shown to its developer and not theirs to change.
pub(super) fn is_operators(client: &Client) -> bool {
    let trusted =
        |pair: &Pair| (pair.key.as_deref(), pair.value.as_deref()) == (Some("first_party"), Some("true"));
    client.locked == Some(true) || client.attributes.iter().flatten().any(trusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        Fields {
            name: "Shop".to_owned(),
            description: String::new(),
            logo: String::new(),
            redirect_uris: "https://shop.example/cb\r\n\r\ncom.example.shop:/cb\nhttps://shop.example/cb"
                .to_owned(),
            kind: "public".to_owned(),
        }
    }

    #[test]
    fn fields_are_judged() {
        let uris = |text: &str| Fields { redirect_uris: text.to_owned(), ..fields() }.read().err();
        assert_eq!(fields().read().ok().unwrap().redirect_uris.len(), 2);
        for wrong in [
            "",
            "http://shop.example/cb",
            "https://shop.example/cb#a",
            "javascript:alert(1)",
            "https://a@b.example/",
            "/cb",
        ] {
            assert_eq!(uris(wrong), Some("redirect_uris_unfit"), "{wrong}");
        }
        assert_eq!(uris("http://127.0.0.1/cb\nhttp://localhost:80/cb\nhttp://[::1]/cb"), None);
        let many: Vec<_> = (0..=REDIRECT_URIS).map(|n| format!("https://shop.example/{n}")).collect();
        assert_eq!(
            (uris(&many[1..].join("\n")), uris(&many.join("\n"))),
            (None, Some("redirect_uris_unfit"))
        );
        assert_eq!(
            uris(&format!("https://shop.example/{}", "a".repeat(ADDRESS))),
            Some("redirect_uris_unfit")
        );
        for name in ["", "a\nb", &"a".repeat(NAME + 1)] {
            assert_eq!(Fields { name: name.to_owned(), ..fields() }.read().err(), Some("name_unfit"));
        }
        let described = Fields { description: "a".repeat(DESCRIPTION + 1), ..fields() };
        assert_eq!(described.read().err(), Some("description_unfit"));
        for logo in ["http://shop.example/logo", "javascript:alert(1)"] {
            assert_eq!(Fields { logo: logo.to_owned(), ..fields() }.read().err(), Some("logo_unfit"));
        }
        assert_eq!(Fields { kind: "trusted".to_owned(), ..fields() }.client_type().err(), Some("type_unfit"));
    }

    #[test]
    fn new_addresses_have_not_been_vetted() {
        let pair = |key: &str, value: &str| Pair { key: Some(key.to_owned()), value: Some(value.to_owned()) };
        let client = Client {
            attributes: Some(vec![pair("vetted", "true"), pair("own", "1")]),
            redirect_uris: Some(vec![
                "https://shop.example/cb".to_owned(),
                "com.example.shop:/cb".to_owned(),
            ]),
            ..Client::default()
        };
        let same = fields().read().ok().unwrap().changes(&client).0;
        assert_eq!(
            Value::Object(same),
            json!({ "clientName": "Shop", "description": null, "logoUri": null })
        );
        let other = Fields { redirect_uris: "https://other.example/".to_owned(), ..fields() };
        let other = other.read().ok().unwrap().changes(&client).0;
        assert_eq!(
            other["attributes"],
            json!([{ "key": "own", "value": "1" }, { "key": "vetted", "value": "false" }])
        );
        assert_eq!(other["redirectUris"], json!(["https://other.example/"]));
    }
}
