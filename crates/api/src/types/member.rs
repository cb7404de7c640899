//! The people of an organization: invited, with a role, and each with a token of their own.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::access::MemberRole;

/// Names a member, or whoever is to become one.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MemberRequest {
    /// The organization.
    pub organization_id: Option<i64>,
    /// The member to change or remove.
    pub member_id: Option<String>,
    /// The address of whoever is invited; who gives the invitation on sends it there.
    pub email: Option<String>,
    /// The role.
    pub role: Option<MemberRole>,
}

/// An invitation that is taken up.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MemberAcceptRequest {
    /// The code that the invitation was answered with. It is good once.
    pub invitation_code: Option<String>,
}

/// A member.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MemberResponse {
    /// The organization.
    pub organization_id: Option<i64>,
    /// The member's name for changing and removing it.
    pub member_id: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The role.
    pub role: Option<MemberRole>,
    /// When the member has accepted, in milliseconds since the epoch; absent as long as it is invited only.
    pub accepted_at: Option<i64>,
    /// The code of an invitation, shown when it is made and never again.
    pub invitation_code: Option<String>,
    /// Until when the invitation can be accepted, in milliseconds since the epoch.
    pub invitation_expires_at: Option<i64>,
    /// The member's token for the API, shown when the invitation is accepted and never again.
    pub access_token: Option<String>,
    /// The token's name.
    pub token_id: Option<String>,
}
