//! One connection to the database, and the statements that have been prepared on it.

use std::collections::HashMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use placet_store::{CommitError, Unavailable};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Row, Socket, Statement};

use crate::budgets::CONNECT;
use crate::wall::{About, SAY};
use crate::work::{Database, silent};

pub(crate) struct Link {
    client: Client,
    prepared: Mutex<HashMap<&'static str, Statement>>,
    lost: AtomicBool,
    /// What was last said of the services that statements are about; `None` where there is no wall.
    about: Option<Mutex<String>>,
}

impl Link {
    /// Connects; what the connection does is done on the runtime of the caller.
    pub(crate) async fn connect(database: &Database) -> Result<Self, Failure> {
        Self::hearing(database, |_| {}).await
    }

    /// The same, and hands on what is announced to this connection, before the answer to anything that is asked later.
    pub(crate) async fn hearing(
        database: &Database,
        heard: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let password = database.given.password().map_err(|e| Failure::text(&e.to_string()))?;
        let heard = Arc::new(heard);
        let mut client = Err(Failure::text("there is no host"));
        for (number, config) in database.hosts.in_turn() {
            let mut config = config.clone();
            config.application_name(database.name());
            if let Some(password) = &password {
                config.password(password);
            }
            let heard = heard.clone();
            client = answering(database, &config, move |said| heard(said)).await;
            if client.is_ok() {
                database.hosts.found(number);
                break;
            }
        }
        let about = database.given.row_security.then(Mutex::default);
        Ok(Self { client: client?, prepared: Mutex::default(), lost: AtomicBool::new(false), about })
    }

    #[cfg(test)]
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    /// It is of no use any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.client.is_closed() || self.lost.load(Ordering::Relaxed)
    }

    fn noted(&self, error: tokio_postgres::Error) -> Failure {
        let failure = Failure::from(error);
        if failure.meaning == Meaning::Lost {
            self.lost.store(true, Ordering::Relaxed);
        }
        failure
    }

    /// The statement, prepared once for a connection.
    pub(crate) async fn prepared(&self, sql: &'static str) -> Result<Statement, Failure> {
        let known = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await.map_err(|e| self.noted(e))?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(prepared.entry(sql).or_insert(statement).clone())
    }

    pub(crate) async fn query(
        &self,
        about: About<'_>,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Failure> {
        let (statement, wall) = (self.prepared(sql).await?, self.wall().await?);
        let rows = async { self.client.query(&statement, parameters).await.map_err(|e| self.noted(e)) };
        let Some(said) = self.said(about, wall) else { return rows.await };
        // Both are sent before the first has its answer.
        let said = async { said.await.map(|()| Vec::new()) };
        let both: Vec<Sent<'_, Result<Vec<Row>, Failure>>> = vec![Box::pin(said), Box::pin(rows)];
        let mut answers = in_order(both).await.into_iter();
        answers.next().transpose()?;
        answers.next().unwrap_or_else(|| Err(silent()))
    }

    /// The statement that says which services the next ones are about, where there is a wall.
    pub(crate) async fn wall(&self) -> Result<Option<Statement>, Failure> {
        match self.about {
            None => Ok(None),
            Some(_) => self.prepared(SAY).await.map(Some),
        }
    }

    /// Says which services the next statements are about, if that is not what was said last. To be sent before them, and
    /// with nothing in between.
    pub(crate) fn said<'a>(
        &'a self,
        about: About<'_>,
        wall: Option<Statement>,
    ) -> Option<Sent<'a, Result<(), Failure>>> {
        let (statement, services) = (wall?, about.said()?);
        let mut last = self.about.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        if *last == services {
            return None;
        }
        last.clone_from(&services);
        Some(Box::pin(async move {
            let done = self.run(&statement, &[&services]).await;
            // Nobody knows what the statements behind it have been about.
            self.lost.fetch_or(done.is_err(), Ordering::Relaxed);
            done
        }))
    }

    /// The same of a statement that is prepared, whose rows do not matter: it is sent when the future is first asked.
    pub(crate) async fn run(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<(), Failure> {
        self.client.query(statement, parameters).await.map(drop).map_err(|e| self.noted(e))
    }

    pub(crate) async fn bare(&self, sql: &str) -> Result<(), Failure> {
        self.client.batch_execute(sql).await.map_err(|e| self.noted(e))
    }
}

