//! Organization, service, clients and tokens for a first try, made through the API as any caller would.

use std::path::{Path, PathBuf};

use placet_api::MemberRole;
use placet_authserver::LocalCa;
use placet_sdk::registry::{
    ApplicationType, ClientAuthMethod, ClientType, DeliveryMode, Display, GrantType, JwsAlg, Prompt,
    ResponseType,
};
use placet_sdk::types::{
    self, ClientExtension, MemberRequest, NamedUri, Pair, Scope, Service, ServiceTokenRequest, TaggedValue,
};
use placet_sdk::{Answer, Client, Error, Secret, ServiceId, claims, form};
use placet_server::in_process::InProcess;
use placet_server::keys::key_set;
use placet_server::serve::{OpenApi, StartError};

use super::credentials::{self, CredentialAuthority};
use super::environment::Environment;
use super::play::PlayKey;
use super::{Addresses, Secured};

/// Where the demo clients take their answers.
const REDIRECT_URI: &str = "http://localhost:3000/callback";

/// The address of the user who is a member: John, of the demonstration.
const MEMBER: &str = "john@example.com";

type Api = Client<InProcess>;

/// What an earlier run has made, fitted to where everything is now; or everything anew.
pub(crate) async fn furnished(
    opened: &OpenApi,
    known: Option<Environment>,
    places: &Addresses,
    key: &PlayKey,
    authorities: (&Vouching, &CredentialAuthority),
) -> Result<Environment, StartError> {
    let mut environment = match known {
        Some(environment) => environment,
        None => founded(opened).await?,
    };
    let api = of_service(opened, &environment)?;
    if environment.value("DEMO_CLIENT_ID").is_empty() {
        clients(&api, &mut environment).await.map_err(StartError::new)?;
    }
    if environment.value("CONSOLE_CLIENT_ID").is_empty() {
        console_client(opened, &api, &mut environment).await.map_err(StartError::new)?;
    }
    placed(&api, places, authorities).await?;
    fitted(&api, &environment, places, key).await.map_err(StartError::new)?;
    environment.set("AUTHLETE_BASE_URL", &places.api);
    environment.set("DEMO_ISSUER", places.issuer());
    Ok(environment)
}

fn of_service(opened: &OpenApi, environment: &Environment) -> Result<Api, StartError> {
    let token = Secret::new(environment.value("AUTHLETE_API_TOKEN").to_owned());
    let service = environment.value("AUTHLETE_SERVICE_ID").parse().map_err(StartError::new)?;
    Ok(Client::new(InProcess(opened.api.clone()), token).for_service(ServiceId(service)))
}

/// An organization with its token, a service with its own.
async fn founded(opened: &OpenApi) -> Result<Environment, StartError> {
    let founded = opened.api.engine().found_organization("Demo organization").await;
    let (organization, token) = founded.map_err(|e| StartError::new(e.reason.result_message()))?;
    let admin = Client::new(InProcess(opened.api.clone()), Secret::new(token.clone()));
    let service = admin.service_create(service()?).await.map_err(StartError::new)?;
    let service_id = service.api_key.unwrap_or_default();
    let wanted = ServiceTokenRequest {
        service_id: Some(service_id),
        organization_id: Some(organization.0),
        description: Some("Demo authorization server".to_owned()),
        ..Default::default()
    };
    let made = admin.servicetoken_create(wanted).await.map_err(StartError::new)?;
    let service_token = made.body.access_token.unwrap_or_default();
    let mut environment = Environment::default();
    environment.set("AUTHLETE_API_VERSION", "V3");
    environment.set("AUTHLETE_ORGANIZATION_ID", organization);
    environment.set("AUTHLETE_ORG_TOKEN", token);
    environment.set("AUTHLETE_SERVICE_ID", service_id);
    environment.set("AUTHLETE_SERVICE_APIKEY", service_id);
    for name in ["AUTHLETE_SERVICE_ACCESSTOKEN", "AUTHLETE_BEARER", "AUTHLETE_API_TOKEN"] {
        environment.set(name, &service_token);
    }
    environment.set("DEMO_REDIRECT_URI", REDIRECT_URI);
    Ok(environment)
}

