//! The messages of Milvus' gRPC service that moue sends and reads: a small part of those that
//! `milvus.proto` has, with the numbers and names of its fields. Protocol buffers skip fields that the
//! other side does not know, so that servers from 2.3 on understand them.

mod requests;
mod schema;

pub(crate) use requests::*;
pub(crate) use schema::*;

/// A message that answers a request.
pub(crate) trait Answer: prost::Message + Default + 'static {
    /// What the server says of the request; a missing one means that all is well.
    fn status(&self) -> Option<&Status>;
}

impl Answer for Status {
    fn status(&self) -> Option<&Status> {
        Some(self)
    }
}

macro_rules! answers {
    ($($name:ty),* $(,)?) => {
        $(impl Answer for $name {
            fn status(&self) -> Option<&Status> {
                self.status.as_ref()
            }
        })*
    };
}

answers!(
    DescribeCollectionResponse,
    DescribeIndexResponse,
    FlushResponse,
    GetLoadStateResponse,
    GetVersionResponse,
    MutationResult,
    QueryResults,
    SearchResults,
);
