//! The templates, one for each page.

macro_rules! templates {
    ($($name:literal)*) => {
        pub(crate) const TEMPLATES: &[(&str, &str)] =
            &[$((concat!($name, ".html"), include_str!(concat!("../templates/", $name, ".html"))),)*];
    };
}

templates! {
    "layout" "csrf" "may_not" "ways" "demands" "problem" "sign_in" "home" "palette" "services" "delete_service" "service" "settings"
    "profile" "profile_preview" "clients" "client_new" "client" "keys" "scopes" "scope_fields" "tokens" "members" "audit"
    "transactions" "transaction" "why" "codes" "code" "issued" "issued_one" "findings" "usage" "instance" "grants"
}