async fn clients(api: &Api, environment: &mut Environment) -> Result<(), Error> {
    let id = |client: &types::Client| client.client_id.unwrap_or_default().to_string();
    let confidential = api.client_create(demo_client()).await?;
    environment.set("DEMO_CLIENT_ID", id(&confidential));
    environment.set("DEMO_CLIENT_SECRET", confidential.client_secret.as_deref().unwrap_or_default());
    let public = api.client_create(demo_public_client()).await?;
    environment.set("DEMO_PUBLIC_CLIENT_ID", id(&public));
    let play = api.client_create(play_client()).await?;
    environment.set("PLAY_CLIENT_ID", id(&play));
    environment.set("PLAY_CLIENT_SECRET", play.client_secret.as_deref().unwrap_or_default());
    Ok(())
}

/// The console is a client too, and the demonstration's user a member who signs in by it.
async fn console_client(opened: &OpenApi, api: &Api, environment: &mut Environment) -> Result<(), Error> {
    let token = Secret::new(environment.value("AUTHLETE_ORG_TOKEN").to_owned());
    let request = MemberRequest {
        organization_id: environment.value("AUTHLETE_ORGANIZATION_ID").parse().ok(),
        email: Some(MEMBER.to_owned()),
        role: Some(MemberRole::Administrator),
        ..Default::default()
    };
    match Client::new(InProcess(opened.api.clone()), token).member_invite(request).await {
        // Somebody has invited the member before.
        Ok(_) | Err(Error::Refused { status: 400..500, .. }) => {}
        Err(e) => return Err(e),
    }
    let console = api.client_create(console_client_document()).await?;
    environment.set("CONSOLE_CLIENT_ID", console.client_id.unwrap_or_default());
    environment.set("CONSOLE_CLIENT_SECRET", console.client_secret.as_deref().unwrap_or_default());
    Ok(())
}

/// The service knows where it is, and issues credentials; one that has not changed is not written again.
async fn placed(
    api: &Api,
    places: &Addresses,
    (vouching, authority): (&Vouching, &CredentialAuthority),
) -> Result<(), StartError> {
    let mut service = api.service_get().await.map_err(StartError::new)?;
    let issues = service.verifiable_credentials_enabled == Some(true);
    if service.issuer.as_deref() != Some(&places.issuer()) || !vouching.is_of(&service) || !issues {
        place(&mut service, places);
        vouching.tell(&mut service);
        credentials::furnish(&mut service, &places.issuer(), authority)?;
        api.service_update(service).await.map_err(StartError::new)?;
    }
    Ok(())
}

/// The playground knows where it is, and all demo clients are wallets.
async fn fitted(
    api: &Api,
    environment: &Environment,
    places: &Addresses,
    key: &PlayKey,
) -> Result<(), Error> {
    for name in ["DEMO_CLIENT_ID", "DEMO_PUBLIC_CLIENT_ID"] {
        let mut client: Answer<types::Client> = api.client_get(environment.value(name)).await?;
        if !credentials::is_wallet(&client) {
            credentials::wallet(&mut client);
            api.client_update(environment.value(name), client).await?;
        }
    }
    let mut console: Answer<types::Client> = api.client_get(environment.value("CONSOLE_CLIENT_ID")).await?;
    console.redirect_uris = Some(vec![format!("{}/console/sign-in/callback", places.front)]);
    api.client_update(environment.value("CONSOLE_CLIENT_ID"), console).await?;
    let callback = format!("{}/play/callback", places.front);
    let mut play: Answer<types::Client> = api.client_get(environment.value("PLAY_CLIENT_ID")).await?;
    play.redirect_uris = Some(vec![callback]);
    play.jwks = Some(key.set());
    let logout = serde_json::json!({ "post_logout_redirect_uris": [format!("{}/play", places.front)] });
    play.custom_metadata = Some(logout.to_string());
    credentials::wallet(&mut play);
    api.client_update(environment.value("PLAY_CLIENT_ID"), play).await?;
    Ok(())
}

/// Who vouches for certificates of clients (RFC 8705 §2.1).
pub(crate) struct Vouching {
    authorities: Vec<String>,
    validated: bool,
}

impl Vouching {
    pub(crate) fn new(local: Option<&LocalCa>, secured: &Secured) -> Result<Self, StartError> {
        let files = local.map(|ca| &ca.authority).into_iter().chain(&secured.client_authorities);
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|e| StartError::new(format!("{}: {e}", path.display())))
        };
        let authorities = files.map(read).collect::<Result<_, _>>()?;
        // Without TLS nobody presents certificates here: what a caller of the API says of one is what ended TLS found.
        let validated = local.is_some() && !secured.any_client_authority;
        Ok(Self { authorities, validated })
    }

    fn is_of(&self, service: &Service) -> bool {
        service.mutual_tls_validate_pki_cert_chain == Some(self.validated)
            && service.trusted_root_certificates.as_deref().unwrap_or_default() == self.authorities
    }

    fn tell(&self, service: &mut Service) {
        service.mutual_tls_validate_pki_cert_chain = Some(self.validated);
        service.trusted_root_certificates = Some(self.authorities.clone());
    }
}

