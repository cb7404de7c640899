//! RFC 7662 §2.1, §4 – who asks about a token, and what of it is none of their business.

use std::borrow::Cow;

use placet_api::Reason;
use placet_base::ClientId;

use crate::fault::Fault;
use crate::rules::client_auth::Authenticated;

/// Whom an answer is for.
pub enum Asking<'a> {
    /// Whom the authorization server has let in, as the resource server that it names.
    LetIn {
        server: Option<&'a str>,
    },
    Client(AskingClient<'a>),
}

/// A client that has proven itself.
pub struct AskingClient<'a> {
    client: Authenticated,
    server: Cow<'a, str>,
    /// Every token concerns it.
    resource_server: bool,
}

impl<'a> Asking<'a> {
    /// `server`: the resource server that the client is, where that is not its name.
    ///
    /// # Errors
    /// §2.1: whoever asks proves itself; a public client has said its name alone.
    pub fn client(
        (client, alias_used): (Authenticated, bool),
        server: Option<&'a str>,
        resource_servers: &[String],
    ) -> Result<Self, Fault> {
        if client.is_public() {
            return Err(Reason::StandardCallerUnproven {}.into());
        }
        let server = server.map_or_else(|| client.identifier(alias_used).into(), Cow::Borrowed);
        let resource_server = resource_servers.iter().any(|named| client.names(named));
        Ok(Self::Client(AskingClient { client, server, resource_server }))
    }

    /// The resource server that the answer is for.
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::LetIn { server } => *server,
            Self::Client(asking) => Some(&asking.server),
        }
    }

    /// §4: nobody learns of other clients' tokens by asking.
    pub fn concerned_by(&self, owner: ClientId) -> bool {
        self.as_server() || matches!(self, Self::Client(asking) if asking.client.id == owner)
    }

    /// OpenID Connect Core §8.1: a client that knows its users by pairwise names does not learn who they are.
    pub fn knows_users(&self) -> bool {
        self.as_server() || matches!(self, Self::Client(asking) if asking.client.sector.is_none())
    }

    /// It may have the answer as a JWT (RFC 9701), which is made for resource servers.
    pub fn as_server(&self) -> bool {
        match self {
            Self::LetIn { .. } => true,
            Self::Client(asking) => asking.resource_server,
        }
    }
}
