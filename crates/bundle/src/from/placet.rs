//! Another server with the same API: placet, or the hosted product.

use placet_sdk::types::TokenListQuery;
use placet_sdk::{Client, Transport};

use crate::api::{self, Watch};
use crate::bundle::{Bundle, NotCarried};
use crate::problem::Problem;

/// Reads a service there. `api` is about that service.
///
/// # Errors
/// Whatever the API refuses.
pub async fn read<T: Transport>(api: &Client<T>, watch: &Watch<'_>) -> Result<Bundle, Problem> {
    let now = api::read(api, watch).await?;
    let query = TokenListQuery { end: Some("1".to_owned()), ..TokenListQuery::default() };
    let tokens = api.token_get_list(query).await.map_err(|e| Problem::of_call("tokens", &e))?;
    let mut bundle =
        Bundle { tree: now.tree, secrets: now.secrets, not_carried: now.not_carried, ..Bundle::default() };
    if let Some(count) = tokens.total_count.filter(|count| *count > 0) {
        let why = "lists show hashes alone; clients get new tokens, and users are asked again";
        bundle.not_carried.push(NotCarried::new(format!("{count} tokens and their grants"), why));
    }
    Ok(bundle)
}