/// Connects to one host, which may take a connection and never answer on it.
async fn answering(
    database: &Database,
    config: &Config,
    heard: impl Fn(&str) + Send + 'static,
) -> Result<Client, Failure> {
    let client = tokio::time::timeout(CONNECT, async {
        match &database.tls {
            Some(tls) => joined(config, tls.clone(), heard).await,
            None => joined(config, NoTls, heard).await,
        }
    });
    Ok(client.await.map_err(|_| Failure::text("the database does not answer"))??)
}

async fn joined<T>(
    config: &Config,
    tls: T,
    heard: impl Fn(&str) + Send + 'static,
) -> Result<Client, tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, mut connection) = config.connect(tls).await?;
    tokio::spawn(async move {
        while let Some(message) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            match message {
                Ok(AsyncMessage::Notification(said)) => heard(said.payload()),
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(source = %error, "a connection to the database has ended");
                    return;
                }
            }
        }
    });
    Ok(client)
}

/// Something that is sent when it is first asked.
pub(crate) type Sent<'a, T = ()> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Starts every future before the first has its answer, in their order, and waits for all.
pub(crate) async fn in_order<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut results = futures.iter().map(|_| None).collect::<Vec<_>>();
    let all = std::future::poll_fn(|cx| {
        let mut pending = false;
        for (future, result) in futures.iter_mut().zip(&mut results).filter(|(_, result)| result.is_none()) {
            match pin!(future).poll(cx) {
                Poll::Ready(value) => *result = Some(value),
                Poll::Pending => pending = true,
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    });
    all.await;
    results.into_iter().flatten().collect()
}

/// Why the database did not do what it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) meaning: Meaning,
    /// For the operator.
    pub(crate) text: String,
    /// Where the database has said one.
    pub(crate) code: Option<SqlState>,
}

/// What that means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A row was not as expected.
    Conflict,
    /// Others were in the way: it may be tried again as it is.
    Again,
    /// Others have held for long what was needed, and nobody knows for how much longer.
    Held,
    /// This connection is of no use any more.
    Lost,
    /// More waits than may.
    Crowded,
    /// A value is none for the database, and never will be.
    Defect,
    Other,
}

impl Failure {
    pub(crate) fn text(text: &str) -> Self {
        Self { meaning: Meaning::Other, text: text.to_owned(), code: None }
    }

    /// Nothing is asked of the database any more until it has done something of what waits.
    pub(crate) fn crowded() -> Self {
        Self { meaning: Meaning::Crowded, ..Self::text("too much waits for the database") }
    }

    pub(crate) fn outcome(&self) -> CommitError {
        match self.meaning {
            // What others are in the way of is tried again by whoever asked, who reads anew then.
            Meaning::Conflict | Meaning::Again => CommitError::Conflict,
            Meaning::Held | Meaning::Lost | Meaning::Crowded | Meaning::Defect | Meaning::Other => {
                CommitError::Unavailable(self.unavailable())
            }
        }
    }

    pub(crate) fn unavailable(&self) -> Unavailable {
        match self.meaning {
            Meaning::Crowded => Unavailable::Busy(self.text.clone()),
            Meaning::Defect => Unavailable::Defect(self.text.clone()),
            Meaning::Conflict | Meaning::Again | Meaning::Held | Meaning::Lost | Meaning::Other => {
                Unavailable::Away(self.text.clone())
            }
        }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let text = error
            .as_db_error()
            .map_or_else(|| error.to_string(), |e| format!("{} ({})", e.message(), e.code().code()));
        Self { meaning: meaning(&error), text, code: error.code().cloned() }
    }
}

fn meaning(error: &tokio_postgres::Error) -> Meaning {
    match error.code() {
        None if error.is_closed() => Meaning::Lost,
        None => Meaning::Other,
        // Division by zero is how a statement says that it has changed nothing.
        Some(&SqlState::UNIQUE_VIOLATION | &SqlState::DIVISION_BY_ZERO) => Meaning::Conflict,
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Meaning::Again,
        Some(&SqlState::LOCK_NOT_AVAILABLE) => Meaning::Held,
        // The other one of a pair has become the one that writes; this one is about to stop.
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION | &SqlState::ADMIN_SHUTDOWN) => Meaning::Lost,
        // Class 22, data exceptions. Who may send a value that is none must not make the database look as if it were away.
        Some(code) if code.code().starts_with("22") => Meaning::Defect,
        Some(_) => Meaning::Other,
    }
}
