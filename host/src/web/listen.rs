//! Where the pages are served: plain on loopback, encrypted anywhere else.

use super::{Guard, Site, router};
use axum_server::{
    Handle,
    tls_rustls::{RustlsConfig, from_tcp_rustls},
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

/// 5 s: whoever is being answered when the program is ended.
const GRACE: Duration = Duration::from_secs(5);
/// Threads that move bytes; pictures are looked at by another.
const THREADS: usize = 2;

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No PEM, or not of the right kind.
    #[error("could not read {what}: {cause}")]
    Pem {
        /// Which file.
        what: &'static str,
        /// Why.
        cause: rustls::pki_types::pem::Error,
    },
    /// They do not go together, or the key is of a kind that is not known.
    #[error("certificate and key cannot be used: {0}")]
    Pair(#[from] rustls::Error),
}

/// What is served, to whom, and how.
pub struct Server {
    /// The pages.
    pub site: Site,
    /// Who may ask.
    pub who: Guard,
    /// Bound already.
    pub listener: TcpListener,
    /// Certificate and key, but on loopback.
    pub tls: Option<Arc<ServerConfig>>,
}

/// Reads a certificate chain and its key, both PEM.
///
/// # Errors
/// `TlsError`.
pub fn tls(certificate: &Path, private_key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let pem = |what| move |cause| TlsError::Pem { what, cause };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain = chain.map_err(pem("the certificate"))?;
    let key = PrivateKeyDer::from_pem_file(private_key).map_err(pem("the private key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl Server {
    /// Serves until the program is asked to end.
    ///
    /// # Errors
    /// The system's.
    pub fn run(self) -> io::Result<()> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let handle: Handle<SocketAddr> = Handle::new();
        let ending = handle.clone();
        tokio::spawn(async move {
            asked_to_end().await;
            ending.graceful_shutdown(Some(GRACE));
        });
        let service = router(self.site, self.who).into_make_service();
        match self.tls {
            Some(tls) => {
                let tls = RustlsConfig::from_config(tls);
                from_tcp_rustls(self.listener, tls)?.handle(handle).serve(service).await
            }
            None => axum_server::from_tcp(self.listener)?.handle(handle).serve(service).await,
        }
    }
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    std::future::poll_fn(|context| {
        use std::task::Poll;
        let ended = terminate.poll_recv(context).is_ready() || interrupted.as_mut().poll(context).is_ready();
        if ended { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[cfg(not(unix))]
async fn asked_to_end() {
    // Without a handler the system ends the program by itself.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
