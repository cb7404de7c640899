//! The sessions of all browsers: those of strangers, and those of users, each with an end to how many there are.

use std::collections::BTreeSet;

use placet_ambient::Entropy;

use super::handle::{Lifetimes, Lost, named, place};
use super::{Handle, Login, Session};
use crate::means::Means;
use crate::of_users::OfUsers;
use crate::settings::Settings;
use crate::state::{Place, Shelf, State, StateUnavailable};
use crate::users::{Developer, User};

/// How often a session is taken anew that another request has changed in between.
const TRIES: usize = 16;

/// When a session was used last is written down when it is so much of its lifetime ago: not at each page.
const TOUCHED: i64 = 32;

pub(crate) struct Sessions {
    state: State,
    of_users: OfUsers,
    of_developers: OfUsers,
    lifetimes: Lifetimes,
    entropy: Entropy,
}

impl Sessions {
    pub(crate) fn new(settings: &Settings, state: &State) -> Self {
        let (idle, longest) = (settings.session_idle, settings.session_longest);
        // Where nobody signs in there is nothing to be kept but the pages that are open.
        let idle_of_strangers = idle.min(settings.interaction_longest);
        let of = |shelf| OfUsers::new(state.clone(), shelf, settings.budgets.logins_of_one);
        Self {
            state: state.clone(),
            of_users: of(Shelf::OfUsers),
            of_developers: of(Shelf::OfDevelopers),
            lifetimes: Lifetimes { idle, idle_of_strangers, longest },
            entropy: settings.ambient.entropy.clone(),
        }
    }

    pub(crate) async fn find(&self, id: &str, now: i64) -> Result<Option<Handle>, StateUnavailable> {
        let Some(handle) = self.read(id, now).await? else { return Ok(None) };
        let Lifetimes { idle, longest, .. } = self.lifetimes;
        let (ago, old) = handle.with(|session| {
            let old = session.login.as_ref().is_some_and(|login| now - login.auth_time > longest);
            (now - session.last_seen, old)
        });
        if ago > idle || old {
            self.end(&handle, now).await?;
            return Ok(None);
        }
        if ago > 0 && ago >= idle / TOUCHED {
            match handle.change(|session| session.last_seen = now).await {
                Ok(()) => {}
                Err(Lost::Gone) => return Ok(None),
                Err(Lost::Away(e)) => return Err(e),
            }
        }
        Ok(Some(handle))
    }

    async fn read(&self, id: &str, now: i64) -> Result<Option<Handle>, StateUnavailable> {
        let kept = self.state.kept(&place(id), now).await?;
        Ok(kept.and_then(|kept| Handle::read(kept, id, self.state.clone(), self.lifetimes)))
    }

    pub(crate) async fn start(&self, now: i64) -> Result<Handle, StateUnavailable> {
        let session = Session::new(self.entropy.identifier(), now);
        self.insert(Shelf::Strangers, &session).await
    }

    /// Keeps a session under a new name.
    async fn insert(&self, shelf: Shelf, session: &Session) -> Result<Handle, StateUnavailable> {
        let id = named(shelf, &self.entropy.identifier());
        let place = Place::new(shelf, id.clone());
        let until = self.lifetimes.until(shelf, session);
        let version = self.state.insert(&place, session, until).await?;
        let unkept = || StateUnavailable("a new session has no place".to_owned());
        let version = version.ok_or_else(unkept)?;
        Handle::new(id, version, session, self.state.clone(), self.lifetimes)
    }

    /// Somebody has signed in. The session gets a new `sid` unless it is the same user again. `then`: what comes of it.
    pub(crate) async fn sign_in(
        &self,
        handle: &Handle,
        (user, means): (User, Means),
        now: i64,
        then: impl Fn(&mut Session) + Send + Sync,
    ) -> Result<Handle, Lost> {
        let (sid, browser_state) = (self.entropy.identifier(), self.entropy.identifier());
        let signed_in = |session: &mut Session| {
            let before = session.login.take().filter(|login| login.user.subject == user.subject);
            if before.is_none() {
                session.clients.clear();
                session.browser_state.clone_from(&browser_state);
            }
            let sid = before.map_or_else(|| sid.clone(), |login| login.sid);
            let (user, means) = (user.clone(), means.clone());
            session.login = Some(Login { user, auth_time: now, means, has_passkey: false, sid });
            then(session);
        };
        self.renamed(handle, now, signed_in).await
    }

