//! Connections: a pool of them, opened when needed, and again after a server was lost.

use crate::failure;
use moue_store::{Address, StoreError};
use postgres::config::{SslMode, TargetSessionAttrs};
use postgres::{Client, Config, Error, NoTls};
use rustls::{ClientConfig, RootCertStore};
use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a host may take to answer before the next is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long sent data may stay without an answer of the other machine: a leader that has lost its
/// power sends nothing any more, and the system alone would wait for a quarter of an hour.
const SILENCE: Duration = Duration::from_secs(10);

/// How long a server that was there is waited for. Patroni has a new leader after about 20 s.
const MAX_OUTAGE: Duration = Duration::from_secs(60);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// Connections that wait for their next use; more are closed. A search takes one for itself.
const IDLE: usize = 16;

/// As `libpq` has it: an argument of a program can be read by all users of a machine, its environment
/// cannot.
const PASSWORD_VARIABLE: &str = "PGPASSWORD";

/// Opens and keeps connections to one database.
pub(crate) struct Pool {
    config: Config,
    name: String,
    idle: Mutex<Vec<Client>>,
    /// Whether there was a connection once. Then a server that is away is waited for also by those who
    /// begin meanwhile; one that was never there is not.
    was_there: AtomicBool,
}

impl Pool {
    /// Reads the address; connects when first used.
    pub(crate) fn of(address: &Address) -> Result<Self, StoreError> {
        let parsed: Result<Config, Error> = address.server.parse();
        let mut config = parsed.map_err(|error| address.refused(failure::with_causes(&error)))?;
        set_password(&mut config, std::env::var_os(PASSWORD_VARIABLE));
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        if config.get_hosts().len() > 1 && !address.server.contains("target_session_attrs=") {
            // Standbys would refuse to add pictures.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("moue");
        }
        Ok(Self {
            config,
            name: address.shown().to_owned(),
            idle: Mutex::default(),
            was_there: AtomicBool::new(false),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Runs `body` with a connection. If it is lost, all of it runs again with another one as soon as
    /// there is a server: `body` must do no harm when it is done twice.
    pub(crate) fn with<T>(
        &self,
        mut body: impl FnMut(&mut Client) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        let start = Instant::now();
        let mut client = match self.take() {
            Some(client) => client,
            None => self.connect_since(start)?,
        };
        loop {
            let error = match body(&mut client) {
                Ok(value) => {
                    self.put_back(client);
                    return Ok(value);
                }
                Err(error) => error,
            };
            if !failure::is_lost(&error) && !client.is_closed() {
                self.put_back(client);
                return Err(failure::of(&self.name, &error));
            }
            // The others are lost too, most likely.
            self.lock().clear();
            client = self.reconnect(start, error)?;
        }
    }

    /// A connection that is not shared, for reading long results.
    pub(crate) fn connect(&self) -> Result<Client, StoreError> {
        self.connect_since(Instant::now())
    }

    /// A new connection; a server that was there is waited for, from `start` on.
    fn connect_since(&self, start: Instant) -> Result<Client, StoreError> {
        match self.try_connect() {
            Ok(client) => {
                self.was_there.store(true, Ordering::Relaxed);
                Ok(client)
            }
            Err(error) if self.was_there.load(Ordering::Relaxed) && failure::is_lost(&error) => {
                self.reconnect(start, error)
            }
            Err(error) => Err(failure::of(&self.name, &error)),
        }
    }

    fn try_connect(&self) -> Result<Client, Error> {
        match self.config.get_ssl_mode() {
            SslMode::Require => self.config.connect(tls()),
            SslMode::Prefer => match self.config.connect(tls()) {
                // A certificate of one's own is no reason to refuse where TLS is not asked for.
                Err(error) if error.code().is_none() => self.without_tls(),
                connected => connected,
            },
            _ => self.without_tls(),
        }
    }

    fn without_tls(&self) -> Result<Client, Error> {
        let mut config = self.config.clone();
        config.ssl_mode(SslMode::Disable).connect(NoTls)
    }

    fn reconnect(&self, start: Instant, mut lost: Error) -> Result<Client, StoreError> {
        while start.elapsed() < MAX_OUTAGE {
            std::thread::sleep(PAUSE);
            match self.try_connect() {
                Ok(client) => return Ok(client),
                Err(error) => lost = error,
            }
        }
        Err(failure::of(&self.name, &lost))
    }

    fn take(&self) -> Option<Client> {
        let mut idle = self.lock();
        std::iter::from_fn(|| idle.pop()).find(|client| !client.is_closed())
    }

    fn put_back(&self, client: Client) {
        let mut idle = self.lock();
        if idle.len() < IDLE && !client.is_closed() {
            idle.push(client);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Client>> {
        // A panic elsewhere leaves connections that are whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the password of the environment unless the address has one.
fn set_password(config: &mut Config, variable: Option<OsString>) {
    if let (None, Some(password)) = (config.get_password(), variable) {
        config.password(password.as_encoded_bytes());
    }
}

/// TLS with the certificate authorities of Mozilla's list.
fn tls() -> MakeRustlsConnect {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        // The versions are those that the provider has.
        .expect("ring knows the versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    MakeRustlsConnect::new(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_the_address_is_taken_before_that_of_the_environment() {
        let password_of = |address: &str, variable: Option<&str>| {
            let mut config: Config = address.parse().unwrap();
            set_password(&mut config, variable.map(Into::into));
            config.get_password().map(<[u8]>::to_vec)
        };
        let address = "postgres://me@db/faces";
        assert_eq!(password_of(address, None), None);
        assert_eq!(password_of(address, Some("b")), Some(b"b".to_vec()));
        let with_one = "postgres://me:a@db/faces";
        assert_eq!(password_of(with_one, Some("b")), Some(b"a".to_vec()));
    }
}