fn place(service: &mut Service, places: &Addresses) {
    let base = places.issuer();
    let endpoint = |path: &str| Some(format!("{base}/{path}"));
    service.authorization_endpoint = endpoint("authorize");
    service.token_endpoint = endpoint("token");
    service.pushed_auth_req_endpoint = endpoint("par");
    service.user_info_endpoint = endpoint("userinfo");
    service.revocation_endpoint = endpoint("revoke");
    service.introspection_endpoint = endpoint("introspect");
    service.registration_endpoint = endpoint("register");
    service.registration_management_endpoint = endpoint("register");
    service.end_session_endpoint = endpoint("logout");
    service.backchannel_authentication_endpoint = endpoint("backchannel_authentication");
    service.grant_management_endpoint = endpoint("grants");
    service.device_authorization_endpoint = endpoint("device_authorization");
    service.device_verification_uri = endpoint("device");
    service.device_verification_uri_complete = endpoint("device?user_code=USER_CODE");
    service.jwks_uri = endpoint("jwks");
    let aliased = [
        ("token", "token"),
        ("pushed_authorization_request", "par"),
        ("userinfo", "userinfo"),
        ("revocation", "revoke"),
        ("introspection", "introspect"),
        ("backchannel_authentication", "backchannel_authentication"),
        ("device_authorization", "device_authorization"),
    ];
    service.mtls_endpoint_aliases = places.mutual.as_ref().map(|mutual| {
        let alias = |(name, path): (&str, &str)| NamedUri {
            name: Some(format!("{name}_endpoint")),
            uri: Some(format!("{mutual}/as/{path}")),
        };
        aliased.map(alias).to_vec()
    });
    service.issuer = Some(base);
}

fn service() -> Result<Service, StartError> {
    let scope = |name: &str, description: &str| Scope {
        name: Some(name.to_owned()),
        description: Some(description.to_owned()),
        ..Default::default()
    };
    let in_japanese = |scope: Scope, text: &str| Scope {
        descriptions: Some(vec![TaggedValue { tag: Some("ja".to_owned()), value: Some(text.to_owned()) }]),
        ..scope
    };
    let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    let methods = vec![
        ClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::ClientSecretJwt,
        ClientAuthMethod::PrivateKeyJwt,
        ClientAuthMethod::TlsClientAuth,
        ClientAuthMethod::SelfSignedTlsClientAuth,
    ];
    Ok(Service {
        service_name: Some("Demo service".to_owned()),
        supported_grant_types: Some(vec![
            GrantType::AuthorizationCode,
            GrantType::Implicit,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::Password,
            GrantType::Ciba,
            GrantType::DeviceCode,
            GrantType::TokenExchange,
        ]),
        supported_backchannel_token_delivery_modes: Some(DeliveryMode::ALL.to_vec()),
        supported_response_types: Some(ResponseType::ALL.to_vec()),
        supported_token_auth_methods: Some([&[ClientAuthMethod::None], &*methods].concat()),
        supported_revocation_auth_methods: Some(methods.clone()),
        supported_introspection_auth_methods: Some(methods),
        native_sso_supported: Some(true),
        // Of clients on this machine, too.
        client_id_metadata_document_supported: Some(true),
        cimd_http_permitted: Some(true),
        supported_prompt_values: Some(Prompt::ALL.to_vec()),
        supported_displays: Some(Display::ALL.to_vec()),
        // OpenID Connect Core §5.4: what scopes stand for comes from the userinfo endpoint, where there is one.
        claim_shortcut_restrictive: Some(true),
        // RFC 8252 §7.3
        loopback_redirection_uri_variable: Some(true),
        // RFC 9101 §4
        request_object_audience_checked: Some(true),
        supported_acrs: texts(&["urn:placet:acr:password", "urn:placet:acr:second-factor"]),
        supported_ui_locales: texts(&["en", "ja"]),
        supported_authorization_details_types: texts(&["payment_initiation"]),
        supported_claims: Some(claims::standard().map(str::to_owned).collect()),
        supported_scopes: Some(vec![
            scope("openid", ""),
            scope("profile", ""),
            scope("email", ""),
            scope("phone", ""),
            scope("address", ""),
            scope("offline_access", ""),
            scope("device_sso", "Stay signed in to the other apps of this device"),
            scope("grant_management_query", ""),
            scope("grant_management_revoke", ""),
            in_japanese(scope("orders:read", "See your orders"), "注文の閲覧"),
            in_japanese(scope("orders:write", "Order in your name"), "あなたの名前での注文"),
        ]),
        // For front-channel and RP-initiated logout, of which the API has no properties.
        supported_custom_client_metadata: texts(&[
            "post_logout_redirect_uris",
            "frontchannel_logout_uri",
            "frontchannel_logout_session_required",
        ]),
        dynamic_registration_supported: Some(true),
        backchannel_logout_supported: Some(true),
        backchannel_logout_session_supported: Some(true),
        tls_client_certificate_bound_access_tokens: Some(true),
        jwks: Some(key_set(&["ES256", "RS256", "PS256", "EdDSA", "RSA-OAEP-256"]).map_err(StartError::new)?),
        ..assuring()
    })
}

