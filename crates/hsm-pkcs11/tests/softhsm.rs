//! The contract, and what becomes of requests when a module fails them, with SoftHSM in the place of hardware.
//!
//! SoftHSM learns from its environment where its tokens are, so that each test runs in a process of its own. Where it is
//! not installed the tests say so and pass, unless `SOFTHSM_REQUIRED` says that it has to be there.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::Attribute;
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::contract::{CHECKS, block_on};
use placet_hsm::{HsmError, Hsms, KeyAlg, KeyId, Limits, NewKey};
use placet_hsm_pkcs11::{Settings, load};
use tokio::runtime::Runtime;

const PIN: &str = "2741";
const KEY: KeyId = KeyId([9; 32]);

fn library() -> Option<PathBuf> {
    let places = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ];
    places.iter().map(PathBuf::from).find(|path| path.exists())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the machine that runs the tests says whether they may be left out"
)]
fn may_be_left_out() -> bool {
    std::env::var_os("SOFTHSM_REQUIRED").is_none()
}

/// Runs the test `name`, of those that are ignored, with a token of its own.
fn with_token(name: &str) {
    if library().is_none() {
        assert!(may_be_left_out(), "SoftHSM is not installed");
        eprintln!("LEFT OUT: SoftHSM is not installed");
        return;
    }
    let directory = std::env::temp_dir().join(format!("placet-softhsm-{name}-{}", std::process::id()));
    std::fs::create_dir_all(directory.join("tokens")).unwrap();
    let configuration = directory.join("softhsm2.conf");
    let tokens = directory.join("tokens").display().to_string();
    std::fs::write(&configuration, format!("directories.tokendir = {tokens}\nlog.level = ERROR\n")).unwrap();
    std::fs::write(directory.join("pin"), format!("{PIN}\n")).unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", "placet", "--so-pin", "9999", "--pin", PIN])
        .env("SOFTHSM2_CONF", &configuration)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", name, "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .current_dir(&directory)
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(ran.status.success() && said[0].contains("1 passed"), "{}{}", said[0], said[1]);
    std::fs::remove_dir_all(directory).unwrap();
}

macro_rules! with_softhsm {
    ($($name:ident $inner:ident)*) => {$(
        #[test]
        fn $name() {
            with_token(stringify!($inner));
        }
    )*};
}

with_softhsm! {
    what_a_module_owes contract
    a_session_that_was_logged_out_is_made_anew logged_out
    a_key_that_somebody_has_taken_away_is_none taken_away
    a_wrong_pin_is_tried_once wrong_pin
    a_token_that_is_not_there_is_away away
    a_token_that_goes_is_away goes
    who_waits_too_long_is_told_so late
    a_full_queue_takes_no_more busy
    a_key_that_does_not_work_is_not_kept unsupported
}

fn settings() -> Settings {
    Settings {
        name: "soft".to_owned(),
        module: library().unwrap(),
        token: "placet".to_owned(),
        pin_file: Path::new("pin").to_owned(),
    }
}

/// A module, and the timers that its time-outs need.
fn opened(settings: Settings, limits: Limits) -> (Hsms, Runtime) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    (Hsms::new(load(&[settings], limits).unwrap()), runtime)
}

fn key(alg: KeyAlg) -> NewKey {
    NewKey { id: KEY, alg, label: "placet test".to_owned() }
}

fn generate(hsms: &Hsms, alg: KeyAlg) -> Result<(), HsmError> {
    block_on(hsms.generate("soft", key(alg))).map(|_| ())
}

fn sign(hsms: &Hsms) -> Result<Vec<u8>, HsmError> {
    block_on(hsms.sign("soft", KEY, JwsAlg::Es256, b"message".to_vec()))
}

/// A session beside those of the module, which are logged in and out with it.
fn beside() -> Session {
    let library = Pkcs11::new(library().unwrap()).unwrap();
    let _ = library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    let slot = library.get_slots_with_initialized_token().unwrap()[0];
    library.open_rw_session(slot).unwrap()
}

#[test]
#[ignore = "run by what_a_module_owes"]
fn contract() {
    let (hsms, runtime) = opened(settings(), Limits::default());
    let _timers = runtime.enter();
    for (name, check) in CHECKS {
        println!("{name}");
        check(hsms.module("soft").unwrap());
    }
}

#[test]
#[ignore = "run by a_session_that_was_logged_out_is_made_anew"]
fn logged_out() {
    let (hsms, runtime) = opened(settings(), Limits { threads: 1, ..Limits::default() });
    let _timers = runtime.enter();
    generate(&hsms, KeyAlg::Signs(JwsAlg::Es256)).unwrap();
    beside().logout().unwrap();
    assert!(sign(&hsms).is_ok());
    // Whoever is logged out does not see the key; it is not gone for that.
    beside().logout().unwrap();
    block_on(hsms.destroy("soft", KEY)).unwrap();
    assert!(beside().find_objects(&[Attribute::Id(KEY.0.to_vec())]).unwrap().is_empty());
    assert_eq!(sign(&hsms), Err(HsmError::NoKey));
}

