//! Where a scene is played: a world, its callers, and what has been said.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use placet_api::PathValues;
use placet_api::endpoints::EndpointId;
use placet_store::Store;
use serde_json::{Value, json};

use super::chance::Chance;
use super::history::{Model, Outcome};
use super::interleaved::Weather;
use crate::world::{Answer, World, block_on};

/// A thing, what callers do with it, and how they do it.
pub(crate) trait Scene: Model {
    /// The seconds that go by now and then, so that whoever polls is in time again.
    const PACE: i64 = 60;

    fn start(&self) -> Self::State;

    /// What a caller does next, who knows what the operations with these numbers gave.
    fn choose(&self, chance: &mut Chance, given: &[usize]) -> Self::Op;

    /// Calls the engine, and says what its answer comes to and what it gave.
    async fn perform(&self, stage: &Stage, op: &Self::Op) -> (Outcome, Option<Given>);

    /// What is looked at when all is over.
    fn closing(&self, given: &[usize]) -> Vec<Self::Op>;
}

/// Values that an answer brought.
#[derive(Clone, Default)]
pub(crate) struct Given {
    /// An access token, or a ticket.
    pub(crate) value: String,
    pub(crate) refresh: String,
}

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) weather: Arc<Weather>,
    seed: u64,
    pub(crate) client: String,
    secret: String,
    values: RefCell<BTreeMap<usize, Given>>,
}

impl Stage {
    pub(crate) fn new(
        seed: u64,
        weather: &Arc<Weather>,
        way: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Self {
        let mut world = World::over(way);
        let (client, secret) = world.furnish();
        Self { world, weather: weather.clone(), seed, client, secret, values: RefCell::default() }
    }

    /// Calls an endpoint while nothing fails.
    pub(crate) fn call(&self, endpoint: EndpointId, body: &Value) -> Value {
        let answer = block_on(self.world.ask(endpoint, PathValues::default(), body));
        assert!(answer.status < 300, "{}", answer.text);
        answer.body
    }

    /// Calls an endpoint with parameters, as the client.
    pub(crate) async fn as_client(&self, endpoint: EndpointId, parameters: &str) -> Answer {
        let body = json!({ "parameters": parameters, "clientId": self.client, "clientSecret": self.secret });
        self.world.ask(endpoint, PathValues::default(), &body).await
    }

    /// What an operation gave.
    pub(crate) fn value(&self, number: usize) -> Given {
        self.values.borrow().get(&number).cloned().unwrap_or_default()
    }

    /// The numbers of the operations that gave something.
    pub(crate) fn given(&self) -> Vec<usize> {
        self.values.borrow().keys().copied().collect()
    }

    pub(crate) fn give(&self, number: usize, given: Given) {
        self.values.borrow_mut().insert(number, given);
    }

    /// What an answer comes to, where its action says so.
    pub(crate) fn outcome(
        &self,
        answer: &Answer,
        of_action: impl FnOnce(&str) -> Option<Outcome>,
    ) -> Outcome {
        match answer.body["action"].as_str().unwrap_or_default() {
            _ if answer.status >= 500 => Outcome::Unknown,
            "INTERNAL_SERVER_ERROR" => Outcome::Unknown,
            action => of_action(action).unwrap_or_else(|| {
                panic!("seed {}: no scene expects the answer {} {}", self.seed, answer.status, answer.text)
            }),
        }
    }
}
