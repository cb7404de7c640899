//! The rows of the endpoint table, and what answers each.

mod custom;
mod former;
mod kinds;

use placet_api::endpoints::{Endpoint, endpoint};
use placet_api::{Call, CallError, Handlers};

use crate::Engine;
use crate::ops::client_management::{self as clients, extension, granted_scopes, grants};
use crate::ops::organization::{member, token as api_token};
use crate::ops::token::admin;
use crate::ops::{
    attestation, authorization, backchannel, client, credential, device, federation, grant_management, hsk,
    inspector, introspection, introspection_standard, jose, logout, native_sso, pushed, registration,
    revocation, token, userinfo,
};

/// How a row is answered: each kind is a method of the same name in `kinds.rs`.
macro_rules! answer {
    // A protocol call: whatever the operation decides is an answer.
    (decide, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path, $reply:path)) => {{
        let () = $target;
        $engine.decide($call, $request, |cx, r| Box::pin($op(cx, r)), $reply).await
    }};
    // The same, with what the next proofs must be made with where that is wanted.
    (prove, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path, $reply:path)) => {{
        let () = $target;
        $engine.prove($call, $request, |cx, r| Box::pin($op(cx, r)), $reply).await
    }};
    // The same, where some outcomes are no answer but an HTTP error.
    (judge, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path, $reply:path)) => {{
        let () = $target;
        $engine.judge($call, $request, |cx, r| Box::pin($op(cx, r)), $reply).await
    }};
    // The same about what its path names.
    (decide_about, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path, $reply:path)) => {{
        let about = kinds::Named::about($target, $call, $request)?;
        $engine.decide($call, about, |cx, r| Box::pin($op(cx, r)), $reply).await
    }};
    // The same as `prove`, of what presents a token, which may be one of the server that the service was at before.
    (bring, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path, $reply:path)) => {{
        let () = $target;
        let tenant = $engine.tenant_of($call).await?;
        $engine.bring(($call, &tenant), &$request).await?;
        $engine.proved(($call, &tenant), $request, |cx, r| Box::pin($op(cx, r)), $reply).await
    }};
    // A management call: a refusal is an HTTP error.
    (manage, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path)) => {{
        let () = $target;
        Ok($engine.manage($call, $request, |cx, r| Box::pin($op(cx, r))).await?.into())
    }};
    // One about what its path names.
    (about, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path)) => {{
        let about = kinds::Named::about($target, $call, $request)?;
        Ok($engine.manage($call, about, |cx, r| Box::pin($op(cx, r))).await?.into())
    }};
    // One about the tokens of the API.
    (tokens, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path)) => {{
        let () = $target;
        let request = kinds::OfTokens::judged($request, $engine, $call).await?;
        kinds::Shows::shown($engine.install($call, request, |cx, r| Box::pin($op(cx, r))).await?)
    }};
    // One about the members of an organization.
    (members, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path)) => {{
        let () = $target;
        let request = kinds::of_member($engine, $call, $request).await?;
        Ok($engine.install($call, request, |cx, r| Box::pin($op(cx, r))).await?.into())
    }};
    // One about the installation as a whole.
    (install, $engine:expr, $call:ident, $target:ident, $request:ident, ($op:path)) => {{
        let () = $target;
        Ok($engine.install($call, $request, |cx, r| Box::pin($op(cx, r))).await?.into())
    }};
    // One that is like no other.
    (custom, $engine:expr, $call:ident, $target:ident, $request:ident, ($method:path)) => {{
        let () = $target;
        $method($engine, $call, $request).await
    }};
}

macro_rules! rows {
    ($($kind:ident $id:ident $with:tt;)*) => {
        impl Handlers for Engine {
            $(async fn $id(
                &self,
                call: &Call,
                target: <endpoint::$id as Endpoint>::Target,
                request: <endpoint::$id as Endpoint>::Request,
            ) -> Result<<endpoint::$id as Endpoint>::Response, CallError> {
                answer!($kind, self, call, target, request, $with)
            })*
        }
    };
}

