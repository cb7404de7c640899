//! One file per grant type.

pub mod ciba;
pub mod client_credentials;
pub mod code;
pub mod decided;
pub mod device;
pub mod jwt_bearer;
pub mod native_sso;
pub mod password;
pub mod pre_authorized_code;
pub mod refresh;
pub mod token_exchange;
