//! Bundles and services: reading one of a service, and doing what a plan says, through the SDK.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use placet_api::documents::ApiDocument;
use placet_sdk::types::{self, ClientFlagUpdateRequest, ClientSecretUpdateRequest, ListQuery, MergePatch};
use placet_sdk::{Answer, Client, ClientPath, Error, ServiceId, Transport};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::bundle::{Bundle, NotCarried, Tree};
use crate::documents::{self, IMPORT};
use crate::path::Path;
use crate::plan::{Body, Hidden, Plan, Step, whole_service};
use crate::problem::Problem;
use crate::secrets::Secrets;

/// Entries of one page of a list.
const PAGE: usize = 100;

/// Hears how far reading is: how many clients there are, and how many there will be where that is known.
pub type Watch<'a> = dyn Fn(usize, Option<usize>) + 'a;

/// A service as it is now.
pub struct Now {
    /// What everybody may read of it.
    pub tree: Tree,
    /// The rest.
    pub secrets: Secrets,
    /// What of it cannot be in a bundle.
    pub not_carried: Vec<NotCarried>,
    pub(crate) service: Value,
    pub(crate) version: Option<String>,
    pub(crate) clients: BTreeMap<String, Value>,
}

impl Now {
    /// What is there before there is a service.
    pub fn nothing() -> Self {
        Self {
            tree: Tree::default(),
            secrets: Secrets::new(),
            not_carried: Vec::new(),
            service: Value::Null,
            version: None,
            clients: BTreeMap::new(),
        }
    }

    /// The bundle of what is there.
    pub fn into_bundle(self, id: ServiceId) -> Bundle {
        Bundle {
            service_id: Some(id.0),
            tree: self.tree,
            secrets: self.secrets,
            not_carried: self.not_carried,
            ..Bundle::default()
        }
    }
}

fn document(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|e| Problem::at("the answer", e))
}

fn typed<T: ApiDocument>(place: &Path, members: Map<String, Value>) -> Result<T, Problem> {
    T::from_members(Value::Object(members)).map_err(|e| Problem::at(place, e))
}

/// Reads a service with all of its clients. `api` is about that service.
///
/// # Errors
/// Whatever the API refuses.
pub async fn read<T: Transport>(api: &Client<T>, watch: &Watch<'_>) -> Result<Now, Problem> {
    let failed = |e: Error| Problem::of_call("service", &e);
    let answer = api.service_get().await.map_err(failed)?;
    let (version, service) = (answer.version.clone(), document(&answer)?);
    let listed = clients(api, watch).await?;
    let taken = documents::taken(&service, &listed);
    let clients = listed.into_iter().filter_map(|client| Some((documents::name(&client)?, client))).collect();
    let (tree, secrets, not_carried) = (taken.tree, taken.secrets, taken.not_carried);
    Ok(Now { tree, secrets, not_carried, service, version, clients })
}

/// All clients. Whoever makes or deletes one meanwhile may be in it or not.
async fn clients<T: Transport>(api: &Client<T>, watch: &Watch<'_>) -> Result<Vec<Value>, Problem> {
    let mut all = Vec::new();
    loop {
        let answer = api.client_get_list(window(&all)).await.map_err(|e| Problem::of_call("clients", &e))?;
        let (page, total) = (document(&answer)?, answer.total_count);
        let is_last = taken_up(&mut all, &page["clients"], total);
        watch(all.len(), total.and_then(|total| usize::try_from(total).ok()));
        if is_last {
            return Ok(all);
        }
    }
}

/// The page behind what is there already.
fn window(all: &[Value]) -> ListQuery {
    let (start, end) = (all.len(), all.len() + PAGE);
    ListQuery { start: Some(start.to_string()), end: Some(end.to_string()), ..ListQuery::default() }
}

/// Whether that was the last page.
fn taken_up(all: &mut Vec<Value>, page: &Value, total: Option<i32>) -> bool {
    let page = page.as_array().map(Vec::as_slice).unwrap_or_default();
    all.extend_from_slice(page);
    page.is_empty()
        || total.and_then(|total| usize::try_from(total).ok()).is_none_or(|total| all.len() >= total)
}

/// Does what a plan says, step by step; `done` hears of each when it is done. A plan that was cut off is made again of what is
/// there then, and has what is left.
///
/// # Errors
/// The step that the API refuses, or that somebody else has changed the same thing meanwhile. What was done before it stays.
pub async fn run<T: Transport>(
    api: &Client<T>,
    plan: &Plan,
    now: &Now,
    mut done: impl FnMut(&Step),
) -> Result<(), Problem> {
    for step in &plan.steps {
        match step {
            Step::Service { body, .. } => patch_service(api, &body.body, now.version.clone()).await?,
            Step::NewClient { name, body, .. } => new_client(api, name, body).await?,
            Step::Client { name, body, .. } => change_client(api, name, body, now).await?,
            Step::DeleteClient { name } => {
                let gone = api.client_delete(path_of(name)).await;
                gone.map_err(|e| Problem::of_call(Path::whole_client(name), &e))?;
            }
        }
        done(step);
    }
    Ok(())
}

fn path_of(name: &str) -> ClientPath {
    ClientPath::from(name)
}

