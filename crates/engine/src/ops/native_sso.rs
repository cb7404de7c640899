//! Sessions that applications of one device share (OpenID Connect Native SSO 1.0).

pub mod logout;
pub mod respond;
