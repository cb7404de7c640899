//! What a call may cost: whether it can be answered in passing, or reads or changes many records.

use crate::EndpointId;

/// How much of a server's time an operation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A few records, whatever there is besides.
    Short,
    /// Lists, and what is done to all records of somebody: more than the calls beside it should wait for.
    Long,
}

/// Exhaustive, so that a new row has to say what it costs.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn cost(endpoint: EndpointId) -> Cost {
    match endpoint {
        EndpointId::token_revoke
        | EndpointId::vci_status_update
        | EndpointId::nativesso_logout
        | EndpointId::token_get_list
        | EndpointId::token_create_batch
        | EndpointId::service_get_list
        | EndpointId::service_delete
        | EndpointId::client_get_list
        | EndpointId::client_authorization_get_list
        | EndpointId::client_grants_get_list
        | EndpointId::client_authorization_get_list_post
        | EndpointId::client_authorization_get_list_by_subject
        | EndpointId::client_authorization_update
        | EndpointId::client_authorization_delete
        | EndpointId::client_authorization_delete_post
        | EndpointId::client_authorization_delete_by_subject
        | EndpointId::organization_service_remove
        | EndpointId::servicetoken_all
        | EndpointId::organizationtoken_all
        | EndpointId::inspector_get_list
        | EndpointId::inspector_get
        | EndpointId::audit_get_list => Cost::Long,
        EndpointId::authorization
        | EndpointId::member_sign_in
        | EndpointId::client_registration_delete
        | EndpointId::client_delete
        | EndpointId::authorization_issue
        | EndpointId::authorization_fail
        | EndpointId::authorization_ticket_info
        | EndpointId::authorization_ticket_update
        | EndpointId::pushed_auth_req
        | EndpointId::token
        | EndpointId::token_issue
        | EndpointId::token_fail
        | EndpointId::token_exchange
        | EndpointId::idtoken_reissue
        | EndpointId::backchannel_authentication
        | EndpointId::backchannel_authentication_issue
        | EndpointId::backchannel_authentication_fail
        | EndpointId::backchannel_authentication_complete
        | EndpointId::device_authorization
        | EndpointId::device_verification
        | EndpointId::device_complete
        | EndpointId::gm
        | EndpointId::nativesso
        | EndpointId::vci_metadata
        | EndpointId::vci_jwtissuer
        | EndpointId::vci_jwks
        | EndpointId::vci_nonce
        | EndpointId::vci_offer_create
        | EndpointId::vci_offer_info
        | EndpointId::vci_single_parse
        | EndpointId::vci_single_issue
        | EndpointId::vci_batch_parse
        | EndpointId::vci_batch_issue
        | EndpointId::vci_deferred_parse
        | EndpointId::vci_deferred_issue
        | EndpointId::vci_notification
        | EndpointId::vci_status_list
        | EndpointId::attestation_challenge
        | EndpointId::token_create
        | EndpointId::token_create_batch_status
        | EndpointId::token_update
        | EndpointId::token_delete
        | EndpointId::introspection
        | EndpointId::introspection_standard
        | EndpointId::revocation
        | EndpointId::userinfo
        | EndpointId::userinfo_issue
        | EndpointId::service_configuration
        | EndpointId::service_configuration_post
        | EndpointId::service_jwks_get
        | EndpointId::service_create
        | EndpointId::service_get
        | EndpointId::service_update
        | EndpointId::service_patch
        | EndpointId::client_create
        | EndpointId::client_get
        | EndpointId::client_update
        | EndpointId::client_patch
        | EndpointId::client_lock_flag_update
        | EndpointId::client_secret_refresh
        | EndpointId::client_secret_update
        | EndpointId::client_granted_scopes_get
        | EndpointId::client_granted_scopes_get_post
        | EndpointId::client_granted_scopes_get_by_subject
        | EndpointId::client_granted_scopes_delete
        | EndpointId::client_grants_get
        | EndpointId::client_grants_delete
        | EndpointId::client_granted_scopes_delete_post
        | EndpointId::client_granted_scopes_delete_by_subject
        | EndpointId::client_requestable_scopes_get
        | EndpointId::client_requestable_scopes_update
        | EndpointId::client_requestable_scopes_update_put
        | EndpointId::client_requestable_scopes_delete
        | EndpointId::client_registration
        | EndpointId::client_registration_get
        | EndpointId::client_registration_update
        | EndpointId::backchannel_logout_token
        | EndpointId::federation_configuration
        | EndpointId::federation_jwks
        | EndpointId::federation_registration
        | EndpointId::jose_verify
        | EndpointId::hsk_create
        | EndpointId::hsk_get
        | EndpointId::hsk_get_list
        | EndpointId::hsk_delete
        | EndpointId::hsk_delete_get
        | EndpointId::organization_service_create
        | EndpointId::servicetoken_create
        | EndpointId::servicetoken_update
        | EndpointId::servicetoken_rotate
        | EndpointId::servicetoken_revoke
        | EndpointId::organizationtoken_create
        | EndpointId::organizationtoken_update
        | EndpointId::organizationtoken_rotate
        | EndpointId::organizationtoken_revoke
        | EndpointId::apitoken_get
        | EndpointId::apitoken_revoke
        | EndpointId::member_invite
        | EndpointId::member_accept
        | EndpointId::member_all
        | EndpointId::member_update
        | EndpointId::member_remove
        | EndpointId::info
        | EndpointId::misc_echo
        | EndpointId::lifecycle_healthcheck => Cost::Short,
    }
}