    /// Whoever is signed in has confirmed it with a second factor. That is no new login: when it was, was when the
    /// password came (OpenID Connect Core §2, `auth_time`).
    pub(crate) async fn strengthen(
        &self,
        handle: &Handle,
        now: i64,
        then: impl Fn(&mut Session) + Send + Sync,
    ) -> Result<Handle, Lost> {
        let stronger = |session: &mut Session| {
            if let Some(login) = &mut session.login {
                login.means = login.means.and_code();
            }
            then(session);
        };
        self.renamed(handle, now, stronger).await
    }

    /// A developer has signed in; whoever is signed in as a user stays.
    pub(crate) async fn developer_signs_in(
        &self,
        handle: &Handle,
        developer: Developer,
        now: i64,
    ) -> Result<Handle, Lost> {
        let signed_in = |session: &mut Session| session.developer = Some((developer.clone(), now));
        let after = self.renamed(handle, now, signed_in).await?;
        let until = now.saturating_add(self.lifetimes.longest);
        let noted = (after.id.as_str(), until);
        for ended in self.of_developers.note(&developer.subject, noted, Some(&handle.id), now).await? {
            self.remove(&ended, now).await?;
        }
        Ok(after)
    }

    /// The session under a new name, so that one that was planted in a browser leads nowhere. It is there under the new one
    /// before it is gone under the old one: a process that ends in between loses nobody's pages.
    async fn renamed(
        &self,
        handle: &Handle,
        now: i64,
        work: impl Fn(&mut Session) + Send + Sync,
    ) -> Result<Handle, Lost> {
        for _ in 0..TRIES {
            let (version, session) = handle.seen();
            let mut moved = session.clone().moved(self.entropy.identifier(), now);
            work(&mut moved);
            let after = self.insert(Shelf::Logins, &moved).await?;
            if self.state.remove_version(&place(&handle.id), version).await? {
                self.noted(&after, handle, &session, now).await?;
                return Ok(after);
            }
            self.remove(&after.id, now).await?;
            handle.refresh().await?;
        }
        Err(StateUnavailable("too many change one session at once".to_owned()).into())
    }

    /// One login more of this user, if it is not the one that was there before; the oldest ends when there are too many.
    async fn noted(
        &self,
        after: &Handle,
        before: &Handle,
        session: &Session,
        now: i64,
    ) -> Result<(), StateUnavailable> {
        let login = after.login();
        let subject = login.as_ref().map(|login| login.user.subject.as_str());
        if let Some(former) = session.login.as_ref().map(|login| &login.user.subject)
            && subject != Some(former)
        {
            self.of_users.forget(former, &before.id, now).await?;
        }
        let Some(login) = &login else { return Ok(()) };
        let until = login.auth_time.saturating_add(self.lifetimes.longest);
        let noted = (after.id.as_str(), until);
        for ended in self.of_users.note(&login.user.subject, noted, Some(&before.id), now).await? {
            self.remove(&ended, now).await?;
        }
        Ok(())
    }

    /// Ends what somebody has opened with a passkey, but for the session that is kept; with the clients that were told of each.
    pub(crate) async fn end_opened_with(
        &self,
        (subject, passkey): (&str, &str),
        kept: Option<&Handle>,
        now: i64,
    ) -> Result<Vec<(Login, BTreeSet<String>)>, StateUnavailable> {
        let mut ended = Vec::new();
        for id in self.of_users.of(subject, now).await? {
            if kept.is_some_and(|kept| kept.id == id) {
                continue;
            }
            let Some(handle) = self.read(&id, now).await? else { continue };
            if handle.login().is_some_and(|login| login.means.is_by(passkey)) {
                ended.extend(self.end(&handle, now).await?);
            }
        }
        Ok(ended)
    }

