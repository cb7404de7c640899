//! The playground, at `/play`: a relying party that walks a person through the code flow and shows each hop.

mod again;
mod beyond;
mod broken;
mod client;
mod diagram;
mod flow;
mod page;
mod record;
mod verifying;
mod waiting;
mod wallet;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use placet_ambient::Ambient;
use placet_sdk::form;
use placet_server::serve::StartError;
use quick_cache::sync::Cache;

use beyond::{Demand, Next};
use broken::Broken;
use client::RelyingParty;
use flow::{Flow, Key};
use page::Visit;
use record::Hop;
use waiting::{Polled, Waiting};
use wallet::{Later, Step, Taken, Wish};

pub(crate) use record::Recorder;

/// Runs that are remembered, and the hops of one.
const RUNS: usize = 200;
const HOPS: usize = 40;

/// One walk through a flow.
#[derive(Clone)]
struct Run {
    flow: Flow,
    state: String,
    nonce: String,
    verifier: String,
    key: Arc<Key>,
    hops: Vec<Hop>,
    outcome: Option<client::Outcome>,
    /// What a resource wants of the person.
    demand: Option<Demand>,
    /// What the person is asked elsewhere, until they have answered.
    waiting: Option<Waiting>,
    /// What a wallet waits for.
    step: Option<Step>,
    /// What a wallet asks for.
    wish: Option<Wish>,
    /// What is done wrong, so that it is seen how that is found out.
    broken: Option<Broken>,
    /// Where a request goes that was made before.
    again: Option<String>,
}

/// All of them, by their names.
#[derive(Clone)]
struct Runs(Arc<Cache<String, Arc<Mutex<Run>>>>);

impl Runs {
    fn with<R>(&self, id: &str, work: impl FnOnce(&mut Run) -> R) -> Option<R> {
        let run = self.0.get(id)?;
        let mut run = run.lock().unwrap_or_else(PoisonError::into_inner);
        Some(work(&mut run))
    }

    fn note(&self, id: &str, hop: Hop) {
        self.with(id, |run| {
            // Asking again and hearing the same is one hop.
            let is_again = run.hops.iter().any(|known| known.is_as(&hop));
            if run.hops.len() < HOPS && !is_again {
                run.hops.push(hop);
            }
        });
    }
}

/// What the pages share.
struct Play {
    runs: Runs,
    party: RelyingParty,
    pages: page::Pages,
}

/// The key with which the relying party signs its requests, made at each start.
pub(crate) struct PlayKey(Arc<Key>);

impl PlayKey {
    pub(crate) fn new() -> Result<Self, StartError> {
        Key::new().map(|key| Self(Arc::new(key))).ok_or_else(|| StartError::new("no key can be made"))
    }

    /// For the client's registration.
    pub(crate) fn set(&self) -> String {
        self.0.set()
    }
}

/// Who the relying party is, and where it is.
pub(crate) struct Party {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// Origin of authorization server, resource server and playground.
    pub(crate) front: String,
    /// The authority of its certificate, PEM, if that is a local one.
    pub(crate) authority: Option<Vec<u8>>,
    /// Who vouches for the signer of credentials, DER.
    pub(crate) credential_root: Vec<u8>,
}

/// The playground beside the servers that it plays with, watched.
pub(crate) fn router(
    servers: Router,
    party: Party,
    key: &PlayKey,
    ambient: Ambient,
) -> Result<Router, StartError> {
    let runs = Runs(Arc::new(Cache::new(RUNS)));
    let party = RelyingParty::new(party, key.0.clone(), ambient).map_err(StartError::new)?;
    let pages = page::Pages::load().map_err(StartError::new)?;
    let play = Arc::new(Play { runs: runs.clone(), party, pages });
    let own = Router::new()
        .route("/play", get(home))
        .route("/play/start", post(start))
        .route("/play/again", get(ask_again).post(again))
        .route("/play/callback", get(callback))
        .route("/play/runs/{id}", get(shown))
        .route("/play/runs/{id}/ask", post(ask))
        .route("/play/runs/{id}/offer", post(offer))
        .route("/play/runs/{id}/later", post(later))
        .route("/play/style.css", get(page::style))
        .with_state(play);
    Ok(servers.layer(from_fn_with_state(runs, record::watched)).merge(own))
}