#[test]
#[ignore = "run by a_key_that_somebody_has_taken_away_is_none"]
fn taken_away() {
    let (hsms, runtime) = opened(settings(), Limits::default());
    let _timers = runtime.enter();
    generate(&hsms, KeyAlg::Signs(JwsAlg::Es256)).unwrap();
    let beside = beside();
    for object in beside.find_objects(&[Attribute::Id(KEY.0.to_vec())]).unwrap() {
        beside.destroy_object(object).unwrap();
    }
    assert_eq!(sign(&hsms), Err(HsmError::NoKey));
}

#[test]
#[ignore = "run by a_wrong_pin_is_tried_once"]
fn wrong_pin() {
    std::fs::write("pin", "0000").unwrap();
    let (hsms, runtime) = opened(settings(), Limits::default());
    let _timers = runtime.enter();
    for _ in 0..20 {
        let away = generate(&hsms, KeyAlg::Signs(JwsAlg::Es256)).unwrap_err();
        assert!(away.is_passing(), "{away}");
    }
    std::fs::write("pin", PIN).unwrap();
    generate(&hsms, KeyAlg::Signs(JwsAlg::Es256)).unwrap();
    assert!(beside().login(UserType::User, Some(&AuthPin::from(PIN))).is_err(), "it is logged in already");
}

#[test]
#[ignore = "run by a_token_that_is_not_there_is_away"]
fn away() {
    let nowhere = Settings { token: "another".to_owned(), ..settings() };
    let (hsms, runtime) = opened(nowhere, Limits::default());
    let _timers = runtime.enter();
    assert!(matches!(generate(&hsms, KeyAlg::Signs(JwsAlg::Es256)), Err(HsmError::Away(_))));
    let no_library = Settings { module: "/nowhere.so".into(), ..settings() };
    assert!(
        load(&[no_library], Limits::default()).is_err_and(|why| why.starts_with("hsm soft: /nowhere.so: "))
    );
}

#[test]
#[ignore = "run by a_token_that_goes_is_away"]
fn goes() {
    let (hsms, runtime) = opened(settings(), Limits::default());
    let _timers = runtime.enter();
    generate(&hsms, KeyAlg::Signs(JwsAlg::Es256)).unwrap();
    assert!(sign(&hsms).is_ok());
    std::fs::rename("tokens", "elsewhere").unwrap();
    for _ in 0..8 {
        assert!(matches!(sign(&hsms), Err(HsmError::Away(_))));
    }
    // What cannot be seen is not taken for destroyed.
    assert!(matches!(block_on(hsms.destroy("soft", KEY)), Err(HsmError::Away(_))));
}

#[test]
#[ignore = "run by who_waits_too_long_is_told_so"]
fn late() {
    let timeout = Duration::from_millis(20);
    let (hsms, runtime) = opened(settings(), Limits { threads: 1, timeout, ..Limits::default() });
    let outcomes = at_once(&hsms, &runtime);
    let late: Vec<_> = outcomes.iter().filter(|(_, outcome)| *outcome == Err(HsmError::Late)).collect();
    assert!(!late.is_empty(), "{outcomes:?}");
    // What comes later is answered again, and what was made too late has not stayed.
    let _timers = runtime.enter();
    let again = (0..600).find(|_| {
        std::thread::sleep(Duration::from_millis(50));
        block_on(hsms.destroy("soft", KEY)).is_ok()
    });
    assert!(again.is_some());
    let beside = beside();
    for (id, _) in late {
        assert!(beside.find_objects(&[Attribute::Id(id.0.to_vec())]).unwrap().is_empty());
    }
}

/// Keys of RSA, which take a while, wanted at once.
fn at_once(hsms: &Hsms, runtime: &Runtime) -> Vec<(KeyId, Result<(), HsmError>)> {
    runtime.block_on(async {
        let asked: Vec<_> = (0..8)
            .map(|number| {
                let (hsms, id) = (hsms.clone(), KeyId([number; 32]));
                let key = NewKey { id, ..key(KeyAlg::Signs(JwsAlg::Rs256)) };
                (id, tokio::spawn(async move { hsms.generate("soft", key).await.map(|_| ()) }))
            })
            .collect();
        let mut outcomes = Vec::new();
        for (id, one) in asked {
            outcomes.push((id, one.await.unwrap()));
        }
        outcomes
    })
}

#[test]
#[ignore = "run by a_full_queue_takes_no_more"]
fn busy() {
    let limits = Limits { threads: 1, queue: 1, timeout: Duration::from_secs(60) };
    let (hsms, runtime) = opened(settings(), limits);
    let outcomes = at_once(&hsms, &runtime);
    let busy = outcomes.iter().filter(|(_, outcome)| *outcome == Err(HsmError::Busy)).count();
    let done = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    assert!(busy > 0 && done > 0, "{outcomes:?}");
}

#[test]
#[ignore = "run by a_key_that_does_not_work_is_not_kept"]
fn unsupported() {
    let (hsms, runtime) = opened(settings(), Limits::default());
    let _timers = runtime.enter();
    // SoftHSM makes the key, and then does not know SHA-256 in OAEP.
    let error = generate(&hsms, KeyAlg::Decrypts(JweAlg::RsaOaep256)).unwrap_err();
    assert!(!error.is_passing(), "{error}");
    assert!(beside().find_objects(&[Attribute::Id(KEY.0.to_vec())]).unwrap().is_empty());
}
