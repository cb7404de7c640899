//! POST /api/organization/member/…

use placet_api::types::{MemberAcceptRequest, MemberRequest, MemberResponse};
use placet_api::{CallError, MemberRole, NoContent, Reach, Reason};
use placet_base::{Timestamp, TokenHash, Ttl};
use placet_store::{Loaded, Page};

use crate::Engine;
use crate::budgets::{EMAIL, MEMBERS};
use crate::cx::Cx;
use crate::fault::unanswered;
use crate::flow::{api_tokens, assigned};
use crate::records::api_token::ApiToken;
use crate::records::member::{Member, State};

/// How long an invitation can be accepted.
const INVITATION: Ttl = Ttl::secs(7 * 24 * 60 * 60);

/// How long a token of a sign-in is good.
const SIGN_IN: Ttl = Ttl::secs(12 * 60 * 60);

/// A request about members, by a caller who may.
pub struct OfMember {
    pub reach: Reach,
    pub request: MemberRequest,
}

impl OfMember {
    /// The role, which may do nothing that the caller may not: nobody raises anybody above itself, or ends who stands above.
    fn within(&self, role: MemberRole) -> Result<MemberRole, CallError> {
        let (held, caller) = (role.rights(), self.reach.caller());
        if let Some(lacking) = held.iter().find(|right| !caller.rights.holds(**right)) {
            return Err(Reason::PermissionNotHeld { permission: lacking.name().to_owned() }.into());
        }
        Ok(role)
    }

    fn role(&self) -> Result<MemberRole, CallError> {
        self.within(self.request.role.ok_or_else(|| missing("role"))?)
    }
}

fn missing(property: &str) -> Reason {
    Reason::PropertyMissing { property: property.to_owned() }
}

/// Invites somebody. The code goes to whoever asks, who knows how to reach the person.
pub async fn invite(cx: &mut Cx<'_, ()>, about: &OfMember) -> Result<MemberResponse, CallError> {
    let organization = about.reach.caller().organization;
    let email = about.request.email.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let email = email.ok_or_else(|| missing("email"))?;
    // RFC 5321 §4.5.3.1: what is longer is none; what is one, only its postman knows.
    if email.len() > EMAIL
        || !email.contains('@')
        || email.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return Err(Reason::PropertyInvalid { property: "email".to_owned() }.into());
    }
    let role = about.role()?;
    let (entry, some) = ((Member::ORGANIZATION, organization.to_string()), Page::count(MEMBERS));
    let (_, total) = cx.read.find::<Member>(Some(entry), some).await.map_err(unanswered)?;
    if total >= MEMBERS {
        return Err(Reason::MembersExcessive { limit: MEMBERS.to_string() }.into());
    }
    let person = Member::person(organization, email);
    let known = cx.read.find_one::<Member>(Member::PERSON, &person).await.map_err(unanswered)?;
    if known.is_some() {
        return Err(Reason::MemberKnown {}.into());
    }
    let (id, code) = (assigned::secret(cx, 12), assigned::secret(cx, 32));
    let state = State::Invited { code: TokenHash::of(&code), until: cx.now + INVITATION };
    let member = Member { organization, email: email.to_owned(), role, state };
    cx.write.insert(Engine::INSTALLATION, &id, &member);
    Ok(MemberResponse { invitation_code: Some(code), ..shown(&id, &member) })
}

/// Makes whoever has the code a member, with a token of its own.
pub async fn accept(cx: &mut Cx<'_, ()>, request: &MemberAcceptRequest) -> Result<MemberResponse, CallError> {
    let code = request.invitation_code.as_deref().ok_or_else(|| missing("invitationCode"))?;
    let code = TokenHash::of(code).encoded();
    let found = cx.read.find_one::<Member>(Member::INVITATION, &code).await.map_err(unanswered)?;
    // Only an invitation has the code: whoever has accepted is not found by it.
    let invited = found.filter(|member| !member.has_lapsed(cx.now)).ok_or(Reason::InvitationUnknown {})?;
    let given = given(cx, &invited, None);
    let id = invited.id().clone();
    let member = invited.value().clone().accepted(cx.now, given.token_id.clone());
    cx.write.replace(invited, &member);
    Ok(MemberResponse {
        access_token: Some(given.value),
        token_id: Some(given.token_id),
        ..shown(&id, &member)
    })
}

/// A token that was made for a member.
struct Given {
    value: String,
    token_id: String,
}

fn given(cx: &mut Cx<'_, ()>, member: &Member, expires_at: Option<Timestamp>) -> Given {
    let (value, token_id) = (assigned::secret(cx, 32), assigned::secret(cx, 12));
    let token = ApiToken {
        token_id: token_id.clone(),
        hash: TokenHash::of(&value),
        organization: member.organization,
        service: None,
        client: None,
        rights: member.role.rights(),
        description: match expires_at {
            None => format!("Token of {}", member.email),
            Some(_) => format!("Sign-in of {}", member.email),
        },
        created_at: cx.now,
        expires_at,
        superseded: false,
    };
    cx.write.insert(Engine::INSTALLATION, &ApiToken::id(&token.hash), &token);
    Given { value, token_id }
}

