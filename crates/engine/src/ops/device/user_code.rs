//! Finding the request that a user code is of, without letting anybody find it by trying.

use placet_api::Reason;
use placet_base::{Timestamp, Ttl};
use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::device::{Device, State};
use crate::records::user_code_guesses::UserCodeGuesses;

/// The reasons of one endpoint for the same conditions.
pub struct Reasons {
    pub missing: Reason,
    pub unknown: Reason,
    pub expired: Reason,
    pub used: Reason,
    pub exhausted: Reason,
}

/// A request that waits for its user.
pub struct Waiting(Loaded<Device>);

impl Waiting {
    pub fn request(&self) -> &Device {
        self.0.value()
    }

    pub fn into_request(self) -> Loaded<Device> {
        self.0
    }
}

/// RFC 8628 §5.1: wrong codes are counted for the whole service, whoever tries them. When there were too many, no
/// code is known until the while is over, so that the right one cannot be told from the others.
pub async fn waiting(cx: &mut Cx<'_>, text: Option<&str>, reasons: &Reasons) -> Result<Waiting, Fault> {
    let text = text.filter(|text| !text.is_empty()).ok_or_else(|| reasons.missing.clone())?;
    let codes = cx.tenant.device.user_codes;
    let Some(code) = codes.read(text) else { return Err(reasons.unknown.clone().into()) };
    let life = cx.tenant.device.code;
    let period = period(cx.now, life);
    // A code lives in two periods.
    let (guesses, before) = (tried(cx, period).await?, tried(cx, period - 1).await?);
    let wrong =
        [&guesses, &before].into_iter().flatten().fold(0_u32, |sum, one| sum.saturating_add(one.wrong));
    if wrong >= codes.guesses() {
        return Err(reasons.exhausted.clone().into());
    }
    let mark = code.mark(&cx.tenant.secrets.user_code);
    let Some(request) = cx.read.find_one::<Device>(Device::USER_CODE, &mark).await? else {
        guessed(cx, guesses, period, life);
        return Err(reasons.unknown.clone().into());
    };
    if request.expires_at.is_past(cx.now) {
        return Err(reasons.expired.clone().into());
    }
    if !matches!(request.state, State::Pending) {
        return Err(reasons.used.clone().into());
    }
    Ok(Waiting(request))
}

async fn tried(cx: &Cx<'_>, period: i64) -> Result<Option<Loaded<UserCodeGuesses>>, Fault> {
    Ok(cx.read.find_one(UserCodeGuesses::PERIOD, &period.to_string()).await?)
}

fn period(now: Timestamp, life: Ttl) -> i64 {
    now.millis() / (life.as_secs().max(1).saturating_mul(1000))
}

fn guessed(cx: &mut Cx<'_>, guesses: Option<Loaded<UserCodeGuesses>>, period: i64, life: Ttl) {
    match guesses {
        Some(guesses) => cx.write.transition_regardless(guesses, |guesses| Some(guesses.more())),
        None => {
            let number = cx.number();
            let first = UserCodeGuesses::first(period, cx.now + Ttl::secs(life.as_secs().saturating_mul(2)));
            cx.write.insert_regardless(cx.tenant.id, &number, &first);
        }
    }
}
