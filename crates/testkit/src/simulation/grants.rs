//! A grant – of a code, a device, a user elsewhere – that is redeemed once, and the one pair of tokens at a time that it
//! gives (RFC 6749 §4.1.2, §6; RFC 7009; RFC 8628 §3.5; RFC 9700 §4.14.2; CIBA Core §11).

use placet_api::PathValues;
use placet_api::endpoints::EndpointId;
use placet_base::form;
use serde_json::{Value, json};

use super::chance::Chance;
use super::history::{Model, Outcome};
use super::stage::{Given, Scene, Stage};
use crate::world::Answer;

pub(crate) struct Grant {
    /// The parameters that redeem it.
    redeem: String,
    kind: Kind,
}

enum Kind {
    /// Redeemed twice, it ends its tokens.
    Code,
    /// The user decides; whoever asks too often is told to slow down.
    Device {
        user_code: String,
    },
    Backchannel {
        ticket: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    Pending,
    Ready,
    Denied,
    /// The tokens are those that the operation with this number gave.
    Live(usize),
    Ended,
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Redeem,
    Decide { allowed: bool },
    Refresh(usize),
    Introspect(usize),
    Revoke(usize),
    RevokeRefresh(usize),
    Update(usize),
}

impl Grant {
    pub(crate) fn of_code(stage: &Stage) -> Self {
        let parameters = format!(
            "response_type=code&scope=read&client_id={}&redirect_uri=https://client.example/cb",
            stage.client
        );
        let asked = stage.call(EndpointId::authorization, &json!({ "parameters": parameters }));
        let answer = json!({ "ticket": asked["ticket"], "subject": "john" });
        let issued = stage.call(EndpointId::authorization_issue, &answer);
        let redeem = redemption("authorization_code", "code", &issued["authorizationCode"]);
        let redeem = format!("{redeem}&redirect_uri=https://client.example/cb");
        Self { redeem, kind: Kind::Code }
    }

    pub(crate) fn of_device(stage: &Stage) -> Self {
        let answer = placed(stage, EndpointId::device_authorization, "scope=read");
        let redeem =
            redemption("urn:ietf:params:oauth:grant-type:device_code", "device_code", &answer["deviceCode"]);
        let user_code = answer["userCode"].as_str().unwrap_or_default().to_owned();
        Self { redeem, kind: Kind::Device { user_code } }
    }

    pub(crate) fn of_backchannel(stage: &Stage) -> Self {
        let parameters = "scope=openid&login_hint=john&requested_expiry=3600";
        let asked = placed(stage, EndpointId::backchannel_authentication, parameters);
        let ticket = asked["ticket"].as_str().unwrap_or_default().to_owned();
        let answer = stage.call(EndpointId::backchannel_authentication_issue, &json!({ "ticket": ticket }));
        let redeem = redemption("urn:openid:params:grant-type:ciba", "auth_req_id", &answer["authReqId"]);
        Self { redeem, kind: Kind::Backchannel { ticket } }
    }

