//! Sign-in by an OpenID provider: the code flow (OpenID Connect Core §3.1) with PKCE (RFC 7636), `state` and `nonce`. Whoever
//! has shown an address there that is a member's gets a token of that member.

mod id_token;
mod provider;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use placet_ambient::Ambient;
use placet_base::TokenHash;
use placet_sdk::types::MemberRequest;
use placet_sdk::{Error, Secret, form};

use crate::BASE;
use crate::api::{self, Carrier};
use crate::budgets::{CODE_SECONDS, METADATA_SECONDS, SIGN_INS};
use crate::sessions::Credential;
use crate::sign_in;
use provider::{Metadata, Provider};

/// By which provider people sign in.
pub struct OpenId {
    /// Its issuer: what its metadata is found by, and what it says of itself.
    pub issuer: String,
    /// The client that the console is there.
    pub client_id: String,
    /// The client's secret; without one the client is a public one.
    pub client_secret: Option<Secret>,
    /// Who vouches for its certificate besides those that are known, PEM.
    pub authority: Option<Vec<u8>>,
    /// A token of the organization with the right `admin`, by which members are given theirs.
    pub token: Secret,
}

/// Why nobody was signed in. The names of texts tell people; the rest is for the log.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The provider is not reached, or says what it must not.
    Provider(String),
    /// The answer is of another sign-in, or of none.
    Stranger,
    /// The person, or the provider, has said no: the error.
    Denied(String),
    /// The address is not shown to be the person's.
    Unverified,
    /// Nobody of this address is a member.
    NoMember,
    /// The console's own token does not do.
    Token(String),
}

/// For the log.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Provider(what) => write!(f, "the provider: {what}"),
            Self::Stranger => f.write_str("the answer is of another sign-in, or of none"),
            // The provider chooses the text, and a log has one line for it.
            Self::Denied(error) => write!(f, "refused: {error:?}"),
            Self::Unverified => f.write_str("the provider has not verified the address"),
            Self::NoMember => f.write_str("nobody of this address is a member"),
            Self::Token(what) => write!(f, "the console's own token: {what}"),
        }
    }
}

impl Failure {
    pub(crate) fn text(&self) -> &'static str {
        match self {
            Self::Provider(_) => "sign_in.openid_provider",
            Self::Stranger => "sign_in.openid_stranger",
            Self::Denied(_) => "sign_in.openid_denied",
            Self::Unverified => "sign_in.openid_unverified",
            Self::NoMember => "sign_in.openid_no_member",
            Self::Token(_) => "sign_in.openid_token",
        }
    }
}

/// A sign-in that has begun.
struct Begun {
    state: String,
    nonce: String,
    verifier: Secret,
    to: String,
    until: i64,
    metadata: Metadata,
}

/// The sign-ins that have begun, by the hashes of the names that browsers hold.
pub(crate) struct SignIns {
    ambient: Ambient,
    settings: Arc<OpenId>,
    provider: Provider,
    redirect_uri: String,
    /// What the provider has said of itself, and until when that is taken for true.
    known: Mutex<Option<(i64, Metadata)>>,
    begun: Mutex<HashMap<TokenHash, Begun>>,
}

impl SignIns {
    pub(crate) fn new(settings: Arc<OpenId>, origin: &str, ambient: &Ambient) -> Result<Self, String> {
        let provider = Provider::new(&settings)?;
        let redirect_uri = format!("{origin}{BASE}/sign-in/callback");
        Ok(Self {
            ambient: ambient.clone(),
            settings,
            provider,
            redirect_uri,
            known: Mutex::default(),
            begun: Mutex::default(),
        })
    }