    /// Ends a session: who was signed in, and the clients that were told of it. Of several who end it, one learns that.
    pub(crate) async fn end(
        &self,
        handle: &Handle,
        now: i64,
    ) -> Result<Option<(Login, BTreeSet<String>)>, StateUnavailable> {
        let Some(session) = self.remove(&handle.id, now).await? else { return Ok(None) };
        if let Some((developer, _)) = &session.developer {
            self.of_developers.forget(&developer.subject, &handle.id, now).await?;
        }
        let Some(login) = session.login else { return Ok(None) };
        self.of_users.forget(&login.user.subject, &handle.id, now).await?;
        Ok(Some((login, session.clients)))
    }

    async fn remove(&self, id: &str, now: i64) -> Result<Option<Session>, StateUnavailable> {
        self.state.take(&place(id), now).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Shown, Tab};
    use super::*;
    use crate::budgets::Budgets;
    use crate::interaction::{Interaction, Purpose};
    use crate::settings::{Issuer, Strength};
    use crate::state::InMemory;

    fn within(budgets: Budgets) -> Sessions {
        let memory = InMemory::new(&budgets, placet_ambient::Clock::stopped());
        let settings = Settings { budgets, ..Settings::new(Issuer::parse("https://as.example").unwrap()) };
        Sessions::new(&settings, &State::new(Arc::new(memory)))
    }

    fn sessions() -> Sessions {
        within(Budgets::default())
    }

    fn user(subject: &str) -> User {
        User { subject: subject.to_owned(), ..User::default() }
    }

    async fn signed_in(sessions: &Sessions, handle: &Handle, subject: &str, now: i64) -> Handle {
        sessions.sign_in(handle, (user(subject), Means::Password), now, |_| {}).await.unwrap()
    }

    async fn new_login(sessions: &Sessions, subject: &str, now: i64) -> Handle {
        signed_in(sessions, &sessions.start(now).await.unwrap(), subject, now).await
    }

    async fn lives(sessions: &Sessions, handle: &Handle, now: i64) -> bool {
        sessions.find(&handle.id, now).await.unwrap().is_some()
    }

    fn interaction() -> Interaction {
        Interaction::new(Purpose::Account("/apps".to_owned()), 0)
    }

    #[tokio::test]
    async fn a_login_renames_the_session() {
        let sessions = sessions();
        let before = sessions.start(0).await.unwrap();
        let csrf = before.with(|session| session.csrf.clone());
        before.change(|session| session.open("tab".to_owned(), interaction(), 8)).await.unwrap();
        let after = signed_in(&sessions, &before, "john", 1).await;
        assert!(!lives(&sessions, &before, 1).await && lives(&sessions, &after, 1).await);
        assert_ne!(after.with(|session| session.csrf.clone()), csrf);
        assert_ne!(after.login().unwrap().sid, after.id);
        assert!(after.with(|session| session.tab("tab").is_some()));
        // A page from before is known as such.
        assert_eq!(after.with(|session| session.shown(&csrf)), Some(Shown::Before));
        assert_eq!(after.with(|session| session.shown(&session.csrf)), Some(Shown::Now));
        assert_eq!(after.with(|session| session.shown("")), None);
        // Of two who sign in at once one goes on.
        let late = sessions.sign_in(&before, (user("john"), Means::Password), 1, |_| {}).await;
        assert!(matches!(late, Err(Lost::Gone)));
        let mut many = after;
        for now in 2..9 {
            many = signed_in(&sessions, &many, "john", now).await;
        }
        assert_eq!(many.with(|session| session.shown(&csrf)), None);
    }

