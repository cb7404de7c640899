//! THE TABLE of endpoints. A row stands here when its operation works. Router, SDK methods, OpenAPI
//! document, documentation and coverage tests are made from it.

use std::future::Future;

use crate::access::{Authority, Right};
use crate::call::{
    Call, CallError, ClientPath, ClientSubjectPath, Document, Input, Json, KeyPath, KeySet, NoContent,
    PathValues, Reply, Respond, SubjectPath, Target, Text, TokenBatchPath, TokenPath, Versioned,
};
use crate::lenient::Keep;
use crate::types::*;

/// Hands every row of the table to another macro: documentation, id, method, path, authority, family,
/// whether forms are read, target of the path, request and response.
#[macro_export]
macro_rules! for_each_endpoint {
    ($apply:ident) => {
        $apply! {
            /// Judges an authorization request and opens a ticket for it.
            authorization: POST "/api/{serviceId}/auth/authorization", Authority::of_service(Right::UseService), "Authorization", form, (), AuthorizationRequest => Json<AuthorizationResponse>;
            /// Ends an authorization request with success.
            authorization_issue: POST "/api/{serviceId}/auth/authorization/issue", Authority::of_service(Right::UseService), "Authorization", form, (), AuthorizationIssueRequest => Json<AuthorizationIssueResponse>;
            /// Ends an authorization request with an error.
            authorization_fail: POST "/api/{serviceId}/auth/authorization/fail", Authority::of_service(Right::UseService), "Authorization", form, (), AuthorizationFailRequest => Json<AuthorizationFailResponse>;
            /// Reads the text that is kept with a ticket.
            authorization_ticket_info: POST "/api/{serviceId}/auth/authorization/ticket/info", Authority::of_service(Right::UseService), "Authorization", form, (), AuthorizationTicketInfoRequest => Json<AuthorizationTicketInfoResponse>;
            /// Replaces the text that is kept with a ticket.
            authorization_ticket_update: POST "/api/{serviceId}/auth/authorization/ticket/update", Authority::of_service(Right::UseService), "Authorization", form, (), AuthorizationTicketUpdateRequest => Json<AuthorizationTicketUpdateResponse>;
            /// Keeps an authorization request for later (RFC 9126).
            pushed_auth_req: POST "/api/{serviceId}/pushed_auth_req", Authority::of_service(Right::UseService), "Authorization", form, (), PushedAuthorizationRequest => Json<PushedAuthorizationResponse>;

            /// Judges a token request, and issues the tokens where nobody else must be asked.
            token: POST "/api/{serviceId}/auth/token", Authority::of_service(Right::UseService), "Token", form, (), TokenRequest => Json<TokenResponse>;
            /// Ends a password grant with success.
            token_issue: POST "/api/{serviceId}/auth/token/issue", Authority::of_service(Right::UseService), "Token", form, (), TokenIssueRequest => Json<TokenIssueResponse>;
            /// Ends a password grant with an error.
            token_fail: POST "/api/{serviceId}/auth/token/fail", Authority::of_service(Right::UseService), "Token", form, (), TokenFailRequest => Json<TokenFailResponse>;
            /// Makes the JWT that is given in exchange for tokens, where that is no access token: an ID-JAG, a Txn-Token.
            token_exchange: POST "/api/{serviceId}/auth/token/exchange", Authority::of_service(Right::UseService), "Token", json, (), TokenExchangeRequest => Json<TokenExchangeResponse>;
            /// Makes a new ID token for a refresh.
            idtoken_reissue: POST "/api/{serviceId}/idtoken/reissue", Authority::of_service(Right::UseService), "Token", form, (), IdtokenReissueRequest => Json<IdtokenReissueResponse>;

            /// Judges a backchannel authentication request (CIBA Core §7) and opens a ticket for it.
            backchannel_authentication: POST "/api/{serviceId}/backchannel/authentication", Authority::of_service(Right::UseService), "Backchannel authentication", form, (), BackchannelAuthenticationRequest => Json<BackchannelAuthenticationResponse>;
            /// Gives the client an auth_req_id.
            backchannel_authentication_issue: POST "/api/{serviceId}/backchannel/authentication/issue", Authority::of_service(Right::UseService), "Backchannel authentication", form, (), BackchannelAuthenticationIssueRequest => Json<BackchannelAuthenticationIssueResponse>;
            /// Ends a backchannel authentication request with an error.
            backchannel_authentication_fail: POST "/api/{serviceId}/backchannel/authentication/fail", Authority::of_service(Right::UseService), "Backchannel authentication", form, (), BackchannelAuthenticationFailRequest => Json<BackchannelAuthenticationFailResponse>;
            /// Takes what came of authenticating the user.
            backchannel_authentication_complete: POST "/api/{serviceId}/backchannel/authentication/complete", Authority::of_service(Right::UseService), "Backchannel authentication", form, (), BackchannelAuthenticationCompleteRequest => Json<BackchannelAuthenticationCompleteResponse>;

            /// Gives a device its codes (RFC 8628 §3.1).
            device_authorization: POST "/api/{serviceId}/device/authorization", Authority::of_service(Right::UseService), "Device flow", form, (), DeviceAuthorizationRequest => Json<DeviceAuthorizationResponse>;
            /// Says what a user code is of (RFC 8628 §3.3).
            device_verification: POST "/api/{serviceId}/device/verification", Authority::of_service(Right::UseService), "Device flow", form, (), DeviceVerificationRequest => Json<DeviceVerificationResponse>;
            /// Takes what the user has decided.
            device_complete: POST "/api/{serviceId}/device/complete", Authority::of_service(Right::UseService), "Device flow", form, (), DeviceCompleteRequest => Json<DeviceCompleteResponse>;

            /// Makes a token outside of any flow.
            token_create: POST "/api/{serviceId}/auth/token/create", Authority::of_service(Right::UseService), "Token management", form, (), TokenCreateRequest => Json<TokenCreateResponse>;
            /// Makes many tokens outside of any flow, while the caller goes on.
            token_create_batch: POST "/api/{serviceId}/auth/token/create/batch", Authority::of_service(Right::UseService), "Token management", items, (), TokenCreateBatchRequest => Json<TokenCreateBatchResponse>;
            /// How far a batch of tokens is.
            token_create_batch_status: GET "/api/{serviceId}/auth/token/create/batch/status/{tokenBatchRequestId}", Authority::of_service(Right::UseService), "Token management", query, TokenBatchPath, NoRequest => Json<TokenCreateBatchStatusResponse>;
            /// Changes a token.
            token_update: POST "/api/{serviceId}/auth/token/update", Authority::of_service(Right::UseService), "Token management", form, (), TokenUpdateRequest => Json<TokenUpdateResponse>;
            /// Ends a token and the one that belongs to it.
            token_delete: DELETE "/api/{serviceId}/auth/token/delete/{token}", Authority::of_service(Right::UseService), "Token management", query, TokenPath, NoRequest => NoContent;
            /// Ends one token, or all of a client, of a user, or of both.
            token_revoke: POST "/api/{serviceId}/auth/token/revoke", Authority::of_service(Right::UseService), "Token management", form, (), TokenRevokeRequest => Json<TokenRevokeResponse>;
            /// Lists tokens.
            token_get_list: GET "/api/{serviceId}/auth/token/get/list", Authority::of_service(Right::UseService), "Token management", query, (), TokenListQuery => Json<TokenGetListResponse>;

            /// Judges an access token for a resource.
            introspection: POST "/api/{serviceId}/auth/introspection", Authority::of_service(Right::UseIntrospection), "Introspection", form, (), IntrospectionRequest => Json<IntrospectionResponse>;
            /// Answers an introspection request (RFC 7662).
            introspection_standard: POST "/api/{serviceId}/auth/introspection/standard", Authority::of_service(Right::UseIntrospection), "Introspection", form, (), StandardIntrospectionRequest => Json<StandardIntrospectionResponse>;
            /// Answers a revocation request (RFC 7009).
            revocation: POST "/api/{serviceId}/auth/revocation", Authority::of_service(Right::UseService), "Revocation", form, (), RevocationRequest => Json<RevocationResponse>;

            /// Judges an access token at the userinfo endpoint and names the claims to collect.
            userinfo: POST "/api/{serviceId}/auth/userinfo", Authority::of_service(Right::UseService), "Userinfo", form, (), UserinfoRequest => Json<UserinfoResponse>;
            /// Makes the userinfo response of collected claims.
            userinfo_issue: POST "/api/{serviceId}/auth/userinfo/issue", Authority::of_service(Right::UseService), "Userinfo", form, (), UserinfoIssueRequest => Json<UserinfoIssueResponse>;

            /// The discovery document (OpenID Connect Discovery, RFC 8414).
            service_configuration: GET "/api/{serviceId}/service/configuration", Authority::of_service(Right::UseService), "Discovery", query, (), ServiceConfigurationRequest => Document;
            /// The discovery document, asked for in a body.
            service_configuration_post: POST "/api/{serviceId}/service/configuration", Authority::of_service(Right::UseService), "Discovery", form, (), ServiceConfigurationRequest => Document;
            /// The key set of the service (RFC 7517).
            service_jwks_get: GET "/api/{serviceId}/service/jwks/get", Authority::of_service(Right::UseService), "Discovery", query, (), JwksQuery => KeySet;

            /// Creates a service for the organization of the caller.
            service_create: POST "/api/service/create", Authority::of_organization(Right::CreateService), "Service management", form, (), Service => Versioned<Service>;
            /// Lists the services that the caller may see.
            service_get_list: GET "/api/service/get/list", Authority::list(Right::ViewClient), "Service management", query, (), ListQuery => Json<ServiceGetListResponse>;
            /// Reads a service.
            service_get: GET "/api/{serviceId}/service/get", Authority::view(Right::ViewClient), "Service management", query, (), NoRequest => Versioned<Service>;
            /// Replaces the configuration of a service.
            service_update: POST "/api/{serviceId}/service/update", Authority::of_service(Right::ModifyService), "Service management", form, (), Service => Versioned<Service>;
            /// Changes members of the configuration of a service (RFC 7396).
            service_patch: PATCH "/api/{serviceId}/service/update", Authority::of_service(Right::ModifyService), "Service management", json, (), MergePatch => Versioned<Service>;
            /// Deletes a service and all that hangs below it.
            service_delete: DELETE "/api/{serviceId}/service/delete", Authority::of_service(Right::DeleteService), "Service management", query, (), NoRequest => NoContent;

            /// Creates a client.
            client_create: POST "/api/{serviceId}/client/create", Authority::of_service(Right::CreateClient), "Client management", json, (), Client => Versioned<Client>;
            /// Lists the clients of a service.
            client_get_list: GET "/api/{serviceId}/client/get/list", Authority::view(Right::ViewClient), "Client management", query, (), ListQuery => Json<ClientGetListResponse>;
            /// Reads a client.
            client_get: GET "/api/{serviceId}/client/get/{clientId}", Authority::of_client(Right::ViewClient), "Client management", query, ClientPath, NoRequest => Versioned<Client>;
            /// Replaces the configuration of a client.
            client_update: POST "/api/{serviceId}/client/update/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, Client => Versioned<Client>;
            /// Changes members of the configuration of a client (RFC 7396).
            client_patch: PATCH "/api/{serviceId}/client/update/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", json, ClientPath, MergePatch => Versioned<Client>;
            /// Deletes a client.
            client_delete: DELETE "/api/{serviceId}/client/delete/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", query, ClientPath, NoRequest => NoContent;
            /// Locks a client, or unlocks it.
            client_lock_flag_update: POST "/api/{serviceId}/client/lock_flag/update/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, ClientFlagUpdateRequest => Json<ClientFlagUpdateResponse>;
            /// Gives a client a new secret; the old one is void at once.
            client_secret_refresh: GET "/api/{serviceId}/client/secret/refresh/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", query, ClientPath, NoRequest => Json<ClientSecretRefreshResponse>;
            /// Gives a client a secret of the caller's choice.
            client_secret_update: POST "/api/{serviceId}/client/secret/update/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, ClientSecretUpdateRequest => Json<ClientSecretUpdateResponse>;
            /// Lists the clients that hold tokens of a user.
            client_authorization_get_list: GET "/api/{serviceId}/client/authorization/get/list", Authority::of_service(Right::ModifyClient), "Client management", query, (), ClientAuthorizationGetListRequest => Json<ClientAuthorizationGetListResponse>;
            /// Lists the clients that hold tokens of a user, asked for in a body.
            client_authorization_get_list_post: POST "/api/{serviceId}/client/authorization/get/list", Authority::of_service(Right::ModifyClient), "Client management", form, (), ClientAuthorizationGetListRequest => Json<ClientAuthorizationGetListResponse>;
            /// Lists the clients that hold tokens of the user of the path.
            client_authorization_get_list_by_subject: GET "/api/{serviceId}/client/authorization/get/list/{subject}", Authority::of_service(Right::ModifyClient), "Client management", query, SubjectPath, ClientAuthorizationGetListRequest => Json<ClientAuthorizationGetListResponse>;
            /// Replaces the scopes of the tokens that a client holds of a user.
            client_authorization_update: POST "/api/{serviceId}/client/authorization/update/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, ClientAuthorizationUpdateRequest => Json<ClientAuthorizationUpdateResponse>;
            /// Ends the tokens that a client holds of a user.
            client_authorization_delete: DELETE "/api/{serviceId}/client/authorization/delete/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", query, ClientPath, SubjectRequest => Json<ClientAuthorizationDeleteResponse>;
            /// Ends the tokens that a client holds of a user, named in a body.
            client_authorization_delete_post: POST "/api/{serviceId}/client/authorization/delete/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, SubjectRequest => Json<ClientAuthorizationDeleteResponse>;
            /// Ends the tokens that a client holds of the user of the path.
            client_authorization_delete_by_subject: DELETE "/api/{serviceId}/client/authorization/delete/{clientId}/{subject}", Authority::of_client(Right::ModifyClient), "Client management", query, ClientSubjectPath, NoRequest => Json<ClientAuthorizationDeleteResponse>;
            /// Reads what a user has granted to a client.
            client_granted_scopes_get: GET "/api/{serviceId}/client/granted_scopes/get/{clientId}", Authority::of_client(Right::ViewClient), "Client management", query, ClientPath, SubjectRequest => Json<ClientAuthorizationDeleteResponse>;
            /// Reads what a user, named in a body, has granted to a client.
            client_granted_scopes_get_post: POST "/api/{serviceId}/client/granted_scopes/get/{clientId}", Authority::of_client(Right::ViewClient), "Client management", form, ClientPath, SubjectRequest => Json<ClientAuthorizationDeleteResponse>;
            /// Reads what the user of the path has granted to a client.
            client_granted_scopes_get_by_subject: GET "/api/{serviceId}/client/granted_scopes/get/{clientId}/{subject}", Authority::of_client(Right::ViewClient), "Client management", query, ClientSubjectPath, NoRequest => Json<ClientAuthorizationDeleteResponse>;
            /// Forgets what a user has granted to a client.
            client_granted_scopes_delete: DELETE "/api/{serviceId}/client/granted_scopes/delete/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", query, ClientPath, SubjectRequest => Json<ClientGrantedScopesDeleteResponse>;
            /// Forgets what a user, named in a body, has granted to a client.
            client_granted_scopes_delete_post: POST "/api/{serviceId}/client/granted_scopes/delete/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, SubjectRequest => Json<ClientGrantedScopesDeleteResponse>;
            /// Forgets what the user of the path has granted to a client.
            client_granted_scopes_delete_by_subject: DELETE "/api/{serviceId}/client/granted_scopes/delete/{clientId}/{subject}", Authority::of_client(Right::ModifyClient), "Client management", query, ClientSubjectPath, NoRequest => Json<ClientGrantedScopesDeleteResponse>;
            /// Lists the clients that a user has let in, also those that hold no tokens now.
            client_grants_get_list: POST "/api/{serviceId}/client/grants/get/list", Authority::of_service(Right::ModifyClient), "Client management", json, (), ClientAuthorizationGetListRequest => Json<ClientAuthorizationGetListResponse>;
            /// Lists the grants that a user has given a client to manage.
            client_grants_get: POST "/api/{serviceId}/client/grants/get/{clientId}", Authority::of_client(Right::ViewClient), "Client management", json, ClientPath, SubjectRequest => Json<ClientGrantsGetResponse>;
            /// Ends one grant that a user has given a client to manage, and what came of it.
            client_grants_delete: POST "/api/{serviceId}/client/grants/delete/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", json, ClientPath, ClientGrantsDeleteRequest => Json<ClientGrantsDeleteResponse>;
            /// Reads the scopes that a client may ask for.
            client_requestable_scopes_get: GET "/api/{serviceId}/client/extension/requestable_scopes/get/{clientId}", Authority::of_client(Right::ViewClient), "Client management", query, ClientPath, NoRequest => Json<ClientExtensionRequestableScopesGetResponse>;
            /// Replaces the scopes that a client may ask for.
            client_requestable_scopes_update: POST "/api/{serviceId}/client/extension/requestable_scopes/update/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, ClientExtensionRequestableScopesUpdateRequest => Json<ClientExtensionRequestableScopesUpdateResponse>;
            /// Replaces the scopes that a client may ask for, with PUT.
            client_requestable_scopes_update_put: PUT "/api/{serviceId}/client/extension/requestable_scopes/update/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", form, ClientPath, ClientExtensionRequestableScopesUpdateRequest => Json<ClientExtensionRequestableScopesUpdateResponse>;
            /// Lets a client ask for every scope again.
            client_requestable_scopes_delete: DELETE "/api/{serviceId}/client/extension/requestable_scopes/delete/{clientId}", Authority::of_client(Right::ModifyClient), "Client management", query, ClientPath, NoRequest => NoContent;

            /// Registers a client (RFC 7591).
            client_registration: POST "/api/{serviceId}/client/registration", Authority::of_service(Right::UseService), "Dynamic registration", form, (), ClientRegistrationRequest => Json<ClientRegistrationResponse>;
            /// Reads the registration of a client (RFC 7592).
            client_registration_get: POST "/api/{serviceId}/client/registration/get", Authority::of_service(Right::UseService), "Dynamic registration", form, (), ClientRegistrationRequest => Json<ClientRegistrationResponse>;
            /// Replaces the registration of a client (RFC 7592).
            client_registration_update: POST "/api/{serviceId}/client/registration/update", Authority::of_service(Right::UseService), "Dynamic registration", form, (), ClientRegistrationRequest => Json<ClientRegistrationResponse>;
            /// Ends the registration of a client (RFC 7592).
            client_registration_delete: POST "/api/{serviceId}/client/registration/delete", Authority::of_service(Right::UseService), "Dynamic registration", form, (), ClientRegistrationRequest => Json<ClientRegistrationResponse>;

            /// Shows a grant to its client, or ends it (OAuth 2.0 Grant Management §6).
            gm: POST "/api/{serviceId}/gm", Authority::of_service(Right::UseService), "Grant management", json, (), GrantManagementRequest => Json<GrantManagementResponse>;

            /// Makes the token response of a session that applications share (OpenID Connect Native SSO).
            nativesso: POST "/api/{serviceId}/nativesso", Authority::of_service(Right::UseService), "Native SSO", json, (), NativeSsoRequest => Json<NativeSsoResponse>;
            /// Ends the tokens of a session.
            nativesso_logout: POST "/api/{serviceId}/nativesso/logout", Authority::of_service(Right::UseService), "Native SSO", json, (), NativeSsoLogoutRequest => Json<NativeSsoLogoutResponse>;

            /// Makes a logout token for a client (OpenID Connect Back-Channel Logout 1.0).
            backchannel_logout_token: POST "/api/{serviceId}/backchannel/logout/token", Authority::of_service(Right::UseService), "Logout", form, (), BackchannelLogoutTokenRequest => Json<BackchannelLogoutTokenResponse>;

            /// Makes the entity configuration of the service (OpenID Federation 1.0 §9).
            federation_configuration: POST "/api/{serviceId}/federation/configuration", Authority::of_service(Right::UseService), "Federation", json, (), FederationConfigurationRequest => Json<FederationConfigurationResponse>;
            /// Signs the public keys of the service, for `signed_jwks_uri` (OpenID Federation 1.0 §5.2.1).
            federation_jwks: POST "/api/{serviceId}/federation/jwks", Authority::of_service(Right::UseService), "Federation", json, (), FederationJwksRequest => Json<FederationJwksResponse>;
            /// Registers a client that a federation vouches for (OpenID Federation 1.0 §12.2).
            federation_registration: POST "/api/{serviceId}/federation/registration", Authority::of_service(Right::UseService), "Federation", form, (), FederationRegistrationRequest => Json<FederationRegistrationResponse>;

            /// Verifies a JOSE object.
            jose_verify: POST "/api/{serviceId}/jose/verify", Authority::of_service(Right::UseService), "JOSE", form, (), JoseVerifyRequest => Json<JoseVerifyResponse>;
            /// Makes a key in an HSM.
            hsk_create: POST "/api/{serviceId}/hsk/create", Authority::of_service(Right::ModifyService), "Keys in hardware", form, (), HskCreateRequest => Json<HskCreateResponse>;
            /// Reads a key in an HSM.
            hsk_get: GET "/api/{serviceId}/hsk/get/{handle}", Authority::of_service(Right::UseService), "Keys in hardware", query, KeyPath, NoRequest => Json<HskGetResponse>;
            /// Lists the keys in HSMs.
            hsk_get_list: GET "/api/{serviceId}/hsk/get/list", Authority::of_service(Right::UseService), "Keys in hardware", query, (), NoRequest => Json<HskGetListResponse>;
            /// Destroys a key in its HSM.
            hsk_delete: DELETE "/api/{serviceId}/hsk/delete/{handle}", Authority::of_service(Right::ModifyService), "Keys in hardware", query, KeyPath, NoRequest => NoContent;
            /// Destroys a key in its HSM, and says which.
            hsk_delete_get: GET "/api/{serviceId}/hsk/delete/{handle}", Authority::of_service(Right::ModifyService), "Keys in hardware", query, KeyPath, NoRequest => Json<HskDeleteResponse>;

            /// Creates a service for an organization.
            organization_service_create: POST "/api/service", Authority::of_organization(Right::CreateService), "Organization", json, (), CreateServiceRequest => Json<Service>;
            /// Removes a service from an organization.
            organization_service_remove: POST "/api/service/remove", Authority::of_service(Right::DeleteService), "Organization", json, (), DeleteServiceRequest => NoContent;
            /// Makes a token for a service.
            servicetoken_create: POST "/api/servicetoken/create", Authority::of_service(Right::ModifyService), "Organization", json, (), ServiceTokenRequest => Json<ServiceTokenResponse>;
            /// Lists the tokens of a service, without their values.
            servicetoken_all: POST "/api/servicetoken/all", Authority::of_service(Right::ModifyService), "Organization", json, (), ServiceTokenRequest => Json<Vec<ServiceTokenResponse>>;
            /// Changes the description of a token of a service.
            servicetoken_update: POST "/api/servicetoken/update", Authority::of_service(Right::ModifyService), "Organization", json, (), ServiceTokenRequest => Json<ServiceTokenResponse>;
            /// Replaces the value of a token of a service; the old one is void at once.
            servicetoken_rotate: POST "/api/servicetoken/rotate", Authority::of_service(Right::ModifyService), "Organization", json, (), ServiceTokenRequest => Json<ServiceTokenResponse>;
            /// Ends a token of a service.
            servicetoken_revoke: POST "/api/servicetoken/revoke", Authority::of_service(Right::ModifyService), "Organization", json, (), ServiceTokenRequest => NoContent;
            /// Makes a token for an organization.
            organizationtoken_create: POST "/api/organizationtoken/create", Authority::of_organization(Right::Admin), "Organization", json, (), OrganizationTokenRequest => Json<OrganizationTokenResponse>;
            /// Lists the tokens of an organization, without their values.
            organizationtoken_all: POST "/api/organizationtoken/all", Authority::of_organization(Right::Admin), "Organization", json, (), OrganizationTokenRequest => Json<Vec<OrganizationTokenResponse>>;
            /// Changes the description of a token of an organization.
            organizationtoken_update: POST "/api/organizationtoken/update", Authority::of_organization(Right::Admin), "Organization", json, (), OrganizationTokenRequest => Json<OrganizationTokenResponse>;
            /// Replaces the value of a token of an organization; the old one is void at once.
            organizationtoken_rotate: POST "/api/organizationtoken/rotate", Authority::of_organization(Right::Admin), "Organization", json, (), OrganizationTokenRequest => Json<OrganizationTokenResponse>;
            /// Ends a token of an organization.
            organizationtoken_revoke: POST "/api/organizationtoken/revoke", Authority::of_organization(Right::Admin), "Organization", json, (), OrganizationTokenRequest => NoContent;
            /// Says what the token that calls is, and what it may.
            apitoken_get: GET "/api/apitoken/get", Authority::OF_TOKEN, "Organization", query, (), NoRequest => Json<ApiTokenGetResponse>;
            /// Ends the token that calls.
            apitoken_revoke: POST "/api/apitoken/revoke", Authority::OF_TOKEN, "Organization", json, (), NoRequest => NoContent;

            /// Invites somebody to an organization.
            member_invite: POST "/api/organization/member/invite", Authority::of_organization(Right::Admin), "Organization", json, (), MemberRequest => Json<MemberResponse>;
            /// Takes an invitation up: whoever has its code is a member, with a token of its own.
            member_accept: POST "/api/organization/member/accept", Authority::OPEN, "Organization", json, (), MemberAcceptRequest => Json<MemberResponse>;
            /// Lists members and invitations.
            member_all: POST "/api/organization/member/all", Authority::of_organization(Right::Admin), "Organization", json, (), MemberRequest => Json<Vec<MemberResponse>>;
            /// Gives a member another role.
            member_update: POST "/api/organization/member/update", Authority::of_organization(Right::Admin), "Organization", json, (), MemberRequest => Json<MemberResponse>;
            /// Ends a membership or an invitation, and the member's token with it.
            member_remove: POST "/api/organization/member/remove", Authority::of_organization(Right::Admin), "Organization", json, (), MemberRequest => NoContent;
            /// Lists what was changed, by whom, and from where.
            audit_get_list: GET "/api/audit/get/list", Authority::of_organization(Right::ViewAuditLog), "Organization", query, (), AuditListQuery => Json<AuditGetListResponse>;
            /// Gives a member a token for a while: for whoever has found out who it is. An invitation counts as accepted.
            member_sign_in: POST "/api/organization/member/sign_in", Authority::of_organization(Right::Admin), "Organization", json, (), MemberRequest => Json<MemberResponse>;

            /// Lists what the API was asked of late, and what it decided.
            inspector_get_list: GET "/api/{serviceId}/inspector/get/list", Authority::of_service(Right::ViewService), "Inspector", query, (), InspectorListQuery => Json<InspectorGetListResponse>;
            /// Tells a transaction: the calls from an authorization request to what became of its tokens, and why each was decided so.
            inspector_get: GET "/api/{serviceId}/inspector/get", Authority::of_service(Right::ViewService), "Inspector", query, (), InspectorGetQuery => Json<InspectorGetResponse>;

            /// Makes a challenge for proofs of client attestations.
            attestation_challenge: POST "/api/{serviceId}/attestation/challenge", Authority::of_service(Right::UseService), "Attestation", json, (), AttestationChallengeRequest => Json<AttestationChallengeResponse>;

            /// Tells what the credential issuer tells about itself.
            vci_metadata: POST "/api/{serviceId}/vci/metadata", Authority::of_service(Right::UseService), "Credentials", form, (), VciMetadataRequest => Json<VciMetadataResponse>;
            /// Tells where the keys of JWT credentials are.
            vci_jwtissuer: POST "/api/{serviceId}/vci/jwtissuer", Authority::of_service(Right::UseService), "Credentials", form, (), VciJwtissuerRequest => Json<VciJwtissuerResponse>;
            /// Tells what credentials are verified with.
            vci_jwks: POST "/api/{serviceId}/vci/jwks", Authority::of_service(Right::UseService), "Credentials", form, (), VciJwksRequest => Json<VciJwksResponse>;
            /// Makes a nonce for key proofs.
            vci_nonce: POST "/api/{serviceId}/vci/nonce", Authority::of_service(Right::UseService), "Credentials", form, (), VciNonceRequest => Json<VciNonceResponse>;
            /// Reads a credential request.
            vci_single_parse: POST "/api/{serviceId}/vci/single/parse", Authority::of_service(Right::UseService), "Credentials", form, (), VciSingleParseRequest => Json<VciSingleParseResponse>;
            /// Makes the credential that was asked for.
            vci_single_issue: POST "/api/{serviceId}/vci/single/issue", Authority::of_service(Right::UseService), "Credentials", json, (), VciSingleIssueRequest => Json<VciSingleIssueResponse>;
            /// Reads a batch of credential requests (implementer's draft 1).
            vci_batch_parse: POST "/api/{serviceId}/vci/batch/parse", Authority::of_service(Right::UseService), "Credentials", form, (), VciBatchParseRequest => Json<VciBatchParseResponse>;
            /// Makes the credentials of a batch.
            vci_batch_issue: POST "/api/{serviceId}/vci/batch/issue", Authority::of_service(Right::UseService), "Credentials", json, (), VciBatchIssueRequest => Json<VciBatchIssueResponse>;
            /// Reads a request for a credential that was deferred.
            vci_deferred_parse: POST "/api/{serviceId}/vci/deferred/parse", Authority::of_service(Right::UseService), "Credentials", form, (), VciDeferredParseRequest => Json<VciDeferredParseResponse>;
            /// Makes a credential that was deferred, or defers it again.
            vci_deferred_issue: POST "/api/{serviceId}/vci/deferred/issue", Authority::of_service(Right::UseService), "Credentials", json, (), VciDeferredIssueRequest => Json<VciDeferredIssueResponse>;
            /// Reads what a wallet says of what was issued to it.
            vci_notification: POST "/api/{serviceId}/vci/notification", Authority::of_service(Right::UseService), "Credentials", form, (), VciNotificationRequest => Json<VciNotificationResponse>;
            /// Gives a status list, signed (Token Status List §5.1).
            vci_status_list: POST "/api/{serviceId}/vci/status/list", Authority::of_service(Right::UseService), "Credentials", form, (), VciStatusListRequest => Json<VciStatusListResponse>;
            /// Says which credentials count, and which do not.
            vci_status_update: POST "/api/{serviceId}/vci/status/update", Authority::of_service(Right::UseService), "Credentials", form, (), VciStatusUpdateRequest => Json<VciStatusUpdateResponse>;
            /// Makes a credential offer.
            vci_offer_create: POST "/api/{serviceId}/vci/offer/create", Authority::of_service(Right::UseService), "Credentials", form, (), VciOfferCreateRequest => Json<VciOfferCreateResponse>;
            /// Reads a credential offer.
            vci_offer_info: POST "/api/{serviceId}/vci/offer/info", Authority::of_service(Right::UseService), "Credentials", form, (), VciOfferInfoRequest => Json<VciOfferInfoResponse>;

            /// Which version the server is of, and what it can do.
            info: GET "/api/info", Authority::OPEN, "Lifecycle", query, (), NoRequest => Json<InfoResponse>;
            /// Sends the parameters of the query back.
            misc_echo: GET "/api/misc/echo", Authority::OPEN, "Lifecycle", query, (), Echo => Json<Echo>;
            /// Whether the server lives; with `extended=true`, whether its store answers.
            lifecycle_healthcheck: GET "/api/lifecycle/healthcheck", Authority::OPEN, "Lifecycle", query, (), HealthQuery => Text;
        }
    };
}

