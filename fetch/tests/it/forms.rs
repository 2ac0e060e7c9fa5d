//! Forms of addresses that mean harm: each is refused before anything is connected to.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use fetch::{Client, Config, Names, Rules};
use tokio::net::{TcpListener, TcpStream};

use crate::server::here;

/// Addresses by kind, with the code that each is refused with; `{p}` is a port that listens on this machine and that the settings allow. Names lead here.
/// The tests of `POST /v1/imports` read the same.
const FORMS: &str = include_str!("forms.json");

/// Each form with its code.
fn forms() -> Vec<(String, String)> {
    let kinds: BTreeMap<String, Vec<(String, String)>> = serde_json::from_str(FORMS).unwrap();
    kinds.into_values().flatten().collect()
}

/// Settings that leave nothing but the address itself to refuse.
fn config(port: u16) -> Config {
    Config { enabled: true, allow_http: true, ports: vec![80, 443, port], ..Config::default() }
}

#[tokio::test]
async fn ninety_forms_are_refused_and_nobody_is_connected_to() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = Client::new(&config(port), here());
    let forms = forms();
    assert_eq!(forms.len(), 90);
    for (form, code) in forms {
        let url = form.replace("{p}", &port.to_string());
        let error = client.get(&url, 1000).await.err().unwrap_or_else(|| panic!("{form}"));
        assert_eq!(error.code(), code, "{form}: {error}");
        assert!(!error.to_string().contains("127"), "{error}");
    }
    // Had anybody connected before, they would stand before this one.
    let mine = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    let (_, first): (_, SocketAddr) = listener.accept().await.unwrap();
    assert_eq!(first, mine.local_addr().unwrap());
}

#[test]
fn what_the_settings_do_not_allow_is_refused() {
    let check = |config: &Config, url: &str, expected: Option<&str>| {
        let refused = Rules::new(config).check(url).err();
        assert_eq!(refused.map(fetch::Refusal::code), expected, "{url}");
    };
    let strict = Config::default();
    check(&strict, "https://example.org/a.wav", None);
    check(&strict, "HTTPS://EXAMPLE.ORG:443/a.wav?key=1#t", None);
    check(&strict, "https://8.8.8.8/a.wav", None);
    check(&strict, "https://[2606:4700::1111]/a.wav", None);
    check(&strict, "https://[::ffff:8.8.8.8]/", None);
    check(&strict, "https://xn--bcher-kva.example/", None);
    check(&strict, "https://example.org:80/", None);
    check(&strict, "http://example.org/", Some("url_scheme"));
    check(&strict, "https://example.org:8443/", Some("url_port"));
    check(&strict, "https://example.org:22/", Some("url_port"));
    check(&strict, "https://example.org:0/", Some("url_port"));
    check(&strict, "https://example.org:99999/", Some("url_malformed"));
    check(&strict, "https://", Some("url_malformed"));
    check(&strict, "", Some("url_malformed"));
    check(&strict, "a.wav", Some("url_malformed"));
    check(&strict, " https://example.org/", Some("url_malformed"));
    check(&strict, &format!("https://example.org/{}", "x".repeat(2048)), Some("url_malformed"));

    let hosts = vec!["example.org".to_owned(), ".Example.com".to_owned(), "1.1.1.1".to_owned()];
    let listed = Config { hosts, ..Config::default() };
    check(&listed, "https://example.org/", None);
    check(&listed, "https://example.org./", None);
    check(&listed, "https://a.b.example.com/", None);
    check(&listed, "https://1.1.1.1/", None);
    check(&listed, "https://example.com/", Some("url_host"));
    check(&listed, "https://a.example.org/", Some("url_host"));
    check(&listed, "https://badexample.com/", Some("url_host"));
    check(&listed, "https://example.org.evil.example/", Some("url_host"));
    check(&listed, "https://8.8.8.8/", Some("url_host"));

    let network = "192.168.1.0/24".parse().unwrap();
    let near = Config { networks: vec![network], ..Config::default() };
    check(&near, "https://192.168.1.20/", None);
    check(&near, "https://[::ffff:192.168.1.20]/", None);
    check(&near, "https://192.168.2.20/", Some("url_host"));
    check(&near, "https://127.0.0.1/", Some("url_host"));
}

#[tokio::test]
async fn names_without_or_with_other_addresses_are_told_alike() {
    let nobody = Names::by(|_| async { Err(std::io::ErrorKind::NotFound.into()) });
    let empty = Names::by(|_| async { Ok(Vec::new()) });
    let near = Names::by(|_| async { Ok(vec![IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))]) });
    for names in [nobody, empty, near] {
        let client = Client::new(&Config::default(), names);
        let error = client.get("https://example.org/", 1).await.err().unwrap();
        assert_eq!(error, fetch::Error::NotPublic);
    }
}