fn patch_of(body: &Body, version: Option<String>) -> Answer<MergePatch> {
    Answer { version, ..Answer::from(MergePatch(body.0.clone())) }
}

async fn patch_service<T: Transport>(
    api: &Client<T>,
    body: &Body,
    version: Option<String>,
) -> Result<(), Problem> {
    let patched = api.service_patch(patch_of(body, version)).await;
    patched.map(drop).map_err(|e| Problem::of_call("service", &e))
}

async fn new_client<T: Transport>(api: &Client<T>, name: &str, hidden: &Hidden) -> Result<(), Problem> {
    let place = Path::whole_client(name);
    let client: types::Client = typed(&place, hidden.body.0.clone())?;
    api.client_create(client).await.map_err(|e| Problem::of_call(&place, &e))?;
    finish_client(api, name, hidden).await
}

async fn change_client<T: Transport>(
    api: &Client<T>,
    name: &str,
    hidden: &Hidden,
    now: &Now,
) -> Result<(), Problem> {
    let place = Path::whole_client(name);
    if !hidden.body.0.is_empty() {
        let there = api.client_get(path_of(name)).await.map_err(|e| Problem::of_call(&place, &e))?;
        // The list, which the plan was made of, has no versions.
        let seen = now.clients.get(name).and_then(|client| client["modifiedAt"].as_i64());
        if there.modified_at != seen {
            return Err(Problem::changed(&place));
        }
        let patched = api.client_patch(path_of(name), patch_of(&hidden.body, there.version.clone())).await;
        patched.map_err(|e| Problem::of_call(&place, &e))?;
    }
    finish_client(api, name, hidden).await
}

/// What calls of their own are for: secret and lock.
async fn finish_client<T: Transport>(api: &Client<T>, name: &str, hidden: &Hidden) -> Result<(), Problem> {
    let failed = |e: Error| Problem::of_call(Path::whole_client(name), &e);
    if let Some(secret) = &hidden.secret {
        let request = ClientSecretUpdateRequest { client_secret: Some(secret.expose().clone()) };
        api.client_secret_update(path_of(name), request).await.map_err(failed)?;
    }
    if hidden.locked.is_some() {
        let request = ClientFlagUpdateRequest { client_locked: hidden.locked };
        api.client_lock_flag_update(path_of(name), request).await.map_err(failed)?;
    }
    Ok(())
}

/// What the mark of an import says: of which bundle.
fn mark(bundle: &Bundle) -> String {
    let text = Bundle { tree: bundle.tree.clone(), ..Bundle::default() }.written();
    HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// The services that the caller sees.
async fn services<T: Transport>(api: &Client<T>) -> Result<Vec<Value>, Problem> {
    let mut all = Vec::new();
    loop {
        let answer =
            api.service_get_list(window(&all)).await.map_err(|e| Problem::of_call("services", &e))?;
        let page = document(&answer)?;
        if taken_up(&mut all, &page["services"], answer.total_count) {
            return Ok(all);
        }
    }
}

/// The service that an import of this bundle has begun, and not ended.
///
/// # Errors
/// Whatever the API refuses.
pub async fn begun<T: Transport>(api: &Client<T>, bundle: &Bundle) -> Result<Option<ServiceId>, Problem> {
    let mark = json!({ "key": IMPORT, "value": mark(bundle) });
    let marked = |service: &&Value| service["attributes"].as_array().is_some_and(|all| all.contains(&mark));
    let services = services(api).await?;
    Ok(services.iter().find(marked).and_then(|service| service["apiKey"].as_i64()).map(ServiceId))
}

/// Makes a service for an import, marked so that one that is cut off is found again. All that the bundle says of the service is
/// judged with this call: where it is refused, there is no service.
///
/// # Errors
/// Whatever the API refuses.
pub async fn begin<T: Transport>(api: &Client<T>, bundle: &Bundle) -> Result<ServiceId, Problem> {
    let Body(mut members) = whole_service(&bundle.tree, &bundle.secrets);
    let attributes = members.entry("attributes").or_insert_with(|| json!([]));
    if let Some(attributes) = attributes.as_array_mut() {
        attributes.push(json!({ "key": IMPORT, "value": mark(bundle) }));
    }
    let service: types::Service = typed(&Path::service("attributes"), members)?;
    let made = api.service_create(service).await.map_err(|e| Problem::of_call("service", &e))?;
    made.api_key
        .map(ServiceId)
        .ok_or_else(|| Problem::at("service", "the answer has no id of the new service"))
}

/// Ends an import: takes the mark away. `api` is about the service.
///
/// # Errors
/// Whatever the API refuses.
pub async fn end<T: Transport>(api: &Client<T>) -> Result<(), Problem> {
    let now = api.service_get().await.map_err(|e| Problem::of_call("service", &e))?;
    let (version, service) = (now.version.clone(), document(&now)?);
    let mut attributes = service["attributes"].as_array().cloned().unwrap_or_default();
    attributes.retain(|attribute| attribute["key"] != IMPORT);
    let left = if attributes.is_empty() { Value::Null } else { attributes.into() };
    let body = Body([("attributes".to_owned(), left)].into_iter().collect());
    patch_service(api, &body, version).await
}