async fn home(State(play): State<Arc<Play>>, uri: Uri, headers: HeaderMap) -> Response {
    play.pages.home(&Visit::new(&uri, &headers))
}

/// A field of a form.
fn field(body: &str, name: &str) -> Option<String> {
    let pairs = body.split('&').filter_map(|item| item.split_once('='));
    let (_, value) = pairs.into_iter().find(|(known, _)| *known == name)?;
    form::decode(value).map(std::borrow::Cow::into_owned)
}

/// A request as it was found, to be looked at before it is sent.
async fn ask_again(State(play): State<Arc<Play>>, uri: Uri, headers: HeaderMap) -> Response {
    play.pages.again(&Visit::new(&uri, &headers), &again::parameters(uri.query().unwrap_or_default()))
}

/// Begins a run with it. The page has the link, so that whoever follows it sees here what has become of it, also where the
/// authorization server answers with a page of its own.
async fn again(State(play): State<Arc<Play>>, body: String) -> Response {
    let parameters = again::parameters(&body);
    let is_bound = parameters.iter().any(|(name, _)| name == "code_challenge");
    let flow = if is_bound { Flow::Pkce } else { Flow::Plain };
    let Some(run) = fresh(&play, flow, None) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let id = play.party.identifier();
    let address = again::address(&run, &parameters);
    play.runs.0.insert(id.clone(), Arc::new(Mutex::new(Run { again: Some(address), ..run })));
    taking(&play, &id, see_other(&format!("/play/runs/{id}")))
}

/// A run that has not begun.
fn fresh(play: &Play, flow: Flow, broken: Option<Broken>) -> Option<Run> {
    let key = Arc::new(Key::nameless()?);
    let [state, nonce, verifier] = std::array::from_fn(|_| play.party.identifier());
    let step = (flow == Flow::Offer).then_some(Step::Offer);
    let (hops, outcome, waiting, demand, wish, again) = (Vec::new(), None, None, None, None, None);
    Some(Run { flow, state, nonce, verifier, key, hops, outcome, demand, waiting, step, wish, broken, again })
}

