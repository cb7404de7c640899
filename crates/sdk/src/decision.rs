//! What to do next, as enums that must be matched. Each variant carries what its action brings.

use placet_api::types;

use crate::answer::Answer;

/// What a method of the client returns for a body of the API: a decision where the API has actions, the
/// answer itself otherwise.
pub trait Outcome: Sized {
    /// A decision, or an [`Answer`].
    type Outcome;
    /// Decides by the answer's action.
    fn outcome(answer: Answer<Self>) -> Self::Outcome;
}

/// The text to hand on, and what belongs into the headers beside it.
#[derive(Clone, Default)]
pub struct Content {
    /// `responseContent`: JSON, a URL, HTML or a challenge, as the action says. Empty where the API sends none.
    pub text: String,
    /// The value for a `DPoP-Nonce` header (RFC 9449 §8).
    pub dpop_nonce: Option<String>,
    /// The value for an `OAuth-Client-Attestation-Challenge` header.
    pub attestation_challenge: Option<String>,
    /// The code and the sentence that say why. For logs and developers; not for the wire.
    pub result_code: Option<String>,
    /// The sentence, behind its code in brackets.
    pub result_message: Option<String>,
}

/// A text to hand on, and the facts behind it.
#[derive(Clone)]
pub struct Issued<T> {
    /// What to hand on.
    pub content: Content,
    /// What it was made of: the tokens, their durations, whose they are.
    pub answer: Answer<T>,
}

/// The types of the variants' contents, by the words of the table.
macro_rules! brought {
    (content, $response:ty) => { Content };
    (answer, $response:ty) => { Box<Answer<$response>> };
    (issued, $response:ty) => { Box<Issued<$response>> };
}

macro_rules! bring {
    (content, $answer:ident, $content:ident) => {
        $content(&$answer.body)
    };
    (answer, $answer:ident, $content:ident) => {
        Box::new($answer)
    };
    (issued, $answer:ident, $content:ident) => {
        Box::new(Issued { content: $content(&$answer.body), answer: $answer })
    };
}

/// Which members of a response belong to its content.
macro_rules! contain {
    (text, $content:ident, $body:ident) => {
        Content { text: $body.response_content.clone().unwrap_or_default(), ..$content }
    };
    (dpop_nonce, $content:ident, $body:ident) => {
        Content { dpop_nonce: $body.dpop_nonce.clone(), ..$content }
    };
    (attestation_challenge, $content:ident, $body:ident) => {
        Content { attestation_challenge: $body.attestation_challenge.clone(), ..$content }
    };
}

macro_rules! decisions {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident: $response:ident by $action:ident, with [$($beside:ident),*] {
            $($(#[doc = $of_variant:literal])* $variant:ident => $brings:ident;)*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone)]
        pub enum $name {
            $($(#[doc = $of_variant])* $variant(brought!($brings, types::$response)),)*
            /// An action that this SDK does not know, or none; [`Answer::unknown_action`] names it.
            Unknown(Box<Answer<types::$response>>),
        }

        impl Outcome for types::$response {
            type Outcome = $name;

            fn outcome(answer: Answer<Self>) -> $name {
                let content = |body: &types::$response| {
                    let content = Content {
                        result_code: body.result_code.clone(),
                        result_message: body.result_message.clone(),
                        ..Content::default()
                    };
                    $(let content = contain!($beside, content, body);)*
                    content
                };
                match answer.body.action {
                    $(Some(types::$action::$variant) => $name::$variant(bring!($brings, answer, content)),)*
                    None => $name::Unknown(Box::new(answer)),
                }
            }
        }
    )*};
}

mod actions;

pub use actions::*;

/// Bodies without an action are what they are.
macro_rules! plain {
    ($($body:ty),* $(,)?) => {$(
        impl Outcome for $body {
            type Outcome = Answer<$body>;

            fn outcome(answer: Answer<Self>) -> Answer<Self> {
                answer
            }
        }
    )*};
}

plain! {
    types::InfoResponse,
    types::Echo,
    types::TokenCreateBatchResponse,
    types::TokenCreateBatchStatusResponse,
    types::TokenRevokeResponse,
    types::TokenGetListResponse,
    types::Service,
    types::ServiceGetListResponse,
    types::Client,
    types::AuditGetListResponse,
    types::InspectorGetListResponse,
    types::InspectorGetResponse,
    types::MemberResponse,
    Vec<types::MemberResponse>,
    types::ClientGetListResponse,
    types::ClientFlagUpdateResponse,
    types::ClientSecretRefreshResponse,
    types::ClientSecretUpdateResponse,
    types::ClientAuthorizationGetListResponse,
    types::ClientAuthorizationUpdateResponse,
    types::ClientAuthorizationDeleteResponse,
    types::ClientGrantedScopesDeleteResponse,
    types::ClientGrantsGetResponse,
    types::ClientGrantsDeleteResponse,
    types::ClientExtensionRequestableScopesGetResponse,
    types::ClientExtensionRequestableScopesUpdateResponse,
    types::JoseVerifyResponse,
    types::ApiTokenGetResponse,
    types::ServiceTokenResponse,
    Vec<types::ServiceTokenResponse>,
    types::OrganizationTokenResponse,
    Vec<types::OrganizationTokenResponse>,
}

/// Texts and empty answers have nothing that could be unknown.
macro_rules! bare {
    ($($body:ty),* $(,)?) => {$(
        impl Outcome for $body {
            type Outcome = $body;

            fn outcome(answer: Answer<Self>) -> $body {
                answer.body
            }
        }
    )*};
}

bare!((), String, Option<String>);
