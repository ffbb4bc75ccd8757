//! From a configuration to a server: the address and the token first, the answers when there are some.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::doors::Doors;
use super::server::{ApiState, serve_api};
use super::token::{ApiToken, TokenError};
use crate::config::ApiConfig;

/// Why nothing can be asked here.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address is taken, or none of this machine's.
    #[error("cannot listen on {address}: {error}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// An address that is taken and a token that was read.
#[derive(Debug)]
pub struct OpenApi {
    listener: TcpListener,
    token: ApiToken,
    config: ApiConfig,
}

impl OpenApi {
    /// Reads the token and takes the address.
    ///
    /// # Errors
    /// Why nothing can be asked here.
    pub async fn open(config: &ApiConfig) -> Result<Self, ApiError> {
        let token = ApiToken::read(&config.token_file)?;
        let address = config.listen;
        let unbound = |error| ApiError::Address { address, error };
        let listener = TcpListener::bind(address).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "api.open to other machines, without TLS: put a proxy in front");
        }
        tracing::info!(%address, "api.listening");
        Ok(Self { listener, token, config: config.clone() })
    }

    /// The address.
    ///
    /// # Errors
    /// The machine does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the task is aborted.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(self, doors: Arc<Doors>) -> std::io::Result<()> {
        let state = ApiState::new(doors, self.token, &self.config);
        serve_api(self.listener, state, std::future::pending()).await
    }
}
