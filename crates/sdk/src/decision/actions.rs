//! THE TABLE of actions: what each answer of the API may say, what it brings, and what to do about it.

use placet_api::types;

use super::{Content, Issued, Outcome};
use crate::answer::Answer;

decisions! {
    /// What becomes of an authorization request.
    AuthorizationDecision: AuthorizationResponse by AuthorizationResponseAction, with [text] {
        /// Ask the user: who they are, and whether they agree. The answer has the ticket and what to show.
        Interaction => answer;
        /// Decide without asking (`prompt=none`): issue if the session allows it, fail if not.
        NoInteraction => answer;
        /// Redirect the browser: HTTP 302, the content as `Location`.
        Location => content;
        /// Send a page that posts itself: HTTP 200, the content as HTML.
        Form => content;
        /// Nothing may be sent to the client: HTTP 400, an error page or the content as JSON.
        BadRequest => content;
        /// The service cannot answer: HTTP 500, an error page or the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of an authorization request that was granted.
    AuthorizationIssueDecision: AuthorizationIssueResponse by AuthorizationIssueResponseAction, with [text] {
        /// Redirect the browser: HTTP 302, the content as `Location`.
        Location => issued;
        /// Send a page that posts itself: HTTP 200, the content as HTML.
        Form => issued;
        /// Nothing may be sent to the client: HTTP 400, an error page or the content as JSON.
        BadRequest => content;
        /// The service cannot answer: HTTP 500, an error page or the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of an authorization request that was not granted.
    AuthorizationFailDecision: AuthorizationFailResponse by AuthorizationFailResponseAction, with [text] {
        /// Redirect the browser: HTTP 302, the content as `Location`.
        Location => content;
        /// Send a page that posts itself: HTTP 200, the content as HTML.
        Form => content;
        /// Nothing may be sent to the client: HTTP 400, an error page or the content as JSON.
        BadRequest => content;
        /// The service cannot answer: HTTP 500, an error page or the content as JSON.
        InternalServerError => content;
    }

    /// What is kept with a ticket, or why it cannot be read.
    AuthorizationTicketInfoDecision: AuthorizationTicketInfoResponse by AuthorizationTicketInfoResponseAction, with [] {
        /// What is kept with the ticket.
        Ok => answer;
        /// No such ticket, or no longer.
        NotFound => content;
        /// The call itself is wrong.
        CallerError => content;
        /// The service cannot answer.
        AuthleteError => content;
    }

    /// Whether the text kept with a ticket was replaced.
    AuthorizationTicketUpdateDecision: AuthorizationTicketUpdateResponse by AuthorizationTicketUpdateResponseAction, with [] {
        /// What is kept with the ticket.
        Ok => answer;
        /// No such ticket, or no longer.
        NotFound => content;
        /// The call itself is wrong.
        CallerError => content;
        /// The service cannot answer.
        AuthleteError => content;
    }

    /// What becomes of a pushed authorization request (RFC 9126 §2.2).
    PushedAuthReqDecision: PushedAuthorizationResponse by PushedAuthorizationResponseAction, with [text, dpop_nonce, attestation_challenge] {
        /// The request is kept: HTTP 201, the content as JSON.
        Created => issued;
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The client has not proven itself: HTTP 401, the content as JSON.
        Unauthorized => content;
        /// The client may not do this: HTTP 403, the content as JSON.
        Forbidden => content;
        /// The request is too large: HTTP 413, the content as JSON.
        PayloadTooLarge => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a token request (RFC 6749 §5).
    TokenDecision: TokenResponse by TokenResponseAction, with [text, dpop_nonce, attestation_challenge] {
        /// Tokens: HTTP 200, the content as JSON.
        Ok => issued;
        /// Tokens, for a refresh whose ID token `idtoken_reissue` can renew: HTTP 200, the content as JSON.
        IdTokenReissuable => issued;
        /// Hold `username` and `password` of the answer against your users, then call `token_issue` or
        /// `token_fail` with the ticket.
        Password => answer;
        /// Judge the exchange (RFC 8693), then call `token_create`.
        TokenExchange => answer;
        /// Judge the assertion (RFC 7523 §2.1), then call `token_create`.
        JwtBearer => answer;
        /// Judge the session and the device secret (OpenID Connect Native SSO).
        NativeSso => answer;
        /// The client has not proven itself: HTTP 401 with a challenge where it used Basic, the content as JSON.
        InvalidClient => content;
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a password grant whose user was right.
    TokenIssueDecision: TokenIssueResponse by TokenIssueResponseAction, with [text] {
        /// Tokens: HTTP 200, the content as JSON.
        Ok => issued;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a password grant whose user was wrong.
    TokenFailDecision: TokenFailResponse by TokenFailResponseAction, with [text] {
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What is given in exchange, where that is no access token: an ID-JAG, a Txn-Token.
    TokenExchangeDecision: TokenExchangeResponse by TokenExchangeResponseAction, with [text] {
        /// The token response: HTTP 200, the content as JSON, which nobody may store.
        Ok => content;
        /// The call itself is wrong: HTTP 400.
        CallerError => content;
        /// The service cannot answer: HTTP 500.
        InternalServerError => content;
    }

    /// What becomes of an ID token that is to be renewed.
    IdtokenReissueDecision: IdtokenReissueResponse by IdtokenReissueResponseAction, with [text] {
        /// Tokens with the new ID token: HTTP 200, the content as JSON.
        Ok => issued;
        /// The call itself is wrong: HTTP 500.
        CallerError => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a backchannel authentication request (CIBA Core §7).
    BackchannelAuthenticationDecision: BackchannelAuthenticationResponse by BackchannelAuthenticationResponseAction, with [text, attestation_challenge] {
        /// Find the user that the hint names, then call `backchannel_authentication_issue` or `_fail`.
        UserIdentification => answer;
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The client has not proven itself: HTTP 401, the content as JSON.
        Unauthorized => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What the client gets for a backchannel authentication request (CIBA Core §7.3).
    BackchannelAuthenticationIssueDecision: BackchannelAuthenticationIssueResponse by BackchannelAuthenticationIssueResponseAction, with [text] {
        /// An `auth_req_id`: HTTP 200, the content as JSON. Now ask the user.
        Ok => issued;
        /// The ticket means nothing, or no longer: HTTP 500, the content as JSON.
        InvalidTicket => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// The refusal of a backchannel authentication request (CIBA Core §13).
    BackchannelAuthenticationFailDecision: BackchannelAuthenticationFailResponse by BackchannelAuthenticationFailResponseAction, with [text] {
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// HTTP 403, the content as JSON.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What remains to be done when the user has answered (CIBA Core §10).
    BackchannelAuthenticationCompleteDecision: BackchannelAuthenticationCompleteResponse by BackchannelAuthenticationCompleteResponseAction, with [text] {
        /// Nothing: the client asks by itself.
        NoAction => answer;
        /// Post the content as JSON to the client's notification endpoint, with its notification token.
        Notification => issued;
        /// The service cannot answer.
        ServerError => content;
    }

    /// What becomes of a device authorization request (RFC 8628 §3.2).
    DeviceAuthorizationDecision: DeviceAuthorizationResponse by DeviceAuthorizationResponseAction, with [text, attestation_challenge] {
        /// The codes: HTTP 200, the content as JSON.
        Ok => issued;
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The client has not proven itself: HTTP 401, the content as JSON.
        Unauthorized => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What a user code is of (RFC 8628 §3.3).
    DeviceVerificationDecision: DeviceVerificationResponse by DeviceVerificationResponseAction, with [] {
        /// Ask the user; the answer has what to show. Then call `device_complete`.
        Valid => answer;
        /// Too late: the user begins anew at the device.
        Expired => content;
        /// No such code: let the user look again.
        NotExist => content;
        /// The service cannot answer.
        InternalServerError => content;
    }

    /// Whether a user's decision was taken.
    DeviceCompleteDecision: DeviceCompleteResponse by DeviceCompleteResponseAction, with [] {
        /// The device will be told when it asks.
        Success => content;
        /// The call itself is wrong, or the code was used before.
        InvalidRequest => content;
        /// Too late: the user begins anew at the device.
        UserCodeExpired => content;
        /// No such code.
        UserCodeNotExist => content;
        /// The service cannot answer.
        ServerError => content;
    }

    /// What becomes of a request about a grant (OAuth 2.0 Grant Management §6).
    GmDecision: GrantManagementResponse by GrantManagementResponseAction, with [text, dpop_nonce] {
        /// The grant: HTTP 200, the content as JSON.
        Ok => content;
        /// It is revoked: HTTP 204.
        NoContent => content;
        /// The token is not good: HTTP 401, the content as `WWW-Authenticate`.
        Unauthorized => content;
        /// The token is not enough, or not its client's: HTTP 403, the content as `WWW-Authenticate`.
        Forbidden => content;
        /// There is no such grant: HTTP 404.
        NotFound => content;
        /// The call itself is wrong: HTTP 500.
        CallerError => content;
        /// The service cannot answer: HTTP 500.
        AuthleteError => content;
    }

    /// The token response of a session that applications share (OpenID Connect Native SSO).
    NativessoDecision: NativeSsoResponse by NativeSsoResponseAction, with [text] {
        /// Tokens: HTTP 200, the content as JSON.
        Ok => issued;
        /// The call itself is wrong: HTTP 500.
        CallerError => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// The end of a session that applications share.
    NativessoLogoutDecision: NativeSsoLogoutResponse by NativeSsoLogoutResponseAction, with [] {
        /// The answer tells how many tokens ended.
        Ok => answer;
        /// The call itself is wrong.
        CallerError => content;
        /// The service cannot answer.
        ServerError => content;
    }

    /// What the credential issuer tells about itself.
    VciMetadataDecision: VciMetadataResponse by VciMetadataResponseAction, with [text] {
        /// HTTP 200, the content as JSON.
        Ok => content;
        /// Signed, which the request has asked for: HTTP 200, the content as `application/jwt`.
        OkJwt => content;
        /// The service issues no credentials: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// Where the keys of JWT credentials are.
    VciJwtissuerDecision: VciJwtissuerResponse by VciJwtissuerResponseAction, with [text] {
        /// HTTP 200, the content as JSON.
        Ok => content;
        /// The service issues no credentials: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What credentials are verified with.
    VciJwksDecision: VciJwksResponse by VciJwksResponseAction, with [text] {
        /// HTTP 200, the content as JSON.
        Ok => content;
        /// The service issues no credentials: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// A nonce for key proofs.
    VciNonceDecision: VciNonceResponse by VciNonceResponseAction, with [text] {
        /// The nonce: HTTP 200, the content as JSON, which nobody may store.
        Ok => content;
        /// The service has no nonces: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a credential request.
    VciSingleParseDecision: VciSingleParseResponse by VciSingleParseResponseAction, with [text] {
        /// The answer says what is asked for. Then call `vci_single_issue`.
        Ok => answer;
        /// HTTP 400, the content as JSON.
        BadRequest => content;
        /// HTTP 401, the content in `WWW-Authenticate`.
        Unauthorized => content;
        /// HTTP 403, the content in `WWW-Authenticate`.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What goes back to a wallet that has asked for a credential.
    VciSingleIssueDecision: VciSingleIssueResponse by VciSingleIssueResponseAction, with [text] {
        /// HTTP 200, the content as JSON.
        Ok => content;
        /// HTTP 200, the content as `application/jwt`.
        OkJwt => content;
        /// HTTP 202, the content as JSON: the credential comes later.
        Accepted => issued;
        /// HTTP 202, the content as `application/jwt`.
        AcceptedJwt => issued;
        /// HTTP 400, the content as JSON.
        BadRequest => content;
        /// HTTP 401, the content in `WWW-Authenticate`.
        Unauthorized => content;
        /// HTTP 403, the content as JSON.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
        /// The call itself is wrong: HTTP 500, the content as JSON.
        CallerError => content;
    }

    /// What becomes of a batch of credential requests (implementer's draft 1).
    VciBatchParseDecision: VciBatchParseResponse by VciBatchParseResponseAction, with [text] {
        /// The answer says what is asked for. Then call `vci_batch_issue`.
        Ok => answer;
        /// HTTP 400, the content as JSON.
        BadRequest => content;
        /// HTTP 401, the content in `WWW-Authenticate`.
        Unauthorized => content;
        /// HTTP 403, the content in `WWW-Authenticate`, or as JSON where the service has no such endpoint.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What goes back to a wallet that has asked for several credentials.
    VciBatchIssueDecision: VciBatchIssueResponse by VciBatchIssueResponseAction, with [text] {
        /// HTTP 200, the content as JSON.
        Ok => content;
        /// HTTP 200, the content as `application/jwt`.
        OkJwt => content;
        /// HTTP 401, the content in `WWW-Authenticate`.
        Unauthorized => content;
        /// HTTP 403, the content as JSON.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
        /// The call itself is wrong: HTTP 500, the content as JSON.
        CallerError => content;
    }

    /// What becomes of a request for a credential that was deferred.
    VciDeferredParseDecision: VciDeferredParseResponse by VciDeferredParseResponseAction, with [text] {
        /// The answer says what it is about. Then call `vci_deferred_issue`.
        Ok => answer;
        /// HTTP 400, the content as JSON.
        BadRequest => content;
        /// HTTP 401, the content in `WWW-Authenticate`.
        Unauthorized => content;
        /// HTTP 403, the content in `WWW-Authenticate`, or as JSON where the service has no such endpoint.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What goes back to a wallet that has asked for a credential that was deferred.
    VciDeferredIssueDecision: VciDeferredIssueResponse by VciDeferredIssueResponseAction, with [text] {
        /// HTTP 200, the content as JSON.
        Ok => content;
        /// HTTP 200, the content as `application/jwt`.
        OkJwt => content;
        /// HTTP 202, the content as JSON: the credential comes later still.
        Accepted => content;
        /// HTTP 202, the content as `application/jwt`.
        AcceptedJwt => content;
        /// HTTP 400, the content as JSON.
        BadRequest => content;
        /// HTTP 403, the content as JSON.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
        /// The call itself is wrong: HTTP 500, the content as JSON.
        CallerError => content;
    }

    /// What a wallet says of what was issued to it.
    VciNotificationDecision: VciNotificationResponse by VciNotificationResponseAction, with [text] {
        /// HTTP 204. The answer says what became of which credentials; where it is `repeated`, it was said before.
        NoContent => answer;
        /// HTTP 400, the content as JSON.
        BadRequest => content;
        /// HTTP 401, the content in `WWW-Authenticate`.
        Unauthorized => content;
        /// The service has no such endpoint: HTTP 403, the content as JSON.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// A status list.
    VciStatusListDecision: VciStatusListResponse by VciStatusListResponseAction, with [text] {
        /// HTTP 200, the content as `application/statuslist+jwt`; of a CWT it is base64url, and the bytes are
        /// `application/statuslist+cwt`.
        Ok => content;
        /// There is no such list: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What became of saying which credentials count.
    VciStatusUpdateDecision: VciStatusUpdateResponse by VciStatusUpdateResponseAction, with [] {
        /// The answer says how many have another status than before.
        Ok => answer;
        /// The call itself is wrong, or the credential never counts again.
        BadRequest => content;
        /// The service issues no credentials.
        Forbidden => content;
        /// There is no such credential.
        NotFound => content;
        /// The service cannot answer.
        InternalServerError => content;
    }

    /// What becomes of a credential offer that the caller wants made.
    VciOfferCreateDecision: VciOfferCreateResponse by VciOfferCreateResponseAction, with [] {
        /// The answer has the offer.
        Created => answer;
        /// The service issues no credentials.
        Forbidden => content;
        /// The call itself is wrong.
        CallerError => content;
        /// The service cannot answer.
        AuthleteError => content;
    }

    /// A credential offer that is asked for.
    VciOfferInfoDecision: VciOfferInfoResponse by VciOfferInfoResponseAction, with [] {
        /// The answer has the offer: HTTP 200 with `info.credentialOffer` for a wallet.
        Ok => answer;
        /// The service issues no credentials: HTTP 403.
        Forbidden => content;
        /// There is no such offer, or none any more: HTTP 404.
        NotFound => content;
        /// The call itself is wrong.
        CallerError => content;
        /// The service cannot answer.
        AuthleteError => content;
    }

    /// A challenge for proofs of client attestations.
    AttestationChallengeDecision: AttestationChallengeResponse by AttestationChallengeResponseAction, with [text] {
        /// The challenge: HTTP 200, the content as JSON, which nobody may store.
        Ok => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a token that the caller asked for.
    TokenCreateDecision: TokenCreateResponse by TokenCreateResponseAction, with [] {
        /// The token.
        Ok => answer;
        /// The request makes no sense.
        BadRequest => content;
        /// The client may not have it.
        Forbidden => content;
        /// The service cannot answer.
        InternalServerError => content;
    }

    /// What becomes of a change to a token.
    TokenUpdateDecision: TokenUpdateResponse by TokenUpdateResponseAction, with [] {
        /// The token as it is now.
        Ok => answer;
        /// No such token.
        NotFound => content;
        /// The request makes no sense.
        BadRequest => content;
        /// The client may not have it.
        Forbidden => content;
        /// The service cannot answer.
        InternalServerError => content;
    }

    /// What an access token is worth at a resource.
    IntrospectionDecision: IntrospectionResponse by IntrospectionResponseAction, with [text, dpop_nonce] {
        /// It is good for this request: go on.
        Ok => issued;
        /// The request is malformed: HTTP 400, the content as `WWW-Authenticate`.
        BadRequest => content;
        /// The token is not good: HTTP 401, the content as `WWW-Authenticate`.
        Unauthorized => content;
        /// The token is not enough: HTTP 403, the content as `WWW-Authenticate`.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as `WWW-Authenticate`.
        InternalServerError => content;
    }

    /// What becomes of an introspection request (RFC 7662 §2.2).
    IntrospectionStandardDecision: StandardIntrospectionResponse by StandardIntrospectionResponseAction, with [text, attestation_challenge] {
        /// HTTP 200, the content as JSON.
        Ok => content;
        /// HTTP 200, the content as `application/token-introspection+jwt` (RFC 9701).
        Jwt => content;
        /// The client that asks has not proven itself, as `require_client_authentication` demands: HTTP 401 with a challenge where
        /// it used Basic, the content as JSON.
        InvalidClient => content;
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a revocation request (RFC 7009 §2.2).
    RevocationDecision: RevocationResponse by RevocationResponseAction, with [text, attestation_challenge] {
        /// HTTP 200; the content is empty, or JavaScript for a `callback` (RFC 7009 §2.3).
        Ok => content;
        /// The client has not proven itself: HTTP 401 with a challenge where it used Basic, the content as JSON.
        InvalidClient => content;
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a userinfo request (OpenID Connect Core §5.3).
    UserinfoDecision: UserinfoResponse by UserinfoResponseAction, with [text, dpop_nonce] {
        /// Collect the claims that the answer names, then call `userinfo_issue`.
        Ok => issued;
        /// The request is malformed: HTTP 400, the content as `WWW-Authenticate`.
        BadRequest => content;
        /// The token is not good: HTTP 401, the content as `WWW-Authenticate`.
        Unauthorized => content;
        /// The token is not enough: HTTP 403, the content as `WWW-Authenticate`.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as `WWW-Authenticate`.
        InternalServerError => content;
    }

    /// The userinfo response.
    UserinfoIssueDecision: UserinfoIssueResponse by UserinfoIssueResponseAction, with [text] {
        /// HTTP 200, the content as JSON.
        Json => issued;
        /// HTTP 200, the content as `application/jwt`.
        Jwt => issued;
        /// The request is malformed: HTTP 400, the content as `WWW-Authenticate`.
        BadRequest => content;
        /// The token is not good: HTTP 401, the content as `WWW-Authenticate`.
        Unauthorized => content;
        /// The token is not enough: HTTP 403, the content as `WWW-Authenticate`.
        Forbidden => content;
        /// The service cannot answer: HTTP 500, the content as `WWW-Authenticate`.
        InternalServerError => content;
    }

    /// What a client is to hear of the end of a session (OpenID Connect Back-Channel Logout 1.0 §2.5).
    BackchannelLogoutTokenDecision: BackchannelLogoutTokenResponse by BackchannelLogoutTokenResponseAction, with [] {
        /// Post `logout_token` to `backchannel_logout_uri` of the answer, if the client has one.
        Ok => answer;
        /// The call itself is wrong, or the client cannot have such a token.
        CallerError => content;
        /// The service cannot answer.
        ServerError => content;
    }

    /// The entity configuration of the service (OpenID Federation 1.0 §9).
    FederationConfigurationDecision: FederationConfigurationResponse by FederationConfigurationResponseAction, with [text] {
        /// HTTP 200, the content as `application/entity-statement+jwt`.
        Ok => content;
        /// The service is in no federation: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// The public keys of the service, signed as an entity (OpenID Federation 1.0 §5.2.1).
    FederationJwksDecision: FederationJwksResponse by FederationJwksResponseAction, with [text] {
        /// HTTP 200, the content as `application/jwk-set+jwt`.
        Ok => content;
        /// The service is in no federation, or has no keys: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of an entity's request to be registered (OpenID Federation 1.0 §12.2).
    FederationRegistrationDecision: FederationRegistrationResponse by FederationRegistrationResponseAction, with [text] {
        /// Registered: HTTP 200, the content as `application/explicit-registration-response+jwt`.
        Ok => issued;
        /// The entity, its chain or its request is wrong: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The service registers nobody so: HTTP 404, the content as JSON.
        NotFound => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }

    /// What becomes of a key that is to be made in an HSM.
    HskCreateDecision: HskCreateResponse by HskCreateResponseAction, with [] {
        /// The key is there; the answer has its handle and its public half.
        Success => answer;
        /// The call itself is wrong, or the HSM does not do what is asked for.
        InvalidRequest => content;
        /// There is no such HSM.
        NotFound => content;
        /// The HSM has not made the key. One that is away is an error that passes.
        ServerError => content;
    }

    /// A key in an HSM.
    HskGetDecision: HskGetResponse by HskGetResponseAction, with [] {
        /// The key.
        Success => answer;
        /// The service may have no keys in an HSM.
        InvalidRequest => content;
        /// There is no such key.
        NotFound => content;
        /// The service cannot answer.
        ServerError => content;
    }

    /// The keys in HSMs.
    HskGetListDecision: HskGetListResponse by HskGetListResponseAction, with [] {
        /// The keys.
        Success => answer;
        /// The service may have no keys in an HSM.
        InvalidRequest => content;
        /// The service cannot answer.
        ServerError => content;
    }

    /// What becomes of a key that is to be destroyed in its HSM.
    HskDeleteGetDecision: HskDeleteResponse by HskDeleteResponseAction, with [] {
        /// The key is gone; the answer says what it was.
        Success => answer;
        /// The service may have no keys in an HSM.
        InvalidRequest => content;
        /// There is no such key.
        NotFound => content;
        /// The HSM has not destroyed the key.
        ServerError => content;
    }

    /// What becomes of a registration request (RFC 7591, RFC 7592).
    ClientRegistrationDecision: ClientRegistrationResponse by ClientRegistrationResponseAction, with [text] {
        /// Registered: HTTP 201, the content as JSON.
        Created => issued;
        /// Read: HTTP 200, the content as JSON.
        Ok => issued;
        /// Replaced: HTTP 200, the content as JSON.
        Updated => issued;
        /// Ended: HTTP 204, no content.
        Deleted => content;
        /// The client's mistake: HTTP 400, the content as JSON.
        BadRequest => content;
        /// The token is not good: HTTP 401, the content as JSON.
        Unauthorized => content;
        /// The service cannot answer: HTTP 500, the content as JSON.
        InternalServerError => content;
    }
}
