//! `placet` as an operator runs it.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use placet_ambient::Stopwatch;

use super::wire::Connection;

/// How long a start may take, and how long a service may be away when its database comes back.
pub(crate) const READY: Duration = Duration::from_secs(60);

/// A build of `placet` with a directory, a store and an address.
pub(crate) struct Place {
    pub(crate) binary: PathBuf,
    pub(crate) directory: PathBuf,
    /// The URL of a database, in place of a file in the directory.
    pub(crate) postgres: Option<String>,
    pub(crate) listen: String,
}

impl Place {
    /// On an address that nobody listens on now.
    pub(crate) fn new(binary: &Path, directory: &Path, postgres: Option<&str>) -> Result<Self, String> {
        std::fs::create_dir_all(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Ok(Self {
            binary: binary.to_owned(),
            directory: directory.to_owned(),
            postgres: postgres.map(str::to_owned),
            listen: free.map_err(|e| e.to_string())?.to_string(),
        })
    }

    pub(crate) fn command(&self, argument: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(argument).env("PLACET_DIRECTORY", &self.directory).env("PLACET_LISTEN", &self.listen);
        command.env("PLACET_LOG_LEVEL", "warn").stdin(Stdio::null()).stdout(Stdio::null());
        if let Some(url) = &self.postgres {
            command.env("PLACET_POSTGRES_URL", url);
        }
        command
    }

    /// Founds an organization; its token.
    pub(crate) fn found(&self) -> Result<String, String> {
        let mut command = self.command("found-organization");
        let output = command.args(["--name", "Example"]).stdout(Stdio::piped()).output();
        let output = output.map_err(|e| format!("{}: {e}", self.binary.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let token = said.lines().find_map(|line| line.strip_prefix("token "));
        token.map(str::to_owned).ok_or("found-organization prints no token".to_owned())
    }

    /// Starts a server, without waiting for it.
    pub(crate) fn start(&self) -> Result<Node, String> {
        let path = self.directory.join("serve.log");
        // Everything that is provoked here is told there; it is read when something is lost.
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let log = log.map_err(|e| format!("{}: {e}", path.display()))?;
        let child = self.command("serve").stderr(log).spawn();
        let child = child.map_err(|e| format!("{}: {e}", self.binary.display()))?;
        Ok(Node { child, address: self.listen.clone() })
    }

    /// Starts a server that answers.
    pub(crate) fn serve(&self) -> Result<Node, String> {
        let mut node = self.start()?;
        node.ready()?;
        Ok(node)
    }
}

/// A running server, ended with the value.
pub(crate) struct Node {
    child: Child,
    address: String,
}

impl Node {
    /// Waits until it says that it is ready; how long that took.
    pub(crate) fn ready(&mut self) -> Result<Duration, String> {
        let began = Stopwatch::start();
        while !is_ready(&self.address) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("placet has ended: {status}"));
            }
            if began.elapsed() > READY {
                return Err(format!("placet is not ready after {READY:?}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(began.elapsed())
    }

    /// As if the plug of the process were pulled: SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    pub(crate) fn drain(mut self) -> Result<ExitStatus, String> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        asked.map_err(|e| e.to_string())?;
        self.child.wait().map_err(|e| e.to_string())
    }

    /// Memory by the kernel's account, in KiB: what is resident, and what of it is of no file.
    pub(crate) fn resident(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
        };
        (value("VmRSS:"), value("RssAnon:"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a server says that it can answer.
pub(crate) fn is_ready(address: &str) -> bool {
    let asked = Connection::to(address).exchange(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    asked.is_ok_and(|answer| answer.status == 200)
}
