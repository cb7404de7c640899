//! The body of a request, which may have been looked through for a second token (RFC 6750 §2).

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};

/// The largest form that is taken, in bytes: it is read whole before the resource sees the request.
pub(crate) const FORM: usize = 1024 * 1024;

/// The body as the resource gets it.
pub struct Content<A>(Inner<A>);

enum Inner<A> {
    AsItCame(A),
    /// A form, which was read.
    Read(Full<Bytes>),
}

/// Why a form cannot be looked through.
pub(crate) enum BodyError {
    TooLarge,
    Broken,
}

impl<A: Body<Data = Bytes> + Send + Unpin + 'static> Content<A> {
    pub(crate) fn as_it_came(body: A) -> Self {
        Self(Inner::AsItCame(body))
    }

    pub(crate) fn read(form: Bytes) -> Self {
        Self(Inner::Read(Full::new(form)))
    }
}

/// A whole form.
pub(crate) async fn form<A: Body<Data = Bytes>>(body: A) -> Result<Bytes, BodyError> {
    // What `Limited` says of its own; anything else comes from the body.
    let limited = Limited::new(SaysWhatItIs(Box::pin(body)), FORM);
    match limited.collect().await {
        Ok(read) => Ok(read.to_bytes()),
        Err(e) if e.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        Err(_) => Err(BodyError::Broken),
    }
}

/// A body of any error: `Limited` wants one that it can box.
struct SaysWhatItIs<A>(Pin<Box<A>>);

impl<A: Body<Data = Bytes>> Body for SaysWhatItIs<A> {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.0.as_mut().poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(|_| "the body is broken")))
    }
}

impl<A: Body<Data = Bytes> + Unpin> Body for Content<A> {
    type Data = Bytes;
    type Error = A::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, A::Error>>> {
        match &mut self.0 {
            Inner::AsItCame(body) => Pin::new(body).poll_frame(cx),
            Inner::Read(form) => {
                Pin::new(form).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(|e| match e {})))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::AsItCame(body) => body.is_end_stream(),
            Inner::Read(form) => form.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::AsItCame(body) => body.size_hint(),
            Inner::Read(form) => form.size_hint(),
        }
    }
}
