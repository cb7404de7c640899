//! The rights of API access tokens, and what each includes.

use placet_base::{ClientId, OrganizationId, ServiceId};
use serde::{Deserialize, Serialize};

use crate::call::Caller;
use crate::reasons::Reason;

/// One right, by the name that tokens carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    ViewClient,
    ModifyClient,
    ViewService,
    UseIntrospection,
    UseService,
    CreateClient,
    ModifyService,
    ViewDefaultService,
    CreateService,
    DeleteService,
    ViewAuditLog,
    Admin,
}

use Right::*;

/// Every right, its name, and the rights it includes besides itself.
const TABLE: &[(Right, &str, &[Right])] = &[
    (ViewClient, "view_client", &[]),
    (ModifyClient, "modify_client", &[ViewClient]),
    (ViewService, "view_service", &[ViewClient]),
    (UseIntrospection, "use_introspection", &[]),
    (UseService, "use_service", &[UseIntrospection, ViewService, ViewClient]),
    (CreateClient, "create_client", &[UseService, UseIntrospection, ViewService, ModifyClient, ViewClient]),
    (
        ModifyService,
        "modify_service",
        &[CreateClient, UseService, UseIntrospection, ViewService, ModifyClient, ViewClient],
    ),
    (ViewDefaultService, "view_default_service", &[]),
    (CreateService, "create_service", &[ViewDefaultService]),
    (DeleteService, "delete_service", &[]),
    (ViewAuditLog, "view_audit_log", &[]),
    (
        Admin,
        "admin",
        &[
            ViewClient,
            ModifyClient,
            ViewService,
            UseIntrospection,
            UseService,
            CreateClient,
            ModifyService,
            ViewDefaultService,
            CreateService,
            DeleteService,
        ],
    ),
];

impl Right {
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|(right, ..)| *right == self).map_or("", |(_, name, _)| name)
    }

    pub fn parse(name: &str) -> Option<Self> {
        TABLE.iter().find(|(_, known, _)| *known == name).map(|(right, ..)| *right)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberRole {
    /// Everything, the audit log included.
    Owner,
    /// Everything but the audit log.
    Administrator,
    /// Services and their clients, but not who else may.
    Developer,
    /// Looks, and changes nothing.
    Viewer,
    /// The audit log, and nothing else.
    Auditor,
}

impl MemberRole {
    /// The rights that the token of a member in this role has.
    pub fn rights(self) -> Vec<Right> {
        match self {
            Self::Owner => vec![Admin, ViewAuditLog],
            Self::Administrator => vec![Admin],
            Self::Developer => vec![CreateService, ModifyService],
            Self::Viewer => vec![ViewService],
            Self::Auditor => vec![ViewAuditLog],
        }
    }
}

/// A set of rights, closed under inclusion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u16);

impl Rights {
    pub fn holds(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Each of them, in the order of the table.
    pub fn each(self) -> impl Iterator<Item = Right> {
        TABLE.iter().map(|(right, ..)| *right).filter(move |right| self.holds(*right))
    }

    /// Whether every right of `other` is among these.
    pub fn cover(self, other: Rights) -> bool {
        self.0 & other.0 == other.0
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        let mut bits = 0;
        for right in rights {
            bits |= right.bit();
            for (_, _, included) in TABLE.iter().filter(|(known, ..)| *known == right) {
                bits |= included.iter().fold(0, |sum, r| sum | r.bit());
            }
        }
        Self(bits)
    }
}

/// What a token of the API is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Organization,
    Service,
    Client,
}

/// What a token of one kind may do at a row of the endpoint table, where it has the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Anything.
    Allowed,
    /// What is its own: of its organization, on its service, on its client.
    Own,
    /// The same, seeing no more of what stands around it than it needs.
    Narrowed,
    /// Nothing.
    Refused,
}

/// What whoever calls has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Not even a token.
    Nothing,
    /// A token, whatever it may.
    Token,
    /// A token with this right.
    Right(Right),
}

/// Who may do what at a row: the right that it takes, and what tokens of each kind may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    pub needed: Needed,
    pub organization: May,
    pub service: May,
    pub client: May,
}

use May::{Allowed, Narrowed, Own, Refused};

impl Authority {
    pub const OPEN: Self = Self { needed: Needed::Nothing, ..Self::OF_TOKEN };

    /// About the token that calls.
    pub const OF_TOKEN: Self =
        Self { needed: Needed::Token, organization: Allowed, service: Allowed, client: Allowed };

    /// For the organization alone.
    pub const fn of_organization(right: Right) -> Self {
        Self { needed: Needed::Right(right), organization: Own, service: Refused, client: Refused }
    }

    /// About one service as a whole.
    pub const fn of_service(right: Right) -> Self {
        Self { needed: Needed::Right(right), organization: Own, service: Own, client: Refused }
    }

    /// About one client.
    pub const fn of_client(right: Right) -> Self {
        Self { needed: Needed::Right(right), organization: Own, service: Own, client: Own }
    }

