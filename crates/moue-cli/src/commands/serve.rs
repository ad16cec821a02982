//! `moue serve`.

use crate::address;
use crate::args::serve::{KeyCommand, ServeArgs, ServeCommand};
use crate::interrupt;
use crate::output::{message, print_line, shown};
use crate::report::Outcome;
use anyhow::Result;
use moue_server::keys::{KeyFile, StoredKey};
use moue_server::{GallerySource, Limits, Server, ServerConfig, TlsFiles};
use std::path::PathBuf;

pub(crate) fn run(args: ServeArgs) -> Result<Outcome> {
    match args.command {
        Some(ServeCommand::Key { command }) => keys(command),
        Some(ServeCommand::Check { address }) => {
            moue_server::check(address)?;
            Ok(Outcome::Found)
        }
        None => serve(args),
    }
}

fn serve(args: ServeArgs) -> Result<Outcome> {
    // From now on Ctrl-C alone does not end the program: the server does, in order.
    interrupt::token();
    moue_server::log_json();
    let server = Server::bind(config(args)?)?;
    let scheme = if server.is_tls() { "https" } else { "http" };
    message(&format!("serving {scheme}://{}", server.address()));
    server.run(moue_server::stop_signals())?;
    Ok(Outcome::Found)
}

/// The gallery that is served.
fn source(gallery: PathBuf) -> Result<GallerySource> {
    #[cfg(feature = "stores")]
    if address::is_address(&gallery) {
        let store = crate::stores::create(&gallery)?;
        return Ok(GallerySource::Store(moue_server::SharedStore(store)));
    }
    address::require_file(&gallery)?;
    Ok(match gallery.to_str() {
        Some("builtin") => GallerySource::Builtin,
        Some("emoji") => GallerySource::Emoji,
        _ => GallerySource::File(gallery),
    })
}

fn config(args: ServeArgs) -> Result<ServerConfig> {
    let gallery = source(args.gallery.gallery)?;
    let files = args.tls_cert.zip(args.tls_key);
    let defaults = Limits::default();
    let workers = args.limits.workers.map(std::num::NonZero::get);
    Ok(ServerConfig {
        listen: args.listen,
        gallery,
        uploads: args.uploads,
        keys: args.keys,
        hosts: args.host,
        origins: args.allow_origin,
        tls: files.map(|files| TlsFiles {
            certificate: files.0,
            key: files.1,
        }),
        web: args.web,
        limits: Limits {
            body_bytes: (args.limits.max_body as usize) << 20,
            workers: workers.unwrap_or(defaults.workers),
            queue: args.limits.queue.get(),
            rate: args.limits.rate,
            other_programs: args.limits.with_programs,
            ..defaults
        },
    })
}

fn keys(command: KeyCommand) -> Result<Outcome> {
    match command {
        KeyCommand::Add { name, scope, file } => {
            let text = KeyFile::new(file.keys).add(&name, scope.into_iter().collect())?;
            message("keep this key: it is shown only once");
            print_line(&text)?;
        }
        KeyCommand::List { file } => {
            KeyFile::new(file.keys)
                .list()?
                .iter()
                .try_for_each(print_key)?;
        }
        KeyCommand::Revoke { name, file } => KeyFile::new(file.keys).revoke(&name)?,
    }
    Ok(Outcome::Found)
}

fn print_key(key: &StoredKey) -> Result<()> {
    let scopes: Vec<String> = key.scopes.iter().map(ToString::to_string).collect();
    print_line(&format!("{}  {}", shown(&key.name), scopes.join(", ")))
}
