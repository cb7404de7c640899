//! THE OTHER TABLE: every outcome that the API names, its OAuth error or HTTP status, its result code
//! and its message.
//!
//! A code is the hosted product's where one stands for exactly this condition, else one of our private
//! block `A9ffcnn`: `ff` the area, `c` the class (0 success, 1 server, 2 caller, 3 client), `nn` a
//! number. Messages are ours; they name the parameter and what was expected.

use Kind::{Http, Oauth, Success};
use OAuthError::*;

/// What an outcome is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Success,
    /// The protocol message is refused: HTTP 200 with an `action`, and this error for the OAuth client.
    Oauth(OAuthError),
    /// The API call is refused, with this HTTP status.
    Http(u16),
}

macro_rules! oauth_errors {
    ($($variant:ident = $wire:literal;)*) => {
        /// Error codes of OAuth 2.0, OpenID Connect and their extensions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum OAuthError { $($variant,)* }

        impl OAuthError {
            pub fn wire(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }
        }
    };
}

oauth_errors! {
    AccessDenied = "access_denied";
    AccountSelectionRequired = "account_selection_required";
    ConsentRequired = "consent_required";
    InsufficientScope = "insufficient_scope";
    InsufficientUserAuthentication = "insufficient_user_authentication";
    InteractionRequired = "interaction_required";
    InvalidClient = "invalid_client";
    InvalidGrant = "invalid_grant";
    InvalidRequest = "invalid_request";
    InvalidScope = "invalid_scope";
    InvalidTarget = "invalid_target";
    InvalidToken = "invalid_token";
    LoginRequired = "login_required";
    RegistrationNotSupported = "registration_not_supported";
    RequestNotSupported = "request_not_supported";
    RequestUriNotSupported = "request_uri_not_supported";
    ServerError = "server_error";
    TemporarilyUnavailable = "temporarily_unavailable";
    UnauthorizedClient = "unauthorized_client";
    UnmetAuthenticationRequirements = "unmet_authentication_requirements";
    UnsupportedGrantType = "unsupported_grant_type";
    UnsupportedResponseType = "unsupported_response_type";
}

/// One row, for programs that walk the table.
#[derive(Clone, Copy, Debug)]
pub struct ReasonRow {
    pub name: &'static str,
    pub kind: Kind,
    pub code: &'static str,
    /// The message with its fields in braces.
    pub template: &'static str,
}

macro_rules! reasons {
    ($($name:ident { $($field:ident),* }: $kind:expr, $code:literal, $message:literal;)*) => {
        /// An outcome, with the values that its message names.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Reason {
            $(#[doc = $message] $name { $($field: String),* },)*
        }

        /// Every row of the table.
        pub const ROWS: &[ReasonRow] = &[
            $(ReasonRow { name: stringify!($name), kind: $kind, code: $code, template: $message },)*
        ];

        impl Reason {
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => stringify!($name),)* }
            }

            pub fn kind(&self) -> Kind {
                match self { $(Self::$name { .. } => $kind,)* }
            }

            pub fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code,)* }
            }

            /// The message without its code.
            pub fn message(&self) -> String {
                match self { $(Self::$name { $($field),* } => format!($message),)* }
            }
        }
    };
}

