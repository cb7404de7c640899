//! What the engine cannot know or do by itself. Everything else it decides from its arguments.

use std::sync::Arc;

use placet_base::Timestamp;
use placet_jose::SigningKey;
use placet_store::BoxFuture;

use crate::fault::Fault;

pub trait Outside: Send + Sync {
    /// The time, read once per attempt of an operation.
    fn now(&self) -> Timestamp;

    /// 32 unpredictable bytes; all randomness of one attempt of an operation comes from them.
    fn seed(&self) -> [u8; 32];

    /// A signature over `message`; `None` when it cannot be made. A slow key may be used elsewhere than
    /// on the calling thread.
    fn sign(&self, key: Arc<SigningKey>, message: Vec<u8>) -> BoxFuture<'_, Option<Vec<u8>>>;

    /// Takes note of a refusal that an operator should see. `request` is the id of the API call.
    fn report(&self, request: u64, fault: &Fault);
}
