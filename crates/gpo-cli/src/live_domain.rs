//! A live domain: its directory over LDAP, its SYSVOL over SMB or from where it is mounted.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gpo_core::{Directory, Domain, Sysvol, SysvolWrite, same_name};
use gpo_engine::{Source, Target};
use gpo_ldap::{
    CertificateCheck, Credentials, LdapDirectory, LdapSettings, Transport, find_pdc_emulator,
};
use gpo_local::FolderContents;
use gpo_smb::{Login, SmbSettings, SmbSysvol};

use crate::failure::Failure;
use crate::live_address::{LiveAddress, LivePlace};
use crate::location::Location;
use crate::password;

/// How long name servers have.
const NAME_SERVERS: Duration = Duration::from_secs(30);

const USER: &str = "Who logs on, user@dns.domain or DOMAIN\\user; the password comes from \
                    --password-file, else from GPO_PASSWORD in the environment, else it is asked \
                    for [default: the Kerberos ticket of kinit, where the program was built with it]";

/// How a live domain is reached.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options for ldap:// and ldaps://")]
#[group(id = "live_options")]
pub(crate) struct LiveOptions {
    #[arg(long, help = USER, value_name = "USER")]
    user: Option<String>,

    /// The file with the password, in its first line
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,

    /// The controller to use for a domain without one [default: its PDC emulator]
    #[arg(long, value_name = "HOST")]
    dc: Option<String>,

    /// Begin TLS on the plain connection of ldap://
    #[arg(long)]
    starttls: bool,

    /// Check the certificate against the authorities in this PEM file [default: those that the
    /// system trusts]
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,

    /// Take any certificate: whoever is on the way can read and change everything
    #[arg(long, conflicts_with = "ca_file")]
    no_certificate_check: bool,

    /// Send the password over ldap:// without TLS, for everybody on the way to read
    #[arg(long, conflicts_with = "starttls")]
    insecure: bool,

    /// The port of the file server of the controller [default: 445]
    #[arg(long, value_name = "PORT")]
    smb_port: Option<u16>,

    /// Read SYSVOL from where it is mounted, and not from the controller; the folder holds
    /// Policies, or a folder with the name of the domain that does
    #[arg(long, value_name = "dir:PATH")]
    sysvol: Option<Location>,
}

/// A live domain.
pub(crate) struct LiveDomain {
    directory: LdapDirectory,
    sysvol: LiveSysvol,
}

enum LiveSysvol {
    Server(Box<SmbSysvol>),
    Mounted(FolderContents),
}

/// Who logs on, as both protocols want it.
enum User {
    Password {
        name: String,
        password: secrecy::SecretString,
    },
    #[cfg(feature = "gssapi")]
    Ticket,
}

impl LiveDomain {
    /// Connects to the controller, and to its file server.
    pub(crate) fn open(address: &LiveAddress, options: &LiveOptions) -> Result<Self, Failure> {
        options.check(address)?;
        let host = options.host(address)?;
        let user = options.user()?;
        let directory = LdapDirectory::connect(options.ldap(address, &host), user.credentials())?;
        let domain = directory.domain()?;
        if let LivePlace::Domain(asked) = &address.place
            && !same_name(asked, &domain.dns_name)
        {
            let message = format!(
                "this is a controller of {} and not of {asked}",
                domain.dns_name
            );
            return Err(Failure::new(message).at(host));
        }
        let sysvol = if let Some(place) = &options.sysvol {
            LiveSysvol::Mounted(mounted(place, &domain)?)
        } else {
            let login = user.login(&host)?;
            let mut settings = SmbSettings::new(host, domain.dns_name, login);
            if let Some(port) = options.smb_port {
                settings = settings.port(port);
            }
            LiveSysvol::Server(Box::new(SmbSysvol::connect(settings)?))
        };
        Ok(Self { directory, sysvol })
    }

    pub(crate) fn source(&self) -> Source<'_> {
        let sysvol: &dyn Sysvol = match &self.sysvol {
            LiveSysvol::Server(server) => server.as_ref(),
            LiveSysvol::Mounted(folder) => folder,
        };
        Source {
            directory: &self.directory,
            sysvol,
        }
    }

    /// A mounted SYSVOL is refused: what is written there would get the rights of its folder, and
    /// not those of the GPO.
    pub(crate) fn target(&self) -> Result<Target<'_>, Failure> {
        let sysvol: &dyn SysvolWrite = match &self.sysvol {
            LiveSysvol::Server(server) => server.as_ref(),
            LiveSysvol::Mounted(_) => {
                let message = "--sysvol is for reading: GPOs are written through the file server \
                               of the controller";
                return Err(Failure::new(message));
            }
        };
        Ok(Target {
            directory: &self.directory,
            sysvol,
        })
    }
}