rows! {
    decide authorization(authorization::request::request, authorization::reply::request);
    decide authorization_issue(authorization::issue::issue, authorization::reply::issue);
    decide authorization_fail(authorization::fail::fail, authorization::reply::fail);
    decide authorization_ticket_info(authorization::ticket::info, authorization::reply::ticket_info);
    decide authorization_ticket_update(authorization::ticket::update, authorization::reply::ticket_update);
    prove pushed_auth_req(pushed::push, pushed::reply);

    bring token(token::request::request, token::reply::request);
    decide token_issue(token::issue::issue, token::reply::issue);
    decide token_fail(token::fail::fail, token::reply::fail);
    decide token_exchange(token::exchange::exchange, token::exchange::reply);
    decide idtoken_reissue(token::reissue::reissue, token::reissue::reply);

    prove backchannel_authentication(backchannel::request::request, backchannel::reply::request);
    decide backchannel_authentication_issue(backchannel::issue::issue, backchannel::reply::issue);
    decide backchannel_authentication_fail(backchannel::fail::fail, backchannel::reply::fail);
    decide backchannel_authentication_complete(backchannel::complete::complete, backchannel::reply::complete);

    prove device_authorization(device::authorization::authorize, device::reply::authorization);
    judge device_verification(device::verification::verify, device::reply::verification);
    decide device_complete(device::complete::complete, device::reply::complete);

    decide token_create(admin::create::create, admin::create::reply);
    manage token_create_batch(admin::batch::accept);
    about token_create_batch_status(admin::batch::status);
    decide token_update(admin::update::update, admin::update::reply);
    about token_delete(admin::delete::delete);
    manage token_revoke(admin::revoke::revoke);
    manage token_get_list(admin::list::list);

    bring introspection(introspection::introspect, introspection::reply);
    bring introspection_standard(introspection_standard::introspect, introspection_standard::reply);
    bring revocation(revocation::revoke, revocation::reply);

    custom apitoken_get(custom::own_token);
    custom apitoken_revoke(custom::end_own_token);

    members member_invite(member::invite);
    install member_accept(member::accept);
    members member_all(member::all);
    members member_update(member::update);
    members member_remove(member::remove);
    members member_sign_in(member::sign_in);
    custom audit_get_list(custom::list_audit);

    manage inspector_get_list(inspector::read::list);
    manage inspector_get(inspector::read::get);

    decide attestation_challenge(attestation::challenge, attestation::reply);

    bring userinfo(userinfo::request::request, userinfo::request::reply);
    decide userinfo_issue(userinfo::issue::issue, userinfo::issue::reply);

    custom service_configuration(custom::configuration);
    custom service_configuration_post(custom::configuration);
    custom service_jwks_get(custom::jwks);

    custom service_create(custom::create_service);
    custom service_get_list(custom::list_services);
    custom service_get(custom::get_service);
    custom service_update(custom::update_service);
    custom service_patch(custom::patch_service);
    custom service_delete(custom::delete_service);

    manage client_create(client::create);
    custom client_get_list(custom::list_clients);
    about client_get(client::get);
    about client_update(client::update);
    about client_patch(client::patch);
    about client_delete(client::delete);
    about client_lock_flag_update(clients::lock);
    about client_secret_refresh(clients::refresh_secret);
    about client_secret_update(clients::update_secret);
    manage client_authorization_get_list(clients::authorization::list);
    manage client_authorization_get_list_post(clients::authorization::list);
    about client_authorization_get_list_by_subject(clients::authorization::list);
    about client_authorization_update(clients::authorization::update);
    about client_authorization_delete(clients::authorization::delete);
    about client_authorization_delete_post(clients::authorization::delete);
    about client_authorization_delete_by_subject(clients::authorization::delete);
    about client_granted_scopes_get(granted_scopes::get);
    about client_granted_scopes_get_post(granted_scopes::get);
    about client_granted_scopes_get_by_subject(granted_scopes::get);
    about client_granted_scopes_delete(granted_scopes::delete);
    about client_granted_scopes_delete_post(granted_scopes::delete);
    about client_granted_scopes_delete_by_subject(granted_scopes::delete);
    manage client_grants_get_list(grants::list);
    about client_grants_get(grants::get);
    about client_grants_delete(grants::delete);
    about client_requestable_scopes_get(extension::get);
    about client_requestable_scopes_update(extension::update);
    about client_requestable_scopes_update_put(extension::update);
    about client_requestable_scopes_delete(extension::delete);

    decide client_registration(registration::create, registration::reply);
    decide client_registration_get(registration::get, registration::reply);
    decide client_registration_update(registration::update, registration::reply);
    decide client_registration_delete(registration::delete, registration::reply);

    prove gm(grant_management::manage, grant_management::reply);

    decide nativesso(native_sso::respond::respond, native_sso::respond::reply);
    decide nativesso_logout(native_sso::logout::logout, native_sso::logout::reply);

    decide vci_metadata(credential::metadata::metadata, credential::reply::metadata);
    decide vci_jwtissuer(credential::metadata::jwt_issuer, credential::reply::jwt_issuer);
    decide vci_jwks(credential::metadata::jwks, credential::reply::jwks);
    decide vci_nonce(credential::nonce::nonce, credential::reply::nonce);
    decide vci_single_parse(credential::single::parse, credential::reply::parsed);
    decide vci_single_issue(credential::single::issue, credential::reply::issued);
    decide vci_batch_parse(credential::batch::parse, credential::reply::parsed_all);
    decide vci_batch_issue(credential::batch::issue, credential::reply::issued_all);
    decide vci_deferred_parse(credential::deferred::parse, credential::reply::parsed_later);
    decide vci_deferred_issue(credential::deferred::issue, credential::reply::issued_later);
    decide vci_notification(credential::notification::notify, credential::notification::reply);
    decide vci_status_list(credential::status::list, credential::reply::status_list);
    decide vci_status_update(credential::status::update, credential::status::reply);
    decide vci_offer_create(credential::offer::create, credential::reply::create_offer);
    decide vci_offer_info(credential::offer::info, credential::reply::read_offer);

    decide backchannel_logout_token(logout::token, logout::reply);

    decide federation_configuration(federation::configuration::configuration, federation::configuration::reply);
    decide federation_jwks(federation::jwks::jwks, federation::jwks::reply);
    decide federation_registration(federation::registration::register, federation::registration::reply);

    manage jose_verify(jose::verify);

    custom hsk_create(custom::create_hsk);
    decide_about hsk_get(hsk::get, hsk::get_reply);
    decide hsk_get_list(hsk::list, hsk::list_reply);
    about hsk_delete(hsk::deleted);
    decide_about hsk_delete_get(hsk::delete, hsk::delete_reply);

    custom organization_service_create(custom::create_service_of);
    custom organization_service_remove(custom::remove_service);
    tokens servicetoken_create(api_token::create);
    tokens servicetoken_all(api_token::all);
    tokens servicetoken_update(api_token::update);
    tokens servicetoken_rotate(api_token::rotate);
    tokens servicetoken_revoke(api_token::revoke);
    tokens organizationtoken_create(api_token::create);
    tokens organizationtoken_all(api_token::all);
    tokens organizationtoken_update(api_token::update);
    tokens organizationtoken_rotate(api_token::rotate);
    tokens organizationtoken_revoke(api_token::revoke);

    custom info(custom::info);
    custom misc_echo(custom::echo);
    custom lifecycle_healthcheck(custom::healthcheck);
}
