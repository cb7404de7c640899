//! Records of every past format decode for ever. A file here is never changed; a new format, or a state that
//! no file has, adds one: `KIND.FORMAT.json` or `KIND.FORMAT.STATE.json`.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use placet_engine::records::api_token::ApiToken;
use placet_engine::records::api_token_use::ApiTokenUse;
use placet_engine::records::audit::{AuditEntry, AuditHead};
use placet_engine::records::backchannel::Backchannel;
use placet_engine::records::client::ClientRecord;
use placet_engine::records::code::{Code, State};
use placet_engine::records::credential_notification::CredentialNotification;
use placet_engine::records::credential_offer::CredentialOffer;
use placet_engine::records::credential_request::CredentialRequestRecord;
use placet_engine::records::device::Device;
use placet_engine::records::grant::Grant;
use placet_engine::records::inspected::{InspectedCalls, InspectedHead};
use placet_engine::records::issued_credential::IssuedCredential;
use placet_engine::records::member::Member;
use placet_engine::records::organization::Organization;
use placet_engine::records::owner::Owner;
use placet_engine::records::password_ticket::PasswordTicket;
use placet_engine::records::pushed::Pushed;
use placet_engine::records::service::ServiceRecord;
use placet_engine::records::shared_session::SharedSession;
use placet_engine::records::status_list::{OpenStatusList, StatusListRecord, StatusLists};
use placet_engine::records::sub_mapping::SubMapping;
use placet_engine::records::ticket::Ticket;
use placet_engine::records::token::{Token, TokenValue};
use placet_engine::records::token_batch::{TokenBatch, TokenBatchPart, WaitingBatch};
use placet_engine::records::used_jti::UsedJti;
use placet_engine::records::user_code_guesses::UserCodeGuesses;
use placet_store::{Change, Id, Kind, Loaded, Record, RecordId as _, Row, Writes};
use serde_json::Value;

/// A kind of record, and what a file of it comes to when it is read and written again.
struct Pinned {
    kind: Kind,
    format: u32,
    again: fn(&str) -> Value,
}

fn pinned<T: Record>() -> Pinned {
    let again = |file: &str| serde_json::to_value(stored_anew(&decoded::<T>(file))).unwrap();
    Pinned { kind: T::KIND, format: T::FORMAT, again }
}

/// What is read again of what is stored anew, in the encoding of today.
fn stored_anew<T: Record>(record: &T) -> T {
    let ids = [Id::Number(1), Id::Name("1".to_owned())];
    let id = ids.iter().find_map(T::Id::from_id).unwrap();
    let mut writes = Writes::default();
    writes.insert(placet_base::ServiceId(1), &id, record);
    let batch = writes.into_batch(true).unwrap();
    let [Change::Insert { key, body, .. }] = &batch[..] else { panic!("{batch:?}") };
    let row = Row { version: 1, body: body.clone().into() };
    assert!(placet_store::tree(body).is_ok(), "{} cannot be shown", T::KIND.name);
    Loaded::<T>::from_row(key.clone(), &row).map(Loaded::into_value).unwrap_or_else(|e| panic!("{e}"))
}

/// Every kind of the engine; [`every_kind_has_a_file_of_each_of_its_formats`] misses one that is left out.
fn kinds() -> [Pinned; 33] {
    [
        pinned::<ApiToken>(),
        pinned::<ApiTokenUse>(),
        pinned::<AuditEntry>(),
        pinned::<AuditHead>(),
        pinned::<Backchannel>(),
        pinned::<ClientRecord>(),
        pinned::<Code>(),
        pinned::<CredentialNotification>(),
        pinned::<CredentialOffer>(),
        pinned::<CredentialRequestRecord>(),
        pinned::<Device>(),
        pinned::<Grant>(),
        pinned::<SubMapping>(),
        pinned::<IssuedCredential>(),
        pinned::<InspectedCalls>(),
        pinned::<InspectedHead>(),
        pinned::<OpenStatusList>(),
        pinned::<StatusListRecord>(),
        pinned::<StatusLists>(),
        pinned::<Member>(),
        pinned::<Organization>(),
        pinned::<Owner>(),
        pinned::<PasswordTicket>(),
        pinned::<Pushed>(),
        pinned::<ServiceRecord>(),
        pinned::<SharedSession>(),
        pinned::<Ticket>(),
        pinned::<Token>(),
        pinned::<TokenBatch>(),
        pinned::<TokenBatchPart>(),
        pinned::<UsedJti>(),
        pinned::<UserCodeGuesses>(),
        pinned::<WaitingBatch>(),
    ]
}

