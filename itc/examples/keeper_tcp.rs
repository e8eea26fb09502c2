//! A keeper of lost ids over TCP, which is killed (`SIGKILL`) again and again
//! and started again from its file: `cargo run -p itc --example keeper_tcp`.
//!
//! The keeper is a process of its own. Four members, threads here, make events,
//! publish them, fork newborns and die without a word; others reclaim their
//! ids. Each connection carries one request and its reply; where anything fails,
//! the member sends the same request again. At the end, the stamps that were
//! published compare as the events of each member happened, and nothing of the
//! interval is lost.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use causal_clock::{FileStore, Wire};
use itc::Stamp;
use itc::keeper::Ticket;
use itc::keeper::remote::{Accepted, RemoteMember, Reply, Request, ServeError, StoredKeeper};

type Failure = Box<dyn Error + Send + Sync>;

/// Says to the keeper's process where its folder is.
const FOLDER: &str = "ITC_KEEPER_FOLDER";
const KEEPER: u64 = 7;
const MEMBERS: usize = 4;
const ROUNDS: u32 = 40;
const KILLS: u32 = 10;
/// No request is longer.
const MAX_LEN: u32 = 1 << 20;

fn send(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    stream.write_all(&[&len.to_be_bytes(), bytes].concat())
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut len = [0; 4];
    stream.read_exact(&mut len)?;
    let len = u32::from_be_bytes(len);
    if len > MAX_LEN {
        return Err(io::Error::other("the message is too long"));
    }
    let mut bytes = vec![0; len as usize];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The keeper's process: serves until it is killed.
fn keep(folder: &Path) -> Result<(), Failure> {
    let open = || FileStore::open(folder.join("keeper"));
    let mut keeper = match StoredKeeper::open(open()?) {
        // Only this example founds a keeper wherever there is none.
        Err(ServeError::Empty) => StoredKeeper::found(KEEPER, open()?)?,
        keeper => keeper?,
    };
    let listener = TcpListener::bind("127.0.0.1:0")?;
    std::fs::write(folder.join("address.tmp"), listener.local_addr()?.to_string())?;
    std::fs::rename(folder.join("address.tmp"), folder.join("address"))?;
    for stream in listener.incoming() {
        // A connection that fails is the member's to repeat.
        let _ = serve(stream?, &mut keeper);
    }
    Ok(())
}

fn serve(mut stream: TcpStream, keeper: &mut StoredKeeper<FileStore>) -> Result<(), Failure> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let request = Request::decode(&receive(&mut stream)?)?;
    let reply = keeper.handle(&request)?;
    Ok(send(&mut stream, &reply.to_bytes())?)
}

/// Where members find the keeper, and how often they had to try again.
struct Network {
    folder: PathBuf,
    retries: AtomicU64,
}

impl Network {
    fn attempt(&self, request: &Request) -> Result<Reply, Failure> {
        let address = std::fs::read_to_string(self.folder.join("address"))?;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        send(&mut stream, &request.to_bytes())?;
        Ok(Reply::decode(&receive(&mut stream)?)?)
    }

    /// Sends the request until there is a reply.
    fn ask(&self, request: &Request) -> Reply {
        loop {
            match self.attempt(request) {
                Ok(reply) => return reply,
                Err(_) => self.retries.fetch_add(1, Ordering::Relaxed),
            };
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn publish(&self, member: &mut RemoteMember) -> Result<Stamp, Failure> {
        member.event()?;
        let request = member.publish()?;
        match member.accept(&self.ask(&request))? {
            Accepted::Published(stamp) => Ok(stamp),
            other => Err(format!("expected a stamp, got {other:?}").into()),
        }
    }

    fn fork(&self, member: &mut RemoteMember) -> Result<RemoteMember, Failure> {
        let request = member.fork()?;
        match member.accept(&self.ask(&request))? {
            Accepted::Forked(newborn) => Ok(newborn.live()),
            other => Err(format!("expected a newborn, got {other:?}").into()),
        }
    }

    fn reclaim(&self, member: &mut RemoteMember, dead: Ticket) -> Result<(), Failure> {
        let request = member.reclaim(dead)?;
        let _ = member.accept(&self.ask(&request))?;
        Ok(())
    }
}

/// A member's life: in each round an event, and now and then it dies, and a
/// newborn of itself goes on and reclaims what it owned. Gives its stamps and
/// the member that is left.
fn live(
    network: &Network,
    mut member: RemoteMember,
) -> Result<(Vec<Stamp>, RemoteMember), Failure> {
    let mut stamps = Vec::new();
    for round in 0..ROUNDS {
        stamps.push(network.publish(&mut member)?);
        if round % 8 == 7 {
            let mut heir = network.fork(&mut member)?;
            member.event()?; // and nobody ever hears of it
            network.reclaim(&mut heir, member.ticket())?;
            member = heir;
        }
    }
    Ok((stamps, member))
}

fn start(folder: &Path) -> io::Result<Child> {
    Command::new(std::env::current_exe()?).env(FOLDER, folder).spawn()
}

fn main() -> Result<(), Failure> {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return keep(Path::new(&folder));
    }
    let folder = tempfile::tempdir()?;
    let network = Network { folder: folder.path().into(), retries: AtomicU64::new(0) };
    let keeper = Mutex::new(start(folder.path())?);
    let done = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        // Kills the keeper, and starts it again.
        let killer = scope.spawn(|| -> io::Result<u32> {
            let mut kills = 0;
            while kills < KILLS && !done.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(20 + u64::from(kills) * 17 % 60));
                let mut child = keeper.lock().map_err(|_| io::Error::other("poisoned"))?;
                child.kill()?;
                child.wait()?;
                *child = start(folder.path())?;
                kills += 1;
            }
            Ok(kills)
        });
        let result = (|| -> Result<_, Failure> {
            let hello = RemoteMember::seed(KEEPER, 0x5eed_5eed);
            let mut first = RemoteMember::seeded(&hello, &network.ask(&hello))?;
            let mut members = Vec::new();
            for _ in 1..MEMBERS {
                members.push(network.fork(&mut first)?);
            }
            members.push(first);
            let network = &network;
            let threads: Vec<_> =
                members.into_iter().map(|m| scope.spawn(move || live(network, m))).collect();
            let (mut lines, mut left) = (Vec::new(), Vec::new());
            for thread in threads {
                let (stamps, member) = thread.join().map_err(|_| "a member panicked")??;
                lines.push(stamps);
                left.push(member);
            }
            // All retire into the last.
            let mut last = left.pop().ok_or("no members")?;
            for member in left {
                network.reclaim(&mut last, member.ticket())?;
            }
            Ok((lines, last))
        })();
        done.store(true, Ordering::Relaxed);
        let kills = killer.join().map_err(|_| "the killer panicked")??;
        println!("the keeper was killed {kills} times");
        result
    });
    let mut keeper = keeper.into_inner()?;
    keeper.kill()?;
    keeper.wait()?;
    let (lines, last) = result?;

    println!("{} requests were sent again", network.retries.into_inner());
    for (at, line) in lines.iter().enumerate() {
        assert!(line.is_sorted_by(|a, b| a < b), "a member's events are in order");
        // The members know nothing of each other.
        let others = lines[at + 1..].iter().flatten();
        assert!(others.clone().all(|b| line.iter().all(|a| a.partial_cmp(b).is_none())));
    }
    println!("{} events, all in the right order", lines.iter().map(Vec::len).sum::<usize>());
    assert_eq!(last.clock().id().to_string(), "1");
    println!("the last member owns the whole interval");
    Ok(())
}

#[test]
fn runs() -> Result<(), Failure> {
    main()
}