reasons! {
    // Access to the API, and what arrives there.
    AuthorizationMissing {}: Http(401), "A001202", "The API call has no Authorization header; expected 'Bearer' and an access token.";
    AuthorizationMalformed {}: Http(401), "A001203", "The Authorization header of the API call is malformed; expected 'Bearer' and an access token.";
    ApiTokenUnknown {}: Http(401), "A900201", "The access token of the API call is unknown, expired or revoked.";
    RightMissing { right }: Http(403), "A900202", "The access token of the API call lacks the right '{right}' on what the call names.";
    ServiceUnknown { service }: Http(404), "A458203", "There is no service with the id '{service}' here.";
    PathUnknown { method, path }: Http(404), "A900203", "There is no API '{method} {path}'.";
    MethodNotAllowed { method, path }: Http(405), "A900204", "The API '{path}' does not take the method {method}.";
    BodyTooLarge { limit }: Http(413), "A900205", "The request body is larger than {limit} bytes.";
    BodyMissing {}: Http(400), "A126203", "The request body is missing; expected a JSON object.";
    BodyMalformed { detail }: Http(400), "A126202", "The request body is not what this API expects: {detail}.";
    ContentTypeMissing {}: Http(400), "A258201", "The Content-Type header is missing; expected 'application/json'.";
    ContentTypeUnsupported { found }: Http(400), "A900206", "The Content-Type '{found}' is not read by this API; expected 'application/json'.";
    QueryMalformed { detail }: Http(400), "A900207", "The query is not what this API expects: {detail}.";
    Internal {}: Http(500), "A001101", "The server cannot answer this call; its log says why.";

    // Services and clients as documents.
    ListStartMalformed {}: Http(400), "A028201", "The query parameter 'start' is not an integer.";
    ListStartNegative {}: Http(400), "A028202", "The query parameter 'start' is negative.";
    ListEndMalformed {}: Http(400), "A028203", "The query parameter 'end' is not an integer.";
    ListEndNegative {}: Http(400), "A028204", "The query parameter 'end' is negative.";
    ClientNotFound { client }: Http(404), "A001218", "The service has no client with the id or alias '{client}'.";
    AliasTakenAtCreation { alias }: Http(400), "A123603", "The client id alias '{alias}' is in use already.";
    AliasTakenAtUpdate { alias }: Http(400), "A030601", "The client id alias '{alias}' is in use already.";
    PropertyInvalid { property }: Http(400), "A031202", "The property '{property}' has a value that cannot be used.";
    PropertyNegative { property }: Http(400), "A031213", "The property '{property}' is negative.";
    UriNotAscii { property, index }: Http(400), "A031206", "Element {index} of '{property}' has characters other than printable ASCII.";
    UriTooLong { property, index, limit }: Http(400), "A031207", "Element {index} of '{property}' is longer than {limit} characters.";
    UriNotAbsolute { property, index }: Http(400), "A031209", "Element {index} of '{property}' is not an absolute URI.";
    UriHasFragment { property, index }: Http(400), "A031210", "Element {index} of '{property}' has a fragment.";
    ElementRepeated { property, index }: Http(400), "A031211", "Element {index} of '{property}' stands there twice.";
    KeySetMalformed { property }: Http(400), "A031212", "The property '{property}' is not a JWK Set.";
    KeySetTooLarge { property }: Http(400), "A031215", "The JWK Set in '{property}' is too large.";
    IssuerHasFragment {}: Http(400), "A031217", "The property 'issuer' has a fragment.";
    IssuerHasQuery {}: Http(400), "A031218", "The property 'issuer' has a query.";
    IssuerNotHttps {}: Http(400), "A031219", "The property 'issuer' is not an https URL.";
    ScopeRepeated { index }: Http(400), "A039203", "Element {index} of 'supportedScopes' has a name that stands there twice.";
    ScopeUnnamed { index }: Http(400), "A039204", "Element {index} of 'supportedScopes' has no name.";
    ScopeNameMalformed { index }: Http(400), "A039206", "Element {index} of 'supportedScopes' has a name with characters that RFC 6749 does not allow in scopes.";
    AttributesTooLarge {}: Http(400), "A039231", "The attributes are larger than 65,535 bytes.";
    PatchMalformed { detail }: Http(400), "A920201", "The parameter 'patch' is not a JSON Patch that applies to the discovery document: {detail}.";
    PropertyMissing { property }: Http(400), "A920202", "The request lacks '{property}'.";
    PermissionUnknown { permission }: Http(400), "A920203", "There is no permission '{permission}'.";
    PermissionNotHeld { permission }: Http(403), "A920204", "A token cannot be given the permission '{permission}' by a caller without it.";
    TokenIdUnknown { token }: Http(404), "A920205", "There is no token with the id '{token}' here.";

    // auth/authorization
    InteractionNeeded { response_type, openid }: Success, "A004001", "The authorization request is valid, and a ticket has been issued. [response_type={response_type}, openid={openid}]";
    AuthorizationParametersMissing {}: Oauth(InvalidRequest), "A004201", "The call lacks 'parameters'; expected the authorization request as it arrived.";
    AuthorizationParametersMalformed {}: Oauth(InvalidRequest), "A004202", "The authorization request is not percent-encoded UTF-8 of at most 65,536 bytes and 256 parameters.";
    AuthorizationEmpty {}: Oauth(InvalidRequest), "A004301", "The authorization request is empty.";
    AuthorizationParameterRepeated { name }: Oauth(InvalidRequest), "A023306", "The parameter '{name}' stands in the authorization request more than once.";
    ClientIdMissing {}: Oauth(InvalidRequest), "A010301", "The authorization request lacks 'client_id'.";
    AuthorizationClientUnknown {}: Oauth(InvalidRequest), "A010308", "The 'client_id' of the authorization request is not known here.";
    RedirectUriNeededForOpenid {}: Oauth(InvalidRequest), "A011303", "The authorization request lacks 'redirect_uri', which the scope 'openid' needs.";
    RedirectUriUnregistered {}: Oauth(InvalidRequest), "A011304", "The 'redirect_uri' of the authorization request is not one that the client has registered.";
    RedirectUriAmbiguous {}: Oauth(InvalidRequest), "A011313", "The authorization request lacks 'redirect_uri', and the client has registered more than one.";
    PublicClientWithoutRedirectUri {}: Oauth(InvalidRequest), "A011310", "The client is public and has registered no redirect URI.";
    RedirectUriNeededUnregistered {}: Oauth(InvalidRequest), "A011312", "The authorization request lacks 'redirect_uri', and the client has registered none.";
    RedirectUriMalformed {}: Oauth(InvalidRequest), "A011314", "The 'redirect_uri' of the authorization request is not an absolute URI without a fragment.";
    ResponseModeUnsupported { value }: Oauth(InvalidRequest), "A012303", "The 'response_mode' '{value}' is not supported; expected query, fragment or form_post.";
    ResponseModeNotRegistered { value }: Oauth(InvalidRequest), "A901301", "The 'response_mode' '{value}' is not one that the client has registered.";
    StateNotAscii {}: Oauth(InvalidRequest), "A013303", "The parameter 'state' has characters other than printable ASCII.";
    ResponseTypeMissing {}: Oauth(InvalidRequest), "A009301", "The authorization request lacks 'response_type'.";
    ResponseTypeInvalid {}: Oauth(UnsupportedResponseType), "A009304", "The 'response_type' of the authorization request is not a known one.";
    ResponseTypeUnsupported { value }: Oauth(UnsupportedResponseType), "A009305", "The 'response_type' '{value}' is not supported by this service.";
    ResponseTypeNotRegistered { value }: Oauth(UnauthorizedClient), "A009306", "The 'response_type' '{value}' is not one that the client has registered.";
    CodeGrantNotAllowed {}: Oauth(UnauthorizedClient), "A901302", "The grant type 'authorization_code' is not allowed to this client at this service.";
    NoScopeLeft {}: Oauth(InvalidScope), "A007305", "The authorization request has no valid 'scope', and this service requires one.";
    NonceNotAscii {}: Oauth(InvalidRequest), "A014304", "The parameter 'nonce' has characters other than printable ASCII.";
    DisplayInvalid {}: Oauth(InvalidRequest), "A015303", "The parameter 'display' is not one of page, popup, touch and wap.";
    DisplayUnsupported { value }: Oauth(InvalidRequest), "A015305", "The 'display' '{value}' is not supported by this service.";
    PromptInvalid {}: Oauth(InvalidRequest), "A016303", "The parameter 'prompt' has a value other than none, login, consent, select_account and create.";
    PromptNoneNotAlone {}: Oauth(InvalidRequest), "A016304", "The parameter 'prompt' names 'none' beside other values.";
    PromptUnsupported { value }: Oauth(InvalidRequest), "A901303", "The 'prompt' '{value}' is not supported by this service.";
    MaxAgeInvalid {}: Oauth(InvalidRequest), "A017303", "The parameter 'max_age' is not a number of seconds.";
    ClaimsNotObject {}: Oauth(InvalidRequest), "A022303", "The parameter 'claims' is not a JSON object.";
    ClaimsUserinfoNotObject {}: Oauth(InvalidRequest), "A022304", "The member 'userinfo' of 'claims' is not a JSON object.";
    ClaimsIdTokenNotObject {}: Oauth(InvalidRequest), "A022305", "The member 'id_token' of 'claims' is not a JSON object.";
    ClaimRequestInvalid { claim }: Oauth(InvalidRequest), "A023301", "The request for the claim '{claim}' in 'claims' is neither null nor a JSON object.";
    ClaimEssentialInvalid { claim }: Oauth(InvalidRequest), "A023302", "The member 'essential' of the claim '{claim}' in 'claims' is not a boolean.";
    ClaimValuesInvalid { claim }: Oauth(InvalidRequest), "A023304", "The member 'values' of the claim '{claim}' in 'claims' is not an array.";
    IdTokenHintInvalid {}: Oauth(InvalidRequest), "A901304", "The parameter 'id_token_hint' is not an ID token of this service for this client.";
    ChallengeRequired {}: Oauth(InvalidRequest), "A124301", "The authorization request lacks 'code_challenge', which is required here (RFC 7636).";
    ChallengeMalformed {}: Oauth(InvalidRequest), "A124304", "The parameter 'code_challenge' is not what RFC 7636 allows: 43 to 128 unreserved characters.";
    ChallengeMethodUnsupported {}: Oauth(InvalidRequest), "A124306", "The parameter 'code_challenge_method' is neither S256 nor plain.";
    ChallengeMethodNotStated {}: Oauth(InvalidRequest), "A124307", "The authorization request lacks 'code_challenge_method'; expected S256.";
    ChallengePlainRefused {}: Oauth(InvalidRequest), "A124308", "The 'code_challenge_method' plain is not allowed here; expected S256.";
    ChallengeMethodAlone {}: Oauth(InvalidRequest), "A901305", "The authorization request has 'code_challenge_method' but no 'code_challenge'.";
    RequestObjectUnsupported {}: Oauth(RequestNotSupported), "A901306", "The parameter 'request' is not supported by this service.";
    RequestUriUnsupported {}: Oauth(RequestUriNotSupported), "A901307", "The parameter 'request_uri' is not supported by this service.";
    RegistrationUnsupported {}: Oauth(RegistrationNotSupported), "A901308", "The parameter 'registration' is not supported by this service.";
    PushRequiredByClient {}: Oauth(InvalidRequest), "A008305", "The client may send pushed authorization requests only; expected a 'request_uri'.";
    PushRequiredByService {}: Oauth(InvalidRequest), "A008306", "This service takes pushed authorization requests only; expected a 'request_uri'.";
    RequestObjectRequiredByClient {}: Oauth(InvalidRequest), "A008309", "The client must send its authorization requests as request objects.";
    RequestObjectRequiredByService {}: Oauth(InvalidRequest), "A008310", "This service takes authorization requests as request objects only.";

    // auth/authorization/issue
    AuthorizationIssued {}: Success, "A040001", "The authorization response has been made.";
    IssueTicketMissing {}: Oauth(InvalidRequest), "A041201", "The call lacks 'ticket'.";
    IssueTicketUnknown {}: Oauth(InvalidRequest), "A041202", "The 'ticket' is unknown: it never existed, has been used, or has expired.";
    IssueSubjectMissing {}: Oauth(ServerError), "A042201", "The call lacks 'subject'; expected the resource owner.";
    IssueSubjectTooLong {}: Oauth(ServerError), "A042202", "The 'subject' is longer than 100 characters.";
    IssueSubjectNotAscii {}: Oauth(ServerError), "A042203", "The 'subject' has characters other than ASCII.";
    IssueClaimsMalformed {}: Oauth(ServerError), "A044201", "The member 'claims' is not a JSON object.";
    IssuePropertiesTooLarge {}: Oauth(ServerError), "A045201", "The properties are larger than 65,535 bytes.";
    IssueHeaderMalformed {}: Oauth(ServerError), "A255201", "The member 'idtHeaderParams' is not a JSON object.";
    IssueAuthTimeMissing {}: Oauth(ServerError), "A901204", "The call lacks 'authTime', which the ID token of this request must carry: the client has asked for 'max_age' or requires 'auth_time'.";
    IssueAcrUnmet {}: Oauth(UnmetAuthenticationRequirements), "A901309", "The 'acr' is not one of those that the client has asked for as essential.";
    IssueSubjectDiffers {}: Oauth(LoginRequired), "A901310", "The 'subject' is not the one that the client has asked for.";

    // auth/authorization/fail
    FailTicketMissing {}: Oauth(InvalidRequest), "A059201", "The call lacks 'ticket'.";
    FailTicketUnknown {}: Oauth(InvalidRequest), "A059202", "The 'ticket' is unknown: it never existed, has been used, or has expired.";
    FailReasonMissing {}: Oauth(ServerError), "A060201", "The call lacks 'reason'.";
    NotLoggedIn {}: Oauth(LoginRequired), "A060301", "The user is not logged in, and the client has asked not to show a page.";
    MaxAgeNotSupported {}: Oauth(LoginRequired), "A060302", "The age of the authentication cannot be told, and the client has asked for a limit.";
    ExceedsMaxAge {}: Oauth(LoginRequired), "A060303", "The user was authenticated longer ago than the client allows.";
    DifferentSubject {}: Oauth(LoginRequired), "A060304", "The user who is logged in is not the one that the client has asked for.";
    AcrNotSatisfied {}: Oauth(UnmetAuthenticationRequirements), "A060305", "The authentication does not reach a context class that the client has asked for.";
    Denied {}: Oauth(AccessDenied), "A060306", "The user has refused the request.";
    FailedForUnknownReason {}: Oauth(ServerError), "A060307", "The request has failed at the authorization server.";
    FailedByServerError {}: Oauth(ServerError), "A060308", "The authorization server cannot go on with the request.";
    NotAuthenticated {}: Oauth(LoginRequired), "A060309", "The user was not authenticated.";
    AccountSelectionRequired {}: Oauth(AccountSelectionRequired), "A060310", "The user must select an account.";
    ConsentRequired {}: Oauth(ConsentRequired), "A060311", "The user must consent.";
    InteractionRequired {}: Oauth(InteractionRequired), "A060312", "The user must be shown a page.";
    InvalidTarget {}: Oauth(InvalidTarget), "A060313", "A resource that the client has asked for is not acceptable.";
    InvalidScope {}: Oauth(InvalidScope), "A901311", "A scope that the client has asked for is not acceptable.";
    UnauthorizedClient {}: Oauth(UnauthorizedClient), "A901312", "The client may not make this request.";
    TemporarilyUnavailable {}: Oauth(TemporarilyUnavailable), "A901313", "The authorization server is busy; the request may be repeated later.";

    // auth/authorization/ticket
    TicketRead {}: Success, "A901001", "The ticket has been read.";
    TicketUpdated {}: Success, "A901002", "The ticket has been updated.";
    TicketMissing {}: Oauth(InvalidRequest), "A901201", "The call lacks 'ticket'.";
    TicketUnknown {}: Oauth(InvalidRequest), "A901202", "The 'ticket' is unknown: it never existed, has been used, or has expired.";
    TicketInfoMissing {}: Oauth(InvalidRequest), "A901203", "The call lacks 'info'; expected the text to keep with the ticket.";

    // auth/token
    CodeRedeemed {}: Success, "A050001", "The tokens of the authorization code have been issued.";
    PasswordGrantOpened {}: Success, "A051001", "The token request (grant_type=password) is valid, and a ticket has been issued.";
    ClientCredentialsGranted {}: Success, "A052001", "The access token of the client has been issued.";
    Refreshed {}: Success, "A053001", "The tokens have been refreshed.";
    TokenParametersMissing {}: Oauth(ServerError), "A047201", "The call lacks 'parameters'; expected the token request as it arrived.";
    TokenParametersMalformed {}: Oauth(InvalidRequest), "A047202", "The token request is not percent-encoded UTF-8 of at most 65,536 bytes and 256 parameters.";
    TokenRequestEmpty {}: Oauth(InvalidRequest), "A047301", "The token request is empty.";
    TokenParameterRepeated { name }: Oauth(InvalidRequest), "A250301", "The parameter '{name}' stands in the token request more than once.";
    GrantTypeMissing {}: Oauth(InvalidRequest), "A049301", "The token request lacks 'grant_type'.";
    GrantTypeInvalid {}: Oauth(UnsupportedGrantType), "A049304", "The 'grant_type' of the token request is not a known one.";
    GrantTypeUnsupported { value }: Oauth(UnsupportedGrantType), "A049305", "The 'grant_type' '{value}' is not supported by this service.";
    GrantTypeImplicit {}: Oauth(UnsupportedGrantType), "A049306", "The 'grant_type' implicit has no place at the token endpoint.";
    GrantTypeNotRegistered { value }: Oauth(UnauthorizedClient), "A047302", "The 'grant_type' '{value}' is not one that the client has registered.";
    TokenPropertiesMalformed {}: Oauth(ServerError), "A902201", "The member 'properties' is not an array of properties.";
    TokenPropertiesTooLarge {}: Oauth(ServerError), "A050201", "The properties are larger than 65,535 bytes.";
    AccessTokenTaken {}: Oauth(ServerError), "A902202", "The member 'accessToken' cannot be used by this release; leave the value to the server.";

    // Client authentication, at every endpoint that demands it.
    ClientNotNamed {}: Oauth(InvalidRequest), "A244305", "The request does not say which client it comes from.";
    ClientNamedTwice {}: Oauth(InvalidRequest), "A048312", "The 'client_id' of the request is not the client of its Authorization header.";
    ClientUnknown {}: Oauth(InvalidClient), "A048323", "The client of the request is not known here.";
    PublicClientWithCredentials {}: Oauth(InvalidClient), "A157303", "The client is public and has sent credentials.";
    ConfidentialClientWithoutMethod {}: Oauth(InvalidClient), "A157301", "The client is confidential, and its authentication method is 'none'.";
    CredentialsMisplaced { method }: Oauth(InvalidClient), "A157357", "The credentials of the client are not where its authentication method '{method}' puts them.";
    SecretWrong {}: Oauth(InvalidClient), "A157305", "The client secret is wrong.";
    AuthMethodUnsupported { method }: Oauth(InvalidClient), "A157344", "The client's authentication method '{method}' is not supported by this service.";

    // grant_type=authorization_code
    CodeMissing {}: Oauth(InvalidRequest), "A050301", "The token request lacks 'code'.";
    CodeUnknown {}: Oauth(InvalidGrant), "A050305", "The authorization code is unknown.";
    CodeOfOtherClient {}: Oauth(InvalidGrant), "A050307", "The authorization code was issued to another client.";
    CodeExpired {}: Oauth(InvalidGrant), "A050311", "The authorization code has expired.";
    CodeReplayed {}: Oauth(InvalidGrant), "A902301", "The authorization code has been used before; the tokens that it gave are revoked.";
    CodeRedirectUriMissing {}: Oauth(InvalidGrant), "A050308", "The token request lacks 'redirect_uri', which the authorization request had.";
    CodeRedirectUriDiffers {}: Oauth(InvalidGrant), "A050309", "The 'redirect_uri' of the token request is not the one of the authorization request.";
    CodeRedirectUriUnexpected {}: Oauth(InvalidGrant), "A050310", "The token request has 'redirect_uri', which the authorization request had not.";
    VerifierMissing {}: Oauth(InvalidGrant), "A050312", "The token request lacks 'code_verifier', although the authorization request had 'code_challenge'.";
    VerifierMismatch {}: Oauth(InvalidGrant), "A050315", "The 'code_verifier' does not belong to the 'code_challenge' of the authorization request.";
    VerifierMalformed {}: Oauth(InvalidRequest), "A050316", "The 'code_verifier' is not what RFC 7636 allows: 43 to 128 unreserved characters.";
    VerifierUnexpected {}: Oauth(InvalidGrant), "A050317", "The token request has 'code_verifier', although the authorization request had no 'code_challenge'.";

    // grant_type=refresh_token
    RefreshTokenMissing {}: Oauth(InvalidRequest), "A053301", "The token request lacks 'refresh_token'.";
    RefreshTokenUnknown {}: Oauth(InvalidGrant), "A053305", "The refresh token is unknown.";
    RefreshTokenOfOtherClient {}: Oauth(InvalidGrant), "A053307", "The refresh token was issued to another client.";
    RefreshTokenExpired {}: Oauth(InvalidGrant), "A053308", "The refresh token has expired.";
    RefreshTokenReplayed {}: Oauth(InvalidGrant), "A902302", "The refresh token has been used before; the tokens that came from it are revoked.";
    RefreshScopeExceeds {}: Oauth(InvalidScope), "A053309", "The 'scope' of the token request goes beyond that of the refresh token.";

    // grant_type=client_credentials
    ClientCredentialsForPublic {}: Oauth(UnauthorizedClient), "A052301", "The client is public and cannot use the grant type 'client_credentials'.";
    ClientCredentialsNoScopeLeft {}: Oauth(InvalidScope), "A052303", "The token request has no valid 'scope', and this service requires one.";

    // grant_type=password
    UsernameMissing {}: Oauth(InvalidRequest), "A051301", "The token request lacks 'username'.";
    PasswordMissing {}: Oauth(InvalidRequest), "A051304", "The token request lacks 'password'.";
    PasswordNoScopeLeft {}: Oauth(InvalidScope), "A051308", "The token request has no valid 'scope', and this service requires one.";

    // auth/token/issue
    PasswordGranted {}: Success, "A054001", "The tokens of the password grant have been issued.";
    TokenIssueTicketMissing {}: Oauth(ServerError), "A055201", "The call lacks 'ticket'.";
    TokenIssueTicketUnknown {}: Oauth(ServerError), "A055202", "The 'ticket' is unknown: it never existed, has been used, or has expired.";
    TokenIssueSubjectMissing {}: Oauth(ServerError), "A111201", "The call lacks 'subject'; expected the resource owner.";
    TokenIssueSubjectTooLong {}: Oauth(ServerError), "A111202", "The 'subject' is longer than 100 characters.";
    TokenIssueSubjectNotAscii {}: Oauth(ServerError), "A111203", "The 'subject' has characters other than ASCII.";
    TokenIssuePropertiesTooLarge {}: Oauth(ServerError), "A061201", "The properties are larger than 65,535 bytes.";

    // auth/token/fail
    TokenFailTicketMissing {}: Oauth(ServerError), "A063201", "The call lacks 'ticket'.";
    TokenFailTicketUnknown {}: Oauth(ServerError), "A063202", "The 'ticket' is unknown: it never existed, has been used, or has expired.";
    TokenFailReasonMissing {}: Oauth(ServerError), "A067201", "The call lacks 'reason'.";
    ResourceOwnerCredentialsInvalid {}: Oauth(InvalidRequest), "A067301", "The 'username' and 'password' of the token request do not belong to a user.";
    TokenFailedForUnknownReason {}: Oauth(ServerError), "A067302", "The token request has failed at the authorization server.";
    TokenTargetInvalid {}: Oauth(InvalidTarget), "A067303", "A resource that the client has asked for is not acceptable.";
    TokenClientInvalid {}: Oauth(InvalidClient), "A902303", "The authorization server refuses the client.";
    TokenClientUnauthorized {}: Oauth(UnauthorizedClient), "A902304", "The client may not make this token request.";
    TokenScopeInvalid {}: Oauth(InvalidScope), "A902305", "A scope that the client has asked for is not acceptable.";

    // Making ID tokens and signed userinfo.
    IdTokenKeySetMissing {}: Oauth(ServerError), "A046201", "The service has no JWK Set to sign the ID token with.";
    IdTokenKeyMissing { alg }: Oauth(ServerError), "A046203", "The JWK Set of the service has no private key to sign the ID token with {alg}.";
    IdTokenAlgNone {}: Oauth(ServerError), "A046301", "The client wants its ID tokens unsigned, which is not possible.";
    UserinfoKeyMissing { alg }: Oauth(ServerError), "A905201", "The service has no key to sign the userinfo response with {alg}.";
    SigningFailed {}: Oauth(ServerError), "A940101", "A signature could not be made.";

    // auth/introspection
    TokenActive {}: Success, "A056001", "The access token is valid.";
    IntrospectionTokenMissing {}: Oauth(InvalidRequest), "A057301", "The call lacks 'token'; expected an access token.";
    IntrospectionTokenUnknown {}: Oauth(InvalidToken), "A057302", "The access token is unknown.";
    IntrospectionTokenExpiredRefreshable {}: Oauth(InvalidToken), "A065301", "The access token has expired; it can be refreshed.";
    IntrospectionTokensExpired {}: Oauth(InvalidToken), "A065302", "The access token and its refresh token have expired.";
    IntrospectionTokenExpired {}: Oauth(InvalidToken), "A065303", "The access token has expired.";
    IntrospectionNoScope {}: Oauth(InsufficientScope), "A064301", "The access token has no scope.";
    IntrospectionScopeMissing { scope }: Oauth(InsufficientScope), "A064302", "The access token does not cover the scope '{scope}'.";
    IntrospectionNoSubject {}: Oauth(InvalidRequest), "A066301", "The access token has no subject.";
    IntrospectionSubjectDiffers {}: Oauth(InvalidRequest), "A066302", "The subject of the access token is not the one that is required.";
    IntrospectionAcrUnmet {}: Oauth(InsufficientUserAuthentication), "A340301", "The authentication behind the access token does not reach a required context class.";
    IntrospectionAuthTooOld {}: Oauth(InsufficientUserAuthentication), "A341302", "The authentication behind the access token is older than is allowed.";

    // auth/introspection/standard
    IntrospectionAnswered { kind, active }: Success, "A145001", "The introspection response has been made. [type={kind}, active={active}]";
    StandardParametersMissing {}: Oauth(ServerError), "A145201", "The call lacks 'parameters'; expected the introspection request as it arrived.";
    StandardParametersMalformed {}: Oauth(InvalidRequest), "A145202", "The introspection request is not percent-encoded UTF-8 of at most 65,536 bytes and 256 parameters.";
    StandardRequestEmpty {}: Oauth(InvalidRequest), "A145301", "The introspection request is empty.";
    StandardTokenMissing {}: Oauth(InvalidRequest), "A145302", "The introspection request lacks 'token'.";
    StandardParameterRepeated { name }: Oauth(InvalidRequest), "A905301", "The parameter '{name}' stands in the introspection request more than once.";

    // auth/revocation
    Revoked {}: Success, "A113001", "The token is revoked, or never was one.";
    RevocationParametersMissing {}: Oauth(ServerError), "A113201", "The call lacks 'parameters'; expected the revocation request as it arrived.";
    RevocationParametersMalformed {}: Oauth(InvalidRequest), "A113202", "The revocation request is not percent-encoded UTF-8 of at most 65,536 bytes and 256 parameters.";
    RevocationRequestEmpty {}: Oauth(InvalidRequest), "A113301", "The revocation request is empty.";
    RevocationParameterRepeated { name }: Oauth(InvalidRequest), "A905302", "The parameter '{name}' stands in the revocation request more than once.";
    RevocationTokenMissing {}: Oauth(InvalidRequest), "A115301", "The revocation request lacks 'token'.";
    RevocationOfOtherClient {}: Oauth(InvalidRequest), "A116301", "The token was not issued to this client.";

    // auth/userinfo
    UserinfoTokenActive {}: Success, "A091001", "The access token is valid at the userinfo endpoint.";
    UserinfoTokenMissing {}: Oauth(InvalidRequest), "A088301", "The call lacks 'token'; expected an access token.";
    UserinfoTokenUnknown {}: Oauth(InvalidToken), "A088302", "The access token is unknown.";
    UserinfoTokenExpired {}: Oauth(InvalidToken), "A089301", "The access token has expired.";
    UserinfoTokensExpired {}: Oauth(InvalidToken), "A089302", "The access token and its refresh token have expired.";
    UserinfoTokenExpiredRefreshable {}: Oauth(InvalidToken), "A089303", "The access token has expired; it can be refreshed.";
    UserinfoScopeMissing {}: Oauth(InsufficientScope), "A089304", "The access token does not cover the scope 'openid'.";

    // auth/userinfo/issue
    UserinfoIssued {}: Success, "A096001", "The userinfo response has been made.";
    UserinfoIssueTokenMissing {}: Oauth(InvalidRequest), "A092301", "The call lacks 'token'; expected an access token.";
    UserinfoIssueTokenUnknown {}: Oauth(InvalidToken), "A092302", "The access token is unknown.";
    UserinfoIssueTokenExpired {}: Oauth(InvalidToken), "A093301", "The access token has expired.";
    UserinfoIssueTokensExpired {}: Oauth(InvalidToken), "A093302", "The access token and its refresh token have expired.";
    UserinfoIssueTokenExpiredRefreshable {}: Oauth(InvalidToken), "A093303", "The access token has expired; it can be refreshed.";
    UserinfoIssueScopeMissing {}: Oauth(InsufficientScope), "A093304", "The access token does not cover the scope 'openid'.";
    UserinfoIssueClaimsMalformed {}: Oauth(ServerError), "A094201", "The member 'claims' is not a JSON object.";

    SettingUnsupported { setting }: Oauth(ServerError), "A990201", "The setting '{setting}' asks for something that this release does not do, so it serves no request as if it were not set.";

    // Whatever a server may fail at, seen from an OAuth client.
    ServerFailed {}: Oauth(ServerError), "A000101", "The server cannot answer this request; its log says why.";
}

