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
    AuthorizationPending = "authorization_pending";
    ConsentRequired = "consent_required";
    CredentialRequestDenied = "credential_request_denied";
    ExpiredLoginHintToken = "expired_login_hint_token";
    ExpiredToken = "expired_token";
    InsufficientScope = "insufficient_scope";
    InsufficientUserAuthentication = "insufficient_user_authentication";
    InteractionRequired = "interaction_required";
    InvalidAuthorizationDetails = "invalid_authorization_details";
    InvalidBindingMessage = "invalid_binding_message";
    InvalidClient = "invalid_client";
    InvalidClientAttestation = "invalid_client_attestation";
    InvalidClientMetadata = "invalid_client_metadata";
    InvalidCredentialRequest = "invalid_credential_request";
    InvalidDpopProof = "invalid_dpop_proof";
    InvalidEncryptionParameters = "invalid_encryption_parameters";
    InvalidGrant = "invalid_grant";
    InvalidGrantId = "invalid_grant_id";
    InvalidMetadata = "invalid_metadata";
    InvalidNonce = "invalid_nonce";
    InvalidNotificationId = "invalid_notification_id";
    InvalidNotificationRequest = "invalid_notification_request";
    InvalidProof = "invalid_proof";
    InvalidRedirectUri = "invalid_redirect_uri";
    InvalidRequest = "invalid_request";
    InvalidRequestObject = "invalid_request_object";
    InvalidRequestUri = "invalid_request_uri";
    InvalidScope = "invalid_scope";
    InvalidSoftwareStatement = "invalid_software_statement";
    InvalidTarget = "invalid_target";
    InvalidToken = "invalid_token";
    InvalidTransactionId = "invalid_transaction_id";
    InvalidTrustAnchor = "invalid_trust_anchor";
    InvalidTrustChain = "invalid_trust_chain";
    InvalidUserCode = "invalid_user_code";
    IssuancePending = "issuance_pending";
    LoginRequired = "login_required";
    MissingUserCode = "missing_user_code";
    NotFound = "not_found";
    RegistrationNotSupported = "registration_not_supported";
    ServerError = "server_error";
    SlowDown = "slow_down";
    TemporarilyUnavailable = "temporarily_unavailable";
    TransactionFailed = "transaction_failed";
    UnapprovedSoftwareStatement = "unapproved_software_statement";
    UnauthorizedClient = "unauthorized_client";
    UnknownCredentialConfiguration = "unknown_credential_configuration";
    UnknownCredentialIdentifier = "unknown_credential_identifier";
    UnknownUserId = "unknown_user_id";
    UnmetAuthenticationRequirements = "unmet_authentication_requirements";
    UnsupportedCredentialFormat = "unsupported_credential_format";
    UnsupportedCredentialType = "unsupported_credential_type";
    UnsupportedGrantType = "unsupported_grant_type";
    UnsupportedResponseType = "unsupported_response_type";
    UseAttestationChallenge = "use_attestation_challenge";
    UseDpopNonce = "use_dpop_nonce";
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
    CallsTooMany { what, limit }: Http(429), "A900211", "There are more than {limit} calls a second of this {what}; try again a little later.";
    VersionDiffers {}: Http(412), "A900209", "What the call would change is not the version that its 'If-Match' names; read it again.";
    ConditionUnfit {}: Http(400), "A900210", "This API takes no 'If-Match'.";
    ServiceUnnamed {}: Http(400), "A900208", "The path names no service, and the credentials are not those of one.";
    PathUnknown { method, path }: Http(404), "A900203", "There is no API '{method} {path}'.";
    MethodNotAllowed { method, path }: Http(405), "A900204", "The API '{path}' does not take the method {method}.";
    BodyTooLarge { limit }: Http(413), "A900205", "The request body is larger than {limit} bytes.";
    BodyMissing {}: Http(400), "A126203", "The request body is missing; expected a JSON object.";
    BodyMalformed { detail }: Http(400), "A126202", "The request body is not what this API expects: {detail}.";
    ContentTypeMissing {}: Http(400), "A258201", "The Content-Type header is missing; expected 'application/json'.";
    ContentTypeUnsupported { found }: Http(400), "A900206", "The Content-Type '{found}' is not read by this API; expected 'application/json'.";
    ServerBusy {}: Http(503), "A900231", "The server has as much to do as it takes on; try again a little later.";
    FormerServerAway {}: Http(503), "A900102", "The server that the service was at before does not answer now, and may know the token; try again a little later.";
    StoreAway {}: Http(503), "A900101", "The store of the server does not answer now; try again a little later.";
    BulkTooLarge { limit }: Http(413), "A900232", "The call would change more than {limit} tokens, or look for them among more than it may.";
    BodyLate {}: Http(408), "A900233", "The request body did not arrive in time.";
    QueryMalformed { detail }: Http(400), "A900207", "The query is not what this API expects: {detail}.";
    Internal {}: Http(500), "A001101", "The server cannot answer this call; its log says why.";

    // Services and clients as documents.
    ListStartMalformed {}: Http(400), "A028201", "The query parameter 'start' is not an integer.";
    ListStartNegative {}: Http(400), "A028202", "The query parameter 'start' is negative.";
    ListEndMalformed {}: Http(400), "A028203", "The query parameter 'end' is not an integer.";
    ListEndNegative {}: Http(400), "A028204", "The query parameter 'end' is negative.";
    ClientNotFound { client }: Http(404), "A001218", "The service has no client with the id or alias '{client}'.";
    ClientsOfDeveloper { limit }: Http(400), "A123601", "The developer has as many clients as the service allows ('clientsPerDeveloper'): {limit}.";
    AliasTakenAtCreation { alias }: Http(400), "A123603", "The client id alias '{alias}' is in use already.";
    AliasTakenAtUpdate { alias }: Http(400), "A030601", "The client id alias '{alias}' is in use already.";
    AliasIsNumber { alias }: Http(400), "A920253", "The client id alias '{alias}' is the number of another client, by which that one is found.";
    PropertyInvalid { property }: Http(400), "A031202", "The property '{property}' has a value that cannot be used.";
    PropertyNegative { property }: Http(400), "A031213", "The property '{property}' is negative.";
    UriNotAscii { property, index }: Http(400), "A031206", "Element {index} of '{property}' has characters other than printable ASCII, or a backslash.";
    UriTooLong { property, index, limit }: Http(400), "A031207", "Element {index} of '{property}' is longer than {limit} characters.";
    UriNotAbsolute { property, index }: Http(400), "A031209", "Element {index} of '{property}' is not an absolute URI.";
    UriHasFragment { property, index }: Http(400), "A031210", "Element {index} of '{property}' has a fragment.";
    UriHasUserInformation { property, index }: Http(400), "A920251", "Element {index} of '{property}' has user information before its host.";
    UriHasResponseParameter { property, index }: Http(400), "A920252", "Element {index} of '{property}' has a query parameter that answers have.";
    ElementRepeated { property, index }: Http(400), "A031211", "Element {index} of '{property}' stands there twice.";
    KeySetMalformed { property }: Http(400), "A031212", "The property '{property}' is not a JWK Set.";
    KeySetTooLarge { property }: Http(400), "A031215", "The JWK Set in '{property}' is too large.";
    IssuerHasFragment {}: Http(400), "A031217", "The property 'issuer' has a fragment.";
    IssuerHasQuery {}: Http(400), "A031218", "The property 'issuer' has a query.";
    IssuerNotHttps {}: Http(400), "A031219", "The property 'issuer' is not an https URL.";
    ScopeRepeated { index }: Http(400), "A039203", "Element {index} of 'supportedScopes' has a name that stands there twice.";
    ScopeUnnamed { index }: Http(400), "A039204", "Element {index} of 'supportedScopes' has no name.";
    ScopeNameMalformed { index }: Http(400), "A039206", "Element {index} of 'supportedScopes' has a name with characters that RFC 6749 does not allow in scopes.";
    ScopePatternUnusable { index }: Http(400), "A920250", "Element {index} of 'supportedScopes' has a 'regex' that is no pattern, is too large once compiled, or is one too many.";
    AttributesTooLarge {}: Http(400), "A039231", "The attributes are larger than 65,535 bytes.";
    PatchMalformed { detail }: Http(400), "A920201", "The parameter 'patch' is not a JSON Patch that applies to the discovery document: {detail}.";
    PatchTooLarge { limit }: Http(413), "A920208", "The parameter 'patch' asks for more than {limit}.";
    PropertyMissing { property }: Http(400), "A920202", "The request lacks '{property}'.";
    PermissionUnknown { permission }: Http(400), "A920203", "There is no permission '{permission}'.";
    PermissionNotHeld { permission }: Http(403), "A920204", "A token cannot be given the permission '{permission}' by a caller without it.";
    TokenOutlivesMaker { end }: Http(403), "A920206", "A token cannot be made, changed or renewed by one that ends before it does, at {end} (milliseconds since the epoch).";
    MemberOfOperator { member }: Http(403), "A920207", "A token for one client cannot change '{member}' of it: that is for the operator of the service to say.";
    AuthorizationUpdateUnmet { detail }: Http(400), "A920209", "A token of the client is not what a new scope demands. [{detail}]";
    ApiTokenMemberFixed { property }: Http(400), "A920210", "The property '{property}' of an API token cannot be changed; make another token.";
    ApiTokenExpired { property }: Http(400), "A920211", "The property '{property}' is a time that has passed, or none (milliseconds since the epoch; 0 for a token that lives as long as its maker).";
    MembersExcessive { limit }: Http(400), "A920260", "The organization has {limit} members and invitations, as many as it may.";
    MemberKnown {}: Http(409), "A920261", "Whoever has this address is a member already, or invited.";
    MemberUnknown {}: Http(404), "A920262", "The organization has no such member.";
    InspectedUnknown {}: Http(404), "A900213", "No call with this request id is kept: it was too long ago, or of another service, or one of too many at once.";
    InvitationUnknown {}: Http(404), "A920263", "There is no such invitation, or it was taken up, taken back, or has expired.";
    PropertyUnknown { property }: Http(400), "A920258", "There is no property '{property}'.";
    ApiTokensExcessive { limit }: Http(400), "A900234", "There are {limit} tokens already, as many as there may be; revoke one that is no longer used.";
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
    RedirectUriMalformed {}: Oauth(InvalidRequest), "A011314", "The 'redirect_uri' of the authorization request is not an absolute URI without fragment, user information and parameters of answers.";
    ResponseModeUnsupported { value }: Oauth(InvalidRequest), "A012303", "The 'response_mode' '{value}' is not supported; expected one of OAuth 2.0 or of JARM.";
    ResponseModeNotRegistered { value }: Oauth(InvalidRequest), "A901301", "The 'response_mode' '{value}' is not one that the client has registered.";
    StateNotAscii {}: Oauth(InvalidRequest), "A013303", "The parameter 'state' has characters other than printable ASCII.";
    ResponseTypeMissing {}: Oauth(InvalidRequest), "A009301", "The authorization request lacks 'response_type'.";
    ResponseTypeInvalid {}: Oauth(UnsupportedResponseType), "A009304", "The 'response_type' of the authorization request is not a known one.";
    ResponseTypeUnsupported { value }: Oauth(UnsupportedResponseType), "A009305", "The 'response_type' '{value}' is not supported by this service.";
    ResponseTypeNotRegistered { value }: Oauth(UnauthorizedClient), "A009306", "The 'response_type' '{value}' is not one that the client has registered.";
    ResponseGrantNotAllowed { value }: Oauth(UnauthorizedClient), "A901302", "The 'response_type' takes the grant type '{value}', which is not allowed to this client at this service.";
    ResponseTypeRefused { value }: Oauth(UnsupportedResponseType), "A907301", "The 'response_type' '{value}' is not allowed by a profile that the request is under.";
    ResponseModeMustBeJwt {}: Oauth(InvalidRequest), "A907302", "The answer to this request must be a JWT; expected a 'response_mode' of JARM.";
    ResponseModeLeaksToken { value }: Oauth(InvalidRequest), "A901314", "The 'response_mode' '{value}' would put a token into a query.";
    AuthorizationClientLocked {}: Oauth(InvalidRequest), "A901315", "The client of the authorization request is locked.";
    RedirectUriNotNamed {}: Oauth(InvalidRequest), "A907303", "The authorization request lacks 'redirect_uri', which a profile that it is under requires.";
    RedirectUriNotHttps {}: Oauth(InvalidRequest), "A907304", "The 'redirect_uri' is not an https URI, which a profile that the request is under requires.";
    OpenidMissing {}: Oauth(InvalidScope), "A901316", "The 'response_type' asks for an ID token, but the request has no scope 'openid'.";
    NonceMissing {}: Oauth(InvalidRequest), "A014303", "The authorization request lacks 'nonce', which it must have.";
    StateMissing {}: Oauth(InvalidRequest), "A907305", "The authorization request lacks 'state', which a profile that it is under requires.";
    PurposeTooShort {}: Oauth(InvalidRequest), "A252303", "The parameter 'purpose' is shorter than 3 characters.";
    PurposeTooLong {}: Oauth(InvalidRequest), "A252304", "The parameter 'purpose' is longer than 300 characters.";
    ThumbprintMalformed {}: Oauth(InvalidRequest), "A901317", "The parameter 'dpop_jkt' is not a SHA-256 thumbprint.";
    ThumbprintDiffers {}: Oauth(InvalidRequest), "A901318", "The parameter 'dpop_jkt' is not the thumbprint of the key that the pushed request was proven with.";
    TransformedClaimsInvalid {}: Oauth(InvalidRequest), "A901319", "The member 'transformed_claims' of 'claims' is not an object of claims and known functions.";
    TransformedClaimsExcessive {}: Oauth(InvalidRequest), "A901340", "The member 'transformed_claims' of 'claims' has more claims, functions or patterns, or larger patterns, than one request may have.";
    ScopesExcessive {}: Oauth(InvalidScope), "A901341", "The request asks for more scopes than one request may have.";
    ResourceNotAbsolute {}: Oauth(InvalidTarget), "A251307", "A 'resource' of the request is not an absolute URI.";
    ResourceHasFragment {}: Oauth(InvalidTarget), "A251308", "A 'resource' of the request has a fragment.";
    DetailsTypeMissing {}: Oauth(InvalidAuthorizationDetails), "A249301", "An element of 'authorization_details' has no 'type'.";
    DetailsCredentialUnknown {}: Oauth(InvalidAuthorizationDetails), "A910323", "An element of 'authorization_details' asks for a credential, and its 'credential_configuration_id' is none of the issuer.";
    DetailsTypeUnsupported { value }: Oauth(InvalidAuthorizationDetails), "A249302", "The type '{value}' of 'authorization_details' is not supported by this service.";
    DetailsTypeNotRegistered { value }: Oauth(InvalidAuthorizationDetails), "A249303", "The type '{value}' of 'authorization_details' is not one that the client has registered.";
    DetailsMalformed {}: Oauth(InvalidAuthorizationDetails), "A249304", "The parameter 'authorization_details' is not an array of objects as RFC 9396 has them.";
    GrantActionRequired {}: Oauth(InvalidRequest), "A906301", "The request lacks 'grant_management_action', which this service requires.";
    GrantActionMissing {}: Oauth(InvalidRequest), "A906302", "The request has 'grant_id' but no 'grant_management_action'.";
    GrantActionInvalid {}: Oauth(InvalidRequest), "A906303", "The 'grant_management_action' is none of create, replace and merge.";
    GrantOfPublicClient {}: Oauth(InvalidRequest), "A906304", "The client is public and cannot manage grants.";
    GrantIdUnexpected {}: Oauth(InvalidRequest), "A906305", "The request has 'grant_id' although it asks for a new grant.";
    GrantIdMissing {}: Oauth(InvalidRequest), "A906306", "The request lacks 'grant_id', which its 'grant_management_action' needs.";
    GrantUnknown {}: Oauth(InvalidGrantId), "A906307", "The 'grant_id' is not one of a grant to this client by this user.";

    // Request objects.
    RequestAndRequestUri {}: Oauth(InvalidRequest), "A901320", "The request has both 'request' and 'request_uri'.";
    RequestUriUnregistered {}: Oauth(InvalidRequestUri), "A005384", "The 'request_uri' is not one that the client has registered.";
    RequestUriUnavailable {}: Oauth(InvalidRequestUri), "A005382", "There is no request object to be had at the 'request_uri'.";
    RequestObjectMalformed {}: Oauth(InvalidRequestObject), "A901321", "The request object is not a JWT whose claims are what they must be.";
    RequestObjectKindWrong {}: Oauth(InvalidRequestObject), "A901343", "The 'typ' of the request object says that it is something else; expected 'oauth-authz-req+jwt', 'JWT' or nothing.";
    RequestObjectParameterMalformed { name }: Oauth(InvalidRequestObject), "A901344", "The parameter '{name}' inside the request object has the wrong type.";
    RequestObjectUndecryptable {}: Oauth(InvalidRequestObject), "A901322", "The request object cannot be decrypted with a key of this service.";
    RequestObjectEncryptionDiffers { member }: Oauth(InvalidRequestObject), "A901323", "The '{member}' of the encrypted request object is not the one that the client has registered.";
    RequestObjectAlgDiffers { alg }: Oauth(InvalidRequestObject), "A901324", "The request object is signed with {alg}, which is not what the client has registered.";
    RequestObjectKeyMissing {}: Oauth(InvalidRequestObject), "A901325", "The client has no key with which the request object could have been signed.";
    RequestObjectSignatureWrong {}: Oauth(InvalidRequestObject), "A901326", "The signature of the request object is wrong.";
    RequestObjectNested {}: Oauth(InvalidRequestObject), "A901327", "The request object holds 'request' or 'request_uri'.";
    RequestObjectOfAnother { claim }: Oauth(InvalidRequestObject), "A901328", "The claim '{claim}' of the request object is not this client.";
    RequestObjectUntimely { claim }: Oauth(InvalidRequestObject), "A901329", "The request object is not valid at this time by its claim '{claim}'.";
    RequestObjectDiffersOutside { name }: Oauth(InvalidRequest), "A901330", "The parameter '{name}' outside the request object is absent or other than inside.";
    RequestObjectUnsigned {}: Oauth(InvalidRequestObject), "A901331", "The request object is not signed, which it must be here.";
    RequestObjectIncomplete { name }: Oauth(InvalidRequestObject), "A907320", "The request object lacks '{name}', and a profile that the request is under lets nothing outside it count.";
    RequestObjectUnencrypted {}: Oauth(InvalidRequestObject), "A901332", "The request object is not encrypted, which it must be where it passes through a browser.";
    RequestObjectAlgUnacceptable { alg }: Oauth(InvalidRequestObject), "A907306", "The request object is signed with {alg}, which a profile that the request is under does not allow.";
    RequestObjectEncryptionUnacceptable { alg }: Oauth(InvalidRequestObject), "A907312", "The request object is encrypted with {alg}, which a profile that the request is under does not allow.";
    RequestObjectAudienceWrong {}: Oauth(InvalidRequestObject), "A901333", "The claim 'aud' of the request object does not hold the issuer of this service.";
    RequestObjectTimeless {}: Oauth(InvalidRequestObject), "A907307", "The request object lacks 'nbf' or 'exp', which a profile that the request is under requires.";
    RequestObjectTooLong {}: Oauth(InvalidRequestObject), "A907308", "The request object lives longer than a profile that the request is under allows.";
    PushedUnknown {}: Oauth(InvalidRequestUri), "A008303", "The 'request_uri' is unknown: it never existed, has been used, or has expired.";
    PushedByAnother {}: Oauth(InvalidRequestUri), "A901334", "The 'request_uri' was issued to another client.";
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
    VerifiedClaimsMalformed { place }: Oauth(InvalidRequest), "A022306", "The member 'verified_claims' of '{place}' in 'claims' is not built of 'verification', with a 'trust_framework', and 'claims'.";
    VerifiedClaimsConstraint { place, member }: Oauth(InvalidRequest), "A022307", "A member '{member}' in 'verified_claims' of '{place}' in 'claims' is not what it must be.";
    VerifiedClaimsPurpose { place }: Oauth(InvalidRequest), "A901348", "A 'purpose' in 'verified_claims' of '{place}' in 'claims' is not a text of 3 to 300 characters.";
    VerifiedClaimsEvidence { place }: Oauth(InvalidRequest), "A901349", "The member 'evidence' in 'verified_claims' of '{place}' in 'claims' is not a list whose elements say by 'value' which 'type' they are about.";
    VerifiedClaimsExcessive { place }: Oauth(InvalidRequest), "A901350", "The member 'verified_claims' of '{place}' in 'claims' asks for more, or is nested deeper, than one request may.";
    ClaimValueImpossible { claim }: Oauth(InvalidRequest), "A901345", "The request for the claim '{claim}' in 'claims' asks for a value that it cannot have.";
    ClaimSubjectsMany {}: Oauth(InvalidRequest), "A901346", "The parameter 'claims' asks for more than one subject.";
    AcrUnsupported {}: Oauth(UnmetAuthenticationRequirements), "A901347", "None of the values of the essential claim 'acr' is supported by this service.";
    IdTokenHintInvalid {}: Oauth(InvalidRequest), "A901304", "The parameter 'id_token_hint' is not an ID token of this service for this client.";
    ChallengeRequired {}: Oauth(InvalidRequest), "A124301", "The authorization request lacks 'code_challenge', which is required here (RFC 7636).";
    ChallengeMalformed {}: Oauth(InvalidRequest), "A124304", "The parameter 'code_challenge' is not what RFC 7636 allows: the 43 characters of a SHA-256 hash for S256, 43 to 128 unreserved characters for plain.";
    ChallengeMethodUnsupported {}: Oauth(InvalidRequest), "A124306", "The parameter 'code_challenge_method' is neither S256 nor plain.";
    ChallengeMethodNotStated {}: Oauth(InvalidRequest), "A124307", "The authorization request lacks 'code_challenge_method'; expected S256.";
    ChallengePlainRefused {}: Oauth(InvalidRequest), "A124308", "The 'code_challenge_method' plain is not allowed here; expected S256.";
    ChallengeMethodAlone {}: Oauth(InvalidRequest), "A901305", "The authorization request has 'code_challenge_method' but no 'code_challenge'.";
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
    IssueVerifiedClaimsInvalid { member }: Oauth(ServerError), "A044202", "The member 'verified_claims' of 'claims' is no verified claims: '{member}' is missing, or not what it must be.";
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

    // pushed_auth_req
    PushedKept {}: Success, "A245001", "The authorization request is valid and has been kept.";
    PushedParametersMissing {}: Oauth(ServerError), "A901205", "The call lacks 'parameters'; expected the pushed authorization request as it arrived.";
    PushedParametersMalformed {}: Oauth(InvalidRequest), "A901335", "The pushed authorization request is not percent-encoded UTF-8 of at most 256 parameters.";
    PushedTooLarge {}: Oauth(InvalidRequest), "A901336", "The pushed authorization request is larger than 65,536 bytes.";
    PushedEmpty {}: Oauth(InvalidRequest), "A901337", "The pushed authorization request is empty.";
    PushedParameterRepeated { name }: Oauth(InvalidRequest), "A901338", "The parameter '{name}' stands in the pushed authorization request more than once.";
    PushedRequestUri {}: Oauth(InvalidRequest), "A248301", "The pushed authorization request has 'request_uri', which has no place in it.";

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
    AccessTokenTaken {}: Oauth(ServerError), "A144201", "The member 'accessToken' has a value that is in use already.";

    // Client authentication, at every endpoint that demands it.
    ClientNotNamed {}: Oauth(InvalidRequest), "A244305", "The request does not say which client it comes from.";
    ClientNamedTwice {}: Oauth(InvalidRequest), "A048312", "The 'client_id' of the request is not the client of its Authorization header.";
    ClientUrlUnfit { detail }: Oauth(InvalidClient), "A913301", "The 'client_id' is a URL that cannot name a client: {detail}.";
    ClientUrlNotHttps {}: Oauth(InvalidClient), "A913302", "The 'client_id' is a URL that is not https.";
    ClientUrlHasQuery {}: Oauth(InvalidClient), "A913303", "The 'client_id' is a URL with a query, which the service does not let pass.";
    ClientUrlUnlisted {}: Oauth(InvalidClient), "A913304", "The 'client_id' is a URL that the allowlist of the service does not have.";
    ClientDocumentUnavailable {}: Oauth(InvalidClientMetadata), "A913305", "The metadata document of the client cannot be had from the URL that is its 'client_id'.";
    ClientDocumentUnreadable {}: Oauth(InvalidClientMetadata), "A505302", "The metadata document of the client is not a JSON object of at most 5,120 bytes.";
    ClientDocumentOfOther {}: Oauth(InvalidClientMetadata), "A913306", "The 'client_id' of the client's metadata document is not the URL that it was had from.";
    ClientDocumentSecret { member }: Oauth(InvalidClientMetadata), "A913307", "The '{member}' of the client's metadata asks for a shared secret, which nobody can have.";
    DiscoveredClientsExcessive { limit }: Oauth(TemporarilyUnavailable), "A913308", "The service knows {limit} clients by their metadata documents and federations, as many as it may.";
    MetadataPolicyViolated { name }: Oauth(InvalidClientMetadata), "A913309", "The '{name}' of the client is not what the metadata policy of the service lets it be.";
    ClientUnknown {}: Oauth(InvalidClient), "A048323", "The client of the request is not known here.";
    PublicClientWithCredentials {}: Oauth(InvalidClient), "A157303", "The client is public and has sent credentials.";
    ConfidentialClientWithoutMethod {}: Oauth(InvalidClient), "A157301", "The client is confidential, and its authentication method is 'none'.";
    CredentialsMisplaced { method }: Oauth(InvalidClient), "A157357", "The credentials of the client are not where its authentication method '{method}' puts them.";
    CredentialsTwice {}: Oauth(InvalidRequest), "A905320", "The client has proven itself in more than one way at once.";
    SecretWrong {}: Oauth(InvalidClient), "A157305", "The client secret is wrong.";
    AuthMethodUnsupported { method }: Oauth(InvalidClient), "A157344", "The client's authentication method '{method}' is not supported by this service.";

    ClientLocked {}: Oauth(InvalidClient), "A902306", "The client of the request is locked.";
    PublicClientRefused {}: Oauth(UnauthorizedClient), "A907309", "The client is public, which a profile that the request is under does not allow.";
    AuthMethodTooWeak { method }: Oauth(InvalidClient), "A907310", "The client's authentication method '{method}' is not allowed by a profile that the request is under.";
    AssertionTypeMissing {}: Oauth(InvalidClient), "A157309", "The request lacks 'client_assertion_type'.";
    AssertionTypeUnsupported {}: Oauth(InvalidClient), "A157310", "The 'client_assertion_type' of the request is not that of a JWT.";
    AssertionMalformed {}: Oauth(InvalidClient), "A157312", "The client assertion is not a JWT whose claims are what they must be.";
    AssertionAlgUnacceptable { alg }: Oauth(InvalidClient), "A157313", "The client assertion is signed with {alg}, which is not acceptable from this client here.";
    AssertionKeyMissing {}: Oauth(InvalidClient), "A157325", "The client has no key with which its assertion could have been signed.";
    AssertionSignatureWrong {}: Oauth(InvalidClient), "A157326", "The signature of the client assertion is wrong.";
    AssertionIssuerWrong {}: Oauth(InvalidClient), "A157315", "The claim 'iss' of the client assertion is not the client.";
    AssertionSubjectWrong {}: Oauth(InvalidClient), "A157316", "The claim 'sub' of the client assertion is not the client.";
    AssertionAudienceWrong {}: Oauth(InvalidClient), "A157318", "The client assertion is not meant for this service.";
    AssertionExpMissing {}: Oauth(InvalidClient), "A157319", "The client assertion has no claim 'exp'.";
    AssertionKindWrong {}: Oauth(InvalidClient), "A902330", "The 'typ' of the client assertion says that it is something else; expected 'client-authentication+jwt', 'JWT' or nothing.";
    AssertionExpired {}: Oauth(InvalidClient), "A157320", "The client assertion has expired.";
    AssertionTooLong {}: Oauth(InvalidClient), "A902307", "The client assertion lives longer than an hour.";
    AssertionNotYet {}: Oauth(InvalidClient), "A157322", "The client assertion is not valid yet by its claim 'nbf'.";
    AssertionFromTheFuture {}: Oauth(InvalidClient), "A157323", "The claim 'iat' of the client assertion lies in the future.";
    AssertionJtiMissing {}: Oauth(InvalidClient), "A157324", "The client assertion has no claim 'jti'.";
    AssertionReplayed {}: Oauth(InvalidClient), "A902308", "The client assertion has been used before.";
    ClientKeysMissing {}: Oauth(InvalidClient), "A156301", "The client has registered neither 'jwks' nor 'jwksUri', which its authentication needs.";
    ClientKeysUnavailable {}: Oauth(InvalidClient), "A902309", "The keys of the client cannot be had from its 'jwksUri'.";
    CertificateMissing {}: Oauth(InvalidClient), "A157327", "The request comes without a client certificate, which the client's authentication method needs.";
    CertificateMalformed {}: Oauth(InvalidClient), "A157328", "The client certificate or one of those above it cannot be read.";
    CertificateUnknown {}: Oauth(InvalidClient), "A157333", "The client certificate is not one that the client has registered.";
    CertificateUntrusted {}: Oauth(InvalidClient), "A157339", "No chain leads from the client certificate to a root certificate of the service.";
    CertificateChainUnjudged {}: Oauth(InvalidClient), "A902331", "Nobody validates the chain of the client certificate: set 'mutualTlsValidatePkiCertChain' to true with 'trustedRootCertificates', or to false if whatever ends TLS validates chains.";
    CertificateNameUnregistered {}: Oauth(InvalidClient), "A157340", "The client has not registered the one name by which its certificate is known.";
    CertificateNameDiffers {}: Oauth(InvalidClient), "A902310", "The client certificate does not carry the name that the client has registered.";
    SpiffeUnregistered {}: Oauth(InvalidClient), "A936321", "The client has not registered both 'spiffeId' and 'spiffeBundleEndpoint', which its authentication needs.";
    SpiffeIdDiffers {}: Oauth(InvalidClient), "A936322", "The SPIFFE ID of the workload is not one of the client's.";
    SpiffeBundleUnavailable {}: Oauth(InvalidClient), "A936323", "The keys of the client's trust domain cannot be had from its 'spiffeBundleEndpoint'.";
    AttestationMalformed {}: Oauth(InvalidClientAttestation), "A936301", "The client attestation is not a JWT whose claims are what they must be.";
    AttestationKindWrong {}: Oauth(InvalidClientAttestation), "A936302", "The 'typ' of the client attestation is not 'oauth-client-attestation+jwt'.";
    AttestationAlgUnacceptable { alg }: Oauth(InvalidClientAttestation), "A936303", "The client attestation is signed with {alg}, which is not acceptable here.";
    AttestationUntrusted {}: Oauth(InvalidClient), "A936304", "The client attestation carries no chain of certificates in 'x5c' that leads to one of 'clientAttesterRoots'.";
    AttestationSignatureWrong {}: Oauth(InvalidClient), "A936305", "The signature of the client attestation is wrong.";
    AttestationUntimely {}: Oauth(InvalidClientAttestation), "A936306", "The client attestation has expired, or is not valid yet.";
    AttestationOfAnother {}: Oauth(InvalidClientAttestation), "A936307", "The claim 'sub' of the client attestation is not the client.";
    AttestationKeyUnusable {}: Oauth(InvalidClientAttestation), "A936308", "The claim 'cnf' of the client attestation has no public key in 'jwk'.";
    AttestationOver {}: Oauth(InvalidClientAttestation), "A936325", "The client attestation was taken back, or counts for nothing for now.";
    AttestationStatusUnknown {}: Oauth(InvalidClientAttestation), "A936326", "The status list of the client attestation cannot be had, or does not say whether it counts.";
    AttestationProofMissing {}: Oauth(InvalidClient), "A936309", "The client attestation comes without a proof in 'OAuth-Client-Attestation-PoP'.";
    AttestationProofMalformed {}: Oauth(InvalidClientAttestation), "A936310", "The proof of the client attestation is not a JWT whose claims are what they must be; expected 'aud', 'iat' and 'jti'.";
    AttestationProofKindWrong {}: Oauth(InvalidClientAttestation), "A936311", "The 'typ' of the proof of the client attestation is not 'oauth-client-attestation-pop+jwt'.";
    AttestationProofAlgUnacceptable { alg }: Oauth(InvalidClientAttestation), "A936312", "The proof of the client attestation is signed with {alg}, which is not acceptable here.";
    AttestationProofSignatureWrong {}: Oauth(InvalidClient), "A936313", "The proof of the client attestation is not signed with the key that the attestation is about.";
    AttestationProofAudienceWrong {}: Oauth(InvalidClientAttestation), "A936314", "The claim 'aud' of the proof of the client attestation is not the issuer of this service alone.";
    AttestationProofIssuerWrong {}: Oauth(InvalidClientAttestation), "A936315", "The claim 'iss' of the proof of the client attestation is not the client.";
    AttestationProofUntimely {}: Oauth(InvalidClientAttestation), "A936316", "The proof of the client attestation is too old, or from the future.";
    AttestationProofJtiMissing {}: Oauth(InvalidClientAttestation), "A936317", "The proof of the client attestation has no claim 'jti'.";
    AttestationProofReplayed {}: Oauth(InvalidClientAttestation), "A936318", "The proof of the client attestation has been used before.";
    AttestationChallengeWanted {}: Oauth(UseAttestationChallenge), "A936319", "The proof of the client attestation does not carry the challenge that is expected.";
    ChallengeIssued {}: Success, "A936001", "A challenge for proofs of client attestations.";
    ChallengeEndpointMissing {}: Oauth(ServerError), "A936201", "The service demands no challenges; expected the setting 'challengeEndpoint'.";
    GrantTypeRefused { value }: Oauth(InvalidRequest), "A295306", "The 'grant_type' '{value}' is not allowed by a profile that the request is under.";

    // Keys that tokens are bound to.
    ProofMalformed {}: Oauth(InvalidDpopProof), "A254301", "The DPoP proof is not a JWT whose claims are what RFC 9449 has them be.";
    ProofTypeWrong {}: Oauth(InvalidDpopProof), "A902311", "The 'typ' of the DPoP proof is not 'dpop+jwt'.";
    ProofAlgUnacceptable { alg }: Oauth(InvalidDpopProof), "A254302", "The DPoP proof is signed with {alg}, which is not acceptable here.";
    ProofKeyMissing {}: Oauth(InvalidDpopProof), "A254303", "The DPoP proof carries no public key.";
    ProofKeyPrivate {}: Oauth(InvalidDpopProof), "A902312", "The key of the DPoP proof is not a public one.";
    ProofSignatureWrong {}: Oauth(InvalidDpopProof), "A902313", "The signature of the DPoP proof is wrong.";
    ProofMethodDiffers {}: Oauth(InvalidDpopProof), "A902314", "The claim 'htm' of the DPoP proof is not the method of the request.";
    ProofUrlDiffers {}: Oauth(InvalidDpopProof), "A902315", "The claim 'htu' of the DPoP proof is not the URL of the request.";
    ProofUrlUnknown {}: Oauth(ServerError), "A902203", "The call says nothing of the URL that the DPoP proof must be for; expected 'htu' or a setting of the service.";
    ProofTokenDiffers {}: Oauth(InvalidDpopProof), "A902316", "The claim 'ath' of the DPoP proof is not the hash of the access token.";
    ProofJtiMissing {}: Oauth(InvalidDpopProof), "A902317", "The DPoP proof has no claim 'jti' of at most 256 bytes.";
    ProofUntimely {}: Oauth(InvalidDpopProof), "A902318", "The DPoP proof is too old, or from the future.";
    ProofNonceWanted {}: Oauth(UseDpopNonce), "A254307", "The DPoP proof does not carry the nonce that is expected.";
    ProofReplayed {}: Oauth(InvalidDpopProof), "A902319", "The DPoP proof has been used before.";
    DpopRequired {}: Oauth(InvalidRequest), "A902320", "The request comes without a DPoP proof, which the client must bring.";
    CertificateRequired {}: Oauth(InvalidRequest), "A902321", "The request comes without a client certificate, to which the token must be bound.";
    BindingRequired {}: Oauth(InvalidRequest), "A902322", "The request comes without a DPoP proof or client certificate to which the token could be bound.";
    TokenProofMissing {}: Oauth(InvalidToken), "A905303", "The access token is bound to a DPoP key, and comes without a proof.";
    TokenProofOfAnother {}: Oauth(InvalidToken), "A905304", "The DPoP proof is not one of the key that the access token is bound to.";
    TokenCertificateMissing {}: Oauth(InvalidToken), "A905305", "The access token is bound to a client certificate, and comes without one.";
    TokenCertificateOfAnother {}: Oauth(InvalidToken), "A905306", "The client certificate is not the one that the access token is bound to.";

    // HTTP message signatures.
    MessageUnsigned {}: Oauth(InvalidRequest), "A915301", "The request to the resource carries no HTTP message signature.";
    MessageSignatureMalformed {}: Oauth(InvalidRequest), "A915302", "The HTTP message signature is not what RFC 9421 has it be.";
    MessageComponentMissing { component }: Oauth(InvalidRequest), "A915303", "The HTTP message signature does not cover '{component}'.";
    MessageDigestWrong {}: Oauth(InvalidRequest), "A915304", "The 'Content-Digest' of the request is not that of its body.";
    MessageSignatureUntimely {}: Oauth(InvalidRequest), "A915305", "The HTTP message signature says not when it was made, or was made too long ago.";
    MessageAlgDiffers {}: Oauth(InvalidRequest), "A915310", "The 'alg' of the HTTP message signature is not the algorithm of its key.";
    MessageKeyUnknown {}: Oauth(InvalidRequest), "A915306", "The key of the HTTP message signature is none of the client's keys that is bound to an algorithm.";
    MessageSignatureWrong {}: Oauth(InvalidRequest), "A915307", "The HTTP message signature is wrong.";
    MessageKeyMissing {}: Oauth(ServerError), "A915201", "The service has no key to sign the response of the resource with.";

    // grant_type=authorization_code
    CodeInstanceDiffers {}: Oauth(InvalidGrant), "A936324", "The request of the authorization code was pushed by another instance of the client than the one that is attested.";
    CodeKeyDiffers {}: Oauth(InvalidGrant), "A902323", "The authorization code is bound to a DPoP key other than that of the request.";
    ResourceNotGranted {}: Oauth(InvalidTarget), "A902324", "A 'resource' of the token request was not granted.";
    DetailsNotGranted {}: Oauth(InvalidAuthorizationDetails), "A902325", "An element of 'authorization_details' in the token request was not granted.";
    JwtClaimsMalformed {}: Oauth(ServerError), "A902204", "The member 'jwtAtClaims' is not a JSON object.";
    GivenVerifiedClaimsExcessive {}: Oauth(ServerError), "A901209", "The member 'verified_claims' of 'claims' has more sets, members, levels or external attachments than those of one user may have.";
    VerifiedSourceClaimsMalformed {}: Oauth(ServerError), "A901210", "The member 'verifiedClaimsForTx' has an element that is not a JSON object, or more than a request asks for sets.";
    SourceClaimsMalformed {}: Oauth(ServerError), "A901206", "The member 'claimsForTx' is not a JSON object.";
    DetailsInputMalformed {}: Oauth(ServerError), "A901207", "The member 'authorizationDetails' has an element without 'type', or with 'otherFields' that are no JSON object.";
    RefreshTokenTaken {}: Oauth(ServerError), "A144202", "The member 'refreshToken' has a value that is in use already.";
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
    RefreshInstanceDiffers {}: Oauth(InvalidGrant), "A936320", "The refresh token belongs to another instance of the client than the one that is attested.";
    RefreshKeyDiffers {}: Oauth(InvalidGrant), "A053311", "The refresh token is bound to a key that the request does not prove.";

    // grant_type=urn:openid:params:grant-type:ciba
    BackchannelRedeemed {}: Success, "A200002", "The tokens of the backchannel authentication request have been issued.";
    AuthReqIdMissing {}: Oauth(InvalidRequest), "A200301", "The token request lacks 'auth_req_id'.";
    AuthReqIdUnknown {}: Oauth(InvalidGrant), "A200304", "The 'auth_req_id' is unknown.";
    AuthReqIdOfOtherClient {}: Oauth(InvalidGrant), "A200305", "The 'auth_req_id' was issued to another client.";
    AuthReqIdPushed {}: Oauth(UnauthorizedClient), "A200306", "The 'auth_req_id' is one whose tokens are pushed.";
    AuthReqIdExpired {}: Oauth(ExpiredToken), "A200307", "The 'auth_req_id' has expired.";
    AuthReqIdPending {}: Oauth(AuthorizationPending), "A200308", "The user has not decided yet.";
    AuthReqIdTooSoon {}: Oauth(SlowDown), "A930301", "The client asks again too soon, and must wait longer from now on.";
    BackchannelDeniedByUser {}: Oauth(AccessDenied), "A930302", "The user has refused the request.";
    BackchannelTransactionFailed {}: Oauth(TransactionFailed), "A930303", "The request could not be carried through.";

    // grant_type=urn:ietf:params:oauth:grant-type:device_code
    DeviceRedeemed {}: Success, "A242002", "The tokens of the device authorization request have been issued.";
    DeviceCodeMissing {}: Oauth(InvalidRequest), "A242301", "The token request lacks 'device_code'.";
    DeviceCodeUnknown {}: Oauth(InvalidGrant), "A242304", "The device code is unknown.";
    DeviceCodeOfOtherClient {}: Oauth(InvalidGrant), "A242305", "The device code was issued to another client.";
    DeviceCodeExpired {}: Oauth(ExpiredToken), "A242306", "The device code has expired.";
    DeviceCodePending {}: Oauth(AuthorizationPending), "A931301", "The user has not decided yet.";
    DeviceCodeTooSoon {}: Oauth(SlowDown), "A931302", "The device asks again too soon, and must wait longer from now on.";
    DeviceDeniedByUser {}: Oauth(AccessDenied), "A931303", "The user has refused the request of the device.";
    DeviceTransactionFailed {}: Oauth(ExpiredToken), "A931304", "The request of the device could not be carried through; it has to begin anew.";

    // grant_type=urn:ietf:params:oauth:grant-type:token-exchange
    ExchangeOpened {}: Success, "A311001", "The token exchange is well formed; the authorization server has to judge it.";
    ExchangeUnidentified {}: Oauth(InvalidClient), "A932301", "The token exchange does not say which client asks, and this service wants to know.";
    ExchangeForPublic {}: Oauth(UnauthorizedClient), "A311304", "The client is public, and this service exchanges tokens for confidential clients only.";
    ExchangeNotPermitted {}: Oauth(UnauthorizedClient), "A311305", "The client is not permitted to exchange tokens ('extension.tokenExchangePermitted').";
    ExchangeRequestedTypeUnknown {}: Oauth(InvalidRequest), "A932302", "The 'requested_token_type' is not a token type that is known here.";
    SubjectTokenMissing {}: Oauth(InvalidRequest), "A932303", "The token request lacks 'subject_token'.";
    ExchangeTypeMissing { token }: Oauth(InvalidRequest), "A250302", "The token request lacks '{token}_type'.";
    ExchangeTypeUnknown { token }: Oauth(InvalidRequest), "A932304", "The '{token}_type' is not a token type that is known here.";
    ExchangeTypeUnexpected { token }: Oauth(InvalidRequest), "A932305", "The token request has '{token}_type' and lacks '{token}'.";
    ExchangeTokenUnknown { token }: Oauth(InvalidRequest), "A311306", "The '{token}' is not a token of this service that is in force.";
    ExchangeTokenExpired { token }: Oauth(InvalidRequest), "A932306", "The '{token}' has expired.";
    ExchangeTokenMalformed { token }: Oauth(InvalidRequest), "A932307", "The '{token}' is not a JWT of the kind that its type says.";
    ExchangeTokenEncrypted { token }: Oauth(InvalidRequest), "A932308", "The '{token}' is encrypted, and this service does not take that.";
    ExchangeTokenUnsigned { token }: Oauth(InvalidRequest), "A932309", "The '{token}' is not signed.";
    ExchangeAudiencesExcessive {}: Oauth(InvalidTarget), "A932310", "The token request has more than 32 'audience' parameters.";
    ExchangeTokenAlg { token, alg }: Oauth(InvalidRequest), "A932311", "The '{token}' is signed with {alg}, which is not taken.";
    ExchangeTokenSignature { token }: Oauth(InvalidRequest), "A932312", "The signature of the '{token}' is wrong, or there is no key to verify it with.";
    ExchangeTokenClaim { token, claim }: Oauth(InvalidRequest), "A932313", "The claim '{claim}' of the '{token}' is missing, or cannot stand.";
    ExchangeIssuerUnavailable { token }: Oauth(InvalidRequest), "A932314", "The keys of the issuer of the '{token}' cannot be had.";
    GrantScopeMissing {}: Oauth(InvalidScope), "A932315", "The token request ends up with no scope, and this service wants one.";

    // grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer
    ExchangeElsewherePublic {}: Oauth(UnauthorizedClient), "A932316", "Only a client that authenticates may ask for a JWT of the 'requested_token_type'.";
    ExchangeElsewhereAudience {}: Oauth(InvalidTarget), "A932317", "The 'requested_token_type' is for exactly one 'audience'.";
    IdJagAudience {}: Oauth(InvalidTarget), "A932318", "The 'audience' is not the issuer identifier of another authorization server.";
    IdJagSubject {}: Oauth(InvalidRequest), "A932319", "The 'subject_token' is neither an ID token of this service for the client, nor a refresh token of the client, nor a SAML 2.0 assertion.";
    IdJagActor {}: Oauth(InvalidRequest), "A932320", "An ID-JAG has no actor: the token request has 'actor_token'.";
    TxnTokenAudience {}: Oauth(InvalidTarget), "A932321", "The 'audience' is not the trust domain of this service.";
    TxnTokenScope {}: Oauth(InvalidScope), "A932322", "A Txn-Token is for a purpose, and the token request lacks 'scope'.";
    TxnTokenSubject {}: Oauth(InvalidRequest), "A932323", "A refresh token is no 'subject_token' of a transaction.";
    TxnTokenContext { parameter }: Oauth(InvalidRequest), "A932324", "The parameter '{parameter}' is not a JSON object.";

    IdJagPairwise {}: Oauth(UnauthorizedClient), "A932325", "The client knows users by names of its own (pairwise), which another server would learn nothing from.";
    IdJagRevoked {}: Oauth(InvalidRequest), "A932326", "The 'subject_token' is older than the revocation of what the client had of the user.";

    ExchangeJwtMade {}: Success, "A932002", "The JWT has been made.";
    ExchangeJwtTypeMissing {}: Oauth(InvalidRequest), "A932201", "The call lacks 'issuedTokenType', or names a type that is not made here: ID_JAG and TXN_TOKEN are.";
    ExchangeJwtOff { setting }: Oauth(ServerError), "A932202", "The service does not issue that: the setting '{setting}' is not set.";
    ExchangeJwtClientUnknown {}: Oauth(InvalidRequest), "A932203", "The call names no client of this service: 'clientId' or 'clientIdentifier'.";
    ExchangeJwtClientLocked {}: Oauth(InvalidRequest), "A932204", "The client is locked.";
    ExchangeJwtClientPublic {}: Oauth(InvalidRequest), "A932205", "The client is public, and only a client that authenticates may have that.";
    ExchangeJwtSubject {}: Oauth(InvalidRequest), "A932206", "The call lacks 'subject', or it cannot be one: 1 to 100 ASCII characters.";
    ExchangeJwtAudience {}: Oauth(InvalidRequest), "A932207", "The 'audience' is not the issuer identifier of another authorization server.";
    ExchangeJwtScopes {}: Oauth(InvalidRequest), "A932208", "The 'scopes' are not ones that a token can have, are too many, or are missing where the JWT is for a purpose.";
    ExchangeJwtResources {}: Oauth(InvalidRequest), "A932209", "The 'resources' are not absolute URIs without fragments, or are too many.";
    ExchangeJwtMember { member }: Oauth(InvalidRequest), "A932210", "The member '{member}' is not a JSON object.";
    ExchangeJwtMemberUnfit { member }: Oauth(InvalidRequest), "A932211", "The member '{member}' has no meaning for the 'issuedTokenType'.";
    ExchangeJwtClaim { claim }: Oauth(InvalidRequest), "A932212", "The claim '{claim}' is not for the caller to set.";
    ExchangeJwtDuration {}: Oauth(InvalidRequest), "A932213", "The 'duration' is longer than such a JWT lives: an hour for an ID-JAG, ten minutes for a Txn-Token.";
    ExchangeJwtKeyMissing { alg }: Oauth(ServerError), "A932214", "The service has no key for {alg}.";
    ExchangeJwtAlgTooWeak { alg }: Oauth(ServerError), "A932215", "The JWT would be signed with {alg}, which a profile of the service does not allow.";

    JwtGrantOpened {}: Success, "A933001", "The assertion is well formed; the authorization server has to judge it.";
    JwtGrantUnidentified {}: Oauth(InvalidClient), "A933301", "The token request does not say which client asks, and this service wants to know.";
    JwtGrantMissing {}: Oauth(InvalidRequest), "A933302", "The token request lacks 'assertion'.";
    JwtGrantMalformed {}: Oauth(InvalidGrant), "A933303", "The 'assertion' is not a JWT that is made for this.";
    JwtGrantEncrypted {}: Oauth(InvalidGrant), "A933304", "The 'assertion' is encrypted, and this service does not take that.";
    JwtGrantUnsigned {}: Oauth(InvalidGrant), "A314310", "The 'assertion' is not signed.";
    JwtGrantExpMissing {}: Oauth(InvalidGrant), "A314305", "The 'assertion' lacks the claim 'exp'.";
    JwtGrantExpired {}: Oauth(InvalidGrant), "A314309", "The 'assertion' has expired.";
    JwtGrantAudience {}: Oauth(InvalidGrant), "A314314", "The 'assertion' is not for this service: its 'aud' names neither the issuer nor the token endpoint.";
    JwtGrantClaim { claim }: Oauth(InvalidGrant), "A933305", "The claim '{claim}' of the 'assertion' is missing, or cannot stand.";
    JwtGrantTooLong {}: Oauth(InvalidGrant), "A933312", "The 'assertion' lives longer than such a JWT may: a day, or an hour for an ID-JAG.";
    IdJagKey {}: Oauth(InvalidGrant), "A933313", "The 'assertion' is bound to a key that the token request does not prove.";
    IdJagClient {}: Oauth(InvalidClient), "A933307", "An ID-JAG is for a client that authenticates, and the token request has none.";
    IdJagForAnother {}: Oauth(InvalidGrant), "A933308", "The 'assertion' is for another client: its 'client_id' does not name the one that asks.";
    IdJagOwn {}: Oauth(InvalidGrant), "A933309", "The 'assertion' was issued by this service, for another one.";
    IdJagScope {}: Oauth(InvalidScope), "A933310", "The 'scope' goes beyond that of the 'assertion', or nothing of it is a scope of this service.";
    IdJagResource {}: Oauth(InvalidTarget), "A933311", "A 'resource' is not among those of the 'assertion'.";
    JwtGrantReplayed {}: Oauth(InvalidGrant), "A933306", "The 'assertion' has been used before.";

    // gm
    GrantShown {}: Success, "A277001", "The access token allows the request, and the grant is shown.";
    GrantRevoked {}: Success, "A934001", "The grant and what came of it are revoked.";
    GrantOperationMissing {}: Oauth(ServerError), "A934201", "The call lacks 'gmAction'.";
    GrantOperationInvalid {}: Oauth(ServerError), "A934202", "The 'gmAction' is none of this endpoint; expected QUERY or REVOKE.";
    GrantIdUnsaid {}: Oauth(ServerError), "A934203", "The call lacks 'grantId'.";
    GrantTokenMissing {}: Oauth(InvalidToken), "A934301", "The request about the grant has no access token.";
    GrantTokenUnknown {}: Oauth(InvalidToken), "A279306", "The access token is unknown.";
    GrantTokenExpired {}: Oauth(InvalidToken), "A934302", "The access token has expired.";
    GrantScopeInsufficient { scope }: Oauth(InsufficientScope), "A934303", "The access token does not cover the scope '{scope}'.";
    GrantsOfPublicClient {}: Oauth(InvalidToken), "A934304", "The access token is that of a public client, which manages no grants.";
    GrantNotFound {}: Oauth(InvalidRequest), "A283301", "There is no such grant.";
    GrantOfOtherClient {}: Oauth(InvalidRequest), "A934305", "The grant is one of another client.";
    GrantsExcessive {}: Oauth(InvalidRequest), "A934306", "The client has as many grants of this user as it may have; expected an action on one of them, or that one is revoked.";

    // Native SSO
    CodeRedeemedShared {}: Success, "A050002", "The tokens of the authorization code have been made; session and device are for the authorization server to judge.";
    RefreshedShared {}: Success, "A935001", "The tokens have been refreshed; session and device are for the authorization server to judge.";
    ExchangedShared {}: Success, "A311002", "The tokens of the exchange have been made; session and device are for the authorization server to judge.";
    NativeSsoNotAllowed {}: Oauth(UnauthorizedClient), "A935301", "The client may not ask for the scope 'device_sso', and shares no session.";
    NativeSsoAudience {}: Oauth(InvalidTarget), "A311337", "The 'audience' of an exchange for a shared session is the issuer, and nothing else.";
    NativeSsoSubject {}: Oauth(InvalidRequest), "A935302", "The 'subject_token' is not an ID token of this service for a client of it.";
    IssueSessionMissing {}: Oauth(ServerError), "A499201", "The call lacks 'sessionId', which a request for a shared session needs.";
    NativeSsoResponded {}: Success, "A501001", "The token response of the shared session has been made.";
    NativeSsoTokenMissing {}: Oauth(ServerError), "A935201", "The call lacks 'accessToken'.";
    NativeSsoSecretMissing {}: Oauth(ServerError), "A935202", "The call lacks 'deviceSecret'.";
    NativeSsoTokenUnknown {}: Oauth(ServerError), "A935203", "The 'accessToken' is unknown.";
    NativeSsoTokenUnfit {}: Oauth(ServerError), "A935204", "The 'accessToken' is not one of a shared session.";
    NativeSsoRefreshDiffers {}: Oauth(ServerError), "A935205", "The 'refreshToken' is not the one of the access token.";
    NativeSsoClaimsMalformed {}: Oauth(ServerError), "A935206", "The member 'claims' or 'idtHeaderParams' is not a JSON object.";
    NativeSsoLoggedOut { count }: Success, "A935002", "{count} tokens of the session have ended.";
    NativeSsoSessionMissing {}: Oauth(ServerError), "A935207", "The call lacks 'sessionId'.";

    // device/authorization
    DeviceCodesIssued {}: Success, "A220001", "The device authorization request is valid, and its codes have been issued.";
    DeviceParametersMissing {}: Oauth(ServerError), "A931201", "The call lacks 'parameters'; expected the device authorization request as it arrived.";
    DeviceParametersMalformed {}: Oauth(InvalidRequest), "A931305", "The device authorization request is not percent-encoded UTF-8 of at most 65,536 bytes and 256 parameters.";
    DeviceEmpty {}: Oauth(InvalidRequest), "A931306", "The device authorization request is empty.";
    DeviceParameterRepeated { name }: Oauth(InvalidRequest), "A931307", "The parameter '{name}' stands in the device authorization request more than once.";
    DeviceNotAllowed {}: Oauth(UnauthorizedClient), "A931308", "The device flow is not allowed to this client at this service.";
    DeviceScopeMissing {}: Oauth(InvalidScope), "A219305", "The device authorization request ends up with no scope, and this service wants one.";
    DeviceVerificationUriMissing {}: Oauth(ServerError), "A222101", "The service has no 'deviceVerificationUri', so that users would not know where to go.";

    // device/verification
    UserCodeVerified {}: Success, "A224001", "The user code is that of a request that waits for its user.";
    VerificationUserCodeMissing {}: Http(400), "A225201", "The call lacks 'userCode'.";
    VerificationUserCodeUnknown {}: Oauth(InvalidGrant), "A225301", "The user code is unknown.";
    VerificationUserCodeExpired {}: Oauth(ExpiredToken), "A225303", "The user code has expired.";
    VerificationUserCodeUsed {}: Oauth(InvalidGrant), "A931310", "The user code has been used already.";
    VerificationGuessesExhausted {}: Oauth(InvalidGrant), "A931313", "Too many user codes were tried that nobody has; none is known for a while.";

    // device/complete
    DeviceCompleted {}: Success, "A241001", "What the user has decided will be told to the device.";
    DeviceUserCodeMissing {}: Oauth(InvalidRequest), "A227201", "The call lacks 'userCode'.";
    DeviceUserCodeUnknown {}: Oauth(InvalidGrant), "A227301", "The user code is unknown.";
    DeviceUserCodeExpired {}: Oauth(ExpiredToken), "A227303", "The user code has expired.";
    DeviceUserCodeUsed {}: Oauth(InvalidRequest), "A239203", "The user code has been used already.";
    DeviceGuessesExhausted {}: Oauth(InvalidGrant), "A931314", "Too many user codes were tried that nobody has; none is known for a while.";
    DeviceResultMissing {}: Oauth(InvalidRequest), "A228201", "The call lacks 'result'.";
    DeviceClientGone {}: Oauth(ServerError), "A229301", "The client of the request does not exist any more.";
    DeviceSubjectMissing {}: Oauth(InvalidRequest), "A230201", "The call lacks 'subject'.";
    DeviceSubjectTooLong {}: Oauth(InvalidRequest), "A230202", "The 'subject' is longer than 100 characters.";
    DeviceSubjectNotAscii {}: Oauth(InvalidRequest), "A230203", "The 'subject' has characters other than printable ASCII.";
    DeviceClaimsMalformed {}: Oauth(InvalidRequest), "A234201", "The member 'claims' is not a JSON object.";
    DevicePropertiesTooLarge {}: Oauth(InvalidRequest), "A235201", "The extra properties are larger than 65,535 bytes.";
    DeviceHeaderMalformed {}: Oauth(InvalidRequest), "A257201", "The member 'idtHeaderParams' is not a JSON object.";

    // backchannel/authentication
    IdentificationNeeded {}: Success, "A179001", "The backchannel authentication request is valid, and a ticket has been issued.";
    BackchannelParametersMissing {}: Oauth(ServerError), "A166201", "The call lacks 'parameters'; expected the backchannel authentication request as it arrived.";
    BackchannelParametersMalformed {}: Oauth(InvalidRequest), "A930304", "The backchannel authentication request is not percent-encoded UTF-8 of at most 65,536 bytes and 256 parameters.";
    BackchannelEmpty {}: Oauth(InvalidRequest), "A166301", "The backchannel authentication request is empty.";
    BackchannelParameterRepeated { name }: Oauth(InvalidRequest), "A166304", "The parameter '{name}' stands in the backchannel authentication request more than once.";
    BackchannelForPublic {}: Oauth(UnauthorizedClient), "A168311", "The client is public and cannot use backchannel authentication.";
    BackchannelNotAllowed {}: Oauth(UnauthorizedClient), "A166306", "The grant type of backchannel authentication is not allowed to this client at this service.";
    BackchannelModeMissing {}: Oauth(UnauthorizedClient), "A169301", "The client has not registered how it gets its tokens.";
    BackchannelModeUnsupported {}: Oauth(UnauthorizedClient), "A169302", "The way in which the client gets its tokens is not supported by this service.";
    BackchannelModeRefused { mode }: Oauth(UnauthorizedClient), "A243302", "The delivery mode '{mode}' is not allowed by a profile that the request is under.";
    BackchannelUnsigned {}: Oauth(InvalidRequest), "A243303", "The backchannel authentication request must be a signed one.";
    BackchannelParameterOutside {}: Oauth(InvalidRequest), "A167301", "A parameter stands beside the signed backchannel authentication request.";
    BackchannelRequestMalformed {}: Oauth(InvalidRequest), "A167302", "The parameter 'request' is not a JWT.";
    BackchannelRequestAlg { alg }: Oauth(InvalidRequest), "A930305", "The signed request is signed with {alg}, which is not acceptable from this client here.";
    BackchannelRequestSignature {}: Oauth(InvalidRequest), "A167314", "The signature of the signed request is wrong, or there is no key to verify it with.";
    BackchannelClaimMissing { claim }: Oauth(InvalidRequest), "A167315", "The signed request lacks the claim '{claim}'.";
    BackchannelClaimWrong { claim }: Oauth(InvalidRequest), "A930306", "The claim '{claim}' of the signed request cannot stand.";
    BackchannelRequestReplayed {}: Oauth(InvalidRequest), "A930307", "The signed request has been used before.";
    BackchannelContextMalformed {}: Oauth(InvalidRequest), "A167326", "The claim 'request_context' of the signed request is not a JSON object.";
    BackchannelOpenidMissing {}: Oauth(InvalidScope), "A176304", "The backchannel authentication request lacks the scope 'openid'.";
    BackchannelHintMissing {}: Oauth(InvalidRequest), "A174301", "The backchannel authentication request says nothing of the user; expected one hint.";
    BackchannelHintsMany {}: Oauth(InvalidRequest), "A174302", "The backchannel authentication request has more than one hint.";
    BackchannelHintInvalid {}: Oauth(InvalidRequest), "A930308", "The parameter 'id_token_hint' is not an ID token of this service for this client.";
    BindingMessageMissing {}: Oauth(InvalidRequest), "A243301", "The backchannel authentication request lacks 'binding_message', which is required here.";
    BindingMessageUnfit {}: Oauth(InvalidBindingMessage), "A930309", "The 'binding_message' is longer than 100 characters, or has control characters.";
    UserCodeMissing {}: Oauth(MissingUserCode), "A177301", "The backchannel authentication request lacks 'user_code'.";
    RequestedExpiryInvalid {}: Oauth(InvalidRequest), "A201302", "The parameter 'requested_expiry' is not a positive number of seconds.";
    NotificationTokenMissing {}: Oauth(InvalidRequest), "A155301", "The request lacks 'client_notification_token', which the client's delivery mode needs.";
    NotificationTokenTooLong {}: Oauth(InvalidRequest), "A155302", "The parameter 'client_notification_token' is longer than 1024 characters.";
    NotificationTokenMalformed {}: Oauth(InvalidRequest), "A155303", "The parameter 'client_notification_token' is not what a bearer token is made of.";

    // backchannel/authentication/issue and /fail
    AuthReqIdIssued {}: Success, "A183001", "The 'auth_req_id' has been issued.";
    BackchannelIssueTicketMissing {}: Oauth(ServerError), "A182201", "The call lacks 'ticket'.";
    BackchannelIssueTicketUnknown {}: Oauth(ServerError), "A181201", "The 'ticket' is unknown.";
    BackchannelIssueTicketExpired {}: Oauth(ServerError), "A181203", "The 'ticket' has expired.";
    BackchannelIssueTicketUsed {}: Oauth(ServerError), "A181205", "The 'ticket' has been used already.";
    BackchannelDenied {}: Oauth(AccessDenied), "A930310", "The authorization server refuses the request.";
    BackchannelHintExpired {}: Oauth(ExpiredLoginHintToken), "A930311", "The 'login_hint_token' has expired.";
    BackchannelMessageInvalid {}: Oauth(InvalidBindingMessage), "A930312", "The 'binding_message' cannot be shown.";
    BackchannelTargetInvalid {}: Oauth(InvalidTarget), "A930313", "A resource that the client has asked for is not acceptable.";
    BackchannelUserCodeInvalid {}: Oauth(InvalidUserCode), "A930314", "The 'user_code' is wrong.";
    BackchannelUserCodeMissing {}: Oauth(MissingUserCode), "A930315", "The user has a code, and the request lacks it.";
    BackchannelServerFailed {}: Oauth(ServerError), "A930101", "The authorization server cannot go on with the request.";
    BackchannelClientUnauthorized {}: Oauth(UnauthorizedClient), "A930316", "The client may not make this request.";
    BackchannelUserUnknown {}: Oauth(UnknownUserId), "A930317", "The hint does not lead to a user.";

    // backchannel/authentication/complete
    BackchannelAuthorized {}: Success, "A198001", "The tokens of the request may be had at the token endpoint.";
    BackchannelRefused {}: Success, "A198002", "The client will be told at the token endpoint that the request has failed.";
    BackchannelPushed {}: Success, "A198003", "The tokens of the request have been made, to be sent to the client.";
    BackchannelRefusalPushed {}: Success, "A198004", "The error of the request has been made, to be sent to the client.";
    CompleteTicketMissing {}: Oauth(ServerError), "A186201", "The call lacks 'ticket'.";
    CompleteTicketUnknown {}: Oauth(ServerError), "A186202", "The 'ticket' is unknown.";
    CompleteResultMissing {}: Oauth(ServerError), "A187201", "The call lacks 'result'.";
    CompleteTicketExpired {}: Oauth(ServerError), "A196202", "The 'ticket' has expired.";
    CompleteTicketUsed {}: Oauth(ServerError), "A196203", "The 'ticket' has been completed already.";
    CompleteTooEarly {}: Oauth(ServerError), "A196204", "No 'auth_req_id' has been issued for the 'ticket'.";
    CompleteClientGone {}: Oauth(ServerError), "A199301", "The client that has made the request no longer exists.";
    CompleteSubjectMissing {}: Oauth(ServerError), "A188201", "The call lacks 'subject'; expected the resource owner.";
    CompleteSubjectTooLong {}: Oauth(ServerError), "A188202", "The 'subject' is longer than 100 characters.";
    CompleteSubjectNotAscii {}: Oauth(ServerError), "A188203", "The 'subject' has characters other than ASCII.";
    CompleteClaimsMalformed {}: Oauth(ServerError), "A190201", "The member 'claims' is not a JSON object.";
    CompletePropertiesTooLarge {}: Oauth(ServerError), "A191201", "The properties are larger than 65,535 bytes.";
    CompleteHeaderMalformed {}: Oauth(ServerError), "A256201", "The member 'idtHeaderParams' is not a JSON object.";

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

    // idtoken/reissue
    Reissued {}: Success, "A902001", "A new ID token has been made.";
    ReissueTokenMissing {}: Oauth(ServerError), "A902205", "The call lacks 'accessToken' or 'refreshToken'.";
    ReissueTokenUnknown {}: Oauth(ServerError), "A902206", "The access token is unknown.";
    ReissueNotOpenid {}: Oauth(ServerError), "A902207", "The access token has no user, or does not cover the scope 'openid'.";
    ReissueClaimsMalformed {}: Oauth(ServerError), "A902208", "The member 'claims' or 'idtHeaderParams' is not a JSON object.";

    // auth/token/create, /update, /revoke
    TokenCreated {}: Success, "A109001", "The access token has been created.";
    CreateGrantMissing {}: Oauth(InvalidRequest), "A104201", "The call lacks 'grantType'.";
    CreateGrantRefresh {}: Oauth(InvalidRequest), "A104202", "The 'grantType' REFRESH_TOKEN creates no token.";
    CreateGrantUnsupported {}: Oauth(InvalidRequest), "A104203", "The 'grantType' is not supported by this service.";
    CreateSubjectMissing {}: Oauth(InvalidRequest), "A105201", "The call lacks 'subject'; expected the resource owner.";
    CreateSubjectTooLong {}: Oauth(InvalidRequest), "A105202", "The 'subject' is longer than 100 characters.";
    CreateSubjectNotAscii {}: Oauth(InvalidRequest), "A105203", "The 'subject' has characters other than ASCII.";
    CreateScopeUnsupported { scope }: Oauth(InvalidRequest), "A106201", "The scope '{scope}' is not one of this service.";
    CreateClientUnknown {}: Oauth(InvalidRequest), "A107201", "The service has no such client.";
    CreateClientLocked {}: Oauth(InvalidRequest), "A107203", "The client is locked.";
    CreatePropertiesTooLarge {}: Oauth(InvalidRequest), "A108201", "The properties are larger than 65,535 bytes.";
    BatchAccepted {}: Success, "A902002", "The tokens will be made; the status of the batch says how far they are.";
    BatchFound {}: Success, "A902003", "The batch is as its status says.";
    BatchEmpty {}: Http(400), "A902214", "The batch has no items.";
    BatchValueMissing { item }: Http(400), "A902215", "Item {item} of the batch chooses neither 'accessToken' nor 'refreshToken', so that nobody would ever learn the values.";
    BatchValueTwice { item }: Http(400), "A902216", "Item {item} of the batch chooses a value that an item before it has chosen.";
    BatchUnknown {}: Http(404), "A902217", "The service has no batch with this id.";
    BatchesWaiting { limit }: Http(429), "A902218", "The service has {limit} batches that wait, as many as may.";
    BatchClientUnmarked {}: Oauth(InvalidRequest), "A902219", "The client is not marked with 'inScopeForTokenMigration'.";
    CreateRefreshTokenUnfit {}: Oauth(InvalidRequest), "A902209", "The 'refreshToken' has no place with a grant type that has no refresh tokens.";
    TokenUpdated {}: Success, "A135001", "The access token has been updated.";
    UpdateTokenMissing {}: Oauth(InvalidRequest), "A134201", "The call names no token.";
    UpdateTokenUnknown {}: Oauth(InvalidRequest), "A134202", "The token is unknown.";
    UpdatePropertiesTooLarge {}: Oauth(InvalidRequest), "A902210", "The properties are larger than 65,535 bytes.";
    TokensRevoked { count }: Success, "A312001", "{count} access tokens have been revoked.";
    RevokeTokenUnknown {}: Http(404), "A313301", "The token is unknown.";
    RevokeNothingNamed {}: Http(400), "A902211", "The call names neither a token nor a client nor a subject.";
    RevokeSubjectMalformed {}: Http(400), "A902212", "The 'subject' is not ASCII of at most 100 characters.";

    // Making ID tokens and signed userinfo.
    IdTokenKeySetMissing {}: Oauth(ServerError), "A046201", "The service has no JWK Set to sign the ID token with.";
    IdTokenKeyMissing { alg }: Oauth(ServerError), "A046203", "The JWK Set of the service has no private key to sign the ID token with {alg}.";
    IdTokenAlgNone {}: Oauth(ServerError), "A046301", "The client wants its ID tokens unsigned, which is not possible.";
    UserinfoKeyMissing { alg }: Oauth(ServerError), "A905201", "The service has no key to sign the userinfo response with {alg}.";
    SigningFailed {}: Oauth(ServerError), "A940101", "A signature could not be made.";
    HsmAway { hsm }: Http(503), "A940102", "The HSM '{hsm}' cannot be reached, or lets nobody in; try again a little later.";
    HsmLate { hsm }: Http(503), "A940103", "The HSM '{hsm}' has not answered in time; try again a little later.";
    HsmBusy { hsm }: Http(503), "A940104", "The HSM '{hsm}' has as much to do as it takes on; try again a little later.";
    HsmFull { hsm }: Http(503), "A940105", "The HSM '{hsm}' has no room for another key; try again when others have been deleted.";
    HsmDoesNotSign { hsm, kid }: Oauth(ServerError), "A274101", "The HSM '{hsm}' does not sign with the key '{kid}'.";
    HsmDoesNotDecrypt { hsm, kid }: Oauth(ServerError), "A275102", "The HSM '{hsm}' does not decrypt with the key '{kid}'.";
    IdTokenAlgTooWeak { alg }: Oauth(ServerError), "A907201", "The client's ID tokens are signed with {alg}, which a profile that the request is under does not allow.";
    AccessTokenKeyMissing { alg }: Oauth(ServerError), "A902213", "The JWK Set of the service has no private key to sign access tokens with {alg}.";
    AnswerKeyMissing { alg }: Oauth(ServerError), "A901208", "The service has no key to sign the authorization response with {alg}.";
    EncryptionAlgTooWeak { alg }: Oauth(ServerError), "A907202", "The client wants its answers encrypted with {alg}, which a profile of the service or the client does not allow.";
    EncryptionKeyMissing { alg }: Oauth(ServerError), "A940201", "The client has no key to encrypt with {alg}.";

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
    IntrospectionResourceMissing {}: Oauth(InvalidTarget), "A905307", "The access token is not for a resource that is required.";
    IntrospectionAcrUnmet {}: Oauth(InsufficientUserAuthentication), "A340301", "The authentication behind the access token does not reach a required context class.";
    IntrospectionAuthTooOld {}: Oauth(InsufficientUserAuthentication), "A341302", "The authentication behind the access token is older than is allowed.";

    // auth/introspection/standard
    IntrospectionAnswered { kind, active }: Success, "A145001", "The introspection response has been made. [type={kind}, active={active}]";
    StandardParametersMissing {}: Oauth(ServerError), "A145201", "The call lacks 'parameters'; expected the introspection request as it arrived.";
    StandardParametersMalformed {}: Oauth(InvalidRequest), "A145202", "The introspection request is not percent-encoded UTF-8 of at most 65,536 bytes and 256 parameters.";
    StandardRequestEmpty {}: Oauth(InvalidRequest), "A145301", "The introspection request is empty.";
    StandardTokenMissing {}: Oauth(InvalidRequest), "A145302", "The introspection request lacks 'token'.";
    StandardParameterRepeated { name }: Oauth(InvalidRequest), "A905301", "The parameter '{name}' stands in the introspection request more than once.";
    StandardCallerUnproven {}: Oauth(InvalidClient), "A905308", "The client that introspects is public; expected one that proves itself.";
    StandardCallerUnasked { member }: Oauth(ServerError), "A905204", "The call has '{member}', which counts with 'requireClientAuthentication' alone.";
    StandardMustBeJwt {}: Oauth(InvalidRequest), "A907311", "The introspection response must be a JWT by a profile that the token is under; expected 'httpAcceptHeader'.";
    StandardServerMissing {}: Oauth(InvalidRequest), "A404301", "The call lacks 'rsUri', which an introspection response as a JWT needs.";
    StandardAlgUnknown { alg }: Oauth(ServerError), "A905202", "The algorithm '{alg}' for the introspection response is not a known one.";
    StandardKeyMissing { alg }: Oauth(ServerError), "A905203", "There is no key to make the introspection response with {alg}.";

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
    UserinfoIssueVerifiedClaimsInvalid { member }: Oauth(ServerError), "A094202", "The member 'verified_claims' of 'claims' is no verified claims: '{member}' is missing, or not what it must be.";

    // client/registration
    Registered {}: Success, "A202001", "The client has been registered.";
    RegistrationRead {}: Success, "A217001", "The registration of the client has been read.";
    RegistrationUpdated {}: Success, "A213001", "The registration of the client has been replaced.";
    RegistrationDeleted {}: Success, "A216001", "The registration of the client has ended.";
    RegistrationDisabled {}: Oauth(InvalidRequest), "A206201", "This service does not let clients register themselves.";
    InitialTokenForOther {}: Oauth(InvalidToken), "A922322", "The token is no initial access token: it lacks the scope 'client_registration'.";
    InitialTokenUnknown {}: Oauth(InvalidToken), "A922301", "The initial access token is unknown or expired.";
    MetadataEmpty {}: Oauth(InvalidClientMetadata), "A203302", "There is no client metadata.";
    MetadataMalformed {}: Oauth(InvalidClientMetadata), "A203303", "The client metadata is not a JSON object.";
    MetadataTooLarge {}: Oauth(InvalidClientMetadata), "A922302", "The client metadata is larger than 65,536 bytes.";
    MetadataInvalid { name, expected }: Oauth(InvalidClientMetadata), "A922303", "The member '{name}' of the client metadata is not {expected}.";
    MetadataKeysTwice {}: Oauth(InvalidClientMetadata), "A204301", "The client metadata has both 'jwks' and 'jwks_uri'.";
    MetadataGrantMissing { grant }: Oauth(InvalidClientMetadata), "A922304", "The response types of the client metadata need the grant type '{grant}'.";
    MetadataResponseMissing { grant }: Oauth(InvalidClientMetadata), "A922305", "The grant type '{grant}' of the client metadata needs a response type that goes with it.";
    MetadataRedirectUri { uri }: Oauth(InvalidRedirectUri), "A922306", "The redirect URI '{uri}' is not one that such a client may have.";
    MetadataRedirectUriMissing {}: Oauth(InvalidRedirectUri), "A922307", "The client metadata lacks 'redirect_uris'.";
    MetadataUriForbidden { name }: Oauth(InvalidClientMetadata), "A922308", "The URI in '{name}' is not one that may be called from here.";
    MetadataSectorMissing {}: Oauth(InvalidClientMetadata), "A204312", "Pairwise subjects need 'sector_identifier_uri', or one host of all redirect URIs.";
    MetadataSectorUnavailable {}: Oauth(InvalidClientMetadata), "A922309", "There is no document to be had at 'sector_identifier_uri'.";
    MetadataSectorMismatch {}: Oauth(InvalidClientMetadata), "A922310", "The document at 'sector_identifier_uri' is not a list that holds every redirect URI.";
    MetadataUnusable {}: Oauth(InvalidClientMetadata), "A922311", "A member of the client metadata has a value that cannot be used.";
    SoftwareRegistered {}: Oauth(InvalidClientMetadata), "A922312", "The 'software_id' is that of a client that is registered already.";
    StatementInvalid {}: Oauth(InvalidSoftwareStatement), "A205301", "The software statement is not a signed JWT with an issuer.";
    StatementSignatureWrong {}: Oauth(InvalidSoftwareStatement), "A205306", "The signature of the software statement is not one of its issuer.";
    StatementUntimely { claim }: Oauth(InvalidSoftwareStatement), "A922320", "The software statement is not valid at this time by its claim '{claim}'.";
    StatementAudienceWrong {}: Oauth(InvalidSoftwareStatement), "A922321", "The claim 'aud' of the software statement names neither the issuer of this service nor its registration endpoint.";
    StatementUnapproved {}: Oauth(UnapprovedSoftwareStatement), "A205305", "The issuer of the software statement is not trusted by this service.";
    RegistrationTokenMissing {}: Oauth(InvalidToken), "A215305", "The call lacks 'token'; expected the registration access token.";
    RegistrationTokenWrong {}: Oauth(InvalidToken), "A215307", "The registration access token is not one for this client.";
    RegistrationClientMissing {}: Oauth(InvalidRequest), "A215301", "The call lacks 'clientId'.";
    RegistrationClientLocked {}: Oauth(InvalidToken), "A262203", "The client is locked.";
    UpdateClientIdMissing {}: Oauth(InvalidClientMetadata), "A214301", "The client metadata lacks 'client_id'.";
    UpdateClientIdDiffers {}: Oauth(InvalidClientMetadata), "A214302", "The 'client_id' of the client metadata is not that of the client.";
    UpdateClientSecretDiffers {}: Oauth(InvalidClientMetadata), "A215304", "The 'client_secret' of the client metadata is not that of the client.";

    // jose/verify
    JoseValid {}: Success, "A160001", "The JOSE object is valid.";
    JoseMissing {}: Oauth(ServerError), "A160201", "The call lacks 'jose'.";
    JoseMalformed {}: Oauth(ServerError), "A160202", "The 'jose' is not a JWT in compact form.";
    JoseUndecryptable {}: Oauth(ServerError), "A940202", "The JOSE object cannot be decrypted with a key at hand.";
    JoseUnsigned {}: Oauth(ServerError), "A940203", "The JOSE object is not signed.";
    JoseSignatureWrong {}: Oauth(ServerError), "A160219", "The signature of the JOSE object is wrong.";
    JoseClaimMissing { claim }: Oauth(ServerError), "A160204", "The JOSE object lacks the claim '{claim}'.";
    JoseClaimMalformed { claim }: Oauth(ServerError), "A160205", "The claim '{claim}' of the JOSE object is not a number.";
    JoseExpired {}: Oauth(ServerError), "A160206", "The JOSE object has expired.";
    JoseFromTheFuture {}: Oauth(ServerError), "A160207", "The claim 'iat' of the JOSE object lies in the future.";
    JoseNotYet {}: Oauth(ServerError), "A160208", "The JOSE object is not valid yet by its claim 'nbf'.";
    JoseClientMissing {}: Oauth(ServerError), "A160215", "The call does not say which client has signed the JOSE object.";
    JoseClientUnknown {}: Oauth(ServerError), "A160216", "The client that is to have signed the JOSE object is unknown.";
    JoseClientKeysMissing {}: Oauth(ServerError), "A160301", "The client has no keys.";

    // hsk/create, hsk/get, hsk/get/list, hsk/delete
    HskCreated {}: Success, "A266001", "The key has been made in the HSM.";
    HskCreateDisabled {}: Http(400), "A266201", "The service may have no keys in an HSM: 'hsmEnabled' is not set.";
    HskParameterMissing { name }: Http(400), "A263201", "The call lacks '{name}'.";
    HskParameterUnsupported { name, value }: Http(400), "A263202", "The '{name}' '{value}' is none that a key in an HSM can have.";
    HskAlgUnfitForUse { alg, purpose }: Http(400), "A263203", "The 'alg' '{alg}' is none for the use '{purpose}' of a key in an HSM.";
    HskAlgUnfitForType { alg, kty }: Http(400), "A263204", "The 'alg' '{alg}' is none of a key of the type '{kty}'.";
    HskKidTooLong { limit }: Http(400), "A263205", "The 'kid' is longer than {limit} characters.";
    HskKidUnfit {}: Http(400), "A263206", "The 'kid' is not made of printable ASCII characters.";
    HskKidTaken { kid }: Http(400), "A940204", "The service has a key with the 'kid' '{kid}' already.";
    HsksTooMany { limit }: Http(400), "A940205", "The service has {limit} keys in HSMs, as many as it may.";
    HskHsmUnknown { hsm }: Http(404), "A264201", "There is no HSM with the name '{hsm}' here.";
    HskAlgUnsupportedByHsm { alg, hsm }: Http(400), "A263207", "The HSM '{hsm}' does not do {alg}.";
    HskNotMade { hsm }: Oauth(ServerError), "A265101", "The key could not be made in the HSM '{hsm}'.";
    HskRead {}: Success, "A268001", "The key has been read.";
    HskReadDisabled {}: Http(400), "A268201", "The service may have no keys in an HSM: 'hsmEnabled' is not set.";
    HskUnknown {}: Http(404), "A268202", "The service has no key with the given handle in an HSM.";
    HsksRead {}: Success, "A269001", "The keys have been read.";
    HsksReadDisabled {}: Http(400), "A269201", "The service may have no keys in an HSM: 'hsmEnabled' is not set.";
    HskDeleted {}: Success, "A270001", "The key has been destroyed in the HSM.";
    HskDeleteDisabled {}: Http(400), "A270201", "The service may have no keys in an HSM: 'hsmEnabled' is not set.";
    HskDeleteUnknown {}: Http(404), "A270202", "The service has no key with the given handle in an HSM.";
    HsmDoesNotDestroy { hsm }: Http(500), "A271102", "The HSM '{hsm}' does not destroy the key.";

    // backchannel/logout/token
    LogoutTokenMade {}: Success, "A504001", "A logout token has been made.";
    LogoutUnsupported {}: Oauth(ServerError), "A912201", "The service makes no logout tokens: 'backchannelLogoutSupported' is not set.";
    LogoutClientMissing {}: Oauth(ServerError), "A912202", "The call lacks 'clientIdentifier'.";
    LogoutClientUnknown {}: Oauth(ServerError), "A912203", "There is no client with the given 'clientIdentifier'.";
    LogoutNobody {}: Oauth(ServerError), "A912204", "The call has neither 'subject' nor 'sessionId'.";
    LogoutSessionMissing {}: Oauth(ServerError), "A912205", "The client requires a session id in logout tokens, and the call lacks 'sessionId'.";
    LogoutSubjectUnfit {}: Oauth(ServerError), "A912206", "The 'subject' is not 1 to 100 ASCII characters.";

    // federation/configuration
    EntityConfigurationMade {}: Success, "A908001", "The entity configuration has been made.";
    FederationDisabled {}: Oauth(NotFound), "A908201", "The service takes part in no federation: 'federationEnabled' is not set.";
    FederationIssuerMissing {}: Oauth(ServerError), "A908202", "The service has no 'issuer', which would be its entity identifier.";
    FederationKeysMissing {}: Oauth(ServerError), "A316201", "The service has no 'federationJwks' to sign entity statements with.";
    FederationKeyUnfit {}: Oauth(ServerError), "A908203", "The 'federationJwks' have no private key with a key id, the one named 'federationSignatureKeyId' where that is set, for an asymmetric algorithm.";
    FederationHintsMissing {}: Oauth(ServerError), "A908204", "The service has no 'authorityHints', so that nobody could find a trust chain for it.";

    // federation/jwks: nothing published does this.
    SignedKeySetMade {}: Success, "A908003", "The public keys of the service have been signed.";
    SignedKeySetEmpty {}: Oauth(NotFound), "A908206", "The service has no 'jwks' that could be signed.";

    // Entity statements and trust chains (OpenID Federation 1.0).
    EntityStatementUnreadable {}: Oauth(InvalidTrustChain), "A908301", "An entity statement is not a JWT of the type 'entity-statement+jwt' and of at most 65,536 bytes.";
    EntityStatementAlgUnacceptable { alg }: Oauth(InvalidTrustChain), "A908302", "An entity statement is signed with {alg}, which proves nothing.";
    EntityStatementClaimUnfit { claim }: Oauth(InvalidTrustChain), "A908303", "The '{claim}' of an entity statement is missing, or cannot stand.";
    EntityStatementClaimMisplaced { claim }: Oauth(InvalidTrustChain), "A908304", "The '{claim}' stands in an entity statement where it must not.";
    EntityStatementCritical { claim }: Oauth(InvalidTrustChain), "A908305", "An entity statement has the critical claim '{claim}', which is not understood here.";
    EntityStatementUntimely { claim }: Oauth(InvalidTrustChain), "A908306", "An entity statement is not good now, by its claim '{claim}'.";
    EntityStatementSignatureWrong {}: Oauth(InvalidTrustChain), "A908307", "An entity statement is not signed with the key of its issuer that it names.";
    TrustChainUnresolved { entity }: Oauth(InvalidTrustChain), "A320301", "No trust chain can be put together: a statement of '{entity}' cannot be had.";
    TrustChainBroken {}: Oauth(InvalidTrustChain), "A908308", "Two statements that should be neighbours in a trust chain are not about each other's entities.";
    TrustChainMalformed { limit }: Oauth(InvalidTrustChain), "A908309", "A trust chain is not an entity configuration and what superiors say, up to {limit} statements.";
    TrustChainLooping {}: Oauth(InvalidTrustChain), "A908310", "A trust chain leads to an entity that stands in it already.";
    TrustAnchorUnknown {}: Oauth(InvalidTrustAnchor), "A320312", "A trust chain ends in an entity that is not among the 'trustAnchors' of the service.";
    TrustChainConstrained { constraint }: Oauth(InvalidTrustChain), "A908311", "A trust chain breaks the constraint '{constraint}' of one of its entities.";
    MetadataPolicyConflict { name }: Oauth(InvalidMetadata), "A908312", "The metadata policies of a trust chain contradict each other or themselves in '{name}'.";
    MetadataPolicyCritical { operator }: Oauth(InvalidMetadata), "A908313", "A metadata policy has the critical operator '{operator}', which is not understood here.";
    ResolutionExcessive {}: Oauth(InvalidTrustChain), "A908314", "The entity's superiors are too many, or too slow, for a trust chain to be found among them.";
    FederationPolicyUnmet { name }: Oauth(InvalidMetadata), "A908315", "The '{name}' of the entity is not what the metadata policy of its federation lets it be.";
    EntityTypeWrong {}: Oauth(InvalidMetadata), "A320306", "The entity is neither an 'openid_relying_party' nor an 'oauth_client', or may not be one.";
    RegistrationTypeUnwanted { kind }: Oauth(InvalidMetadata), "A908316", "The entity does not register in the way '{kind}', by its 'client_registration_types'.";

    FederationRegistrationEnded {}: Oauth(InvalidClient), "A908322", "The service no longer knows the trust anchor that the client was registered by, or registers nobody in that way any more.";
    FederationAnchorOther {}: Oauth(InvalidTrustAnchor), "A908323", "The entity is known by another trust anchor, which the service trusts still.";
    TrustMarkMissing { kind }: Oauth(InvalidTrustChain), "A908325", "The entity has no trust mark of the type '{kind}' that can be verified.";
    SuperiorClientsExcessive { superior, limit }: Oauth(TemporarilyUnavailable), "A908326", "The service knows {limit} clients for whom '{superior}' stands, as many as it may.";
    FederationObjectMissing {}: Oauth(InvalidRequest), "A908319", "A client that is not registered proves itself with a request object, or with its key where it pushes its request.";
    FederationObjectClaim { claim }: Oauth(InvalidRequestObject), "A908320", "The '{claim}' of the request object of a client that is not registered is missing, or cannot stand.";
    RequestObjectReplayed {}: Oauth(InvalidRequestObject), "A908321", "The request object has been used before.";

    // federation/registration
    ExplicitlyRegistered {}: Success, "A908002", "The client has been registered.";
    ExplicitRegistrationOff {}: Oauth(NotFound), "A908205", "The service lets no client register explicitly: EXPLICIT is not among its 'supportedClientRegistrationTypes'.";
    FederationRequestUnclear {}: Oauth(InvalidRequest), "A908317", "Expected one of 'entityConfiguration' and 'trustChain'.";
    EntityConfigurationUnreadable {}: Oauth(InvalidRequest), "A345302", "The entity configuration is not a JWT of the type 'entity-statement+jwt' and of at most 65,536 bytes.";
    EntityConfigurationReplayed {}: Oauth(InvalidRequest), "A908324", "The entity configuration has been used to register before.";
    EntityIdTaken {}: Oauth(InvalidRequest), "A327605", "The entity identifier is that of a client that is registered already.";
    FederationRegistrationExpired {}: Oauth(InvalidClient), "A908318", "The registration of the client has expired with its trust chain.";

    // client/lock_flag, client/secret, client/authorization, client/granted_scopes
    LockFlagUpdated {}: Success, "A921001", "The lock flag of the client has been set.";
    ClientLockedMissing {}: Http(400), "A921201", "The call lacks 'clientLocked'.";
    SecretRefreshed {}: Success, "A148001", "The client has a new secret.";
    SecretUpdated {}: Success, "A149001", "The secret of the client has been replaced.";
    SecretUnfit {}: Http(400), "A149601", "The 'clientSecret' is not 1 to 86 characters of A-Z, a-z, 0-9, hyphen and underscore.";
    AuthorizationListSubjectMissing {}: Http(400), "A136206", "The call lacks 'subject'.";
    AuthorizationListStartNegative {}: Http(400), "A136202", "The parameter 'start' is negative.";
    AuthorizationListEndNegative {}: Http(400), "A136204", "The parameter 'end' is negative.";
    AuthorizationUpdated { count }: Success, "A138001", "{count} access tokens have been updated.";
    AuthorizationUpdateSubjectMissing {}: Http(400), "A138201", "The call lacks 'subject'.";
    AuthorizationDeleted { count }: Success, "A137001", "{count} access tokens have been deleted.";
    AuthorizationDeleteSubjectMissing {}: Http(400), "A137202", "The call lacks 'subject'.";
    ClientGrantsRead {}: Success, "A934002", "The grants have been read.";
    ClientGrantsSubjectMissing {}: Http(400), "A934204", "The call lacks 'subject'.";
    ClientGrantEnded {}: Success, "A934003", "The grant has ended, and with it what came of it.";
    ClientGrantUnsaid {}: Http(400), "A934205", "The call lacks 'grantId'.";
    ClientGrantUnknown {}: Http(404), "A934206", "The user has given the client no such grant.";

    // The credential issuer.
    CredentialMetadataRead {}: Success, "A364001", "The metadata of the credential issuer.";
    SignedMetadataMade {}: Success, "A910006", "The metadata of the credential issuer, signed.";
    CredentialMetadataNotFound {}: Oauth(InvalidRequest), "A364301", "The service issues no credentials: 'verifiableCredentialsEnabled' is off.";
    CredentialMetadataIncomplete {}: Oauth(ServerError), "A911201", "The setting 'credentialIssuerMetadata' lacks 'credentialIssuer', 'credentialEndpoint' or 'credentialsSupported'.";
    JwtIssuerRead {}: Success, "A416001", "The metadata of the issuer of JWT credentials.";
    JwtIssuerNotFound {}: Oauth(InvalidRequest), "A416301", "The service issues no credentials: 'verifiableCredentialsEnabled' is off.";
    JwtIssuerUnnamed {}: Oauth(ServerError), "A911202", "The setting 'credentialIssuerMetadata' lacks 'credentialIssuer'.";
    JwtIssuerKeysMissing {}: Oauth(ServerError), "A417202", "The service has neither 'credentialJwksUri' nor 'credentialJwks'.";
    CredentialKeysRead {}: Success, "A402001", "The published keys of the credential issuer.";
    CredentialKeysNotFound {}: Oauth(InvalidRequest), "A402301", "The service issues no credentials: 'verifiableCredentialsEnabled' is off.";
    CredentialKeysMissing {}: Oauth(ServerError), "A403201", "The service has no 'credentialJwks'.";
    NonceMade {}: Success, "A911001", "A nonce for key proofs.";
    NonceNotFound {}: Oauth(InvalidRequest), "A911301", "The service issues no credentials, or none by a version of the specification that has a nonce endpoint.";

    // Credential offers.
    OfferCreated {}: Success, "A366001", "The credential offer has been made.";
    OfferNotAllowed {}: Oauth(AccessDenied), "A366201", "The service issues no credentials: 'verifiableCredentialsEnabled' is off.";
    OfferIssuerMissing {}: Oauth(ServerError), "A909101", "The setting 'credentialIssuerMetadata' lacks 'credentialIssuer', so that an offer could not say whose it is.";
    OfferCredentialsMissing {}: Oauth(InvalidRequest), "A909201", "The call lacks 'credentialConfigurationIds'.";
    OfferCredentialUnknown { name }: Oauth(InvalidRequest), "A909202", "The service has no credential configuration '{name}'.";
    OfferCredentialRepeated { name }: Oauth(InvalidRequest), "A909203", "The credential configuration '{name}' stands in 'credentialConfigurationIds' twice.";
    OfferCredentialsTooMany { limit }: Oauth(InvalidRequest), "A909204", "There are more than {limit} 'credentialConfigurationIds'.";
    OfferTransactionCodeMissing {}: Oauth(InvalidRequest), "A909205", "The call describes a transaction code and has none; expected 'txCode'.";
    OfferInputModeUnknown {}: Oauth(InvalidRequest), "A909206", "The 'txCodeInputMode' is neither 'numeric' nor 'text'.";
    OfferTransactionCodeNotNumeric {}: Oauth(InvalidRequest), "A909207", "The 'txCode' has other characters than digits; expected 'txCodeInputMode' to be 'text'.";
    OfferTransactionCodeTooLong { limit }: Oauth(InvalidRequest), "A909208", "The 'txCode' is longer than {limit} characters.";
    OfferTransactionCodeAlone {}: Oauth(InvalidRequest), "A909209", "There is a 'txCode' and no pre-authorized code that it goes with; expected 'preAuthorizedCodeGrantIncluded'.";
    OfferDescriptionTooLong { limit }: Oauth(InvalidRequest), "A909210", "The 'txCodeDescription' is longer than {limit} characters.";
    OfferContextTooLarge { limit }: Oauth(InvalidRequest), "A909211", "The 'context' is larger than {limit} bytes.";
    OfferIssuerStateAlone {}: Oauth(InvalidRequest), "A909212", "An 'issuer_state' stands in the authorization code grant alone; expected 'authorizationCodeGrantIncluded'.";
    OfferGrantUnsupported { grant }: Oauth(InvalidRequest), "A909213", "The service does not have the grant '{grant}' among its 'supportedGrantTypes'.";
    OfferSubjectMissing {}: Oauth(InvalidRequest), "A909214", "The call lacks 'subject', whom a pre-authorized code is for.";
    OfferSubjectTooLong {}: Oauth(InvalidRequest), "A909215", "The 'subject' is longer than 100 characters.";
    OfferSubjectNotAscii {}: Oauth(InvalidRequest), "A909216", "The 'subject' has characters other than printable ASCII.";
    OfferPropertiesTooLarge {}: Oauth(InvalidRequest), "A909217", "The properties are larger than 65,535 bytes.";
    OfferJwtClaimsMalformed {}: Oauth(InvalidRequest), "A909218", "The 'jwtAtClaims' are no JSON object.";
    OfferDurationNegative {}: Oauth(InvalidRequest), "A909219", "The 'duration' is negative.";
    OfferRead {}: Success, "A909001", "The credential offer.";
    OfferInfoNotAllowed {}: Oauth(AccessDenied), "A909220", "The service issues no credentials: 'verifiableCredentialsEnabled' is off.";
    OfferIdentifierMissing {}: Oauth(InvalidRequest), "A909221", "The call lacks 'identifier'.";
    IssuerStateUnknown {}: Oauth(InvalidRequest), "A909310", "The 'issuer_state' is that of no credential offer, or of one that has expired.";
    OfferUnknown {}: Oauth(InvalidGrant), "A909301", "There is no credential offer with this identifier.";
    OfferExpired {}: Oauth(ExpiredToken), "A909302", "The credential offer has expired.";

    // Credential requests.
    CredentialRequestParsed {}: Success, "A374001", "The credential request is valid.";
    CredentialRequestNotAllowed {}: Oauth(AccessDenied), "A910201", "The service issues no credentials: 'verifiableCredentialsEnabled' is off.";
    CredentialIssuerUnnamed {}: Oauth(ServerError), "A910101", "The setting 'credentialIssuerMetadata' lacks 'credentialIssuer', which key proofs are made for.";
    CredentialTokenMissing {}: Oauth(InvalidToken), "A910301", "The call lacks 'accessToken'.";
    CredentialTokenUnknown {}: Oauth(InvalidToken), "A375304", "The access token is unknown.";
    CredentialTokenExpired {}: Oauth(InvalidToken), "A910302", "The access token has expired.";
    CredentialTokenUnbound {}: Oauth(InvalidToken), "A910338", "The access token is bound to no key, which a profile that the request is under demands.";
    CredentialFormatRefused {}: Oauth(InvalidCredentialRequest), "A910339", "The format of the credential is not one of a profile that the request is under.";
    CredentialTokenInsufficient {}: Oauth(InsufficientScope), "A910303", "The access token is not for the credential that is asked for.";
    CredentialContentMissing {}: Oauth(InvalidCredentialRequest), "A910304", "The credential request is empty.";
    CredentialRequestMalformed {}: Oauth(InvalidCredentialRequest), "A910305", "The credential request is not a JSON object of the members that OpenID4VCI names.";
    CredentialRequestsTooMany { limit }: Oauth(InvalidCredentialRequest), "A910337", "{limit} credential requests of the access token wait for their orders.";
    CredentialUnnamed {}: Oauth(InvalidCredentialRequest), "A910306", "The credential request names no credential; expected 'credential_configuration_id'.";
    CredentialNamedTwice {}: Oauth(InvalidCredentialRequest), "A910307", "The credential request names its credential in more than one way.";
    CredentialFormatUnsupported {}: Oauth(UnsupportedCredentialFormat), "A910344", "The issuer has no credential in the 'format' that is asked for.";
    CredentialTypeUnsupported {}: Oauth(UnsupportedCredentialType), "A910345", "The issuer has no credential in this 'format' that is what is asked for.";
    CredentialUnknown {}: Oauth(UnknownCredentialConfiguration), "A910308", "The issuer does not have the credential that is asked for.";
    CredentialIdentifierUnknown {}: Oauth(UnknownCredentialIdentifier), "A910309", "The issuer does not have the credential identifier that is asked for.";
    CredentialNamedOtherwise {}: Oauth(InvalidCredentialRequest), "A910324", "The access token is for the credential, which is to be asked for in the other way: by 'credential_identifier' exactly where the token response has 'credential_identifiers'.";
    CredentialEncryptionUnfit {}: Oauth(InvalidEncryptionParameters), "A910310", "The response cannot be encrypted as 'credential_response_encryption' says.";
    CredentialEncryptionMissing {}: Oauth(InvalidEncryptionParameters), "A910311", "The credential request lacks 'credential_response_encryption', which the issuer wants.";
    CredentialRequestInTheClear {}: Oauth(InvalidEncryptionParameters), "A910312", "The credential request is not encrypted, and the issuer wants it to be.";
    CredentialRequestSealed {}: Oauth(InvalidEncryptionParameters), "A910313", "The credential request is encrypted in a way that the issuer cannot open.";
    KeyProofMissing {}: Oauth(InvalidProof), "A910314", "The credential request lacks the proof of a key, which the credential is to be bound to.";
    KeyProofKeyUnfit {}: Oauth(InvalidProof), "A910336", "An mdoc cannot be bound to a key of this kind.";
    KeyProofUnexpected {}: Oauth(InvalidProof), "A910315", "The credential request has the proof of a key, and the credential is bound to none.";
    KeyProofsAmbiguous {}: Oauth(InvalidProof), "A910316", "The key proofs are not of exactly one type.";
    KeyProofTypeUnsupported {}: Oauth(InvalidProof), "A910317", "The type of the key proofs is not one that the credential is issued for.";
    KeyProofsTooMany { limit }: Oauth(InvalidProof), "A910318", "There are more than {limit} key proofs.";
    KeyProofWrong { index, what }: Oauth(InvalidProof), "A910319", "Key proof {index}: {what}.";
    KeyProofNonceWrong { index }: Oauth(InvalidNonce), "A378319", "Key proof {index}: the nonce is not the one that is expected.";
    KeyProofNonceMissing { index }: Oauth(InvalidProof), "A910340", "Key proof {index}: it lacks 'nonce', or its key attestation does.";
    KeyProofUnattested { index }: Oauth(InvalidProof), "A910320", "Key proof {index}: nobody whom the issuer trusts vouches for the key as is wanted.";
    KeyAttestationOver { index }: Oauth(InvalidProof), "A910341", "Key proof {index}: its key attestation was taken back, or counts for nothing for now.";
    KeyAttestationStatusUnknown { index }: Oauth(InvalidProof), "A910342", "Key proof {index}: the status list of its key attestation cannot be had, or does not say whether it counts.";
    KeyAttestationListsTooMany { limit }: Oauth(InvalidProof), "A910343", "The key attestations name too many status lists; at most {limit} are looked at.";
    KeyProofRepeated { index }: Oauth(InvalidProof), "A910321", "Key proof {index}: another proof has the same key.";

    // Credentials.
    CredentialIssued {}: Success, "A383001", "The credential has been issued.";
    CredentialDenied {}: Oauth(CredentialRequestDenied), "A910322", "The credential request has been denied.";
    CredentialOrderMissing {}: Oauth(InvalidRequest), "A910202", "The call lacks 'order' or its 'requestIdentifier'.";
    CredentialRequestUnknown {}: Oauth(InvalidRequest), "A910203", "There is no credential request with this identifier, or none any more.";
    CredentialRequestOfOther {}: Oauth(InvalidRequest), "A910204", "The credential request was made with another access token.";
    CredentialPayloadMalformed {}: Oauth(InvalidRequest), "A910205", "The 'credentialPayload' is no JSON object.";
    CredentialPayloadUnfit { what }: Oauth(InvalidRequest), "A910206", "No credential can be made of the 'credentialPayload': {what}.";
    CredentialFrameUnfit { what }: Oauth(InvalidRequest), "A910218", "The 'credentialFrame' cannot be followed: {what}.";
    CredentialKeyMissing {}: Oauth(ServerError), "A910102", "The 'credentialJwks' have no key that the credential may be signed with.";
    CredentialChainMissing {}: Oauth(ServerError), "A910103", "The key that the credential is signed with has no certificate ('x5c'), which an mdoc shows, and an SD-JWT VC under a profile that demands it.";
    CredentialCertificateUntimely {}: Oauth(ServerError), "A910104", "The certificate of the key that the credential is signed with is not valid now.";
    CredentialDeferred {}: Success, "A383002", "The credential comes later.";
    CredentialPending {}: Oauth(IssuancePending), "A910328", "The credential is not there yet.";
    CredentialIntervalUnfit { limit }: Oauth(InvalidRequest), "A910207", "The 'interval' is not a number of seconds from 1 to {limit}.";
    CredentialRequestDeferred {}: Oauth(InvalidRequest), "A910208", "The credential request has been deferred; its order goes to vci/deferred/issue.";
    CredentialRequestNotDeferred {}: Oauth(InvalidRequest), "A910209", "The credential request has not been deferred; its order goes to vci/single/issue or vci/batch/issue.";
    CredentialTransactionMissing {}: Oauth(InvalidCredentialRequest), "A910325", "The deferred credential request lacks 'transaction_id'.";
    CredentialTransactionUnknown {}: Oauth(InvalidTransactionId), "A910326", "There is no transaction with this 'transaction_id' for the access token, or none any more.";

    // Notifications of wallets.
    NotificationTaken {}: Success, "A910003", "The wallet has said what became of what was issued.";
    NotificationNotOffered {}: Oauth(AccessDenied), "A910213", "Wallets of this service notify nobody: 'credentialIssuerMetadata' has no 'notificationEndpoint'.";
    NotificationMalformed { what }: Oauth(InvalidNotificationRequest), "A910331", "The notification is not one: {what}.";
    NotificationUnknown {}: Oauth(InvalidNotificationId), "A910332", "Nothing was issued by this 'notification_id' for the access token, or too long ago.";

    // Whether credentials count.
    StatusListRead {}: Success, "A910004", "The status list.";
    StatusListUnknown {}: Oauth(InvalidRequest), "A910333", "There is no such status list.";
    StatusUpdated { count }: Success, "A910005", "{count} credentials have another status than before.";
    StatusUnsaid {}: Oauth(InvalidRequest), "A910214", "The call lacks 'status'.";
    StatusTargetUnfit {}: Oauth(InvalidRequest), "A910215", "The call must name credentials in one way: by 'credential', by 'statusListUri' and 'statusListIndex', or by 'subject'.";
    StatusTargetUnknown {}: Oauth(InvalidTarget), "A910334", "No such credential was issued with a status list of the service, or it has expired.";
    StatusFinal {}: Oauth(InvalidRequest), "A910216", "The credential is invalid, and never counts again.";
    StatusCursorUnknown {}: Oauth(InvalidRequest), "A910217", "The 'cursor' is none that an answer had.";

    // Batches of credential requests.
    CredentialBatchParsed {}: Success, "A910001", "The credential requests are valid.";
    CredentialBatchOfOtherVersion {}: Oauth(AccessDenied), "A910210", "Batches of credential requests are of the implementer's draft alone; this service issues by 1.0, where a request has many proofs ('oid4vciVersion').";
    CredentialBatchMalformed {}: Oauth(InvalidCredentialRequest), "A910327", "The batch lacks 'credential_requests', an array of credential requests.";
    CredentialBatchTooLarge { limit }: Oauth(InvalidCredentialRequest), "A910329", "The batch has more than {limit} credential requests.";
    CredentialEncryptionMisplaced {}: Oauth(InvalidEncryptionParameters), "A910330", "A request of the batch has 'credential_response_encryption', which belongs beside 'credential_requests'.";
    CredentialsIssued {}: Success, "A910002", "The credentials have been issued, or deferred.";
    CredentialOrdersMissing {}: Oauth(InvalidRequest), "A910211", "The call lacks 'orders'.";
    CredentialOrdersUnfit {}: Oauth(InvalidRequest), "A910212", "The orders are not one for each request of one batch.";

    // The pre-authorized code grant.
    PreAuthorizedRedeemed {}: Success, "A909002", "The tokens of the pre-authorized code have been issued.";
    ScopeNotOffered {}: Oauth(InvalidScope), "A909313", "The 'scope' of the token request is that of a credential which is none of the offer.";
    DetailsNotOffered {}: Oauth(InvalidAuthorizationDetails), "A909312", "The 'authorization_details' of the token request ask for something else than credentials of the offer.";
    AnonymousAccessRefused {}: Oauth(InvalidClient), "A909311", "The token request brings a pre-authorized code and names no client, which the service does not allow ('preAuthorizedGrantAnonymousAccessSupported').";
    PreAuthorizedCodeMissing {}: Oauth(InvalidRequest), "A909303", "The token request lacks 'pre-authorized_code'.";
    PreAuthorizedCodeUnknown {}: Oauth(InvalidGrant), "A909304", "The pre-authorized code is unknown.";
    PreAuthorizedCodeExpired {}: Oauth(InvalidGrant), "A909305", "The pre-authorized code has expired.";
    PreAuthorizedCodeUsed {}: Oauth(InvalidGrant), "A909306", "The pre-authorized code has been used already, or wrong transaction codes came with it too often.";
    TransactionCodeUnexpected {}: Oauth(InvalidRequest), "A909307", "The token request has a 'tx_code', and the offer none.";
    TransactionCodeMissing {}: Oauth(InvalidRequest), "A909308", "The token request lacks 'tx_code', which the offer asks for.";
    TransactionCodeWrong {}: Oauth(InvalidGrant), "A909309", "The transaction code is wrong.";
    GrantedScopesNone {}: Success, "A139001", "The user has granted nothing to the client.";
    GrantedScopesRead {}: Success, "A139002", "What the user has granted to the client has been read.";
    GrantedScopesSubjectMissing {}: Http(400), "A139202", "The call lacks 'subject'.";
    GrantedScopesAbsent {}: Success, "A140001", "There was nothing that the user had granted to the client.";
    GrantedScopesDeleted {}: Success, "A140002", "What the user had granted to the client has been forgotten.";
    GrantedScopesDeleteSubjectMissing {}: Http(400), "A140202", "The call lacks 'subject'.";


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
        let message = ["[", self.code(), "] ", &self.message()].concat();
        if message.len() <= LONGEST_MESSAGE && message.bytes().all(allowed) {
            return message;
        }
        let replaced = |c: char| if u8::try_from(c).is_ok_and(allowed) { c } else { '?' };
        message.chars().take(LONGEST_MESSAGE).map(replaced).collect()
    }
}

/// In characters.
const LONGEST_MESSAGE: usize = 500;

/// Whether a result code is of a refusal: the fourth digit is its class, and 0 is success.
pub fn is_refusal(code: &str) -> bool {
    code.as_bytes().get(4).is_some_and(|class| *class != b'0')
}

/// The row of a result code, or of a reason by its name, in any case of letters: as people write them.
pub fn row_named(code_or_reason: &str) -> Option<&'static ReasonRow> {
    let named = |name: &str| name.eq_ignore_ascii_case(code_or_reason);
    ROWS.iter().find(|row| named(row.code) || named(row.name))
}

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
            assert_eq!(is_refusal(row.code), !success, "{}", row.code);
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