    #[tokio::test]
    async fn what_one_request_takes_no_other_does() {
        let sessions = sessions();
        let one = sessions.start(0).await.unwrap();
        one.change(|session| session.open("tab".to_owned(), interaction(), 8)).await.unwrap();
        let other = sessions.find(&one.id, 0).await.unwrap().unwrap();
        assert!(one.change(|session| session.decide("tab", 0)).await.unwrap().is_some());
        // The other has not seen that when it begins.
        assert!(other.with(|session| matches!(session.tab("tab"), Some(Tab::Open(_)))));
        assert!(other.change(|session| session.decide("tab", 0)).await.unwrap().is_none());
        // What both change is changed by both.
        one.change(|session| session.told_of("1", None)).await.unwrap();
        other.change(|session| session.passkey_done = Some("x".to_owned())).await.unwrap();
        one.refresh().await.unwrap();
        assert!(one.with(|session| session.revoked.is_some() && session.passkey_done.is_some()));
        // Whoever was deciding has ended in the middle, most likely.
        assert!(other.change(|session| session.decide("tab", 30)).await.unwrap().is_none());
        assert!(other.change(|session| session.decide("tab", 31)).await.unwrap().is_some());
        sessions.end(&one, 31).await.unwrap();
        let late = other.change(|session| session.close("tab")).await;
        assert!(matches!(late, Err(Lost::Gone)));
    }

    #[tokio::test]
    async fn a_developer_is_no_user_and_renames_the_session_too() {
        let sessions = within(Budgets { logins_of_one: 1, ..Budgets::default() });
        let developer = || Developer { subject: "john".to_owned(), name: "John".to_owned() };
        let enters =
            async |handle: &Handle, now| sessions.developer_signs_in(handle, developer(), now).await.unwrap();
        let before = sessions.start(0).await.unwrap();
        let after = enters(&before, 1).await;
        assert!(!lives(&sessions, &before, 1).await && after.login().is_none());
        assert_eq!(after.with(|session| session.developer(11, 10)), Some(developer()));
        assert_eq!(after.with(|session| session.developer(12, 10)), None);
        // A user who signs in there is another one, and takes no place of the developer.
        let both = signed_in(&sessions, &after, "john", 2).await;
        assert!(both.login().is_some() && both.with(|session| session.developer(2, 10)).is_some());
        let other = enters(&sessions.start(2).await.unwrap(), 2).await;
        assert!(lives(&sessions, &other, 2).await);
        enters(&sessions.start(3).await.unwrap(), 3).await;
        assert!(!lives(&sessions, &other, 3).await);
        both.change(Session::developer_leaves).await.unwrap();
        assert!(both.login().is_some() && both.with(|session| session.developer(2, 10)).is_none());
    }

    #[tokio::test]
    async fn the_same_user_again_keeps_the_sid_and_another_does_not() {
        let sessions = sessions();
        let first = new_login(&sessions, "john", 1).await;
        let sid = first.login().unwrap().sid;
        let state = first.with(|session| session.browser_state.clone());
        first.change(|session| session.note_client("1".to_owned(), 9)).await.unwrap();
        let stronger = sessions.strengthen(&first, 2, |_| {}).await.unwrap();
        let login = stronger.login().unwrap();
        assert_eq!((login.auth_time, login.strength(), &login.sid), (1, Strength::SecondFactor, &sid));
        let again = signed_in(&sessions, &stronger, "john", 2).await;
        assert_eq!((again.login().unwrap().sid, again.login().unwrap().auth_time), (sid.clone(), 2));
        assert_eq!(again.with(|session| session.browser_state.clone()), state);
        assert!(again.with(|session| session.clients.contains("1")));
        let other = signed_in(&sessions, &again, "jane", 3).await;
        assert_ne!(other.login().unwrap().sid, sid);
        assert_ne!(other.with(|session| session.browser_state.clone()), state);
        assert!(other.with(|session| session.clients.is_empty()));
    }

    #[tokio::test]
    async fn a_login_ends_by_idleness_and_by_age() {
        let sessions = sessions();
        let idle = new_login(&sessions, "john", 0).await;
        assert!(lives(&sessions, &idle, 8 * 3600).await);
        assert!(lives(&sessions, &idle, 12 * 3600).await);
        assert!(!lives(&sessions, &idle, 12 * 3600 + 1).await);
        let idle = new_login(&sessions, "john", 0).await;
        assert!(!lives(&sessions, &idle, 8 * 3600 + 1).await);
        // Where nobody signs in there is nothing to keep but the pages.
        let stranger = sessions.start(0).await.unwrap();
        assert!(lives(&sessions, &stranger, 3600).await && !lives(&sessions, &stranger, 7201).await);
    }

