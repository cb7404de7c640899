//! A year of traffic, by a clock that is put forward: what has ended is swept, and the store does not grow.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "../../sdk/examples/flows.rs"]
#[allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "an example with a main of its own")]
mod flows;

use common::Dir;
use placet_ambient::{Ambient, Clock};
use placet_base::Ttl;
use placet_sdk::registry::{ClientAuthMethod, ClientType, GrantType, ResponseType};
use placet_sdk::types::{
    self, AuthorizationRequest, DeviceAuthorizationRequest, Scope, Service, TokenListQuery,
};
use placet_sdk::{Client, Secret, ServiceId, form};
use placet_server::config::Config;
use placet_server::in_process::InProcess;
use placet_server::serve::{OpenApi, open};
use serde_json::Value;

const CALLBACK: &str = "https://client.example/cb";
const DAY: Ttl = Ttl::secs(24 * 60 * 60);
/// How long a refresh token lives, and so until when a store grows: from then on, as much ends as begins.
const REFRESHED_FOR_DAYS: i64 = 30;

struct Year {
    dir: Dir,
    opened: OpenApi,
    clock: Clock,
    api: Client<InProcess>,
    id: String,
    secret: String,
    /// The refresh token of yesterday.
    refresh: Option<String>,
}

impl Year {
    async fn new() -> Self {
        let dir = Dir::new("year");
        let clock = Clock::stopped();
        let ambient = Ambient { clock: clock.clone(), ..Ambient::default() };
        let opened = open(&Config { ambient, ..Config::new(dir.0.clone()) }).await.unwrap();
        let (_, token) = opened.api.engine().found_organization("Test").await.unwrap();
        let client = || Client::new(InProcess(opened.api.clone()), Secret::new(token.clone()));
        let service = client().service_create(service()).await.unwrap().api_key.unwrap();
        let api = client().for_service(ServiceId(service));
        let made = api.client_create(relying_party()).await.unwrap().body;
        let (id, secret) = (made.client_id.unwrap().to_string(), made.client_secret.unwrap());
        Self { dir, clock, api, id, secret, refresh: None, opened }
    }

    async fn tokens(&self, pairs: &[(&str, &str)]) -> Value {
        let basic = Some((self.id.as_str(), self.secret.as_str()));
        let (status, text) =
            flows::token(&self.api, &form::encode(pairs.iter().copied()), basic, |_, _| true).await.unwrap();
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Some flows that come to an end, and some that are left where they are.
    async fn day(&mut self, day: i64) {
        for _ in 0..5 {
            self.tokens(&[("grant_type", "client_credentials"), ("scope", "read")]).await;
        }
        let query = form::encode([
            ("response_type", "code"),
            ("client_id", &*self.id),
            ("redirect_uri", CALLBACK),
            ("scope", "read"),
        ]);
        let user = format!("user-{}", day % 20);
        let mut refresh = None;
        for redeemed in [true, true, false] {
            let (_, location) = flows::authorize(&self.api, &query, Some(&user)).await.unwrap();
            let code = location.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
            if redeemed {
                let pairs =
                    [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
                refresh = self.tokens(&pairs).await["refresh_token"].as_str().map(str::to_owned);
            }
        }
        if let Some(refresh) = std::mem::replace(&mut self.refresh, refresh) {
            self.tokens(&[("grant_type", "refresh_token"), ("refresh_token", &*refresh)]).await;
        }
        // Nobody answers, nobody polls.
        self.api
            .authorization(AuthorizationRequest { parameters: Some(query), ..Default::default() })
            .await
            .unwrap();
        let asked = DeviceAuthorizationRequest {
            parameters: Some("scope=read".to_owned()),
            client_id: Some(self.id.clone()),
            client_secret: Some(self.secret.clone()),
            ..Default::default()
        };
        self.api.device_authorization(asked).await.unwrap();
    }

    /// What the server's sweeper does in a day.
    async fn sweep(&self) -> usize {
        let mut deleted = 0;
        loop {
            let swept = self.opened.store.sweep(self.clock.now() - DAY, 1000).await.unwrap();
            deleted += swept.deleted;
            if !swept.more {
                return deleted;
            }
        }
    }

    async fn rows(&self) -> i32 {
        let query =
            TokenListQuery { start: Some("0".to_owned()), end: Some("1".to_owned()), ..Default::default() };
        self.api.token_get_list(query).await.unwrap().total_count.unwrap()
    }

    fn bytes(&self) -> u64 {
        std::fs::metadata(self.dir.0.join("placet.db")).unwrap().len()
    }
}

fn service() -> Service {
    let scope = Scope { name: Some("read".to_owned()), ..Default::default() };
    Service {
        issuer: Some("https://as.example".to_owned()),
        supported_grant_types: Some(vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::DeviceCode,
        ]),
        supported_response_types: Some(vec![ResponseType::Code]),
        supported_scopes: Some(vec![scope]),
        supported_token_auth_methods: Some(vec![ClientAuthMethod::ClientSecretBasic]),
        device_verification_uri: Some("https://as.example/device".to_owned()),
        access_token_duration: Some(3600),
        refresh_token_duration: Some(REFRESHED_FOR_DAYS * DAY.as_secs()),
        ..Default::default()
    }
}

fn relying_party() -> types::Client {
    types::Client {
        client_type: Some(ClientType::Confidential),
        redirect_uris: Some(vec![CALLBACK.to_owned()]),
        grant_types: service().supported_grant_types,
        response_types: service().supported_response_types,
        ..Default::default()
    }
}

#[tokio::test]
async fn a_year_takes_no_more_room_than_two_months() {
    let mut year = Year::new().await;
    let (mut deleted, mut settled) = (0, None);
    for day in 1..=365 {
        year.day(day).await;
        year.clock.advance(DAY);
        deleted += year.sweep().await;
        if day == 2 * REFRESHED_FOR_DAYS {
            settled = Some((year.rows().await, year.bytes()));
        }
    }
    let (rows, bytes) = settled.unwrap();
    assert!(deleted > 365 * 8, "{deleted} rows were swept");
    assert!(year.rows().await <= rows + 5, "{} tokens, after two months {rows}", year.rows().await);
    // A few pages of the twenty-odd are what chance does to a tree.
    assert!(year.bytes() <= bytes + bytes / 2, "{} bytes, after two months {bytes}", year.bytes());
}