/// How a request is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A JSON body.
    Json,
    /// A JSON body or a form.
    JsonOrForm,
    /// The query; there is no body.
    Query,
    /// A JSON array in the body, which is the member `items` of the request, and flags in the query.
    Items,
}

/// One row of the table, for programs that walk it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub id: EndpointId,
    pub name: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub authority: Authority,
    pub family: &'static str,
    pub carrier: Carrier,
    pub summary: &'static str,
}

/// A row as a type, so that its request and response are known at compile time.
pub trait Endpoint {
    const ID: EndpointId;
    type Target: Target;
    type Request: serde::Serialize + serde::de::DeserializeOwned;
    type Response: Respond;

    /// [`Input::decode`], compiled once, as all that follows.
    ///
    /// # Errors
    /// As there.
    fn request(input: Input<'_>) -> Result<Self::Request, CallError>;

    /// [`Respond::from_reply`].
    fn answer(status: u16, body: &[u8], keep: Keep<'_>) -> Option<<Self::Response as Respond>::Body>;

    /// A request as JSON.
    ///
    /// # Errors
    /// None but those of memory: every request is JSON.
    fn json(request: &Self::Request) -> Result<Vec<u8>, serde_json::Error>;

    /// A request as a value.
    ///
    /// # Errors
    /// As [`Endpoint::json`].
    fn value(request: &Self::Request) -> Result<serde_json::Value, serde_json::Error>;
}

macro_rules! carrier {
    (json) => {
        Carrier::Json
    };
    (form) => {
        Carrier::JsonOrForm
    };
    (query) => {
        Carrier::Query
    };
    (items) => {
        Carrier::Items
    };
}

macro_rules! declare {
    ($(
        #[doc = $doc:literal]
        $id:ident: $method:ident $path:literal, $authority:expr, $family:literal, $carrier:ident, $target:ty, $request:ty => $response:ty;
    )*) => {
        /// The name of a row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(non_camel_case_types, reason = "the variants are the ids of the table")]
        pub enum EndpointId { $($id,)* }

        /// Every row, in the order of the table.
        pub const ALL: &[Row] = &[$(Row {
            id: EndpointId::$id,
            name: stringify!($id),
            method: stringify!($method),
            path: $path,
            authority: $authority,
            family: $family,
            carrier: carrier!($carrier),
            summary: $doc,
        },)*];

        /// The rows as types.
        pub mod endpoint {
            use super::*;
            $(
                #[doc = $doc]
                #[expect(non_camel_case_types, reason = "the types are named as the ids of the table")]
                pub struct $id;

                impl Endpoint for $id {
                    const ID: EndpointId = EndpointId::$id;
                    type Target = $target;
                    type Request = $request;
                    type Response = $response;

                    fn request(input: Input<'_>) -> Result<$request, CallError> {
                        input.decode()
                    }

                    fn answer(status: u16, body: &[u8], keep: Keep<'_>) -> Option<<$response as Respond>::Body> {
                        <$response>::from_reply(status, body, keep)
                    }

                    fn json(request: &$request) -> Result<Vec<u8>, serde_json::Error> {
                        serde_json::to_vec(request)
                    }

                    fn value(request: &$request) -> Result<serde_json::Value, serde_json::Error> {
                        serde_json::to_value(request)
                    }
                }
            )*
        }

        /// What answers the API: one method per row. A row without an operation does not compile.
        pub trait Handlers: Send + Sync {
            $(
                #[doc = $doc]
                fn $id(
                    &self,
                    call: &Call,
                    target: $target,
                    request: $request,
                ) -> impl Future<Output = Result<$response, CallError>> + Send;
            )*
        }

        /// Decodes a call, lets its handler answer, and encodes the answer. Access has been judged.
        pub async fn dispatch<H: Handlers>(
            id: EndpointId,
            handlers: &H,
            call: &Call,
            path: PathValues<'_>,
            input: Input<'_>,
        ) -> Result<Reply, CallError> {
            match id {
                $(EndpointId::$id => {
                    let target = <$target as Target>::from_path(path).ok_or_else(|| CallError::internal("path"))?;
                    let request = endpoint::$id::request(input)?;
                    // Boxed, so that every call does not carry the room that the largest one needs.
                    let answer = Box::pin(handlers.$id(call, target, request));
                    Ok(Respond::into_reply(answer.await?))
                })*
            }
        }
    };
}

for_each_endpoint!(declare);

impl EndpointId {
    pub fn row(self) -> &'static Row {
        &ALL[self as usize]
    }

    /// Whether a call can be meant for one version of what it changes.
    pub fn is_conditional(self) -> bool {
        use EndpointId as Id;
        matches!(
            self,
            Id::service_update
                | Id::service_patch
                | Id::service_delete
                | Id::client_update
                | Id::client_patch
                | Id::client_delete
        )
    }

    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().find(|row| row.name == name).map(|row| row.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_where_their_ids_say() {
        for row in ALL {
            assert_eq!(row.id.row().name, row.name);
            assert_eq!(EndpointId::parse(row.name), Some(row.id));
        }
    }

    #[test]
    fn no_method_and_path_stand_twice() {
        let mut seen = std::collections::HashSet::new();
        for row in ALL {
            assert!(seen.insert((row.method, row.path)), "{} {}", row.method, row.path);
        }
    }
}
