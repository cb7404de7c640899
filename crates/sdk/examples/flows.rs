//! One function per flow, as an authorization server or an operator's tool would write it. `docs/sdk.md` goes through
//! them; the tests of the `placet` crate run each against an engine in the same process.

use placet_sdk::registry::{ClientAuthMethod, ClientType, GrantManagementAction, GrantType, ResponseType};
use placet_sdk::types::{
    self, AttestationChallengeRequest, AuthorizationFailReason, AuthorizationFailRequest,
    AuthorizationIssueRequest, AuthorizationRequest, BackchannelAuthenticationCompleteRequest,
    BackchannelAuthenticationCompleteResult, BackchannelAuthenticationFailReason,
    BackchannelAuthenticationFailRequest, BackchannelAuthenticationIssueRequest,
    BackchannelAuthenticationRequest, BackchannelLogoutTokenRequest, ClientGrantsDeleteRequest,
    ClientRegistrationRequest, CredentialIssuanceOrder, CredentialStatus, DeviceAuthorizationRequest,
    DeviceCompleteRequest, DeviceCompleteResult, DeviceVerificationRequest, FederationConfigurationRequest,
    FederationJwksRequest, FederationRegistrationRequest, GrantManagementRequest, HskCreateRequest,
    IdtokenReissueRequest, IntrospectionRequest, MemberAcceptRequest, MemberRequest, MergePatch,
    NativeSsoLogoutRequest, NativeSsoRequest, OrganizationTokenRequest, PushedAuthorizationRequest,
    RevocationRequest, ServiceTokenRequest, SubjectRequest, TokenBatchResult, TokenCreateBatchRequest,
    TokenCreateRequest, TokenExchangeRequest, TokenIssueRequest, TokenRequest, UserinfoIssueRequest,
    UserinfoRequest, VciBatchIssueRequest, VciBatchParseRequest, VciDeferredIssueRequest,
    VciDeferredParseRequest, VciJwksRequest, VciJwtissuerRequest, VciMetadataRequest, VciNonceRequest,
    VciNotificationRequest, VciOfferCreateRequest, VciOfferInfoRequest, VciSingleIssueRequest,
    VciSingleParseRequest, VciStatusListRequest, VciStatusUpdateRequest,
};
use placet_sdk::{
    AttestationChallengeDecision, AuthorizationDecision, AuthorizationFailDecision,
    AuthorizationIssueDecision, BackchannelAuthenticationCompleteDecision, BackchannelAuthenticationDecision,
    BackchannelAuthenticationFailDecision, BackchannelAuthenticationIssueDecision,
    BackchannelLogoutTokenDecision, Client, ClientRegistrationDecision, DeviceAuthorizationDecision,
    DeviceCompleteDecision, DeviceVerificationDecision, Error, FederationConfigurationDecision,
    FederationJwksDecision, FederationRegistrationDecision, GmDecision, HskCreateDecision,
    HskDeleteGetDecision, HskGetDecision, HskGetListDecision, IdtokenReissueDecision, IntrospectionDecision,
    NativessoDecision, NativessoLogoutDecision, PushedAuthReqDecision, RevocationDecision,
    TokenCreateDecision, TokenDecision, TokenExchangeDecision, TokenIssueDecision, Transport,
    UserinfoDecision, UserinfoIssueDecision, VciBatchIssueDecision, VciBatchParseDecision,
    VciDeferredIssueDecision, VciDeferredParseDecision, VciJwksDecision, VciJwtissuerDecision,
    VciMetadataDecision, VciNonceDecision, VciNotificationDecision, VciOfferCreateDecision,
    VciOfferInfoDecision, VciSingleIssueDecision, VciSingleParseDecision, VciStatusListDecision,
    VciStatusUpdateDecision,
};
use serde_json::{Map, json};

/// What goes back over HTTP: a status, and a text that belongs into the body or a header.
pub type Answer = (u16, String);

/// The authorization endpoint: who asks, and may it have what it asks for? `user` is who is signed in.
pub async fn authorize<T: Transport>(
    api: &Client<T>,
    query: &str,
    user: Option<&str>,
) -> Result<Answer, Error> {
    let request = AuthorizationRequest { parameters: Some(query.to_owned()), ..Default::default() };
    let asked = match api.authorization(request).await? {
        // Here the pages would come; `asked` says what to show, and its ticket is what to go on with.
        AuthorizationDecision::Interaction(asked) | AuthorizationDecision::NoInteraction(asked) => asked,
        AuthorizationDecision::Location(content) => return Ok((302, content.text)),
        AuthorizationDecision::Form(content) => return Ok((200, content.text)),
        AuthorizationDecision::BadRequest(content) => return Ok((400, content.text)),
        AuthorizationDecision::InternalServerError(content) => return Ok((500, content.text)),
        AuthorizationDecision::Unknown(_) => return Ok(newer()),
    };
    match user {
        Some(user) => granted(api, asked.body.ticket, user).await,
        None => refused(api, asked.body.ticket, AuthorizationFailReason::NotLoggedIn).await,
    }
}

/// The authorization endpoint for a client that asks for verified claims (OpenID Connect for Identity Assurance 1.0).
/// `verified` is what the caller has of the user; the API gives of it what was asked for, and no more.
pub async fn assure<T: Transport>(
    api: &Client<T>,
    query: &str,
    (user, verified): (&str, serde_json::Value),
) -> Result<Answer, Error> {
    let request = AuthorizationRequest { parameters: Some(query.to_owned()), ..Default::default() };
    let asked = match api.authorization(request).await? {
        AuthorizationDecision::Interaction(asked) | AuthorizationDecision::NoInteraction(asked) => asked.body,
        AuthorizationDecision::Location(content) => return Ok((302, content.text)),
        _ => return Ok((400, "as in authorize".to_owned())),
    };
    // The page says which verified claims are asked for, and why: they stand here with their purposes.
    let wanted = asked.id_token_claims.as_deref().unwrap_or_default().contains("verified_claims");
    let claims = wanted.then(|| json!({ "verified_claims": verified }).to_string());
    let issue = AuthorizationIssueRequest {
        ticket: asked.ticket,
        subject: Some(user.to_owned()),
        claims,
        ..Default::default()
    };
    Ok(match api.authorization_issue(issue).await? {
        AuthorizationIssueDecision::Location(issued) => (302, issued.content.text),
        _ => (500, "as in authorize".to_owned()),
    })
}

/// The user has agreed: the client gets its code.
async fn granted<T: Transport>(api: &Client<T>, ticket: Option<String>, user: &str) -> Result<Answer, Error> {
    let request = AuthorizationIssueRequest { ticket, subject: Some(user.to_owned()), ..Default::default() };
    Ok(match api.authorization_issue(request).await? {
        AuthorizationIssueDecision::Location(issued) => (302, issued.content.text),
        AuthorizationIssueDecision::Form(issued) => (200, issued.content.text),
        AuthorizationIssueDecision::BadRequest(content) => (400, content.text),
        AuthorizationIssueDecision::InternalServerError(content) => (500, content.text),
        AuthorizationIssueDecision::Unknown(_) => newer(),
    })
}

