//! Names that mean one thing first and another then.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fetch::{Client, Config, Error, Names};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{Server, all, ok};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8));

/// Answers one list after the other, the last one for ever, and counts.
fn turning(lists: Vec<Vec<IpAddr>>) -> (Names, Arc<AtomicUsize>) {
    let n_asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_asked);
    let names = Names::by(move |_| {
        let n = counted.fetch_add(1, Ordering::SeqCst);
        let list = lists[n.min(lists.len() - 1)].clone();
        async move { Ok(list) }
    });
    (names, n_asked)
}

/// The first answer is one that may be connected to; would anybody ask again, it would be another.
#[tokio::test]
async fn a_name_is_asked_for_once_and_what_was_looked_at_is_connected_to() {
    let server = Server::saying(|_| ok("", b"music")).await;
    // 127.0.0.1 is let through as a public address would be; 127.0.0.2 has a listener that must not be reached.
    let config = Config { networks: vec!["127.0.0.1/32".parse().unwrap()], ..server.config() };
    let trap = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), server.address.port())).await;
    let trap = trap.unwrap();
    let second = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let (names, n_asked) = turning(vec![vec![LOOPBACK], vec![second]]);
    let client = Client::new(&config, names);
    let url = server.url("rebinding.example", "/a.wav");
    assert_eq!(all(&client, &url, 100).await.unwrap(), b"music");
    assert_eq!(n_asked.load(Ordering::SeqCst), 1);
    assert_eq!(server.asked().len(), 1);

    // The next import asks again, and is told what is not to be reached.
    assert_eq!(client.get(&url, 100).await.err(), Some(Error::NotPublic));
    assert_eq!((n_asked.load(Ordering::SeqCst), server.asked().len()), (2, 1));
    let mine = TcpStream::connect(trap.local_addr().unwrap()).await.unwrap();
    let (_, first): (_, SocketAddr) = trap.accept().await.unwrap();
    assert_eq!(first, mine.local_addr().unwrap());
}

#[tokio::test]
async fn one_bad_address_among_good_ones_spoils_the_name() {
    let server = Server::saying(|_| ok("", b"secret")).await;
    let config =
        Config { allow_http: true, ports: vec![80, server.address.port()], ..Config::default() };
    let mapped = "::ffff:127.0.0.1".parse().unwrap();
    let zero = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    for list in [
        vec![PUBLIC, LOOPBACK],
        vec![LOOPBACK, PUBLIC],
        vec![PUBLIC, mapped],
        vec![PUBLIC, zero],
        vec![PUBLIC, "fe80::1".parse().unwrap()],
        vec![PUBLIC, PUBLIC, PUBLIC, PUBLIC, PUBLIC, "10.0.0.1".parse().unwrap()],
    ] {
        let (names, _) = turning(vec![list.clone()]);
        let client = Client::new(&config, names);
        let error = client.get(&server.url("mixed.example", "/"), 100).await.err();
        assert_eq!(error, Some(Error::NotPublic), "{list:?}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_host_with_several_addresses_is_reached_at_the_first_that_answers() {
    let server = Server::saying(|_| ok("", b"music")).await;
    let silent = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
    let (names, n_asked) = turning(vec![vec![silent, LOOPBACK]]);
    let client = Client::new(&server.config(), names);
    let url = server.url("several.example", "/");
    assert_eq!(all(&client, &url, 100).await.unwrap(), b"music");
    assert_eq!(n_asked.load(Ordering::SeqCst), 1);
}