/// Gives a member a token for a while. Who calls has found out who it is, and answers for that: by an ID token, say. An
/// invitation counts as accepted, since whoever can be found out to have the address was the one invited.
pub async fn sign_in(cx: &mut Cx<'_, ()>, about: &OfMember) -> Result<MemberResponse, CallError> {
    let member = match &about.request.email {
        Some(email) => known(cx, about, email).await?,
        None => named(cx, about).await?,
    };
    if member.has_lapsed(cx.now) {
        return Err(Reason::InvitationUnknown {}.into());
    }
    let given = given(cx, &member, Some(cx.now + SIGN_IN));
    let id = member.id().clone();
    let (next, ended) = member.value().clone().signed_in(cx.now, given.token_id.clone());
    for token in ended {
        end(cx, &token).await?;
    }
    cx.write.replace(member, &next);
    Ok(MemberResponse {
        access_token: Some(given.value),
        token_id: Some(given.token_id),
        ..shown(&id, &next)
    })
}

pub async fn all(cx: &mut Cx<'_, ()>, about: &OfMember) -> Result<Vec<MemberResponse>, CallError> {
    let entry = (Member::ORGANIZATION, about.reach.caller().organization.to_string());
    let found = cx.read.find::<Member>(Some(entry), Page::rows(0, MEMBERS)).await;
    let (members, _) = found.map_err(unanswered)?;
    Ok(members.iter().map(|member| shown(member.id(), member)).collect())
}

/// Gives a member another role, and its token the rights of that.
pub async fn update(cx: &mut Cx<'_, ()>, about: &OfMember) -> Result<MemberResponse, CallError> {
    let member = named(cx, about).await?;
    let role = about.role()?;
    for id in member.tokens() {
        let token = token(cx, id).await?;
        let former = api_tokens::former(cx, id).await?;
        for value in [token, former].into_iter().flatten() {
            cx.write.transition(value, |token| token.with_rights(role.rights()));
        }
    }
    let id = member.id().clone();
    let next = member.value().clone().as_role(role);
    cx.write.replace(member, &next);
    Ok(shown(&id, &next))
}

/// Ends a membership or an invitation, and the member's tokens with it.
pub async fn remove(cx: &mut Cx<'_, ()>, about: &OfMember) -> Result<NoContent, CallError> {
    let member = named(cx, about).await?;
    for id in member.tokens() {
        end(cx, id).await?;
    }
    cx.write.delete(member);
    Ok(NoContent)
}

/// The member that the call names, of whom the caller may say something.
async fn named(cx: &Cx<'_, ()>, about: &OfMember) -> Result<Loaded<Member>, CallError> {
    let id = about.request.member_id.clone().ok_or_else(|| missing("memberId"))?;
    let found = cx.read.get::<Member>(&id).await.map_err(unanswered)?;
    let own = found.filter(|member| member.organization == about.reach.caller().organization);
    let member = own.ok_or(Reason::MemberUnknown {})?;
    about.within(member.role).map(|_| member)
}

/// The member that has an address, of whom the caller may say something.
async fn known(cx: &Cx<'_, ()>, about: &OfMember, email: &str) -> Result<Loaded<Member>, CallError> {
    let person = Member::person(about.reach.caller().organization, email.trim());
    let found = cx.read.find_one::<Member>(Member::PERSON, &person).await.map_err(unanswered)?;
    let member = found.ok_or(Reason::MemberUnknown {})?;
    about.within(member.role).map(|_| member)
}

/// The token of a name, unless it was revoked.
async fn token(cx: &Cx<'_, ()>, id: &str) -> Result<Option<Loaded<ApiToken>>, CallError> {
    cx.read.find_one::<ApiToken>(ApiToken::TOKEN_ID, id).await.map_err(unanswered)
}

/// Ends the token of a name, if it is there still.
async fn end(cx: &mut Cx<'_, ()>, id: &str) -> Result<bool, CallError> {
    let found = token(cx, id).await?;
    let there = found.is_some();
    if let Some(token) = found {
        api_tokens::delete(cx, token).await?;
    }
    Ok(there)
}

fn shown(id: &str, member: &Member) -> MemberResponse {
    let (accepted, until) = match &member.state {
        State::Invited { until, .. } => (None, Some(until.millis())),
        State::Accepted { at, .. } => (Some(at.millis()), None),
    };
    MemberResponse {
        organization_id: Some(member.organization.0),
        member_id: Some(id.to_owned()),
        email: Some(member.email.clone()),
        role: Some(member.role),
        accepted_at: accepted,
        invitation_expires_at: until,
        ..MemberResponse::default()
    }
}
