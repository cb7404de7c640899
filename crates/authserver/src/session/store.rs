//! The sessions of all browsers: those of strangers, and those of users, each with an end to how many there are.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use placet_ambient::Entropy;
use quick_cache::sync::Cache;

use super::{FORMER, Handle, Login, Session};
use crate::means::Means;
use crate::of_users::OfUsers;
use crate::settings::Settings;
use crate::users::{Developer, User};

pub(crate) struct Sessions {
    strangers: Cache<String, Arc<Mutex<Session>>>,
    logins: Cache<String, Arc<Mutex<Session>>>,
    of_users: OfUsers,
    of_developers: OfUsers,
    idle: i64,
    longest: i64,
    most: (usize, usize),
    entropy: Entropy,
}

impl Sessions {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (idle, longest, budgets) = (settings.session_idle, settings.session_longest, &settings.budgets);
        let most = (budgets.clients, budgets.tabs);
        let (strangers, logins) = (Cache::new(budgets.strangers), Cache::new(budgets.logins));
        let (of_users, of_developers) = (OfUsers::new(budgets), OfUsers::new(budgets));
        let entropy = settings.ambient.entropy.clone();
        Self { strangers, logins, of_users, of_developers, idle, longest, most, entropy }
    }

    pub(crate) fn find(&self, id: &str, now: i64) -> Option<Handle> {
        let session = self.logins.get(id).or_else(|| self.strangers.get(id))?;
        let handle = Handle { id: id.to_owned(), session };
        let alive = handle.with(|session| {
            let idle = now - session.last_seen > self.idle;
            let old = session.login.as_ref().is_some_and(|login| now - login.auth_time > self.longest);
            session.last_seen = now;
            !idle && !old
        });
        if !alive {
            self.end(&handle);
        }
        alive.then_some(handle)
    }

    pub(crate) fn start(&self, now: i64) -> Handle {
        let id = self.entropy.identifier();
        let session = Arc::new(Mutex::new(Session::new(now, self.most, self.entropy.clone())));
        self.strangers.insert(id.clone(), session.clone());
        Handle { id, session }
    }

    /// Somebody has signed in. The session gets a new `sid` unless it is the same user again.
    pub(crate) fn sign_in(&self, handle: &Handle, user: User, means: Means, now: i64) -> Handle {
        handle.with(|session| {
            let before = session.login.take().filter(|login| login.user.subject == user.subject);
            if before.is_none() {
                session.clients.clear();
                session.browser_state = self.entropy.identifier();
            }
            let sid = before.map_or_else(|| self.entropy.identifier(), |login| login.sid);
            session.login = Some(Login { user, auth_time: now, means, has_passkey: false, sid });
        });
        self.renamed(handle, now)
    }

    /// Whoever is signed in has confirmed it with a second factor. That is no new login: when it was, was when the
    /// password came (OpenID Connect Core §2, `auth_time`).
    pub(crate) fn strengthen(&self, handle: &Handle, now: i64) -> Handle {
        handle.with(|session| {
            if let Some(login) = &mut session.login {
                login.means = login.means.and_code();
            }
        });
        self.renamed(handle, now)
    }

    /// A developer has signed in; whoever is signed in as a user stays.
    pub(crate) fn developer_signs_in(&self, handle: &Handle, developer: Developer, now: i64) -> Handle {
        let subject = developer.subject.clone();
        handle.with(|session| session.developer = Some((developer, now)));
        let handle = self.renamed(handle, now);
        for ended in self.of_developers.note(&subject, &handle.id, |id| self.logins.peek(id).is_some()) {
            self.logins.remove(&ended);
        }
        handle
    }

    /// The session under a new name, so that one that was planted in a browser leads nowhere.
    fn renamed(&self, handle: &Handle, now: i64) -> Handle {
        let moved = handle.with(|session| {
            let mut former = std::mem::take(&mut session.former);
            former.insert(0, session.csrf.clone());
            former.truncate(FORMER);
            Session {
                former,
                login: session.login.take(),
                developer: session.developer.take(),
                browser_state: session.browser_state.clone(),
                clients: session.take_clients(),
                tabs: std::mem::take(&mut session.tabs),
                ..Session::new(now, self.most, self.entropy.clone())
            }
        });
        self.end(handle);
        let (id, session) = (self.entropy.identifier(), Arc::new(Mutex::new(moved)));
        self.logins.insert(id.clone(), session.clone());
        let handle = Handle { id, session };
        if let Some(login) = handle.login() {
            self.note(&login.user.subject, &handle.id);
        }
        handle
    }

    /// One login more of this user; the oldest ends when there are too many.
    fn note(&self, subject: &str, id: &str) {
        for ended in self.of_users.note(subject, id, |id| self.logins.peek(id).is_some()) {
            self.logins.remove(&ended);
        }
    }

    /// Ends what somebody has opened with a passkey, but for the session that is kept; with the clients that were told of each.
    pub(crate) fn end_opened_with(
        &self,
        (subject, passkey): (&str, &str),
        kept: Option<&Handle>,
    ) -> Vec<(Login, BTreeSet<String>)> {
        let ids = self.of_users.of(subject).into_iter().filter(|id| kept.is_none_or(|kept| kept.id != *id));
        let sessions = ids.filter_map(|id| Some(Handle { session: self.logins.peek(&id)?, id }));
        let ended = sessions.filter_map(|handle| {
            let login = handle.with(|session| session.login.take_if(|login| login.means.is_by(passkey)))?;
            self.end(&handle);
            Some((login, handle.with(Session::take_clients)))
        });
        ended.collect()
    }

    pub(crate) fn end(&self, handle: &Handle) {
        self.strangers.remove(&handle.id);
        self.logins.remove(&handle.id);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shown;
    use super::*;
    use crate::budgets::Budgets;
    use crate::interaction::{Interaction, Purpose};
    use crate::settings::{Issuer, Strength};

    fn sessions() -> Sessions {
        Sessions::new(&Settings::new(Issuer::parse("https://as.example").unwrap()))
    }

    fn john() -> User {
        User { subject: "john".to_owned(), ..User::default() }
    }

    #[test]
    fn a_login_renames_the_session() {
        let sessions = sessions();
        let before = sessions.start(0);
        let csrf = before.with(|session| session.csrf.clone());
        let after = sessions.sign_in(&before, john(), Means::Password, 1);
        assert!(sessions.find(&before.id, 1).is_none());
        assert!(sessions.find(&after.id, 1).is_some());
        assert_ne!(after.with(|session| session.csrf.clone()), csrf);
        assert_ne!(after.login().unwrap().sid, after.id);
        // A page from before is known as such.
        assert_eq!(after.with(|session| session.shown(&csrf)), Some(Shown::Before));
        assert_eq!(after.with(|session| session.shown(&session.csrf)), Some(Shown::Now));
        assert_eq!(after.with(|session| session.shown("")), None);
        let many =
            (2..9).fold(after, |session, now| sessions.sign_in(&session, john(), Means::Password, now));
        assert_eq!(many.with(|session| session.shown(&csrf)), None);
    }

    #[test]
    fn a_developer_is_no_user_and_renames_the_session_too() {
        let budgets = Budgets { logins_of_one: 1, ..Budgets::default() };
        let settings = Settings { budgets, ..Settings::new(Issuer::parse("https://as.example").unwrap()) };
        let sessions = Sessions::new(&settings);
        let developer = || Developer { subject: "john".to_owned(), name: "John".to_owned() };
        let before = sessions.start(0);
        let after = sessions.developer_signs_in(&before, developer(), 1);
        assert!(sessions.find(&before.id, 1).is_none() && after.login().is_none());
        assert_eq!(after.with(|session| session.developer(11, 10)), Some(developer()));
        assert_eq!(after.with(|session| session.developer(12, 10)), None);
        // A user who signs in there is another one, and takes no place of the developer.
        let both = sessions.sign_in(&after, john(), Means::Password, 2);
        assert!(both.login().is_some() && both.with(|session| session.developer(2, 10)).is_some());
        let other = sessions.developer_signs_in(&sessions.start(2), developer(), 2);
        assert!(sessions.find(&other.id, 2).is_some());
        sessions.developer_signs_in(&sessions.start(3), developer(), 3);
        assert!(sessions.find(&other.id, 3).is_none());
        both.with(Session::developer_leaves);
        assert!(both.login().is_some() && both.with(|session| session.developer(2, 10)).is_none());
    }

    #[test]
    fn the_same_user_again_keeps_the_sid_and_another_does_not() {
        let sessions = sessions();
        let first = sessions.sign_in(&sessions.start(0), john(), Means::Password, 1);
        let sid = first.login().unwrap().sid;
        let state = first.with(|session| session.browser_state.clone());
        first.with(|session| session.note_client("1".to_owned()));
        let stronger = sessions.strengthen(&first, 2);
        let login = stronger.login().unwrap();
        assert_eq!((login.auth_time, login.strength(), &login.sid), (1, Strength::SecondFactor, &sid));
        let again = sessions.sign_in(&stronger, john(), Means::Password, 2);
        assert_eq!((again.login().unwrap().sid, again.login().unwrap().auth_time), (sid.clone(), 2));
        assert_eq!(again.with(|session| session.browser_state.clone()), state);
        assert!(again.with(|session| session.clients.contains("1")));
        let jane = User { subject: "jane".to_owned(), ..User::default() };
        let other = sessions.sign_in(&again, jane, Means::Password, 3);
        assert_ne!(other.login().unwrap().sid, sid);
        assert_ne!(other.with(|session| session.browser_state.clone()), state);
        assert!(other.with(|session| session.clients.is_empty()));
    }

    #[test]
    fn a_login_ends_by_idleness_and_by_age() {
        let sessions = sessions();
        let idle = sessions.sign_in(&sessions.start(0), john(), Means::Password, 0);
        assert!(sessions.find(&idle.id, 8 * 3600).is_some());
        assert!(sessions.find(&idle.id, 12 * 3600).is_some());
        assert!(sessions.find(&idle.id, 12 * 3600 + 1).is_none());
        let idle = sessions.sign_in(&sessions.start(0), john(), Means::Password, 0);
        assert!(sessions.find(&idle.id, 8 * 3600 + 1).is_none());
        assert!(sessions.find(&idle.id, 1).is_none());
    }

    fn within(budgets: Budgets) -> Sessions {
        Sessions::new(&Settings { budgets, ..Settings::new(Issuer::parse("https://as.example").unwrap()) })
    }

    #[test]
    fn there_is_an_end_to_sessions_tabs_and_clients() {
        let budgets = Budgets { strangers: 20, logins: 30, tabs: 2, clients: 3, ..Budgets::default() };
        let sessions = within(budgets);
        let owner = sessions.sign_in(&sessions.start(0), john(), Means::Password, 0);
        (0..500).for_each(|_| drop(sessions.start(0)));
        assert!(sessions.strangers.len() <= 20, "{}", sessions.strangers.len());
        // A flood of strangers costs nobody a login.
        assert!(sessions.find(&owner.id, 1).is_some());
        let ids: Vec<_> = owner.with(|session| {
            (0..3).map(|_| session.open(Interaction::new(Purpose::Account("/apps".to_owned()), 0))).collect()
        });
        assert!(owner.with(|session| session.tab(&ids[0]).is_none() && session.tab(&ids[2]).is_some()));
        owner.with(|session| (0..9).for_each(|n| session.note_client(n.to_string())));
        assert_eq!(owner.with(Session::take_clients).len(), 3);
        (0..500).for_each(|_| drop(sessions.sign_in(&sessions.start(0), john(), Means::Password, 0)));
        assert!(sessions.logins.len() <= 30, "{}", sessions.logins.len());
    }

    #[test]
    fn there_is_an_end_to_the_logins_of_one_user() {
        let sessions = within(Budgets { logins_of_one: 2, ..Budgets::default() });
        let login = |now| sessions.sign_in(&sessions.start(now), john(), Means::Password, now);
        let jane = User { subject: "jane".to_owned(), ..User::default() };
        let theirs = sessions.sign_in(&sessions.start(0), jane, Means::Password, 0);
        let (first, second) = (login(1), login(2));
        // Whoever signs in again in the same browser has one login still.
        let first = sessions.sign_in(&first, john(), Means::Password, 3);
        let lives = |handle: &Handle| sessions.find(&handle.id, 5).is_some();
        assert!(lives(&first) && lives(&second));
        let third = login(4);
        assert!(lives(&first) && !lives(&second) && lives(&third) && lives(&theirs));
        // A place that somebody has left is free.
        sessions.end(&first);
        let fourth = login(5);
        assert!(lives(&third) && lives(&fourth));
    }

    #[test]
    fn what_a_passkey_has_opened_ends_with_it() {
        let sessions = sessions();
        let by = |subject: &str, means| {
            let user = User { subject: subject.to_owned(), ..User::default() };
            sessions.sign_in(&sessions.start(0), user, means, 0)
        };
        let passkey = |id: &str| Means::Passkey(id.to_owned());
        let (kept, ended) = (by("john", passkey("a")), by("john", passkey("a")));
        let others = [by("john", passkey("b")), by("john", Means::Password), by("jane", passkey("a"))];
        ended.with(|session| session.note_client("1".to_owned()));
        let told = sessions.end_opened_with(("john", "a"), Some(&kept));
        let [(login, clients)] = &*told else { panic!("{}", told.len()) };
        assert_eq!((login.user.subject.as_str(), clients.len()), ("john", 1));
        // Whoever holds it is at its end, too.
        assert!(sessions.find(&ended.id, 1).is_none() && ended.login().is_none());
        assert!(others.iter().chain([&kept]).all(|handle| sessions.find(&handle.id, 1).is_some()));
    }
}