/// Kinds of another crate, which are private to it: `placet-store` reads their files.
const OF_THE_STORE: &[&str] = &["keyring", "probe", "rekeying"];

/// What an authorization server remembers is no record: it lives for hours, and what a release cannot read is as good as
/// gone, as after the end of a process that remembers by itself.
const OF_THE_AUTHORIZATION_SERVER: &str = "authserver";

/// What was stored once and is left out now, because only the answer needs it.
const LEFT_OUT: &[&str] = &[
    "backchannel.1.json: request.binding_message",
    "backchannel.1.json: request.hint_value",
    "backchannel.1.json: request.user_code",
];

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn decoded<T: Record>(file: &str) -> T {
    let body = fs::read(package().join("tests/golden").join(file)).unwrap();
    let ids = [Id::Number(1), Id::Name("1".to_owned())];
    let id = ids.iter().find_map(T::Id::from_id).unwrap();
    let key = T::key(placet_base::ServiceId(1), &id);
    let row = Row { version: 1, body: body.into() };
    Loaded::<T>::from_row(key, &row).map(Loaded::into_value).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// The names of the golden files of a crate.
fn golden(package: &Path) -> Vec<String> {
    let entries = fs::read_dir(package.join("tests/golden")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Every source file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<_>, Vec<_>) =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    files.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

/// The kinds that the sources of all crates give to their records. An `impl Record` cannot do without the
/// constant, so none is missed.
fn declared() -> BTreeSet<String> {
    let crates = fs::read_dir(package().join("..")).unwrap().map(|entry| entry.unwrap().path().join("src"));
    let files = crates.filter(|folder| folder.is_dir()).flat_map(|folder| sources(&folder));
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("\n#[cfg(test)]\n").next().unwrap();
        for given in text.split("const KIND:").skip(1) {
            let (given, _) = given.split_once(';').unwrap();
            // The trait itself gives none.
            let Some((_, given)) = given.split_once('=') else { continue };
            let name = given.split('"').nth(1);
            found.insert(
                name.unwrap_or_else(|| panic!("{}: a kind without a name", file.display())).to_owned(),
            );
        }
    }
    found
}

#[test]
fn every_kind_has_a_file_of_each_of_its_formats() {
    let kinds = kinds();
    let others = OF_THE_STORE.iter().copied().chain([OF_THE_AUTHORIZATION_SERVER]);
    let listed = kinds.iter().map(|pinned| pinned.kind.name).chain(others);
    assert_eq!(declared(), listed.map(str::to_owned).collect(), "the kinds of the sources, and those listed");
    let files = golden(package());
    for Pinned { kind, format, .. } in kinds {
        for format in 1..=format {
            let file = format!("{}.{format}.json", kind.name);
            assert!(files.contains(&file), "there is no {file}");
        }
    }
    let of_the_store: Vec<_> = OF_THE_STORE.iter().map(|kind| format!("{kind}.1.json")).collect();
    let mut files = golden(&package().join("../store"));
    files.sort();
    assert_eq!(files, of_the_store);
}

#[test]
fn what_is_read_from_a_file_is_written_again() {
    let mut lost = Vec::new();
    for file in golden(package()) {
        let kind = file.split('.').next().unwrap();
        let pinned = kinds().into_iter().find(|pinned| pinned.kind.name == kind);
        let again = (pinned.unwrap_or_else(|| panic!("{file}: no such kind")).again)(&file);
        let text = fs::read_to_string(package().join("tests/golden").join(&file)).unwrap();
        let stored: Value = serde_json::from_str(&text).unwrap();
        differences(&stored["r"], &again, "", &mut |path| lost.push(format!("{file}: {path}")));
    }
    lost.sort();
    assert_eq!(lost, LEFT_OUT);
}

/// Tells the paths of what is not in `again` as it is in `stored`. What is new may be in `again` besides.
fn differences(stored: &Value, again: &Value, path: &str, tell: &mut dyn FnMut(&str)) {
    match (stored, again) {
        (Value::Object(members), Value::Object(others)) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                differences(member, others.get(name).unwrap_or(&Value::Null), &path, tell);
            }
        }
        (stored, again) if stored == again => {}
        _ => tell(path),
    }
}