/// What John's verified claims are (OpenID Connect for Identity Assurance 1.0 §7).
fn assuring() -> Service {
    let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
    Service {
        supported_trust_frameworks: texts(&["demo"]),
        supported_verified_claims: texts(&["given_name", "family_name", "birthdate"]),
        supported_evidence: texts(&["document"]),
        supported_documents: texts(&["idcard"]),
        supported_documents_check_methods: texts(&["vpip"]),
        ..Service::default()
    }
}

fn demo_client() -> types::Client {
    types::Client {
        client_name: Some("Demo client".to_owned()),
        client_type: Some(ClientType::Confidential),
        application_type: Some(ApplicationType::Web),
        token_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        grant_types: Some(vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::Password,
            GrantType::Ciba,
            GrantType::DeviceCode,
            GrantType::TokenExchange,
        ]),
        bc_delivery_mode: Some("POLL".to_owned()),
        extension: Some(ClientExtension { token_exchange_permitted: Some(true), ..Default::default() }),
        response_types: Some(vec![ResponseType::Code]),
        redirect_uris: Some(vec![REDIRECT_URI.to_owned()]),
        id_token_sign_alg: Some(JwsAlg::Es256),
        ..Default::default()
    }
}

fn console_client_document() -> types::Client {
    types::Client {
        client_name: Some("Console".to_owned()),
        grant_types: Some(vec![GrantType::AuthorizationCode]),
        bc_delivery_mode: None,
        extension: None,
        redirect_uris: None,
        pkce_required: Some(true),
        pkce_s256_required: Some(true),
        attributes: Some(vec![Pair { key: Some("first_party".to_owned()), value: Some("true".to_owned()) }]),
        ..demo_client()
    }
}

fn demo_public_client() -> types::Client {
    types::Client {
        client_name: Some("Demo public client".to_owned()),
        client_type: Some(ClientType::Public),
        application_type: Some(ApplicationType::Native),
        token_auth_method: Some(ClientAuthMethod::None),
        grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode]),
        extension: None,
        bc_delivery_mode: None,
        pkce_required: Some(true),
        pkce_s256_required: Some(true),
        ..demo_client()
    }
}

fn play_client() -> types::Client {
    types::Client {
        client_name: Some("Playground".to_owned()),
        grant_types: Some(vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::DeviceCode,
            GrantType::Ciba,
            GrantType::TokenExchange,
        ]),
        authorization_sign_alg: Some(JwsAlg::Es256),
        attributes: Some(vec![Pair { key: Some("first_party".to_owned()), value: Some("true".to_owned()) }]),
        redirect_uris: None,
        ..demo_client()
    }
}

/// How to ask for a decision from a shell.
pub(crate) fn first_decision(env: &Path) -> String {
    let env = env.display();
    let mut redirect_uri = String::new();
    form::encode_into(REDIRECT_URI, &mut redirect_uri);
    format!(
        r#"Ask for a decision on an authorization request (paste this):

  . {env}
  curl -s $AUTHLETE_BASE_URL/api/$AUTHLETE_SERVICE_ID/auth/authorization \
    -H "Authorization: Bearer $AUTHLETE_API_TOKEN" -H 'Content-Type: application/json' \
    -d '{{"parameters":"response_type=code&scope=openid&client_id='$DEMO_CLIENT_ID'&redirect_uri={redirect_uri}"}}'
"#
    )
}