impl LiveOptions {
    /// Before anybody is asked for a password.
    fn check(&self, address: &LiveAddress) -> Result<(), Failure> {
        if let (Some(name), None) = (&self.user, &self.sysvol) {
            domain_and_user(name)?;
        }
        if self.user.is_some() && !address.tls && !self.starttls && !self.insecure {
            let message = "a password is not sent without TLS: write ldaps://, or add --starttls; \
                           --insecure sends it for everybody on the way to read";
            return Err(Failure::new(message));
        }
        Ok(())
    }

    fn user(&self) -> Result<User, Failure> {
        if let Some(name) = &self.user {
            return Ok(User::Password {
                password: password::read(name, self.password_file.as_deref())?,
                name: name.clone(),
            });
        }
        #[cfg(feature = "gssapi")]
        return Ok(User::Ticket);
        #[cfg(not(feature = "gssapi"))]
        Err(Failure::new(
            "who logs on? Name a --user; this program was built without Kerberos",
        ))
    }

    fn host(&self, address: &LiveAddress) -> Result<String, Failure> {
        match (&address.place, &self.dc) {
            (LivePlace::Controller { host, .. }, None) => Ok(host.clone()),
            (LivePlace::Controller { host, .. }, Some(_)) => {
                let message = "--dc is for ldap:///DNS.DOMAIN: this address names a controller";
                Err(Failure::new(message).at(host))
            }
            (LivePlace::Domain(_), Some(dc)) => Ok(dc.clone()),
            (LivePlace::Domain(domain), None) => Ok(find_pdc_emulator(domain, NAME_SERVERS)
                .map_err(|error| Failure::new(format!("{error}, with --dc")))?),
        }
    }

    fn ldap(&self, address: &LiveAddress, host: &str) -> LdapSettings {
        let transport = match (address.tls, self.starttls) {
            (true, _) => Transport::Ldaps,
            (false, true) => Transport::StartTls,
            (false, false) => Transport::Plain,
        };
        let certificates = match (&self.ca_file, self.no_certificate_check) {
            (Some(file), _) => CertificateCheck::CaFile(file.clone()),
            (None, true) => CertificateCheck::NoneInsecure,
            (None, false) => CertificateCheck::System,
        };
        let mut settings = LdapSettings::new(host)
            .transport(transport)
            .certificates(certificates);
        if let LivePlace::Controller {
            port: Some(port), ..
        } = address.place
        {
            settings = settings.port(port);
        }
        if self.insecure {
            settings = settings.allow_password_without_tls();
        }
        settings
    }
}

impl User {
    fn credentials(&self) -> Credentials {
        match self {
            Self::Password { name, password } => Credentials::Password {
                user: name.clone(),
                password: password.clone(),
            },
            #[cfg(feature = "gssapi")]
            Self::Ticket => Credentials::Kerberos,
        }
    }

    /// What the file server is told; `host` is the controller, which gives out tickets, too.
    #[cfg_attr(
        not(feature = "gssapi"),
        expect(unused_variables, reason = "for tickets")
    )]
    fn login(&self, host: &str) -> Result<Login, Failure> {
        match self {
            Self::Password { name, password } => {
                let (domain, user) = domain_and_user(name)?;
                Ok(Login::Ntlm {
                    domain: domain.to_owned(),
                    user: user.to_owned(),
                    password: password.clone(),
                })
            }
            #[cfg(feature = "gssapi")]
            Self::Ticket => Ok(Login::TicketCache {
                file: crate::ticket_cache::with_ticket_for(host)?,
                kdc: host.to_owned(),
            }),
        }
    }
}

/// The two parts of `DOMAIN\user` or `user@dns.domain`: a file server wants them apart.
fn domain_and_user(name: &str) -> Result<(&str, &str), Failure> {
    match (name.split_once('\\'), name.rsplit_once('@')) {
        (Some(parts), _) => Ok(parts),
        (None, Some((user, domain))) => Ok((domain, user)),
        (None, None) => {
            let message = "the name of a user needs the domain: user@dns.domain or DOMAIN\\user";
            Err(Failure::new(message).at(name))
        }
    }
}

/// A SYSVOL that is mounted: the share, or the folder of the domain in it.
fn mounted(place: &Location, domain: &Domain) -> Result<FolderContents, Failure> {
    let Location::Domain(path) = place else {
        return Err(Failure::new("--sysvol takes dir:PATH"));
    };
    let of_domain = path.join(&domain.dns_name);
    let folder = if of_domain.is_dir() { &of_domain } else { path };
    if !folder.join("Policies").is_dir() {
        let message = format!(
            "this is no SYSVOL of {}: it holds no Policies",
            domain.dns_name
        );
        return Err(Failure::new(message).at(folder.display()));
    }
    Ok(FolderContents::open(folder)?)
}
