//! Making tokens of an entitlement. Every grant ends here.

use std::sync::Arc;

use placet_api::Reason;
use placet_base::registry::{GrantType, JwsAlg};
use placet_base::{RecordNumber, Timestamp, TokenHash, Ttl};
use placet_store::{Loaded, Record as _};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::{attachment_tokens, idempotent_refresh, shared_sessions, sub_mapping};
use crate::mint::access_token;
use crate::mint::id_token::{AccompanyingTokens, IssuanceContext};
use crate::policy::Policy;
use crate::records::entitlement::{Entitlement, Proven, Terms};
use crate::records::id_token_plan::IdTokenPlan;
use crate::records::token::{ChosenByCaller, NEVER, Refreshed, Token, TokenValue, Value};
use crate::rules::pairwise;
use crate::rules::rar::AuthorizationDetails;
use crate::tenant::{Client, Signer, Tenant};

/// Tokens as they go to the client, and the record that stands behind them.
pub struct Issued {
    pub client: Arc<Client>,
    pub record: Token,
    pub number: RecordNumber,
    /// The opaque value.
    pub access_token: String,
    /// The JWT form, where the service makes one; it is what the client gets.
    pub jwt: Option<String>,
    pub access_secs: i64,
    /// The value and its seconds.
    pub refresh_token: Option<(String, i64)>,
    pub id_token: Option<String>,
    /// The answer is that of an earlier request, repeated.
    pub repeated: bool,
}

impl Issued {
    /// The access token as the client gets it.
    pub fn presented(&self) -> &str {
        self.jwt.as_deref().unwrap_or(&self.access_token)
    }

    pub fn details(&self) -> &AuthorizationDetails {
        &self.record.entitlement.details
    }
}

/// Exact values that the caller wants, in place of those that settings and chance would give.
#[derive(Clone, Default)]
pub struct ChosenValues {
    pub access: Option<Ttl>,
    pub refresh: Option<Ttl>,
    /// No refresh token, whatever the grant: it is somewhere else.
    pub refreshless: bool,
    /// An access token that never expires.
    pub persistent: bool,
    /// Values of the caller's choice.
    pub access_token: Option<String>,
    pub refresh_token: Option<String>,
}

/// An entitlement, and what is required of tokens that are made from it. Both come from what was proven.
pub struct Entitled {
    pub entitlement: Entitlement,
    policy: Policy,
    /// For an ID token that is made later.
    id_token: Option<Box<IdTokenPlan>>,
}

impl Entitled {
    pub fn new(terms: Terms, proven: Proven) -> Self {
        let policy = *proven.admitted.policy();
        Self { entitlement: Entitlement::new(terms, proven), policy, id_token: None }
    }

    /// Keeps with the token what its ID token will say.
    pub fn with_id_token(self, plan: Option<IdTokenPlan>) -> Self {
        Self { id_token: plan.map(Box::new), ..self }
    }
}

/// What an ID token is about besides its user.
#[derive(Clone, Copy)]
pub struct IdTokenContext<'a> {
    pub policy: &'a Policy,
    pub entitlement: &'a Terms,
}

