//! From the name of a host to its addresses.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use futures::future::BoxFuture;

type Lookup = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;

/// Who knows the addresses of hosts.
#[derive(Clone)]
pub struct Names(Arc<Lookup>);

impl Names {
    /// This machine, as it is set up.
    pub fn of_the_system() -> Self {
        Self::by(|host| async move {
            let addresses = tokio::net::lookup_host((host, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }

    /// Somebody else.
    pub fn by<F, Looking>(lookup: F) -> Self
    where
        F: Fn(String) -> Looking + Send + Sync + 'static,
        Looking: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self(Arc::new(move |host| Box::pin(lookup(host))))
    }

    pub(crate) async fn addresses(&self, host: String) -> io::Result<Vec<IpAddr>> {
        (self.0)(host).await
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::of_the_system()
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Names")
    }
}

/// The same if they are one.
impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
