//! A client and the tokens of one of its users: what takes many tokens at once, or for a while, takes them all.

use std::collections::BTreeSet;

use placet_api::PathValues;
use placet_api::endpoints::EndpointId;
use serde_json::{Value, json};

use super::chance::Chance;
use super::grants::introspected;
use super::history::{Model, Outcome};
use super::stage::{Given, Scene, Stage};
use crate::world::Answer;

pub(crate) struct Client;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct State {
    deleted: bool,
    locked: bool,
    tokens: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Create,
    Introspect(usize),
    /// Every token that the user has of the client.
    RevokeAll,
    Lock(bool),
    Delete,
}

impl Model for Client {
    type State = State;
    type Op = Op;

    fn step(&self, state: &State, number: usize, op: &Op) -> Vec<(Outcome, State)> {
        let mut next = state.clone();
        let outcome = match op {
            Op::Introspect(of) => {
                let live = state.tokens.contains(of) && !state.locked && !state.deleted;
                if live { Outcome::Live } else { Outcome::Dead }
            }
            _ if state.deleted => Outcome::Refused,
            Op::Create if state.locked => Outcome::Refused,
            Op::Create => {
                next.tokens.insert(number);
                Outcome::Granted
            }
            Op::RevokeAll => {
                next.tokens.clear();
                Outcome::Done
            }
            Op::Lock(locked) => {
                next.locked = *locked;
                Outcome::Done
            }
            Op::Delete => {
                next.deleted = true;
                Outcome::Done
            }
        };
        vec![(outcome, next)]
    }
}

impl Scene for Client {
    // What is issued while all is revoked may be from before or after, and no clock says which.
    const PACE: i64 = 0;

    fn start(&self) -> State {
        State::default()
    }

    fn choose(&self, chance: &mut Chance, given: &[usize]) -> Op {
        match chance.below(12) {
            0..4 => Op::Create,
            4..6 => Op::RevokeAll,
            6 => Op::Lock(true),
            7 => Op::Lock(false),
            8 if chance.one_in(3) => Op::Delete,
            _ if given.is_empty() => Op::Create,
            _ => Op::Introspect(given[chance.below(given.len())]),
        }
    }

    async fn perform(&self, stage: &Stage, op: &Op) -> (Outcome, Option<Given>) {
        let path = PathValues { client: Some(&stage.client), ..PathValues::default() };
        match op {
            Op::Introspect(of) => (introspected(stage, &stage.value(*of).value).await, None),
            Op::Create => created(stage).await,
            Op::RevokeAll => {
                let (endpoint, body) =
                    (EndpointId::client_authorization_delete_post, json!({ "subject": "john" }));
                (managed(&stage.world.ask(endpoint, path, &body).await), None)
            }
            Op::Lock(locked) => {
                let (endpoint, body) =
                    (EndpointId::client_lock_flag_update, json!({ "clientLocked": locked }));
                (managed(&stage.world.ask(endpoint, path, &body).await), None)
            }
            Op::Delete => {
                let answer = stage.world.ask(EndpointId::client_delete, path, &Value::Null).await;
                (managed(&answer), None)
            }
        }
    }

    fn closing(&self, given: &[usize]) -> Vec<Op> {
        given.iter().map(|of| Op::Introspect(*of)).collect()
    }
}

async fn created(stage: &Stage) -> (Outcome, Option<Given>) {
    let client: i64 = stage.client.parse().unwrap_or_default();
    let body = json!({
        "grantType": "AUTHORIZATION_CODE", "clientId": client, "subject": "john", "scopes": ["read"],
    });
    let answer = stage.world.ask(EndpointId::token_create, PathValues::default(), &body).await;
    let outcome = stage.outcome(&answer, |action| match action {
        "OK" => Some(Outcome::Granted),
        "BAD_REQUEST" | "FORBIDDEN" => Some(Outcome::Refused),
        _ => None,
    });
    let value = answer.body["accessToken"].as_str().unwrap_or_default().to_owned();
    (outcome, (outcome == Outcome::Granted).then(|| Given { value, ..Given::default() }))
}

/// What a call of the management's comes to; its status says it.
fn managed(answer: &Answer) -> Outcome {
    match answer.status {
        500.. => Outcome::Unknown,
        400..500 => Outcome::Refused,
        _ => Outcome::Done,
    }
}