    /// Where to send the browser, and the name that it is to hold meanwhile.
    pub(crate) async fn begin(&self, to: String) -> Result<(String, String), Failure> {
        let metadata = self.metadata().await?;
        let [name, state, nonce, verifier] = std::array::from_fn(|_| self.ambient.entropy.identifier());
        let challenge = BASE64URL_NOPAD.encode(&sha256(&verifier));
        let query = form::encode([
            ("response_type", "code"),
            ("client_id", self.settings.client_id.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("scope", "openid email"),
            ("state", state.as_str()),
            ("nonce", nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]);
        let sign = if metadata.authorization_endpoint.contains('?') { '&' } else { '?' };
        let url = format!("{}{sign}{query}", metadata.authorization_endpoint);
        let until = self.ambient.clock.seconds() + CODE_SECONDS;
        self.keep(&name, Begun { state, nonce, verifier: Secret::new(verifier), to, until, metadata });
        Ok((url, name))
    }

    /// What the provider says of itself, which is not asked for each visitor.
    async fn metadata(&self) -> Result<Metadata, Failure> {
        let now = self.ambient.clock.seconds();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, metadata)) = known.filter(|(until, _)| *until > now) {
            return Ok(metadata);
        }
        let metadata = self.provider.metadata().await?;
        let known = Some((now + METADATA_SECONDS, metadata.clone()));
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(metadata)
    }

    fn keep(&self, name: &str, one: Begun) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.ambient.clock.seconds();
        begun.retain(|_, one| one.until > now);
        if begun.len() >= SIGN_INS {
            let oldest = begun.iter().min_by_key(|(_, one)| one.until).map(|(name, _)| *name);
            oldest.and_then(|name| begun.remove(&name));
        }
        begun.insert(TokenHash::of(name), one);
    }

    /// The sign-in that the browser holds the name of, which is over with that.
    fn taken(&self, name: Option<&str>) -> Option<Begun> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let one = begun.remove(&TokenHash::of(name?))?;
        (one.until > self.ambient.clock.seconds()).then_some(one)
    }

    /// What the browser has brought back: who it is, with a token of that member, and where they wanted to go.
    pub(crate) async fn finish(
        &self,
        carrier: &Carrier,
        name: Option<&str>,
        answer: &Answered,
    ) -> Result<(Credential, String), Failure> {
        let begun = self.taken(name).ok_or(Failure::Stranger)?;
        let state = answer.state.as_deref().unwrap_or_default();
        let code =
            answer.code(&begun, &self.settings.issuer, Secret::new(begun.state.clone()).matches(state))?;
        let tokens = self.provider.tokens(&begun.metadata, code, &begun.verifier, &self.redirect_uri).await?;
        let keys = self.provider.keys(&begun.metadata).await?;
        let now = self.ambient.clock.now();
        let claims = id_token::read(&tokens.id_token, &keys, &self.settings, &begun.nonce, now)?;
        let email = match id_token::email(&claims) {
            Some(email) => email,
            None => {
                let of_user = self.provider.userinfo(&begun.metadata, &tokens.access_token).await?;
                // OpenID Connect Core §5.3.2: of somebody else, it says nothing of this one.
                let same = of_user.get("sub").is_some() && of_user.get("sub") == claims.get("sub");
                id_token::email(&of_user).filter(|_| same).ok_or(Failure::Unverified)?
            }
        };
        Ok((self.member(carrier, email).await?, begun.to))
    }

    /// A token of the member of this address.
    async fn member(&self, carrier: &Carrier, email: String) -> Result<Credential, Failure> {
        let own = |e: Error| Failure::Token(e.to_string());
        let known = sign_in::known(carrier, &self.settings.token).await.map_err(own)?;
        let organization_id = Some(known.organization());
        let request = MemberRequest { organization_id, email: Some(email.clone()), ..Default::default() };
        match api::api(carrier, &self.settings.token).member_sign_in(request).await {
            Ok(member) => {
                let member = member.body;
                let token = member.access_token.as_deref().and_then(sign_in::token);
                let token = token.ok_or_else(|| Failure::Token("no token came".to_owned()))?;
                let until = Some(self.ambient.clock.seconds() + crate::budgets::LONGEST);
                Ok(Credential { token, who: email, until, is_of_session: true })
            }
            Err(Error::Refused { status: 400 | 404, .. }) => Err(Failure::NoMember),
            Err(e) => Err(own(e)),
        }
    }
}