    /// What redeeming comes to in a state.
    fn redeemed(&self, state: &State, number: usize) -> Vec<(Outcome, State)> {
        let polled = !matches!(self.kind, Kind::Code);
        let too_soon = polled.then(|| (Outcome::Waiting, state.clone()));
        let at_last = match state {
            State::Pending => (Outcome::Waiting, State::Pending),
            State::Ready => (Outcome::Granted, State::Live(number)),
            State::Denied => (Outcome::Refused, State::Denied),
            State::Live(_) | State::Ended if polled => (Outcome::Refused, state.clone()),
            State::Live(_) | State::Ended => (Outcome::Refused, State::Ended),
        };
        // What is over has no pace.
        let over = matches!(state, State::Live(_) | State::Ended);
        too_soon.filter(|_| !over).into_iter().chain([at_last]).collect()
    }
}

fn placed(stage: &Stage, endpoint: EndpointId, parameters: &str) -> Value {
    let answer = crate::world::block_on(stage.as_client(endpoint, parameters));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn redemption(grant_type: &str, name: &str, value: &Value) -> String {
    form::encode([("grant_type", grant_type), (name, value.as_str().unwrap_or_default())])
}

impl Model for Grant {
    type State = State;
    type Op = Op;

    fn step(&self, state: &State, number: usize, op: &Op) -> Vec<(Outcome, State)> {
        let current = |of: &usize| *state == State::Live(*of);
        let same = || state.clone();
        match op {
            Op::Redeem => self.redeemed(state, number),
            Op::Decide { allowed } => vec![match state {
                State::Pending if *allowed => (Outcome::Done, State::Ready),
                State::Pending => (Outcome::Done, State::Denied),
                _ => (Outcome::Refused, same()),
            }],
            Op::Refresh(of) if current(of) => vec![(Outcome::Granted, State::Live(number))],
            // A refresh token of a former turn ends all that came of it.
            Op::Refresh(_) => vec![(Outcome::Refused, State::Ended)],
            Op::Introspect(of) => vec![(if current(of) { Outcome::Live } else { Outcome::Dead }, same())],
            Op::Revoke(of) | Op::RevokeRefresh(of) if current(of) => vec![(Outcome::Done, State::Ended)],
            Op::Revoke(_) | Op::RevokeRefresh(_) => vec![(Outcome::Done, same())],
            Op::Update(of) => vec![(if current(of) { Outcome::Done } else { Outcome::Refused }, same())],
        }
    }
}

impl Scene for Grant {
    fn start(&self) -> State {
        if matches!(self.kind, Kind::Code) { State::Ready } else { State::Pending }
    }

    fn choose(&self, chance: &mut Chance, given: &[usize]) -> Op {
        if !given.is_empty() && !chance.one_in(4) {
            let of = given[chance.below(given.len())];
            let ops =
                [Op::Refresh(of), Op::Introspect(of), Op::Revoke(of), Op::RevokeRefresh(of), Op::Update(of)];
            return ops[chance.of([0, 0, 0, 1, 1, 2, 3, 4])].clone();
        }
        match self.kind {
            Kind::Code => Op::Redeem,
            _ if chance.one_in(3) => Op::Decide { allowed: !chance.one_in(4) },
            _ => Op::Redeem,
        }
    }

    async fn perform(&self, stage: &Stage, op: &Op) -> (Outcome, Option<Given>) {
        match op {
            Op::Redeem => taken(stage, &stage.as_client(EndpointId::token, &self.redeem).await),
            Op::Refresh(of) => {
                let refresh = stage.value(*of).refresh;
                let parameters = redemption("refresh_token", "refresh_token", &refresh.into());
                taken(stage, &stage.as_client(EndpointId::token, &parameters).await)
            }
            Op::Decide { allowed } => (self.decide(stage, *allowed).await, None),
            Op::Introspect(of) => (introspected(stage, &stage.value(*of).value).await, None),
            Op::Revoke(of) => (revoked(stage, &stage.value(*of).value).await, None),
            Op::RevokeRefresh(of) => (revoked(stage, &stage.value(*of).refresh).await, None),
            Op::Update(of) => (updated(stage, &stage.value(*of).value).await, None),
        }
    }

    fn closing(&self, given: &[usize]) -> Vec<Op> {
        let looks = given.iter().map(|of| Op::Introspect(*of));
        looks.chain([Op::Redeem]).chain(given.iter().map(|of| Op::Introspect(*of))).collect()
    }
}

impl Grant {
    async fn decide(&self, stage: &Stage, allowed: bool) -> Outcome {
        let result = if allowed { "AUTHORIZED" } else { "ACCESS_DENIED" };
        let (endpoint, name, value) = match &self.kind {
            Kind::Device { user_code } => (EndpointId::device_complete, "userCode", user_code),
            Kind::Backchannel { ticket } => {
                (EndpointId::backchannel_authentication_complete, "ticket", ticket)
            }
            Kind::Code => return Outcome::Refused,
        };
        let body = json!({ name: value, "result": result, "subject": "john" });
        let answer = stage.world.ask(endpoint, PathValues::default(), &body).await;
        // What was decided already is an error of the server's own making at the backchannel.
        if answer.body["action"] == "SERVER_ERROR" && answer.status < 500 && used(&answer) {
            return Outcome::Refused;
        }
        stage.outcome(&answer, |action| match action {
            "SUCCESS" | "NO_ACTION" | "NOTIFICATION" => Some(Outcome::Done),
            "INVALID_REQUEST" | "USER_CODE_NOT_EXIST" => Some(Outcome::Refused),
            "SERVER_ERROR" => Some(Outcome::Unknown),
            _ => None,
        })
    }
}

/// Whether an answer says that a ticket has been used or is gone.
fn used(answer: &Answer) -> bool {
    let code = answer.body["resultCode"].as_str().unwrap_or_default();
    let reason = placet_api::reasons::row_of(code).map(|row| row.name);
    matches!(reason, Some("CompleteTicketUsed" | "CompleteTicketUnknown"))
}

/// What a token request comes to.
fn taken(stage: &Stage, answer: &Answer) -> (Outcome, Option<Given>) {
    let content: Value = answer.body["responseContent"]
        .as_str()
        .and_then(|content| serde_json::from_str(content).ok())
        .unwrap_or_default();
    let outcome = stage.outcome(answer, |action| match (action, content["error"].as_str()) {
        ("OK", _) => Some(Outcome::Granted),
        (_, Some("authorization_pending" | "slow_down")) => Some(Outcome::Waiting),
        (_, Some("invalid_grant" | "access_denied")) => Some(Outcome::Refused),
        _ => None,
    });
    let text = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
    let given = (outcome == Outcome::Granted)
        .then(|| Given { value: text("access_token"), refresh: text("refresh_token") });
    (outcome, given)
}

pub(crate) async fn introspected(stage: &Stage, token: &str) -> Outcome {
    let answer =
        stage.world.ask(EndpointId::introspection, PathValues::default(), &json!({ "token": token })).await;
    stage.outcome(&answer, |action| match action {
        "OK" => Some(Outcome::Live),
        "UNAUTHORIZED" => Some(Outcome::Dead),
        _ => None,
    })
}

async fn revoked(stage: &Stage, token: &str) -> Outcome {
    let answer = stage.as_client(EndpointId::revocation, &form::encode([("token", token)])).await;
    stage.outcome(&answer, |action| (action == "OK").then_some(Outcome::Done))
}

async fn updated(stage: &Stage, token: &str) -> Outcome {
    let body = json!({ "accessToken": token, "properties": [{ "key": "seen", "value": "yes" }] });
    let answer = stage.world.ask(EndpointId::token_update, PathValues::default(), &body).await;
    stage.outcome(&answer, |action| match action {
        "OK" => Some(Outcome::Done),
        "NOT_FOUND" => Some(Outcome::Refused),
        _ => None,
    })
}