/// The browser takes the run's name with it.
fn taking(play: &Play, id: &str, mut response: Response) -> Response {
    let secure = if play.party.is_https() { "; Secure" } else { "" };
    let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax{secure}", record::COOKIE_NAME);
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// Starts a run: the browser is sent to the authorization server, and takes the run's name with it.
async fn start(State(play): State<Arc<Play>>, body: String) -> Response {
    let Some(flow) = field(&body, "flow").and_then(|name| Flow::parse(&name)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let broken = field(&body, "broken").and_then(|name| Broken::parse(&name));
    let Some(run) = fresh(&play, flow, broken) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let id = play.party.identifier();
    play.runs.0.insert(id.clone(), Arc::new(Mutex::new(run.clone())));
    match begun(&play, &id, run, field(&body, "consent").is_some()).await {
        Ok(url) => taking(&play, &id, see_other(&url)),
        Err(problem) => ended(&play, &id, client::Outcome::failed(problem)),
    }
}

/// Where the browser goes first.
async fn begun(play: &Play, id: &str, run: Run, consent: bool) -> Result<String, String> {
    match run.flow {
        Flow::Device | Flow::Ciba => {
            let waiting = play.party.asked_elsewhere(id, run.flow).await?;
            play.runs.with(id, |run| run.waiting = Some(waiting));
            Ok(format!("/play/runs/{id}"))
        }
        Flow::Offer => Ok(format!("/play/runs/{id}")),
        Flow::Wallet => {
            let run = Run { wish: Some(play.party.wish(id).await?), ..run };
            play.party.request(id, &run, consent).await
        }
        _ => play.party.request(id, &run, consent).await,
    }
}

/// The browser is back, with an answer.
async fn callback(State(play): State<Arc<Play>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some((id, run)) =
        record::run_of(&headers).and_then(|id| Some((id.clone(), play.runs.with(&id, |run| run.clone())?)))
    else {
        return see_other("/play");
    };
    let (outcome, next) = play.party.redeem(&id, &run, &query.unwrap_or_default()).await;
    let demand = match next {
        Next::Nothing => return ended(&play, &id, outcome),
        Next::Later(later) => return waits(&play, &id, outcome, Some(later)),
        Next::Again(demand) => demand,
    };
    // Once more, for a resource that wants more of the person.
    let [state, nonce, verifier] = std::array::from_fn(|_| play.party.identifier());
    let run = Run { state, nonce, verifier, demand: Some(demand), ..run };
    play.runs.with(&id, |known| {
        (known.state, known.nonce) = (run.state.clone(), run.nonce.clone());
        (known.verifier, known.demand) = (run.verifier.clone(), run.demand.clone());
    });
    match play.party.request(&id, &run, false).await {
        Ok(url) => see_other(&url),
        Err(problem) => ended(&play, &id, client::Outcome::failed(problem)),
    }
}

/// The wallet is brought an offer.
async fn offer(State(play): State<Arc<Play>>, Path(id): Path<String>, body: String) -> Response {
    let Some(run) = play.runs.with(&id, |run| run.clone()).filter(|run| run.flow == Flow::Offer) else {
        return see_other("/play");
    };
    let text = |name: &str| field(&body, name).unwrap_or_default();
    match play.party.taken((&id, &run), &text("offer"), &text("tx_code")).await {
        Ok(Taken::Got(outcome, later)) => waits(&play, &id, outcome, later),
        Ok(Taken::Asks(wish)) => match play.party.request(&id, &Run { wish: Some(wish), ..run }, false).await
        {
            Ok(url) => see_other(&url),
            Err(problem) => ended(&play, &id, client::Outcome::failed(problem)),
        },
        // Another offer may do.
        Err(problem) => ended(&play, &id, client::Outcome::failed(problem)),
    }
}

/// The wallet comes again for what was not there.
async fn later(State(play): State<Arc<Play>>, Path(id): Path<String>) -> Response {
    let Some(run) = play.runs.with(&id, |run| run.clone()) else { return see_other("/play") };
    let Some(Step::Later(later)) = run.step.clone() else { return see_other(&format!("/play/runs/{id}")) };
    let mut outcome = run.outcome.clone().unwrap_or_default();
    match play.party.come_again((&id, &run), later, &mut outcome).await {
        Ok(still) => waits(&play, &id, outcome, still),
        Err(problem) => waits(&play, &id, client::Outcome { problem: Some(problem), ..outcome }, None),
    }
}

/// What a wallet has got, and what it waits for.
fn waits(play: &Play, id: &str, outcome: client::Outcome, later: Option<Later>) -> Response {
    play.runs.with(id, |run| run.step = later.map(Step::Later));
    ended(play, id, outcome)
}

fn ended(play: &Play, id: &str, outcome: client::Outcome) -> Response {
    play.runs.with(id, |run| run.outcome = Some(outcome));
    see_other(&format!("/play/runs/{id}"))
}

async fn shown(
    State(play): State<Arc<Play>>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match play.runs.with(&id, |run| run.clone()) {
        Some(run) => play.pages.run(&Visit::new(&uri, &headers), &id, &run),
        None => see_other("/play"),
    }
}

/// The client asks for its tokens, whether the person has answered or not.
async fn ask(State(play): State<Arc<Play>>, Path(id): Path<String>) -> Response {
    if let Some(waiting) = play.runs.with(&id, |run| run.waiting.clone()).flatten() {
        let polled = play.party.polled(&id, &waiting).await;
        play.runs.with(&id, |run| match polled {
            Polled::Early(told) => run.waiting = Some(waiting.told(told)),
            Polled::Ended(outcome) => (run.waiting, run.outcome) = (None, Some(outcome)),
        });
    }
    see_other(&format!("/play/runs/{id}"))
}

fn see_other(url: &str) -> Response {
    match HeaderValue::try_from(url) {
        Ok(url) => (StatusCode::SEE_OTHER, [(LOCATION, url)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