fn sha256(text: &str) -> Vec<u8> {
    let encoded = TokenHash::of(text).encoded();
    BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap_or_default()
}

/// The parameters of the authorization response.
#[derive(Default)]
pub(crate) struct Answered {
    pub(crate) state: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
}

impl Answered {
    /// The code, of an answer that is one to what was asked (RFC 6749 §10.12, RFC 9207 §2.4).
    fn code<'a>(&'a self, begun: &Begun, issuer: &str, is_own: bool) -> Result<&'a str, Failure> {
        let is_from_there = match self.iss.as_deref() {
            Some(iss) => iss == issuer,
            None => !begun.metadata.names_issuer,
        };
        if !is_own || !is_from_there {
            return Err(Failure::Stranger);
        }
        if let Some(error) = &self.error {
            return Err(Failure::Denied(error.chars().take(200).collect()));
        }
        self.code.as_deref().ok_or(Failure::Stranger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(names_issuer: bool) -> Begun {
        let metadata = Metadata { names_issuer, ..Metadata::default() };
        let text = |text: &str| text.to_owned();
        let verifier = Secret::new(text("v"));
        Begun { state: text("s"), nonce: text("n"), verifier, to: text("/console"), until: 1, metadata }
    }

    #[test]
    fn an_answer_is_of_its_sign_in_and_of_its_provider() {
        let some = |text: &str| Some(text.to_owned());
        let answer = |iss: Option<String>| Answered { code: some("c"), iss, ..Answered::default() };
        let issuer = "https://op.example";
        assert_eq!(answer(some(issuer)).code(&begun(true), issuer, true).ok(), Some("c"));
        assert_eq!(answer(None).code(&begun(false), issuer, true).ok(), Some("c"));
        for (answer, names_issuer, is_own) in [
            (answer(some(issuer)), true, false),
            (answer(None), true, true),
            (answer(some("https://evil.example")), false, true),
            (Answered::default(), false, true),
        ] {
            assert!(matches!(answer.code(&begun(names_issuer), issuer, is_own), Err(Failure::Stranger)));
        }
        let denied = Answered { error: some("access_denied"), ..answer(None) };
        assert!(matches!(denied.code(&begun(false), issuer, true), Err(Failure::Denied(_))));
    }

    #[test]
    fn a_sign_in_is_finished_once_and_in_time() {
        let clock = placet_ambient::Clock::stopped();
        let ambient = Ambient { clock: clock.clone(), ..Ambient::default() };
        let settings = OpenId {
            issuer: "https://op.example".to_owned(),
            client_id: "c".to_owned(),
            client_secret: None,
            authority: None,
            token: Secret::new("t".to_owned()),
        };
        let all = SignIns::new(Arc::new(settings), "https://console.example", &ambient).unwrap();
        let late = clock.seconds() + CODE_SECONDS;
        all.keep("one", Begun { until: late, ..begun(false) });
        assert!(all.taken(None).is_none() && all.taken(Some("other")).is_none());
        assert!(all.taken(Some("one")).is_some() && all.taken(Some("one")).is_none());
        all.keep("one", Begun { until: late, ..begun(false) });
        clock.advance(placet_base::Ttl::secs(CODE_SECONDS));
        assert!(all.taken(Some("one")).is_none());
        let soon = clock.seconds() + 1;
        (0..=SIGN_INS).for_each(|at| all.keep(&at.to_string(), Begun { until: soon, ..begun(false) }));
        assert_eq!(all.begun.lock().unwrap().len(), SIGN_INS);
        // RFC 7636, appendix B.
        let challenge = BASE64URL_NOPAD.encode(&sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
