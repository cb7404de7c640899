//! `placet env`: what the configuration of a published client, or of one's own shell, looks like for this server.

use clap::{Args, ValueEnum};
use placet_base::ServiceId;
use serde_json::json;

use crate::Surroundings;
use crate::connection::Connection;
use crate::exit::{Done, Failure};
use crate::output::{Output, put};
use crate::secrets::MASK;

/// Print the configuration of a client of the API.
#[derive(Args)]
pub struct Env {
    /// Which client's.
    #[arg(value_enum, default_value = "shell")]
    language: Language,
    /// Leave the token out.
    #[arg(long)]
    hide_token: bool,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    /// Variables for a shell, under the names that published clients and this command read.
    Shell,
    /// The TypeScript SDK.
    Ts,
    /// authlete.properties of the Java libraries.
    Java,
    /// authlete.ini of the Python library.
    Python,
    /// The Go client.
    Go,
    /// The Terraform provider.
    Terraform,
    /// The Rust SDK of this project.
    Rust,
}

pub(crate) fn run(env: &Env, surroundings: &Surroundings) -> Done {
    let target = env.connection.target(surroundings)?;
    let missing = || Failure::usage("name the service with --service ID, or set PLACET_SERVICE");
    let ServiceId(service) = target.service.ok_or_else(missing)?;
    let token = match (&target.token, env.hide_token) {
        (Some(token), false) => token.expose().clone(),
        _ => MASK.to_owned(),
    };
    let url = &target.url;
    let text = match env.language {
        Language::Shell => format!(
            "export PLACET_URL={url}\nexport PLACET_SERVICE={service}\nexport PLACET_TOKEN={token}\n\
             export AUTHLETE_BASE_URL={url}\nexport AUTHLETE_API_VERSION=V3\nexport AUTHLETE_SERVICE_ID={service}\n\
             export AUTHLETE_SERVICE_APIKEY={service}\nexport AUTHLETE_SERVICE_ACCESSTOKEN={token}\n"
        ),
        Language::Ts => format!(
            "import {{ Authlete }} from \"@authlete/typescript-sdk\";\n\n\
             const authlete = new Authlete({{ serverURL: \"{url}\", bearer: \"{token}\" }});\nconst serviceId = \"{service}\";\n"
        ),
        Language::Java | Language::Python => {
            let head = if matches!(env.language, Language::Python) { "[authlete]\n" } else { "" };
            format!(
                "{head}base_url = {url}\napi_version = V3\nservice.api_key = {service}\nservice.access_token = {token}\n"
            )
        }
        Language::Go => format!(
            "conf := conf.AuthleteConfiguration{{}}\nconf.SetBaseUrl(\"{url}\")\nconf.SetApiVersion(\"V3\")\n\
             conf.SetServiceApiKey(\"{service}\")\nconf.SetServiceAccessToken(\"{token}\")\n"
        ),
        Language::Terraform => format!(
            "provider \"authlete\" {{\n  idp_url      = \"{url}\"\n  api_server   = \"{url}\"\n  access_token = \"{token}\"\n}}\n"
        ),
        Language::Rust => format!(
            "let transport = HttpTransport::new(\"{url}\")?;\n\
             let api = Client::new(transport, Secret::new(\"{token}\".to_owned())).for_service(ServiceId({service}));\n"
        ),
    };
    let value = json!({ "url": url, "service": service, "token": token });
    match env.output.format {
        crate::output::Format::Human => put(&text),
        _ => env.output.members(&value),
    }
}
