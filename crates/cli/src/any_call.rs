//! Any operation of the API by its name: what is read at run time, and not compiled in.

use placet_api::call::Target;
use placet_api::endpoints::{EndpointId, endpoint};
use placet_api::{Endpoint, Input, PathValues, for_each_endpoint};
use serde_json::Value;

use crate::connection::Api;
use crate::edit::json;
use crate::exit::Failure;

macro_rules! by_id {
    ($(
        #[doc = $doc:literal]
        $id:ident: $method:ident $path:literal, $authority:expr, $family:literal, $carrier:ident, $target:ty, $request:ty => $response:ty;
    )*) => {
        /// Calls the operation with the values of its path and its request.
        pub(crate) async fn call(
            api: &Api,
            id: EndpointId,
            path: PathValues<'_>,
            request: Value,
        ) -> Result<Value, Failure> {
            match id {
                $(EndpointId::$id => {
                    let target = <<endpoint::$id as Endpoint>::Target as Target>::from_path(path);
                    let target = target.ok_or_else(|| Failure::usage(concat!("a value is missing for the path ", $path)))?;
                    let request = endpoint::$id::request(Input::Json(request.to_string().as_bytes()))
                        .map_err(|e| Failure::usage(format!("the request: {}", e.reason.result_message())))?;
                    let answer = Box::pin(api.call::<endpoint::$id>(target, request)).await?;
                    json(&answer)
                })*
            }
        }
    };
}

for_each_endpoint!(by_id);
