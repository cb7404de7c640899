//! A credential offer as it is shown to whom it was made for.

use data_encoding::BASE64;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};

/// What was offered, and how a wallet takes it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Offered {
    pub(crate) subject: String,
    /// What a wallet opens.
    pub(crate) link: String,
    /// What the person types into the wallet, which goes another way than the link.
    pub(crate) code: Option<String>,
    /// What it is about, for people.
    pub(crate) names: Vec<String>,
    pub(crate) way: Way,
    /// Seconds since the epoch.
    pub(crate) expires_at: i64,
}

/// OpenID for Verifiable Credential Issuance 1.0 §3.4, §3.5: how a wallet gets from an offer to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    /// With a pre-authorized code, and a transaction code.
    Code,
    /// With a pre-authorized code alone: whoever has the offer has the credential.
    Plain,
    /// The person signs in anew, in the wallet's own request.
    Authorization,
}

impl Way {
    const ALL: [Self; 3] = [Self::Code, Self::Plain, Self::Authorization];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Plain => "plain",
            Self::Authorization => "authorization",
        }
    }
}

/// A picture to be photographed: an SVG as a `data:` URL, since the page has no script.
pub(crate) fn picture(link: &str) -> Option<String> {
    let code = QrCode::new(link).ok()?;
    let image = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Some(format!("data:image/svg+xml;base64,{}", BASE64.encode(image.as_bytes())))
}