#[test]
fn a_file_means_what_it_meant() {
    assert_eq!(decoded::<Organization>("organization.1.json").name, "Demo organization");
    assert_eq!(decoded::<ServiceRecord>("service.1.json").organization.0, 5);
    assert_eq!(decoded::<ClientRecord>("client.1.json").indexes().len(), 1);
    assert_eq!(decoded::<ApiToken>("api_token.1.json").rights.len(), 2);
    assert_eq!(decoded::<Ticket>("ticket.1.json").request.scopes.to_string(), "openid read");
    assert_eq!(decoded::<PasswordTicket>("password_ticket.1.json").access_secs, Some(60));
    let token = decoded::<Token>("token.1.json");
    assert_eq!((token.generation, token.entitlement.properties.iter().count()), (2, 1));
    let code = decoded::<Code>("code.1.json");
    assert!(matches!(code.state, State::Redeemed { token } if token.0 == 7));
    assert!(code.challenge.is_some() && code.id_token.is_some());
    assert_eq!(decoded::<SubMapping>("known_as.1.json").subject.as_str(), "john");
    let pushed = decoded::<Pushed>("pushed.1.json");
    assert!(pushed.provenance.object.is_some() && pushed.provenance.outside.is_empty());
    // What only the answer needs was stored once, and is still read.
    let request = decoded::<Backchannel>("backchannel.1.json").request;
    assert_eq!(
        (request.user_code.as_deref(), request.notification_token.as_deref()),
        (Some("1234"), Some("t"))
    );
}

#[test]
fn a_file_is_found_and_ends_as_it_did() {
    let names = |indexes: Vec<placet_store::IndexEntry>| -> Vec<_> {
        indexes.into_iter().map(|entry| (entry.name, entry.value)).collect()
    };
    let hash = "A".repeat(43);
    let used = decoded::<UsedJti>("used.1.json");
    assert_eq!((names(used.indexes()), used.expires_at()), (vec![(UsedJti::MARK, hash.clone())], at(6)));
    let token = decoded::<Token>("token.1.full.json");
    let chosen = (Token::chosen(TokenValue::Access), hash);
    let found = [(Token::CLIENT, "11".to_owned()), (Token::SUBJECT, "john".to_owned()), chosen];
    assert_eq!((names(token.indexes()), token.expires_at()), (found.to_vec(), at(5)));
    assert_eq!(decoded::<Grant>("grant.1.json").scopes[0].0.to_string(), "openid read");
    let owner = decoded::<Owner>("owner.1.json");
    let revoked = [11, 12].map(|client| owner.revoked_below(placet_base::ClientId(client)));
    assert_eq!(revoked, [9, 3]);
    let owner = decoded::<Owner>("owner.1.manages.json");
    assert_eq!(owner.let_in().collect::<Vec<_>>(), [placet_base::ClientId(11)]);
    let owner = decoded::<Owner>("owner.1.only_token.json");
    let client = placet_base::ClientId(12);
    assert_eq!((owner.revoked_below(client), owner.tokens_from(client)), (3, 8));
    assert_eq!(decoded::<Pushed>("pushed.1.visited.json").expires_at(), at(9));
}

fn at(millis: i64) -> Option<placet_base::Timestamp> {
    Some(placet_base::Timestamp(millis))
}
