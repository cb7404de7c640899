//! A pushed authorization request (RFC 9126): whoever opens it gets a ticket, and one ticket of all is answered.

use placet_api::PathValues;
use placet_api::endpoints::EndpointId;
use serde_json::json;

use super::chance::Chance;
use super::history::{Model, Outcome};
use super::stage::{Given, Scene, Stage};
use crate::world::block_on;

pub(crate) struct Pushed {
    /// The parameters that open it.
    open: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    Open,
    Answered,
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Open,
    /// The user has agreed to what the ticket of this operation is about.
    Issue(usize),
    /// Or not.
    Fail(usize),
}

impl Pushed {
    pub(crate) fn new(stage: &Stage) -> Self {
        let parameters = "response_type=code&scope=read&redirect_uri=https://client.example/cb";
        let answer = block_on(stage.as_client(EndpointId::pushed_auth_req, parameters));
        let uri = answer.body["requestUri"].as_str().unwrap_or_default();
        assert!(!uri.is_empty(), "{}", answer.text);
        Self { open: format!("client_id={}&request_uri={uri}", stage.client) }
    }
}

impl Model for Pushed {
    type State = State;
    type Op = Op;

    fn step(&self, state: &State, _: usize, op: &Op) -> Vec<(Outcome, State)> {
        vec![match (state, op) {
            (State::Answered, _) => (Outcome::Refused, State::Answered),
            (State::Open, Op::Open) => (Outcome::Granted, State::Open),
            (State::Open, Op::Issue(_)) => (Outcome::Granted, State::Answered),
            (State::Open, Op::Fail(_)) => (Outcome::Done, State::Answered),
        }]
    }
}

impl Scene for Pushed {
    // It lives for a minute or so, and its end is not what this is about.
    const PACE: i64 = 0;

    fn start(&self) -> State {
        State::Open
    }

    fn choose(&self, chance: &mut Chance, given: &[usize]) -> Op {
        if given.is_empty() || chance.one_in(4) {
            return Op::Open;
        }
        let of = given[chance.below(given.len())];
        if chance.one_in(3) { Op::Fail(of) } else { Op::Issue(of) }
    }

    async fn perform(&self, stage: &Stage, op: &Op) -> (Outcome, Option<Given>) {
        let (endpoint, body) = match op {
            Op::Open => (EndpointId::authorization, json!({ "parameters": self.open })),
            Op::Issue(of) => {
                let body = json!({ "ticket": stage.value(*of).value, "subject": "john" });
                (EndpointId::authorization_issue, body)
            }
            Op::Fail(of) => {
                let body = json!({ "ticket": stage.value(*of).value, "reason": "DENIED" });
                (EndpointId::authorization_fail, body)
            }
        };
        let answer = stage.world.ask(endpoint, PathValues::default(), &body).await;
        let says = |what: &str| answer.body["responseContent"].as_str().is_some_and(|to| to.contains(what));
        let outcome = stage.outcome(&answer, |action| match (op, action) {
            (_, "LOCATION") if says("error=server_error") => Some(Outcome::Unknown),
            (Op::Open, "INTERACTION") => Some(Outcome::Granted),
            (Op::Issue(_), "LOCATION") if says("?code=") => Some(Outcome::Granted),
            // The other ticket of a request that was answered.
            (Op::Issue(_), "LOCATION") => Some(Outcome::Refused),
            (Op::Fail(_), "LOCATION") if says("error=access_denied") => Some(Outcome::Done),
            (_, "BAD_REQUEST") => Some(Outcome::Refused),
            _ => None,
        });
        let value = answer.body["ticket"].as_str().unwrap_or_default().to_owned();
        let opened = matches!(op, Op::Open) && outcome == Outcome::Granted;
        (outcome, opened.then(|| Given { value, ..Given::default() }))
    }

    fn closing(&self, given: &[usize]) -> Vec<Op> {
        given.iter().map(|of| Op::Issue(*of)).chain([Op::Open]).collect()
    }
}
