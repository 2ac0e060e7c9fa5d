//! Hosts that lead on.

use std::net::Ipv4Addr;

use fetch::{Client, Config, Error, Names, Refusal};

use crate::server::{Server, all, here, ok, redirect};

/// A host whose paths `/1/…`, `/2/…` lead on that often.
async fn leading_on() -> Server {
    Server::saying(|head| {
        let n: u32 = head.split('/').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        match n {
            0 => ok("", b"music"),
            n => redirect([301, 302, 303, 307, 308][n as usize % 5], &format!("/{}/a.wav", n - 1)),
        }
    })
    .await
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_more() {
    let server = leading_on().await;
    let client = Client::new(&server.config(), here());
    for n in 0..=3 {
        let url = server.url("example.org", &format!("/{n}/a.wav"));
        assert_eq!(all(&client, &url, 100).await.unwrap(), b"music", "{n}");
    }
    let n_asked = server.asked().len();
    let url = server.url("example.org", "/4/a.wav");
    assert_eq!(client.get(&url, 100).await.err(), Some(Error::TooManyRedirects { limit: 3 }));
    assert_eq!(server.asked().len() - n_asked, 4);

    let none = Config { max_redirects: 0, ..server.config() };
    let url = server.url("example.org", "/1/a.wav");
    let error = Client::new(&none, here()).get(&url, 100).await.err();
    assert_eq!(error, Some(Error::TooManyRedirects { limit: 0 }));
}

#[tokio::test]
async fn a_loop_ends() {
    let server = Server::saying(|_| redirect(302, "/again")).await;
    let client = Client::new(&server.config(), here());
    let error = client.get(&server.url("example.org", "/"), 100).await.err();
    assert_eq!(error, Some(Error::TooManyRedirects { limit: 3 }));
    assert_eq!(server.asked().len(), 4);
}

/// Each place that a redirect leads to is looked at like the first address.
#[tokio::test]
async fn a_redirect_leads_nowhere_that_an_address_may_not() {
    let secret = Server::saying(|_| ok("", b"secret")).await;
    let port = secret.address.port();
    for (location, expected) in [
        (format!("http://127.0.0.2:{port}/"), Error::RedirectRefused(Refusal::Host)),
        (format!("http://[::1]:{port}/"), Error::RedirectRefused(Refusal::Host)),
        (format!("//2130706434:{port}/"), Error::RedirectRefused(Refusal::Host)),
        (format!("http://localhost:{port}/"), Error::RedirectRefused(Refusal::Host)),
        ("http://169.254.169.254/".to_owned(), Error::RedirectRefused(Refusal::Host)),
        (format!("http://near.example:{port}/"), Error::NotPublic),
        ("file:///etc/passwd".to_owned(), Error::RedirectRefused(Refusal::Scheme)),
        ("gopher://127.0.0.1/".to_owned(), Error::RedirectRefused(Refusal::Scheme)),
        ("http://a:b@example.org/".to_owned(), Error::RedirectRefused(Refusal::Credentials)),
        ("http://example.org:22/".to_owned(), Error::RedirectRefused(Refusal::Port)),
        ("http://[".to_owned(), Error::RedirectMalformed),
    ] {
        let told = location.clone();
        let server = Server::saying(move |_| redirect(302, &told)).await;
        // Only the first host is one to connect to.
        let config = Config {
            networks: vec!["127.0.0.1/32".parse().unwrap()],
            ports: vec![80, server.address.port(), port],
            ..server.config()
        };
        let names = Names::by(|host| async move {
            let last = if host == "example.org" { 1 } else { 2 };
            Ok(vec![Ipv4Addr::new(127, 0, 0, last).into()])
        });
        let client = Client::new(&config, names);
        let error = client.get(&server.url("example.org", "/"), 100).await.err();
        assert_eq!(error, Some(expected), "{location}");
        assert_eq!(server.asked().len(), 1, "{location}");
    }
    assert!(secret.asked().is_empty());

    let nowhere = Server::saying(|_| b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n".to_vec());
    let nowhere = nowhere.await;
    let client = Client::new(&nowhere.config(), here());
    let error = client.get(&nowhere.url("example.org", "/"), 100).await.err();
    assert_eq!(error, Some(Error::RedirectMalformed));
}

/// What is sent is the same for every host, and nothing of one host is told to the next.
#[tokio::test]
async fn a_question_says_nothing_of_who_asks() {
    let server = Server::saying(|head| {
        if head.starts_with("GET /first") {
            let led = redirect(302, "/second?a=b#c");
            let cookie = b"HTTP/1.1 302 Elsewhere\r\nset-cookie: a=b\r\n";
            let rest = &led["HTTP/1.1 302 Elsewhere\r\n".len()..];
            return [cookie.as_slice(), rest].concat();
        }
        ok("", b"music")
    })
    .await;
    let client = Client::new(&server.config(), here());
    let url = server.url("example.org", "/first?key=secret#part");
    assert_eq!(all(&client, &url, 100).await.unwrap(), b"music");
    let port = server.address.port();
    let expected = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nhost: example.org:{port}\r\nuser-agent: Consort\r\naccept: */*\r\n\
             accept-encoding: identity\r\nconnection: close\r\n\r\n"
        )
    };
    assert_eq!(server.asked(), [expected("/first?key=secret"), expected("/second?a=b")]);
}
