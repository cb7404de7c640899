//! Records of every past format decode for ever. A file here is never changed; a new format adds one.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_engine::records::api_token::ApiToken;
use placet_engine::records::backchannel::Backchannel;
use placet_engine::records::client::ClientRecord;
use placet_engine::records::code::{Code, State};
use placet_engine::records::known_as::KnownAs;
use placet_engine::records::organization::Organization;
use placet_engine::records::password_ticket::PasswordTicket;
use placet_engine::records::pushed::Pushed;
use placet_engine::records::service::ServiceRecord;
use placet_engine::records::ticket::Ticket;
use placet_engine::records::token::Token;
use placet_store::{Id, Loaded, Record, RecordId as _, Row};

fn decoded<T: Record>(name: &str) -> T {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let body = std::fs::read(path).unwrap();
    let ids = [Id::Number(1), Id::Name("1".to_owned())];
    let id = ids.iter().find_map(T::Id::from_id).unwrap();
    let key = T::key(placet_base::ServiceId(1), &id);
    let row = Row { version: 1, body: body.into() };
    Loaded::<T>::from_row(key, &row).map(Loaded::into_value).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn format_1_of_every_kind_is_read() {
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
    assert_eq!(decoded::<KnownAs>("known_as.1.json").subject.as_str(), "john");
    let pushed = decoded::<Pushed>("pushed.1.json");
    assert!(pushed.provenance.object.is_some() && pushed.provenance.outside.is_empty());
    // What only the answer needs was stored once, and is still read.
    let request = decoded::<Backchannel>("backchannel.1.json").request;
    assert_eq!(
        (request.user_code.as_deref(), request.notification_token.as_deref()),
        (Some("1234"), Some("t"))
    );
    let next = serde_json::to_value(&request).unwrap();
    assert!(next.get("user_code").is_none() && next.get("hint_value").is_none());
}