impl Reason {
    /// The code in brackets and the message: what `resultMessage` and `error_description` carry.
    ///
    /// Values from outside may hold anything; what `error_description` must not carry (RFC 6749 §5.2)
    /// is replaced, and a long value does not make a long message.
    pub fn result_message(&self) -> String {
        let allowed = |b: u8| matches!(b, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
        let message = format!("[{}] {}", self.code(), self.message());
        if message.len() <= LONGEST_MESSAGE && message.bytes().all(allowed) {
            return message;
        }
        let replaced = |c: char| if u8::try_from(c).is_ok_and(allowed) { c } else { '?' };
        message.chars().take(LONGEST_MESSAGE).map(replaced).collect()
    }
}

/// In characters.
const LONGEST_MESSAGE: usize = 500;

/// The row of a result code.
pub fn row_of(code: &str) -> Option<&'static ReasonRow> {
    ROWS.iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        let mut seen = std::collections::HashSet::new();
        for row in ROWS {
            assert!(seen.insert(row.code), "{} stands twice", row.code);
            assert!(seen.insert(row.name), "{} stands twice", row.name);
        }
    }

    #[test]
    fn a_value_from_outside_cannot_spoil_a_message() {
        let value = format!("a\"b\\c\u{e9}\n{}", "x".repeat(1000));
        let message = Reason::GrantTypeUnsupported { value }.result_message();
        assert!(message.starts_with("[A049305] The 'grant_type' 'a?b?c??xxx"), "{message}");
        assert_eq!(message.len(), LONGEST_MESSAGE);
    }

    #[test]
    fn codes_have_their_shape_and_class() {
        for row in ROWS {
            let digits = row.code.strip_prefix('A').unwrap();
            assert!(digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", row.code);
            let class = digits.as_bytes()[3];
            let success = row.kind == Success;
            assert_eq!(
                class == b'0',
                success,
                "{} has the class of a success exactly when it is one",
                row.code
            );
            assert!(b"01236".contains(&class), "{}", row.code);
        }
    }

    #[test]
    fn messages_are_sentences_that_error_description_can_carry() {
        // RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E.
        for row in ROWS {
            let fine = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
            assert!(row.template.chars().all(fine), "{}", row.template);
            assert!(row.template.ends_with(['.', ']']), "{}", row.template);
        }
    }
}