/// Makes the first tokens of an entitlement.
pub async fn issue(
    cx: &mut Cx<'_>,
    client: Arc<Client>,
    entitled: Entitled,
    wanted: ChosenValues,
) -> Result<Issued, Fault> {
    let Entitled { entitlement, policy, id_token } = entitled;
    let number = match policy.token.single {
        true => Box::pin(alone(cx, &client, &entitlement)).await?,
        false => cx.number_above(&client, entitlement.subject.as_ref()).await?,
    };
    let chosen = chosen(cx, &wanted).await?;
    let refreshable = !wanted.refreshless && is_refreshable(&cx.tenant, &client, &entitlement);
    let refresh = refreshable.then(|| {
        let value = match wanted.refresh_token.clone() {
            Some(value) => value,
            None => cx.handle::<Token>(TokenValue::Refresh, number, 0).into_value(),
        };
        let expires_at = cx.now + wanted.refresh.unwrap_or(policy.token.refresh);
        (Value { hash: TokenHash::of(&value), expires_at }, value)
    });
    let refresh_until = refresh.as_ref().map(|(value, _)| value.expires_at);
    let until = access_until(cx, life(&policy, &entitlement), &wanted, refresh_until);
    let access = match wanted.access_token {
        Some(value) => value,
        None => cx.handle::<Token>(TokenValue::Access, number, 0).into_value(),
    };
    let jwt = jwt(cx, &client, &entitlement, &access, until).await?;
    let record = Token {
        access: Value { hash: TokenHash::of(&access), expires_at: until },
        refresh: refresh.as_ref().map(|(value, _)| *value),
        jwt: jwt.as_deref().map(TokenHash::of),
        generation: 0,
        issued_at: cx.now,
        refreshed_at: None,
        repeat: None,
        id_token,
        chosen,
        entitlement,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    let end = record.expires_at().unwrap_or(until);
    shared_sessions::join(cx, record.entitlement.session.as_deref(), number, end).await?;
    Ok(Issued {
        client,
        number,
        access_token: access,
        jwt,
        access_secs: until.secs_after(cx.now),
        refresh_token: refresh.map(|(value, text)| (text, value.expires_at.secs_after(cx.now))),
        id_token: None,
        repeated: false,
        record,
    })
}

/// Makes an access token that goes beside those of an entitlement, and ends none of them.
pub async fn beside(
    cx: &mut Cx<'_>,
    client: &Client,
    entitlement: Entitlement,
    until: Timestamp,
) -> Result<String, Fault> {
    let number = cx.number_above(client, entitlement.subject.as_ref()).await?;
    let access = cx.handle::<Token>(TokenValue::Access, number, 0).into_value();
    let jwt = jwt(cx, client, &entitlement, &access, until).await?;
    let record = Token {
        access: Value { hash: TokenHash::of(&access), expires_at: until },
        refresh: None,
        jwt: jwt.as_deref().map(TokenHash::of),
        generation: 0,
        issued_at: cx.now,
        refreshed_at: None,
        repeat: None,
        id_token: None,
        chosen: ChosenByCaller::default(),
        entitlement,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    Ok(jwt.unwrap_or(access))
}

/// Values of the caller's choice must be new.
async fn chosen(cx: &Cx<'_>, wanted: &ChosenValues) -> Result<ChosenByCaller, Fault> {
    for (which, value) in
        [(TokenValue::Access, &wanted.access_token), (TokenValue::Refresh, &wanted.refresh_token)]
    {
        let Some(value) = value else { continue };
        let hash = TokenHash::of(value).encoded();
        if cx.read.find_one::<Token>(Token::chosen(which), &hash).await?.is_some() {
            return Err(taken(which).into());
        }
    }
    Ok(ChosenByCaller { access: wanted.access_token.is_some(), refresh: wanted.refresh_token.is_some() })
}

/// A value that is another token's.
pub fn taken(which: TokenValue) -> Reason {
    match which {
        TokenValue::Access => Reason::AccessTokenTaken {},
        TokenValue::Refresh => Reason::RefreshTokenTaken {},
    }
}

/// The number of a token that ends those before it, however many there are, where one access token for each client and
/// user is the rule.
async fn alone(cx: &mut Cx<'_>, client: &Client, entitlement: &Entitlement) -> Result<RecordNumber, Fault> {
    let number = cx.number_above_all(client, entitlement.subject.as_ref()).await?;
    let Some(subject) = &entitlement.subject else { return Ok(number) };
    let owner = cx.owner(subject).await?;
    // The last one need not wait to be swept.
    if let Some(former) = owner.as_ref().and_then(|owner| owner.only_token(entitlement.client))
        && let Some(former) = cx.read.get::<Token>(&former).await?
    {
        cx.write.delete(former);
    }
    cx.put_owner(subject, owner, |owner| owner.with_only_token(entitlement.client, number));
    Ok(number)
}

/// A refresh token and what it is turned into.
pub struct Rotation<'a> {
    pub loaded: Loaded<Token>,
    pub entitled: Entitled,
    /// The value that was presented.
    pub presented: &'a str,
    /// What else the request was made of.
    pub request: String,
}

/// Makes the next tokens in place of those of the turn; the former access token ends, and the former
/// refresh token too unless the service keeps it.
pub async fn renew(
    cx: &mut Cx<'_>,
    client: Arc<Client>,
    turn: Rotation<'_>,
    wanted: ChosenValues,
) -> Result<Issued, Fault> {
    let Rotation { loaded, entitled: Entitled { entitlement, policy, .. }, presented, request } = turn;
    let number = *loaded.id();
    let kept = cx.tenant.tokens.refresh_kept || policy.token.refresh_kept || loaded.chosen.refresh;
    let generation = if kept { loaded.generation } else { loaded.generation.saturating_add(1) };
    let refresh_until = refresh_until(cx, &loaded, kept, wanted.refresh.unwrap_or(policy.token.refresh));
    let refresh = match (kept, loaded.refresh) {
        (true, Some(value)) => (Value { expires_at: refresh_until, ..value }, presented.to_owned()),
        _ => {
            let value = cx.handle::<Token>(TokenValue::Refresh, number, generation).into_value();
            (Value { hash: TokenHash::of(&value), expires_at: refresh_until }, value)
        }
    };
    let access_until = access_until(cx, life(&policy, &entitlement), &wanted, Some(refresh_until));
    let access = cx.handle::<Token>(TokenValue::Access, number, generation).into_value();
    let jwt = jwt(cx, &client, &entitlement, &access, access_until).await?;
    let answer =
        idempotent_refresh::Answer { access: access.clone(), jwt: jwt.clone(), refresh: refresh.1.clone() };
    let refreshed = Refreshed {
        entitlement,
        access: Value { hash: TokenHash::of(&access), expires_at: access_until },
        refresh: refresh.0,
        jwt: jwt.as_deref().map(TokenHash::of),
        generation,
        at: cx.now,
        repeat: idempotent_refresh::kept(cx, kept, presented, request, &answer)?,
    };
    let record = loaded.value().clone().refreshed(refreshed);
    cx.write.replace(loaded, &record);
    let end = record.expires_at().unwrap_or(access_until);
    shared_sessions::join(cx, record.entitlement.session.as_deref(), number, end).await?;
    Ok(Issued {
        client,
        number,
        access_token: access,
        jwt,
        access_secs: access_until.secs_after(cx.now),
        refresh_token: Some((refresh.1, refresh_until.secs_after(cx.now))),
        id_token: None,
        repeated: false,
        record,
    })
}

/// The JWT form of an access token, where the service makes one (RFC 9068).
pub async fn jwt(
    cx: &Cx<'_>,
    client: &Client,
    entitlement: &Entitlement,
    value: &str,
    until: Timestamp,
) -> Result<Option<String>, Fault> {
    let Some(alg) = cx.tenant.tokens.access_alg else { return Ok(None) };
    let key = cx.tenant.keys.signing(alg, cx.tenant.tokens.access_key.as_deref());
    let key = key.ok_or_else(|| Reason::AccessTokenKeyMissing { alg: alg.protocol_name().to_owned() })?;
    let client_id = client.identifier(entitlement.alias_used);
    // RFC 9068 §2.2, §6: the user by the name that the ID token has, which tells other sectors nothing.
    let sub = entitlement.subject.as_ref().map(|subject| pairwise::sub(subject, &cx.tenant, client));
    let unsigned = access_token::unsigned(
        entitlement,
        &access_token::IssuanceContext {
            issuer: &cx.tenant.issuer,
            client_id: &client_id,
            sub: sub.as_deref(),
            value,
            now: cx.now,
            expires_at: until,
        },
    );
    cx.signed(unsigned, &key).await.map(Some)
}

/// An ID token as the client wants it: signed, and encrypted where it has asked for that.
pub async fn id_token(
    cx: &mut Cx<'_>,
    client: &Arc<Client>,
    mut plan: IdTokenPlan,
    IdTokenContext { policy, entitlement }: IdTokenContext<'_>,
    companions: AccompanyingTokens<'_>,
) -> Result<String, Fault> {
    let alg = client.id_token.alg.unwrap_or(JwsAlg::Rs256);
    if !policy.client.algs.contains(alg) {
        return Err(Reason::IdTokenAlgTooWeak { alg: alg.protocol_name().to_owned() }.into());
    }
    let key = id_token_key(cx, client, alg)?;
    if let Some(subject) = &entitlement.subject {
        sub_mapping::remember(cx, client, &plan.sub, subject).await?;
    }
    let until = cx.now + policy.token.id;
    let granted = attachment_tokens::Granted { client, terms: entitlement, policy, until };
    plan.claims = attachment_tokens::embedded(cx, plan.claims, granted).await?;
    let unsigned = plan.unsigned(&IssuanceContext {
        issuer: &cx.tenant.issuer,
        audience: client.identifier(entitlement.alias_used),
        alg,
        now: cx.now,
        lifetime: policy.token.id,
        companions,
    });
    cx.protected(client, unsigned, Some(&key), client.id_token).await
}

pub fn id_token_key(cx: &Cx<'_>, client: &Client, alg: JwsAlg) -> Result<Signer, Fault> {
    if alg == JwsAlg::None {
        return Err(Reason::IdTokenAlgNone {}.into());
    }
    let key = client.signing_key(&cx.tenant, alg, cx.tenant.tokens.id_token_key.as_deref());
    Ok(key.ok_or_else(|| match cx.tenant.keys.set() {
        None => Reason::IdTokenKeySetMissing {},
        Some(_) => Reason::IdTokenKeyMissing { alg: alg.protocol_name().to_owned() },
    })?)
}

/// RFC 6749 §4.4.3, §4.2.2: no refresh token for client credentials, nor from the authorization endpoint.
/// Otherwise service and client decide.
fn is_refreshable(tenant: &Tenant, client: &Client, entitlement: &Entitlement) -> bool {
    let grant = GrantType::RefreshToken;
    !matches!(entitlement.grant, GrantType::ClientCredentials | GrantType::Implicit)
        && tenant.grant_types.contains(&grant)
        && client.grant_types.contains(&grant)
}

/// How long an access token of the entitlement lives.
fn life(policy: &Policy, entitlement: &Entitlement) -> Ttl {
    let token = &policy.token;
    if entitlement.binding.is_none() { token.access.min(token.unbound) } else { token.access }
}

fn access_until(
    cx: &Cx<'_>,
    life: Ttl,
    wanted: &ChosenValues,
    refresh_until: Option<Timestamp>,
) -> Timestamp {
    if wanted.persistent {
        return NEVER;
    }
    let until = cx.now + wanted.access.unwrap_or(life);
    match refresh_until {
        Some(refresh_until) if cx.tenant.tokens.expiration_linked => until.min(refresh_until),
        _ => until,
    }
}

/// A kept refresh token keeps its end unless the service starts it anew; a renewed one gets a whole
/// life unless the service makes it inherit the rest.
fn refresh_until(cx: &Cx<'_>, loaded: &Token, kept: bool, whole: Ttl) -> Timestamp {
    let tokens = &cx.tenant.tokens;
    let inherits = if kept { !tokens.refresh_duration_reset } else { tokens.refresh_duration_kept };
    match loaded.refresh {
        Some(value) if inherits => value.expires_at,
        _ => cx.now + whole,
    }
}