    #[tokio::test]
    async fn there_is_an_end_to_sessions_tabs_and_clients() {
        let sessions = within(Budgets { strangers: 20, logins: 30, ..Budgets::default() });
        let owner = new_login(&sessions, "john", 0).await;
        let mut strangers = Vec::new();
        for _ in 0..500 {
            strangers.push(sessions.start(0).await.unwrap());
        }
        let mut alive = 0;
        for stranger in &strangers {
            alive += usize::from(lives(&sessions, stranger, 0).await);
        }
        // A flood of strangers costs nobody a login.
        assert!(alive <= 20 && lives(&sessions, &owner, 1).await, "{alive}");
        for tab in ["a", "b", "c"] {
            owner.change(|session| session.open(tab.to_owned(), interaction(), 2)).await.unwrap();
        }
        assert!(owner.with(|session| session.tab("a").is_none() && session.tab("c").is_some()));
        for client in 0..9 {
            owner.change(|session| session.note_client(client.to_string(), 3)).await.unwrap();
        }
        assert_eq!(sessions.end(&owner, 1).await.unwrap().unwrap().1.len(), 3);
    }

    #[tokio::test]
    async fn there_is_an_end_to_the_logins_of_one_user() {
        let sessions = within(Budgets { logins_of_one: 2, ..Budgets::default() });
        let theirs = new_login(&sessions, "jane", 0).await;
        let (first, second) = (new_login(&sessions, "john", 1).await, new_login(&sessions, "john", 2).await);
        // Whoever signs in again in the same browser has one login still.
        let first = signed_in(&sessions, &first, "john", 3).await;
        assert!(lives(&sessions, &first, 5).await && lives(&sessions, &second, 5).await);
        let third = new_login(&sessions, "john", 4).await;
        assert!(lives(&sessions, &first, 5).await && !lives(&sessions, &second, 5).await);
        assert!(lives(&sessions, &third, 5).await && lives(&sessions, &theirs, 5).await);
        // A place that somebody has left is free.
        sessions.end(&first, 5).await.unwrap();
        let fourth = new_login(&sessions, "john", 5).await;
        assert!(lives(&sessions, &third, 5).await && lives(&sessions, &fourth, 5).await);
        // And so is one of somebody who has become somebody else.
        signed_in(&sessions, &fourth, "jane", 6).await;
        let fifth = new_login(&sessions, "john", 6).await;
        assert!(lives(&sessions, &third, 6).await && lives(&sessions, &fifth, 6).await);
    }

    #[tokio::test]
    async fn what_a_passkey_has_opened_ends_with_it() {
        let sessions = sessions();
        let by = async |subject: &str, means| {
            let start = sessions.start(0).await.unwrap();
            sessions.sign_in(&start, (user(subject), means), 0, |_| {}).await.unwrap()
        };
        let passkey = |id: &str| Means::Passkey(id.to_owned());
        let (kept, ended) = (by("john", passkey("a")).await, by("john", passkey("a")).await);
        let others = [
            by("john", passkey("b")).await,
            by("john", Means::Password).await,
            by("jane", passkey("a")).await,
        ];
        ended.change(|session| session.note_client("1".to_owned(), 9)).await.unwrap();
        let told = sessions.end_opened_with(("john", "a"), Some(&kept), 0).await.unwrap();
        let [(login, clients)] = &*told else { panic!("{}", told.len()) };
        assert_eq!((login.user.subject.as_str(), clients.len()), ("john", 1));
        assert!(!lives(&sessions, &ended, 1).await);
        // Whoever has it open still changes nothing any more.
        assert!(matches!(ended.change(|session| session.last_seen = 1).await, Err(Lost::Gone)));
        for handle in others.iter().chain([&kept]) {
            assert!(lives(&sessions, handle, 1).await);
        }
    }
}
