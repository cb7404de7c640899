//! Servers that are measured, as processes of their own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::load::{Conversation, Measured, measure, once};
use crate::faults::node::Place;

pub(crate) struct Server {
    child: Child,
    /// Kept open: who writes to a pipe that nobody reads may end of it.
    _output: Option<BufReader<ChildStdout>>,
    pub(crate) address: String,
    /// From the start of the process until it was ready.
    pub(crate) started_in: Duration,
}

impl Server {
    pub(crate) fn dev(binary: &Path, directory: &Path) -> Result<Self, String> {
        let mut command = Command::new(binary);
        command.args(["dev", "--listen", "127.0.0.1:0", "--dir"]).arg(directory);
        Self::start(&mut command)
    }

    /// The production form, on a port that is free now.
    pub(crate) fn serve(binary: &Path, directory: &Path) -> Result<Self, String> {
        Self::serve_by(Command::new(binary), directory)
    }

    /// The production form, with settings of the environment.
    pub(crate) fn serve_with(
        binary: &Path,
        directory: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, String> {
        let mut command = Command::new(binary);
        command.envs(settings.iter().copied());
        Self::serve_by(command, directory)
    }

    /// The production form, with a store of its own.
    pub(crate) fn placed(place: &Place) -> Result<Self, String> {
        Self::start_at(&mut place.command("serve"), Some(place.listen.clone()))
    }

    /// The same under Valgrind, which writes down at the end how many instructions it took.
    pub(crate) fn counted(binary: &Path, directory: &Path, out: &Path) -> Result<Self, String> {
        let mut valgrind = valgrind(out);
        valgrind.arg(binary);
        Self::serve_by(valgrind, directory)
    }

    fn serve_by(mut command: Command, directory: &Path) -> Result<Self, String> {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .map_err(|e| e.to_string())?;
        command.arg("serve").env("PLACET_LISTEN", free.to_string()).env("PLACET_DIRECTORY", directory);
        command.env("PLACET_LOG_LEVEL", "warn");
        Self::start_at(&mut command, Some(free.to_string()))
    }

    pub(crate) fn discarding(directory: &Path) -> Result<Self, String> {
        let mut command = Self::own()?;
        command.arg("bench-discard").arg(directory);
        Self::start(&mut command)
    }

    pub(crate) fn echo() -> Result<Self, String> {
        let mut command = Self::own()?;
        command.arg("bench-echo");
        Self::start_at(&mut command, None)
    }

    /// Asks the process to stop, and waits until it has.
    pub(crate) fn end(mut self) -> Result<(), String> {
        let status = Command::new("kill").arg(self.child.id().to_string()).status();
        status.map_err(|e| format!("kill: {e}"))?;
        self.child.wait().map(|_| ()).map_err(|e| e.to_string())
    }

    fn own() -> Result<Command, String> {
        std::env::current_exe().map(Command::new).map_err(|e| e.to_string())
    }

    fn start(command: &mut Command) -> Result<Self, String> {
        Self::start_at(command, None)
    }

    /// Waits until the server is ready. Without an address, the server says it in its first line.
    #[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
    fn start_at(command: &mut Command, address: Option<String>) -> Result<Self, String> {
        let started = Instant::now();
        let child = command.stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
        let mut server = Self {
            child,
            _output: None,
            address: address.clone().unwrap_or_default(),
            started_in: Duration::ZERO,
        };
        if address.is_none() {
            let mut output = BufReader::new(server.child.stdout.take().ok_or("no output")?);
            let mut line = String::new();
            output.read_line(&mut line).map_err(|e| e.to_string())?;
            server._output = Some(output);
            let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
            server.address = address.ok_or(format!("no address in {line:?}"))?.to_owned();
        }
        let ready = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        while once(&server.address, ready).is_err() {
            if started.elapsed() > Duration::from_secs(30) {
                return Err("the server is not ready after 30 seconds".to_owned());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.started_in = started.elapsed();
        Ok(server)
    }

    /// Talks to it, and looks at what that takes of the processors.
    pub(crate) fn measured(
        &self,
        load: &dyn Conversation,
        connections: usize,
        seconds: Duration,
    ) -> Result<Measured, String> {
        let before = self.processors();
        let measured = measure(&self.address, load, connections, seconds)?;
        let took = self.processors().saturating_sub(before);
        let times = measured.times(seconds);
        let cpu = (times >= 1.0).then(|| took.div_f64(times));
        Ok(Measured { cpu, ..measured })
    }

    /// What the process has taken of the processors, by the kernel's account.
    fn processors(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // Behind the name, which may have anything in it, the twelfth and thirteenth.
        let rest = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let ticks: u64 =
            rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        // A hundredth of a second each (USER_HZ), on every architecture that there are builds for.
        Duration::from_millis(ticks.saturating_mul(10))
    }

    /// Resident memory by the kernel's account.
    pub(crate) fn resident_mib(&self) -> f64 {
        self.memory_mib("VmRSS:")
    }

    /// What of it is of no file.
    pub(crate) fn anonymous_mib(&self) -> f64 {
        self.memory_mib("RssAnon:")
    }

    fn memory_mib(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib: f64 = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0);
        kib / 1024.0
    }
}

fn valgrind(out: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", out.display()));
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
