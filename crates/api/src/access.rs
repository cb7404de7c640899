//! The rights of API access tokens, and what each includes.

use serde::{Deserialize, Serialize};

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

/// A set of rights, closed under inclusion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u16);

impl Rights {
    pub fn holds(self, right: Right) -> bool {
        self.0 & right.bit() != 0
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

/// What a row of the endpoint table demands of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// This right on the service that the path names.
    Service(Right),
    /// This right on the one client that the path names, or on its service.
    Client(Right),
    /// This right on whatever the request names; the operation holds the caller's reach against it.
    Organization(Right),
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
    fn names_round_trip() {
        for (right, name, _) in TABLE {
            assert_eq!(Right::parse(name), Some(*right));
            assert_eq!(right.name(), *name);
        }
        assert_eq!(Right::parse("root"), None);
    }
}