    /// Shows a service, or its clients: a token of one client sees that client, and little around it.
    pub const fn view(right: Right) -> Self {
        Self { needed: Needed::Right(right), organization: Own, service: Own, client: Narrowed }
    }

    /// Shows whatever the token reaches.
    pub const fn list(right: Right) -> Self {
        Self { needed: Needed::Right(right), organization: Allowed, service: Allowed, client: Narrowed }
    }

    /// The right that it takes, if it takes one.
    pub const fn right(&self) -> Option<Right> {
        match self.needed {
            Needed::Right(right) => Some(right),
            Needed::Nothing | Needed::Token => None,
        }
    }

    pub const fn may(&self, holder: Holder) -> May {
        match holder {
            Holder::Organization => self.organization,
            Holder::Service => self.service,
            Holder::Client => self.client,
        }
    }

    /// Judges a call; the only place that does. What the call is about must be known: of a service also
    /// whose it is.
    ///
    /// # Errors
    /// [`Reason::RightMissing`], whatever it is that the caller lacks.
    pub fn judge(&self, caller: &Caller, named: &Named) -> Result<Reach, Reason> {
        let may = self.permitted(caller)?;
        let own_organization = named.organization.is_none_or(|named| named == caller.organization);
        let own_service = match (named.service, caller.service) {
            (Some((id, owner)), only) => owner == caller.organization && only.is_none_or(|only| only == id),
            // A token of one service has no say over the organization.
            (None, only) => only.is_none() || may == Narrowed,
        };
        let own_client = may == Narrowed || caller.client.is_none() || named.client == caller.client;
        if may != Allowed && !(own_organization && own_service && own_client) {
            return Err(self.missing());
        }
        let whole = may != Narrowed && caller.rights.holds(ViewService);
        let view = if whole { View::Whole } else { View::Narrowed };
        Ok(Reach { caller: *caller, service: named.service.map(|(id, _)| id), view })
    }

    /// Whether tokens like the caller's can do anything here at all, before it is known what the call is
    /// about.
    pub fn permitted(&self, caller: &Caller) -> Result<May, Reason> {
        let held = self.right().is_none_or(|right| caller.rights.holds(right));
        match self.may(caller.holder()) {
            may if held && may != Refused => Ok(may),
            _ => Err(self.missing()),
        }
    }

    fn missing(&self) -> Reason {
        Reason::RightMissing { right: self.right().map_or("", Right::name).to_owned() }
    }
}

/// What a call is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named {
    pub organization: Option<OrganizationId>,
    /// A service, and the organization that owns it.
    pub service: Option<(ServiceId, OrganizationId)>,
    pub client: Option<ClientId>,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Whole,
    Narrowed,
}

/// That a caller may do what a row does, and on what. Only [`Authority::judge`] makes one.
///
/// ```compile_fail,E0451
/// fn forged(caller: placet_api::Caller) {
///     placet_api::access::Reach { caller, service: None, view: placet_api::access::View::Whole };
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    caller: Caller,
    service: Option<ServiceId>,
    view: View,
}

impl Reach {
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The service that the call names.
    pub fn service(&self) -> Option<ServiceId> {
        self.service
    }

    pub fn view(&self) -> View {
        self.view
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inclusion_is_transitive() {
        for (right, _, included) in TABLE {
            let rights: Rights = [*right].into_iter().collect();
            for inner in *included {
                assert!(rights.cover([*inner].into_iter().collect()), "{right:?} includes {inner:?}");
            }
        }
    }

    #[test]
    fn deleting_and_auditing_are_separate() {
        let rights: Rights = [ModifyService].into_iter().collect();
        assert!(rights.holds(ViewClient) && !rights.holds(DeleteService) && !rights.holds(CreateService));
        let admin: Rights = [Admin].into_iter().collect();
        assert!(admin.holds(DeleteService) && !admin.holds(ViewAuditLog));
    }

    #[test]
    fn roles_hold_what_they_say() {
        let holds = |role: MemberRole, right| role.rights().into_iter().collect::<Rights>().holds(right);
        assert!(holds(MemberRole::Owner, DeleteService) && holds(MemberRole::Owner, ViewAuditLog));
        assert!(holds(MemberRole::Administrator, DeleteService));
        assert!(!holds(MemberRole::Administrator, ViewAuditLog));
        assert!(holds(MemberRole::Developer, ModifyClient) && !holds(MemberRole::Developer, Admin));
        assert!(!holds(MemberRole::Developer, DeleteService));
        assert!(holds(MemberRole::Viewer, ViewClient) && !holds(MemberRole::Viewer, UseService));
        assert!(!holds(MemberRole::Auditor, ViewClient));
    }

    #[test]
    fn names_round_trip() {
        for (right, name, _) in TABLE {
            assert_eq!(Right::parse(name), Some(*right));
            assert_eq!(right.name(), *name);
        }
        assert_eq!(Right::parse("root"), None);
    }
}