/// The user has not: the client gets an error.
async fn refused<T: Transport>(
    api: &Client<T>,
    ticket: Option<String>,
    reason: AuthorizationFailReason,
) -> Result<Answer, Error> {
    let request = AuthorizationFailRequest { ticket, reason: Some(reason), ..Default::default() };
    Ok(match api.authorization_fail(request).await? {
        AuthorizationFailDecision::Location(content) => (302, content.text),
        AuthorizationFailDecision::Form(content) => (200, content.text),
        AuthorizationFailDecision::BadRequest(content) => (400, content.text),
        AuthorizationFailDecision::InternalServerError(content) => (500, content.text),
        AuthorizationFailDecision::Unknown(_) => newer(),
    })
}

/// The token endpoint: codes, refresh tokens, client credentials – and, where the service allows it, passwords, which
/// are for the caller to judge. `basic` is what the `Authorization` header brought.
pub async fn token<T: Transport>(
    api: &Client<T>,
    form: &str,
    basic: Option<(&str, &str)>,
    right: impl Fn(&str, &str) -> bool,
) -> Result<Answer, Error> {
    let (client_id, client_secret) = basic.map(|(id, secret)| (id.to_owned(), secret.to_owned())).unzip();
    let request =
        TokenRequest { parameters: Some(form.to_owned()), client_id, client_secret, ..Default::default() };
    Ok(match api.token(request).await? {
        TokenDecision::Ok(issued) => (200, issued.content.text),
        TokenDecision::IdTokenReissuable(refreshed) => return reissue(api, refreshed.answer.body).await,
        TokenDecision::InvalidClient(content) => (401, content.text),
        TokenDecision::BadRequest(content) => (400, content.text),
        TokenDecision::InternalServerError(content) => (500, content.text),
        TokenDecision::Password(asked) => {
            let (name, password) = (asked.username.clone().unwrap_or_default(), asked.password.as_deref());
            if !right(&name, password.unwrap_or_default()) {
                return Ok((400, r#"{"error":"invalid_grant"}"#.to_owned()));
            }
            let request =
                TokenIssueRequest { ticket: asked.body.ticket, subject: Some(name), ..Default::default() };
            match api.token_issue(request).await? {
                TokenIssueDecision::Ok(issued) => (200, issued.content.text),
                TokenIssueDecision::InternalServerError(content) => (500, content.text),
                TokenIssueDecision::Unknown(_) => newer(),
            }
        }
        TokenDecision::TokenExchange(_) | TokenDecision::JwtBearer(_) | TokenDecision::NativeSso(_) => {
            (400, r#"{"error":"unsupported_grant_type"}"#.to_owned())
        }
        TokenDecision::Unknown(_) => newer(),
    })
}

/// A client has refreshed its tokens, and the service says that it may have a newer ID token with them: with claims as
/// they are by now.
async fn reissue<T: Transport>(api: &Client<T>, refreshed: types::TokenResponse) -> Result<Answer, Error> {
    let request = IdtokenReissueRequest {
        access_token: refreshed.jwt_access_token.or(refreshed.access_token),
        refresh_token: refreshed.refresh_token,
        claims: Some(json!({ "email_verified": true }).to_string()),
        ..Default::default()
    };
    Ok(match api.idtoken_reissue(request).await? {
        IdtokenReissueDecision::Ok(issued) => (200, issued.content.text),
        IdtokenReissueDecision::CallerError(content)
        | IdtokenReissueDecision::InternalServerError(content) => (500, content.text),
        IdtokenReissueDecision::Unknown(_) => newer(),
    })
}

/// A pushed authorization request (RFC 9126).
pub async fn push<T: Transport>(api: &Client<T>, form: &str, basic: (&str, &str)) -> Result<Answer, Error> {
    let request = PushedAuthorizationRequest {
        parameters: Some(form.to_owned()),
        client_id: Some(basic.0.to_owned()),
        client_secret: Some(basic.1.to_owned()),
        ..Default::default()
    };
    Ok(match api.pushed_auth_req(request).await? {
        PushedAuthReqDecision::Created(issued) => (201, issued.content.text),
        PushedAuthReqDecision::BadRequest(content) => (400, content.text),
        PushedAuthReqDecision::Unauthorized(content) => (401, content.text),
        PushedAuthReqDecision::Forbidden(content) => (403, content.text),
        PushedAuthReqDecision::PayloadTooLarge(content) => (413, content.text),
        PushedAuthReqDecision::InternalServerError(content) => (500, content.text),
        PushedAuthReqDecision::Unknown(_) => newer(),
    })
}

/// A resource server's question: is the token good for these scopes? On a refusal the text is the challenge.
pub async fn introspect<T: Transport>(
    api: &Client<T>,
    token: &str,
    scopes: &[&str],
) -> Result<Answer, Error> {
    let request = IntrospectionRequest {
        token: Some(token.to_owned()),
        scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        ..Default::default()
    };
    Ok(match api.introspection(request).await? {
        IntrospectionDecision::Ok(issued) => (200, issued.answer.body.subject.unwrap_or_default()),
        IntrospectionDecision::BadRequest(content) => (400, content.text),
        IntrospectionDecision::Unauthorized(content) => (401, content.text),
        IntrospectionDecision::Forbidden(content) => (403, content.text),
        IntrospectionDecision::InternalServerError(content) => (500, content.text),
        IntrospectionDecision::Unknown(_) => newer(),
    })
}

/// The userinfo endpoint: the API says which claims, the caller knows their values.
pub async fn userinfo<T: Transport>(
    api: &Client<T>,
    token: &str,
    value: impl Fn(&str, &str) -> Option<serde_json::Value>,
) -> Result<Answer, Error> {
    let request = UserinfoRequest { token: Some(token.to_owned()), ..Default::default() };
    let known = match api.userinfo(request).await? {
        UserinfoDecision::Ok(known) => known.answer.body,
        UserinfoDecision::BadRequest(content) => return Ok((400, content.text)),
        UserinfoDecision::Unauthorized(content) => return Ok((401, content.text)),
        UserinfoDecision::Forbidden(content) => return Ok((403, content.text)),
        UserinfoDecision::InternalServerError(content) => return Ok((500, content.text)),
        UserinfoDecision::Unknown(_) => return Ok(newer()),
    };
    let user = known.subject.unwrap_or_default();
    let names = known.claims.unwrap_or_default();
    let claims: Map<_, _> =
        names.into_iter().filter_map(|name| Some((name.clone(), value(&user, &name)?))).collect();
    let claims = Some(serde_json::Value::Object(claims).to_string());
    let request = UserinfoIssueRequest { token: Some(token.to_owned()), claims, ..Default::default() };
    Ok(match api.userinfo_issue(request).await? {
        UserinfoIssueDecision::Json(issued) | UserinfoIssueDecision::Jwt(issued) => {
            (200, issued.content.text)
        }
        UserinfoIssueDecision::BadRequest(content) => (400, content.text),
        UserinfoIssueDecision::Unauthorized(content) => (401, content.text),
        UserinfoIssueDecision::Forbidden(content) => (403, content.text),
        UserinfoIssueDecision::InternalServerError(content) => (500, content.text),
        UserinfoIssueDecision::Unknown(_) => newer(),
    })
}

/// The revocation endpoint (RFC 7009).
pub async fn revoke<T: Transport>(api: &Client<T>, form: &str, basic: (&str, &str)) -> Result<Answer, Error> {
    let request = RevocationRequest {
        parameters: Some(form.to_owned()),
        client_id: Some(basic.0.to_owned()),
        client_secret: Some(basic.1.to_owned()),
        ..Default::default()
    };
    Ok(match api.revocation(request).await? {
        RevocationDecision::Ok(content) => (200, content.text),
        RevocationDecision::InvalidClient(content) => (401, content.text),
        RevocationDecision::BadRequest(content) => (400, content.text),
        RevocationDecision::InternalServerError(content) => (500, content.text),
        RevocationDecision::Unknown(_) => newer(),
    })
}

/// Dynamic registration (RFC 7591).
pub async fn register<T: Transport>(api: &Client<T>, json: &str) -> Result<Answer, Error> {
    let request = ClientRegistrationRequest { json: Some(json.to_owned()), ..Default::default() };
    Ok(match api.client_registration(request).await? {
        ClientRegistrationDecision::Created(issued) => (201, issued.content.text),
        ClientRegistrationDecision::Ok(issued) | ClientRegistrationDecision::Updated(issued) => {
            (200, issued.content.text)
        }
        ClientRegistrationDecision::Deleted(content) => (204, content.text),
        ClientRegistrationDecision::BadRequest(content) => (400, content.text),
        ClientRegistrationDecision::Unauthorized(content) => (401, content.text),
        ClientRegistrationDecision::InternalServerError(content) => (500, content.text),
        ClientRegistrationDecision::Unknown(_) => newer(),
    })
}

/// Backchannel authentication (CIBA): the client gets its `auth_req_id`, then the user is asked elsewhere, and what
/// came of it is told. Here the user agrees at once.
pub async fn backchannel<T: Transport>(
    api: &Client<T>,
    form: &str,
    basic: (&str, &str),
    known: impl Fn(&str) -> Option<String>,
) -> Result<Answer, Error> {
    let request = BackchannelAuthenticationRequest {
        parameters: Some(form.to_owned()),
        client_id: Some(basic.0.to_owned()),
        client_secret: Some(basic.1.to_owned()),
        ..Default::default()
    };
    let asked = match api.backchannel_authentication(request).await? {
        BackchannelAuthenticationDecision::UserIdentification(asked) => asked.body,
        BackchannelAuthenticationDecision::BadRequest(content) => return Ok((400, content.text)),
        BackchannelAuthenticationDecision::Unauthorized(content) => return Ok((401, content.text)),
        BackchannelAuthenticationDecision::InternalServerError(content) => return Ok((500, content.text)),
        BackchannelAuthenticationDecision::Unknown(_) => {
            return Ok(newer());
        }
    };
    let Some(user) = asked.hint.as_deref().and_then(known) else {
        return nobody(api, asked.ticket).await;
    };
    let request = BackchannelAuthenticationIssueRequest { ticket: asked.ticket.clone() };
    let answer = match api.backchannel_authentication_issue(request).await? {
        BackchannelAuthenticationIssueDecision::Ok(issued) => (200, issued.content.text),
        BackchannelAuthenticationIssueDecision::InvalidTicket(content)
        | BackchannelAuthenticationIssueDecision::InternalServerError(content) => {
            return Ok((500, content.text));
        }
        BackchannelAuthenticationIssueDecision::Unknown(_) => {
            return Ok(newer());
        }
    };
    let request = BackchannelAuthenticationCompleteRequest {
        ticket: asked.ticket,
        result: Some(BackchannelAuthenticationCompleteResult::Authorized),
        subject: Some(user),
        ..Default::default()
    };
    match api.backchannel_authentication_complete(request).await? {
        // The client asks by itself (poll), or is told at its endpoint (ping, push).
        BackchannelAuthenticationCompleteDecision::NoAction(_)
        | BackchannelAuthenticationCompleteDecision::Notification(_) => Ok(answer),
        BackchannelAuthenticationCompleteDecision::ServerError(content) => Ok((500, content.text)),
        BackchannelAuthenticationCompleteDecision::Unknown(_) => Ok(newer()),
    }
}

/// The hint is of nobody that the caller knows (CIBA Core §13).
async fn nobody<T: Transport>(api: &Client<T>, ticket: Option<String>) -> Result<Answer, Error> {
    let request = BackchannelAuthenticationFailRequest {
        ticket,
        reason: Some(BackchannelAuthenticationFailReason::UnknownUserId),
        ..Default::default()
    };
    Ok(match api.backchannel_authentication_fail(request).await? {
        BackchannelAuthenticationFailDecision::BadRequest(content) => (400, content.text),
        BackchannelAuthenticationFailDecision::Forbidden(content) => (403, content.text),
        BackchannelAuthenticationFailDecision::InternalServerError(content) => (500, content.text),
        BackchannelAuthenticationFailDecision::Unknown(_) => newer(),
    })
}

/// The device flow (RFC 8628): the device gets its codes, the user types one of them in at a page and decides. Here the
/// user is `user`, and agrees at once.
pub async fn device<T: Transport>(
    api: &Client<T>,
    form: &str,
    basic: (&str, &str),
    user: &str,
) -> Result<Answer, Error> {
    let request = DeviceAuthorizationRequest {
        parameters: Some(form.to_owned()),
        client_id: Some(basic.0.to_owned()),
        client_secret: Some(basic.1.to_owned()),
        ..Default::default()
    };
    let codes = match api.device_authorization(request).await? {
        DeviceAuthorizationDecision::Ok(codes) => codes,
        DeviceAuthorizationDecision::BadRequest(content) => return Ok((400, content.text)),
        DeviceAuthorizationDecision::Unauthorized(content) => return Ok((401, content.text)),
        DeviceAuthorizationDecision::InternalServerError(content) => return Ok((500, content.text)),
        DeviceAuthorizationDecision::Unknown(_) => return Ok(newer()),
    };
    let user_code = codes.answer.user_code.clone();
    let request = DeviceVerificationRequest { user_code: user_code.clone() };
    match api.device_verification(request).await? {
        // Here the page would come that says which client asks, and for what.
        DeviceVerificationDecision::Valid(_) => {}
        DeviceVerificationDecision::Expired(_) => return Ok((400, "the code has expired".to_owned())),
        DeviceVerificationDecision::NotExist(_) => return Ok((400, "there is no such code".to_owned())),
        DeviceVerificationDecision::InternalServerError(_) | DeviceVerificationDecision::Unknown(_) => {
            return Ok((500, "the service cannot answer".to_owned()));
        }
    }
    let request = DeviceCompleteRequest {
        user_code,
        result: Some(DeviceCompleteResult::Authorized),
        subject: Some(user.to_owned()),
        ..Default::default()
    };
    Ok(match api.device_complete(request).await? {
        DeviceCompleteDecision::Success(_) => (200, codes.content.text),
        _ => (400, "the code was used before, or has expired".to_owned()),
    })
}

/// Token exchange (RFC 8693): the API has verified what it can of the tokens; `judge` says for whom the new one is, or
/// that there will be none. Who acts for the user is told in `act`.
pub async fn exchange<T: Transport>(
    api: &Client<T>,
    form: &str,
    basic: (&str, &str),
    judge: impl Fn(&types::TokenResponse) -> Option<String>,
) -> Result<Answer, Error> {
    let asked = match api.token(token_request(form, basic)).await? {
        TokenDecision::TokenExchange(asked) => asked,
        TokenDecision::InvalidClient(content) => return Ok((401, content.text)),
        TokenDecision::BadRequest(content) => return Ok((400, content.text)),
        _ => return Ok((500, "not an exchange".to_owned())),
    };
    let Some(user) = judge(&asked) else { return Ok((400, r#"{"error":"invalid_request"}"#.to_owned())) };
    let actor = asked.actor_token_info.as_ref().and_then(|info| info.subject.clone());
    let request = TokenCreateRequest {
        grant_type: Some(GrantType::TokenExchange),
        client_id: asked.client_id,
        subject: Some(user),
        scopes: asked.scopes.clone(),
        resources: asked.resources.clone(),
        jwt_at_claims: actor.map(|actor| json!({ "act": { "sub": actor } }).to_string()),
        ..Default::default()
    };
    created(api, request, Some("urn:ietf:params:oauth:token-type:access_token")).await
}

/// What is given in exchange besides access tokens: a grant for another authorization server (ID-JAG), a token of one
/// transaction (Txn-Token). The API has judged the request; `agree` says for whom the JWT is, and for what.
pub async fn exchange_elsewhere<T: Transport>(
    api: &Client<T>,
    form: &str,
    basic: (&str, &str),
    agree: impl Fn(&types::TokenResponse) -> Option<TokenExchangeRequest>,
) -> Result<Answer, Error> {
    let asked = match api.token(token_request(form, basic)).await? {
        TokenDecision::TokenExchange(asked) => asked,
        TokenDecision::InvalidClient(content) => return Ok((401, content.text)),
        TokenDecision::BadRequest(content) => return Ok((400, content.text)),
        _ => return Ok((500, "not an exchange".to_owned())),
    };
    let Some(agreed) = agree(&asked) else { return Ok((400, r#"{"error":"invalid_target"}"#.to_owned())) };
    let request = TokenExchangeRequest {
        issued_token_type: asked.requested_token_type,
        client_id: asked.client_id,
        scopes: asked.scopes.clone(),
        ..agreed
    };
    Ok(match api.token_exchange(request).await? {
        TokenExchangeDecision::Ok(content) => (200, content.text),
        _ => (500, r#"{"error":"server_error"}"#.to_owned()),
    })
}

/// Native SSO: the API has made the tokens of a session that the applications of a device share; `judge` says whether the
/// session still lives and the secret is the device's, and gives a new secret where the device has none.
pub async fn native_sso<T: Transport>(
    api: &Client<T>,
    form: &str,
    basic: (&str, &str),
    judge: impl Fn(&types::TokenResponse) -> Option<String>,
) -> Result<Answer, Error> {
    let made = match api.token(token_request(form, basic)).await? {
        TokenDecision::NativeSso(made) => made,
        TokenDecision::InvalidClient(content) => return Ok((401, content.text)),
        TokenDecision::BadRequest(content) => return Ok((400, content.text)),
        TokenDecision::InternalServerError(content) => return Ok((500, content.text)),
        _ => return Ok((500, "not a shared session".to_owned())),
    };
    let Some(device_secret) = judge(&made) else {
        return Ok((400, r#"{"error":"invalid_grant"}"#.to_owned()));
    };
    let request = NativeSsoRequest {
        access_token: made.jwt_access_token.clone().or(made.access_token.clone()),
        refresh_token: made.refresh_token.clone(),
        device_secret: Some(device_secret),
        device_secret_hash: made.device_secret_hash.clone(),
        ..Default::default()
    };
    Ok(match api.nativesso(request).await? {
        NativessoDecision::Ok(issued) => (200, issued.content.text),
        NativessoDecision::InternalServerError(content) => (500, content.text),
        _ => (500, "the service cannot answer".to_owned()),
    })
}

/// The user has signed out: the tokens of all applications that share the session end. Whether any did.
pub async fn leave<T: Transport>(api: &Client<T>, session: &str) -> Result<bool, Error> {
    let request = NativeSsoLogoutRequest { session_id: Some(session.to_owned()) };
    match api.nativesso_logout(request).await? {
        NativessoLogoutDecision::Ok(ended) => Ok(ended.count.unwrap_or_default() > 0),
        NativessoLogoutDecision::CallerError(_)
        | NativessoLogoutDecision::ServerError(_)
        | NativessoLogoutDecision::Unknown(_) => Ok(false),
    }
}

/// Grant management: a client reads a grant of its own (GET), or ends it (DELETE).
pub async fn grant<T: Transport>(
    api: &Client<T>,
    action: GrantManagementAction,
    grant: &str,
    access_token: &str,
) -> Result<Answer, Error> {
    let request = GrantManagementRequest {
        gm_action: Some(action),
        grant_id: Some(grant.to_owned()),
        access_token: Some(access_token.to_owned()),
        ..Default::default()
    };
    Ok(match api.gm(request).await? {
        GmDecision::Ok(content) => (200, content.text),
        GmDecision::NoContent(content) => (204, content.text),
        GmDecision::Unauthorized(content) => (401, content.text),
        GmDecision::Forbidden(content) => (403, content.text),
        GmDecision::NotFound(content) => (404, content.text),
        GmDecision::CallerError(content) | GmDecision::AuthleteError(content) => (500, content.text),
        GmDecision::Unknown(_) => newer(),
    })
}

/// What a user's account does about the grants that a client manages: each is shown, and ends alone. How many ended?
pub async fn take_back<T: Transport>(api: &Client<T>, client: &str, user: &str) -> Result<usize, Error> {
    let subject = Some(user.to_owned());
    let known = api.client_grants_get(client, SubjectRequest { subject: subject.clone() }).await?;
    let mut ended = 0;
    for grant in known.body.grants.unwrap_or_default() {
        let request = ClientGrantsDeleteRequest { subject: subject.clone(), grant_id: grant.grant_id };
        api.client_grants_delete(client, request).await?;
        ended += 1;
    }
    Ok(ended)
}

/// A JWT as grant (RFC 7523 §2.1): the API has judged its audience and times; `verify` judges its signature, and says who
/// its subject is to us.
pub async fn assertion<T: Transport>(
    api: &Client<T>,
    form: &str,
    basic: (&str, &str),
    verify: impl Fn(&str) -> Option<String>,
) -> Result<Answer, Error> {
    let asked = match api.token(token_request(form, basic)).await? {
        TokenDecision::JwtBearer(asked) => asked,
        TokenDecision::InvalidClient(content) => return Ok((401, content.text)),
        TokenDecision::BadRequest(content) => return Ok((400, content.text)),
        _ => return Ok((500, "not an assertion".to_owned())),
    };
    let Some(user) = verify(asked.assertion.as_deref().unwrap_or_default()) else {
        return Ok((400, r#"{"error":"invalid_grant"}"#.to_owned()));
    };
    let request = TokenCreateRequest {
        grant_type: Some(GrantType::JwtBearer),
        client_id: asked.client_id,
        subject: Some(user),
        scopes: asked.scopes.clone(),
        resources: asked.resources.clone(),
        ..Default::default()
    };
    created(api, request, None).await
}

fn token_request(form: &str, basic: (&str, &str)) -> TokenRequest {
    TokenRequest {
        parameters: Some(form.to_owned()),
        client_id: Some(basic.0.to_owned()),
        client_secret: Some(basic.1.to_owned()),
        ..Default::default()
    }
}

/// The token response of a token that the authorization server has asked for itself.
async fn created<T: Transport>(
    api: &Client<T>,
    request: TokenCreateRequest,
    issued: Option<&str>,
) -> Result<Answer, Error> {
    let made = match api.token_create(request).await? {
        TokenCreateDecision::Ok(made) => made,
        TokenCreateDecision::Forbidden(content) => return Ok((403, content.text)),
        TokenCreateDecision::BadRequest(content) => return Ok((400, content.text)),
        _ => return Ok((500, "the service cannot answer".to_owned())),
    };
    let mut answer = json!({
        "access_token": made.jwt_access_token.as_ref().or(made.access_token.as_ref()),
        "token_type": made.token_type,
        "expires_in": made.expires_in,
        "scope": made.scopes.clone().unwrap_or_default().join(" "),
    });
    if let Some(issued) = issued {
        answer["issued_token_type"] = issued.into();
    }
    Ok((200, answer.to_string()))
}

/// Brings the refresh tokens of another server along: user and refresh token of each. What the batch is asked for by.
pub async fn migrate<T: Transport>(
    api: &Client<T>,
    client: &str,
    tokens: &[(&str, &str)],
) -> Result<String, Error> {
    let item = |(user, token): &(&str, &str)| TokenCreateRequest {
        grant_type: Some(GrantType::AuthorizationCode),
        client_identifier: Some(client.to_owned()),
        subject: Some((*user).to_owned()),
        refresh_token: Some((*token).to_owned()),
        ..Default::default()
    };
    let request = TokenCreateBatchRequest { items: tokens.iter().map(item).collect(), dry_run: None };
    let batch = api.token_create_batch(request).await?;
    Ok(batch.request_id.clone().unwrap_or_default())
}

/// How far it is: how many tokens there are, and once it has ended, whether well.
pub async fn migrated<T: Transport>(
    api: &Client<T>,
    batch: &str,
) -> Result<(i64, Option<Result<(), String>>), Error> {
    let answer = api.token_create_batch_status(batch).await?;
    let status = answer.status.clone().unwrap_or_default();
    let outcome = status.result.map(|result| match result {
        TokenBatchResult::Succeeded => Ok(()),
        TokenBatchResult::Failed => Err(status.error_description.unwrap_or_default()),
    });
    Ok((status.token_count.unwrap_or_default(), outcome))
}

/// The challenge endpoint of attested clients. Nobody may store what it answers.
pub async fn challenge<T: Transport>(api: &Client<T>) -> Result<Answer, Error> {
    Ok(match api.attestation_challenge(AttestationChallengeRequest::default()).await? {
        AttestationChallengeDecision::Ok(content) => (200, content.text),
        AttestationChallengeDecision::InternalServerError(content) => (500, content.text),
        AttestationChallengeDecision::Unknown(answer) => (500, format!("{:?}", answer.unknown_action())),
    })
}

/// What a credential issuer publishes: its metadata, where its keys are, the keys, and a nonce for key proofs.
pub async fn credential_issuer<T: Transport>(api: &Client<T>) -> Result<[Answer; 4], Error> {
    let metadata = match api.vci_metadata(VciMetadataRequest::default()).await? {
        VciMetadataDecision::Ok(content) | VciMetadataDecision::OkJwt(content) => (200, content.text),
        VciMetadataDecision::NotFound(content) => (404, content.text),
        VciMetadataDecision::InternalServerError(content) => (500, content.text),
        VciMetadataDecision::Unknown(_) => newer(),
    };
    let jwt_issuer = match api.vci_jwtissuer(VciJwtissuerRequest::default()).await? {
        VciJwtissuerDecision::Ok(content) => (200, content.text),
        VciJwtissuerDecision::NotFound(content) => (404, content.text),
        VciJwtissuerDecision::InternalServerError(content) => (500, content.text),
        VciJwtissuerDecision::Unknown(_) => newer(),
    };
    let keys = match api.vci_jwks(VciJwksRequest::default()).await? {
        VciJwksDecision::Ok(content) => (200, content.text),
        VciJwksDecision::NotFound(content) => (404, content.text),
        VciJwksDecision::InternalServerError(content) => (500, content.text),
        VciJwksDecision::Unknown(_) => newer(),
    };
    let nonce = match api.vci_nonce(VciNonceRequest::default()).await? {
        VciNonceDecision::Ok(content) => (200, content.text),
        VciNonceDecision::NotFound(content) => (404, content.text),
        VciNonceDecision::InternalServerError(content) => (500, content.text),
        VciNonceDecision::Unknown(_) => newer(),
    };
    Ok([metadata, jwt_issuer, keys, nonce])
}

/// A credential is offered to a user, who has to type a code that comes another way. What is returned is the name by which
/// a wallet loads the offer.
pub async fn offer<T: Transport>(
    api: &Client<T>,
    (credential, user): (&str, &str),
    code: &str,
) -> Result<Option<String>, Error> {
    let request = VciOfferCreateRequest {
        credential_configuration_ids: Some(vec![credential.to_owned()]),
        pre_authorized_code_grant_included: Some(true),
        subject: Some(user.to_owned()),
        tx_code: Some(code.to_owned()),
        ..Default::default()
    };
    Ok(match api.vci_offer_create(request).await? {
        VciOfferCreateDecision::Created(made) => made.body.info.and_then(|info| info.identifier),
        VciOfferCreateDecision::Forbidden(_)
        | VciOfferCreateDecision::CallerError(_)
        | VciOfferCreateDecision::AuthleteError(_)
        | VciOfferCreateDecision::Unknown(_) => None,
    })
}

/// A wallet loads the offer.
pub async fn offered<T: Transport>(api: &Client<T>, identifier: &str) -> Result<Answer, Error> {
    let request = VciOfferInfoRequest { identifier: Some(identifier.to_owned()) };
    Ok(match api.vci_offer_info(request).await? {
        VciOfferInfoDecision::Ok(found) => {
            (200, found.body.info.and_then(|info| info.credential_offer).unwrap_or_default())
        }
        VciOfferInfoDecision::Forbidden(_) => (403, String::new()),
        VciOfferInfoDecision::NotFound(_) => (404, String::new()),
        VciOfferInfoDecision::CallerError(_)
        | VciOfferInfoDecision::AuthleteError(_)
        | VciOfferInfoDecision::Unknown(_) => (500, String::new()),
    })
}

fn newer() -> Answer {
    (500, "an action of a newer API".to_owned())
}

/// What an issuer knows of a user: what goes into the credential, or that it comes later, or never.
pub enum Says {
    Payload(Map<String, serde_json::Value>),
    Later,
    Nothing,
}

fn order(asked: types::CredentialRequestInfo, says: &Says) -> CredentialIssuanceOrder {
    CredentialIssuanceOrder {
        request_identifier: asked.identifier,
        credential_payload: match says {
            Says::Payload(payload) => Some(serde_json::Value::Object(payload.clone()).to_string()),
            Says::Later | Says::Nothing => None,
        },
        issuance_deferred: Some(matches!(says, Says::Later)),
        ..Default::default()
    }
}

/// The credential endpoint: is the request in order, and what does it ask for? `says` is what this issuer knows of the user.
pub async fn credential<T: Transport>(
    api: &Client<T>,
    (token, body): (&str, &str),
    says: impl Fn(&types::CredentialRequestInfo) -> Says,
) -> Result<Answer, Error> {
    let request = VciSingleParseRequest {
        access_token: Some(token.to_owned()),
        request_content: Some(body.to_owned()),
    };
    let asked = match api.vci_single_parse(request).await? {
        VciSingleParseDecision::Ok(asked) => asked.body.info.unwrap_or_default(),
        VciSingleParseDecision::BadRequest(content) => return Ok((400, content.text)),
        VciSingleParseDecision::Unauthorized(content) => return Ok((401, content.text)),
        VciSingleParseDecision::Forbidden(content) => return Ok((403, content.text)),
        VciSingleParseDecision::InternalServerError(content) => return Ok((500, content.text)),
        VciSingleParseDecision::Unknown(_) => return Ok(newer()),
    };
    let says = says(&asked);
    let request = VciSingleIssueRequest {
        access_token: Some(token.to_owned()),
        denied: Some(matches!(says, Says::Nothing)),
        order: Some(Box::new(order(asked, &says))),
        ..Default::default()
    };
    Ok(match api.vci_single_issue(request).await? {
        VciSingleIssueDecision::Ok(content) | VciSingleIssueDecision::OkJwt(content) => (200, content.text),
        VciSingleIssueDecision::Accepted(issued) | VciSingleIssueDecision::AcceptedJwt(issued) => {
            (202, issued.content.text)
        }
        VciSingleIssueDecision::BadRequest(content) => (400, content.text),
        VciSingleIssueDecision::Unauthorized(content) => (401, content.text),
        VciSingleIssueDecision::Forbidden(content) => (403, content.text),
        VciSingleIssueDecision::InternalServerError(content)
        | VciSingleIssueDecision::CallerError(content) => (500, content.text),
        VciSingleIssueDecision::Unknown(_) => newer(),
    })
}

/// The notification endpoint: what a wallet says of what was issued to it. `acts` is what this issuer makes of it, once.
pub async fn notified<T: Transport>(
    api: &Client<T>,
    (token, body): (&str, &str),
    acts: impl Fn(types::CredentialNotificationInfo),
) -> Result<Answer, Error> {
    let request = VciNotificationRequest {
        access_token: Some(token.to_owned()),
        request_content: Some(body.to_owned()),
    };
    Ok(match api.vci_notification(request).await? {
        VciNotificationDecision::NoContent(said) => {
            let info = said.body.info.unwrap_or_default();
            if info.repeated != Some(true) {
                acts(info);
            }
            (204, String::new())
        }
        VciNotificationDecision::BadRequest(content) => (400, content.text),
        VciNotificationDecision::Unauthorized(content) => (401, content.text),
        VciNotificationDecision::Forbidden(content) => (403, content.text),
        VciNotificationDecision::InternalServerError(content) => (500, content.text),
        VciNotificationDecision::Unknown(_) => newer(),
    })
}

/// A status list, for whoever verifies credentials, which may be kept as long as its `ttl` says; or without `identifier` where all
/// of them are.
pub async fn status_list<T: Transport>(api: &Client<T>, identifier: Option<&str>) -> Result<Answer, Error> {
    let request = VciStatusListRequest { identifier: identifier.map(str::to_owned), format: None };
    Ok(match api.vci_status_list(request).await? {
        VciStatusListDecision::Ok(content) => (200, content.text),
        VciStatusListDecision::NotFound(content) => (404, content.text),
        VciStatusListDecision::InternalServerError(content) => (500, content.text),
        VciStatusListDecision::Unknown(_) => newer(),
    })
}

/// All credentials of a user are to count no more; how many that were, if it could be done.
pub async fn credentials_ended<T: Transport>(api: &Client<T>, user: &str) -> Result<Option<i32>, Error> {
    let (mut count, mut cursor) = (0, None);
    loop {
        let request = VciStatusUpdateRequest {
            status: Some(CredentialStatus::Invalid),
            subject: Some(user.to_owned()),
            cursor,
            ..Default::default()
        };
        match api.vci_status_update(request).await? {
            VciStatusUpdateDecision::Ok(answer) => {
                count += answer.body.count.unwrap_or_default();
                cursor = answer.body.cursor;
            }
            VciStatusUpdateDecision::BadRequest(_)
            | VciStatusUpdateDecision::Forbidden(_)
            | VciStatusUpdateDecision::NotFound(_)
            | VciStatusUpdateDecision::InternalServerError(_)
            | VciStatusUpdateDecision::Unknown(_) => return Ok(None),
        }
        if cursor.is_none() {
            return Ok(Some(count));
        }
    }
}

/// The deferred credential endpoint: a wallet comes for what was not there before.
pub async fn deferred_credential<T: Transport>(
    api: &Client<T>,
    (token, body): (&str, &str),
    says: impl Fn(&types::CredentialRequestInfo) -> Says,
) -> Result<Answer, Error> {
    let request = VciDeferredParseRequest {
        access_token: Some(token.to_owned()),
        request_content: Some(body.to_owned()),
    };
    let asked = match api.vci_deferred_parse(request).await? {
        VciDeferredParseDecision::Ok(asked) => asked.body.info.unwrap_or_default(),
        VciDeferredParseDecision::BadRequest(content) => return Ok((400, content.text)),
        VciDeferredParseDecision::Unauthorized(content) => return Ok((401, content.text)),
        VciDeferredParseDecision::Forbidden(content) => return Ok((403, content.text)),
        VciDeferredParseDecision::InternalServerError(content) => return Ok((500, content.text)),
        VciDeferredParseDecision::Unknown(_) => return Ok(newer()),
    };
    let says = says(&asked);
    let request = VciDeferredIssueRequest {
        denied: Some(matches!(says, Says::Nothing)),
        order: Some(Box::new(order(asked, &says))),
        ..Default::default()
    };
    Ok(match api.vci_deferred_issue(request).await? {
        VciDeferredIssueDecision::Ok(content) | VciDeferredIssueDecision::OkJwt(content) => {
            (200, content.text)
        }
        VciDeferredIssueDecision::Accepted(content) | VciDeferredIssueDecision::AcceptedJwt(content) => {
            (202, content.text)
        }
        VciDeferredIssueDecision::BadRequest(content) => (400, content.text),
        VciDeferredIssueDecision::Forbidden(content) => (403, content.text),
        VciDeferredIssueDecision::InternalServerError(content)
        | VciDeferredIssueDecision::CallerError(content) => (500, content.text),
        VciDeferredIssueDecision::Unknown(_) => newer(),
    })
}

/// The batch credential endpoint of the implementer's draft: several requests, answered together.
pub async fn credentials<T: Transport>(
    api: &Client<T>,
    (token, body): (&str, &str),
    says: impl Fn(&types::CredentialRequestInfo) -> Says,
) -> Result<Answer, Error> {
    let request =
        VciBatchParseRequest { access_token: Some(token.to_owned()), request_content: Some(body.to_owned()) };
    let asked = match api.vci_batch_parse(request).await? {
        VciBatchParseDecision::Ok(asked) => asked.body.info.unwrap_or_default(),
        VciBatchParseDecision::BadRequest(content) => return Ok((400, content.text)),
        VciBatchParseDecision::Unauthorized(content) => return Ok((401, content.text)),
        VciBatchParseDecision::Forbidden(content) => return Ok((403, content.text)),
        VciBatchParseDecision::InternalServerError(content) => return Ok((500, content.text)),
        VciBatchParseDecision::Unknown(_) => return Ok(newer()),
    };
    let orders = asked.into_iter().map(|asked| {
        let says = says(&asked);
        order(asked, &says)
    });
    let request =
        VciBatchIssueRequest { access_token: Some(token.to_owned()), orders: Some(orders.collect()) };
    Ok(match api.vci_batch_issue(request).await? {
        VciBatchIssueDecision::Ok(content) | VciBatchIssueDecision::OkJwt(content) => (200, content.text),
        VciBatchIssueDecision::Unauthorized(content) => (401, content.text),
        VciBatchIssueDecision::Forbidden(content) => (403, content.text),
        VciBatchIssueDecision::InternalServerError(content) | VciBatchIssueDecision::CallerError(content) => {
            (500, content.text)
        }
        VciBatchIssueDecision::Unknown(_) => newer(),
    })
}

/// The end of a session, for one client: a token, and where to post it.
pub async fn logout<T: Transport>(
    api: &Client<T>,
    client: &str,
    user: &str,
) -> Result<Option<(String, String)>, Error> {
    let request = BackchannelLogoutTokenRequest {
        client_identifier: Some(client.to_owned()),
        subject: Some(user.to_owned()),
        ..Default::default()
    };
    Ok(match api.backchannel_logout_token(request).await? {
        BackchannelLogoutTokenDecision::Ok(made) => {
            made.body.logout_token.zip(made.body.backchannel_logout_uri)
        }
        _ => None,
    })
}

/// `/.well-known/openid-federation`: what the service says of itself to its federations, as `application/entity-statement+jwt`.
pub async fn entity<T: Transport>(api: &Client<T>) -> Result<Answer, Error> {
    Ok(match api.federation_configuration(FederationConfigurationRequest::default()).await? {
        FederationConfigurationDecision::Ok(content) => (200, content.text),
        FederationConfigurationDecision::NotFound(content) => (404, content.text),
        FederationConfigurationDecision::InternalServerError(content) => (500, content.text),
        FederationConfigurationDecision::Unknown(answer) => (500, format!("{:?}", answer.unknown_action())),
    })
}

/// What `signed_jwks_uri` leads to: the keys of the service as `application/jwk-set+jwt`.
pub async fn signed_keys<T: Transport>(api: &Client<T>) -> Result<Answer, Error> {
    Ok(match api.federation_jwks(FederationJwksRequest::default()).await? {
        FederationJwksDecision::Ok(content) => (200, content.text),
        FederationJwksDecision::NotFound(content) => (404, content.text),
        FederationJwksDecision::InternalServerError(content) => (500, content.text),
        FederationJwksDecision::Unknown(answer) => (500, format!("{:?}", answer.unknown_action())),
    })
}

/// The federation registration endpoint, for what comes as `application/entity-statement+jwt`: the registration as
/// `application/explicit-registration-response+jwt`.
pub async fn federate<T: Transport>(api: &Client<T>, configuration: &str) -> Result<Answer, Error> {
    let request = FederationRegistrationRequest {
        entity_configuration: Some(configuration.to_owned()),
        ..Default::default()
    };
    Ok(match api.federation_registration(request).await? {
        FederationRegistrationDecision::Ok(registered) => (200, registered.content.text),
        FederationRegistrationDecision::BadRequest(content) => (400, content.text),
        FederationRegistrationDecision::NotFound(content) => (404, content.text),
        FederationRegistrationDecision::InternalServerError(content) => (500, content.text),
        FederationRegistrationDecision::Unknown(answer) => (500, format!("{:?}", answer.unknown_action())),
    })
}

/// A key in hardware: it is made, found among the others, and destroyed when its successor has taken over. `Ok(None)` where
/// the service has no such key; what passes, such as an HSM that is away, is an error of its own.
pub async fn hardware<T: Transport>(api: &Client<T>, kid: &str) -> Result<Option<String>, Error> {
    let wanted = HskCreateRequest {
        kty: Some("EC".to_owned()),
        r#use: Some("sig".to_owned()),
        alg: Some("ES256".to_owned()),
        kid: Some(kid.to_owned()),
        ..Default::default()
    };
    let made = match api.hsk_create(wanted).await? {
        HskCreateDecision::Success(made) => made.body.hsk.unwrap_or_default(),
        HskCreateDecision::InvalidRequest(_) | HskCreateDecision::NotFound(_) => return Ok(None),
        HskCreateDecision::ServerError(_) | HskCreateDecision::Unknown(_) => return Ok(None),
    };
    let handle = made.handle.unwrap_or_default();
    let HskGetDecision::Success(read) = api.hsk_get(handle.as_str()).await? else { return Ok(None) };
    let HskGetListDecision::Success(all) = api.hsk_get_list().await? else { return Ok(None) };
    let listed = all.body.hsks.iter().flatten().any(|hsk| hsk.handle.as_deref() == Some(&handle));
    api.hsk_delete(handle.as_str()).await?;
    // Gone is gone: destroying it again finds nothing.
    let again = api.hsk_delete_get(handle.as_str()).await?;
    let gone = matches!(again, HskDeleteGetDecision::NotFound(_));
    Ok(read.body.hsk.and_then(|hsk| hsk.public_key).filter(|_| listed && gone))
}

/// Management: a client is made, read, changed, and taken away. What is read carries along what this SDK does not
/// know of it, so that an update loses nothing.
pub async fn manage<T: Transport>(api: &Client<T>) -> Result<(String, String), Error> {
    let wanted = types::Client {
        client_name: Some("Shop".to_owned()),
        client_type: Some(ClientType::Confidential),
        token_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        grant_types: Some(vec![GrantType::AuthorizationCode]),
        response_types: Some(vec![ResponseType::Code]),
        redirect_uris: Some(vec!["https://shop.example/cb".to_owned()]),
        ..Default::default()
    };
    let id = api.client_create(wanted).await?.client_id.unwrap_or_default();
    let mut client = api.client_get(id).await?;
    client.client_name = Some("Shop of wonders".to_owned());
    let changed = api.client_update(id, client).await?;
    api.client_delete(id).await?;
    Ok((id.to_string(), changed.client_name.clone().unwrap_or_default()))
}

/// Two editors: a change of some members, meant for what was read; whether it came in time.
pub async fn edit<T: Transport>(api: &Client<T>, client: &str, name: &str) -> Result<bool, Error> {
    let read = api.client_get(client).await?;
    let mut changes =
        placet_sdk::Answer::from(MergePatch(Map::from_iter([("clientName".to_owned(), name.into())])));
    changes.version.clone_from(&read.version);
    match api.client_patch(client, changes).await {
        Ok(_) => Ok(true),
        Err(Error::Refused { status: 412, .. }) => Ok(false),
        Err(e) => Err(e),
    }
}

/// The life of a token of a service: made with as few rights as do, known by its name, replaced while the former value
/// still works for a minute, and ended. The values that it had.
pub async fn service_token<T: Transport>(
    api: &Client<T>,
    organization: i64,
    service: i64,
) -> Result<[Option<String>; 2], Error> {
    let of = ServiceTokenRequest {
        organization_id: Some(organization),
        service_id: Some(service),
        ..Default::default()
    };
    let permissions = Some(vec!["use_service".to_owned()]);
    let made = api.servicetoken_create(ServiceTokenRequest { permissions, ..of.clone() }).await?.body;
    let it = ServiceTokenRequest { token_id: made.token_id, ..of.clone() };
    let description = Some("authorization server".to_owned());
    api.servicetoken_update(ServiceTokenRequest { description, ..it.clone() }).await?;
    let known = api.servicetoken_all(of).await?.body;
    let named = known.iter().find(|token| token.token_id == it.token_id);
    assert!(named.is_some_and(|token| token.access_token.is_none()), "a list never shows a value");
    let rotated = ServiceTokenRequest { grace_period: Some(60), ..it.clone() };
    let newer = api.servicetoken_rotate(rotated).await?.body.access_token;
    api.servicetoken_revoke(it).await?;
    Ok([made.access_token, newer])
}

/// So with a token of an organization, which can make services and tokens of theirs.
pub async fn organization_token<T: Transport>(
    api: &Client<T>,
    organization: i64,
) -> Result<[Option<String>; 2], Error> {
    let of = OrganizationTokenRequest { organization_id: Some(organization), ..Default::default() };
    let permissions = Some(vec!["create_service".to_owned()]);
    let made =
        api.organizationtoken_create(OrganizationTokenRequest { permissions, ..of.clone() }).await?.body;
    let it = OrganizationTokenRequest { token_id: made.token_id, ..of.clone() };
    let description = Some("pipeline".to_owned());
    api.organizationtoken_update(OrganizationTokenRequest { description, ..it.clone() }).await?;
    let known = api.organizationtoken_all(of).await?.body;
    let named = known.iter().find(|token| token.token_id == it.token_id);
    assert!(named.is_some_and(|token| token.access_token.is_none()), "a list never shows a value");
    let newer = api.organizationtoken_rotate(it.clone()).await?.body.access_token;
    api.organizationtoken_revoke(it).await?;
    Ok([made.access_token, newer])
}

/// Somebody is invited, and takes the invitation up: the token that is theirs alone.
pub async fn join<T: Transport>(
    api: &Client<T>,
    organization: i64,
    email: &str,
    role: placet_sdk::MemberRole,
) -> Result<Option<String>, Error> {
    let invited = MemberRequest {
        organization_id: Some(organization),
        email: Some(email.to_owned()),
        role: Some(role),
        ..Default::default()
    };
    // The code goes to whoever is invited, by whatever reaches them; they answer with it.
    let code = api.member_invite(invited).await?.body.invitation_code;
    let joined = api.member_accept(MemberAcceptRequest { invitation_code: code }).await?;
    Ok(joined.body.access_token)
}

/// Somebody has been found out to be a member: a token that does what the member may, for a while.
pub async fn enter<T: Transport>(
    api: &Client<T>,
    organization: i64,
    email: &str,
) -> Result<Option<String>, Error> {
    let organization_id = Some(organization);
    let who = MemberRequest { organization_id, email: Some(email.to_owned()), ..Default::default() };
    Ok(api.member_sign_in(who).await?.body.access_token)
}

/// What the token may that this client calls with.
pub async fn rights<T: Transport>(api: &Client<T>) -> Result<Vec<String>, Error> {
    Ok(api.apitoken_get().await?.body.permissions.unwrap_or_default())
}

/// Ends the token that this client calls with: it is known no more.
pub async fn renounce<T: Transport>(api: &Client<T>) -> Result<(), Error> {
    api.apitoken_revoke().await
}

/// Why a request failed: the last refusal that has to do with a client, a user or a token, and all that belongs to it.
pub async fn inspect<T: Transport>(api: &Client<T>, about: &str) -> Result<Vec<types::InspectedCall>, Error> {
    let search = Some(about.to_owned());
    let query = types::InspectorListQuery { search, failed: Some(true), ..Default::default() };
    let refused = api.inspector_get_list(query).await?.body.calls.unwrap_or_default();
    let Some(last) = refused.into_iter().next() else { return Ok(Vec::new()) };
    let query = types::InspectorGetQuery { request_id: last.request_id };
    Ok(api.inspector_get(query).await?.body.calls.unwrap_or_default())
}

/// What was changed since a cursor, and the cursor of what comes next.
pub async fn audited<T: Transport>(
    api: &Client<T>,
    cursor: Option<String>,
) -> Result<(Vec<String>, Option<String>), Error> {
    let page = api.audit_get_list(types::AuditListQuery { cursor, limit: None }).await?.body;
    let entries = page.entries.unwrap_or_default().into_iter();
    Ok((entries.filter_map(|entry| entry.entry).collect(), page.cursor))
}

/// Shows how little it takes to begin: `cargo run --example flows` beside a running `placet dev`.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let values = std::env::args().skip(1).collect::<Vec<_>>();
    let [base, service, token] = values.as_slice() else {
        return Err("usage: flows BASE_URL SERVICE_ID TOKEN".into());
    };
    let transport = placet_sdk::HttpTransport::new(base)?;
    let api = Client::new(transport, placet_sdk::Secret::new(token.clone()))
        .for_service(placet_sdk::ServiceId(service.parse()?));
    let (id, name) = manage(&api).await?;
    println!("client {id} was made, renamed to '{name}', and deleted");
    Ok(())
}
