//! Forms of addresses that mean harm: each is refused before anything is connected to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use fetch::{Client, Config, Names, Rules};
use tokio::net::{TcpListener, TcpStream};

use crate::server::here;

/// Addresses with the code that each is refused with; `{p}` is a port that listens on this machine and that the settings allow. Names lead here.
const FORMS: [(&str, &str); 90] = [
    // This machine, by number.
    ("http://127.0.0.1:{p}/", "url_host"),
    ("http://127.0.0.1./", "url_host"),
    ("http://127.1:{p}/", "url_host"),
    ("http://127.0.1:{p}/", "url_host"),
    ("http://2130706433:{p}/", "url_host"),
    ("http://0x7f000001:{p}/", "url_host"),
    ("http://0x7f.0x0.0x0.0x1:{p}/", "url_host"),
    ("http://0177.0.0.1:{p}/", "url_host"),
    ("http://017700000001:{p}/", "url_host"),
    ("http://0x7F.1:{p}/", "url_host"),
    ("http://127.000.000.001:{p}/", "url_host"),
    ("http://127.0.0.1%2e:{p}/", "url_host"),
    ("http://%31%32%37.0.0.1:{p}/", "url_host"),
    ("http://①②⑦.⓪.⓪.①:{p}/", "url_host"),
    ("http://１２７.0.0.1:{p}/", "url_host"),
    ("http://127。0。0。1:{p}/", "url_host"),
    ("http://127.255.255.254:{p}/", "url_host"),
    ("http://0:{p}/", "url_host"),
    ("http://0.0.0.0:{p}/", "url_host"),
    ("http://0.0.0.1:{p}/", "url_host"),
    ("http://[::1]:{p}/", "url_host"),
    ("http://[0:0:0:0:0:0:0:1]:{p}/", "url_host"),
    ("http://[::]:{p}/", "url_host"),
    ("http://[::ffff:127.0.0.1]:{p}/", "url_host"),
    ("http://[::ffff:7f00:1]:{p}/", "url_host"),
    ("http://[::127.0.0.1]:{p}/", "url_host"),
    ("http://[::ffff:0:127.0.0.1]:{p}/", "url_host"),
    ("http://[64:ff9b::127.0.0.1]:{p}/", "url_host"),
    ("http://[64:ff9b:1::7f00:1]:{p}/", "url_host"),
    ("http://[2002:7f00:1::]:{p}/", "url_host"),
    ("http://[2001:0:7f00:1::80ff:fffe]:{p}/", "url_host"),
    ("http://[2a00::5efe:7f00:1]:{p}/", "url_host"),
    // The neighbours, by number.
    ("http://10.0.0.1/", "url_host"),
    ("http://172.16.0.1/", "url_host"),
    ("http://192.168.0.1/", "url_host"),
    ("http://3232235521/", "url_host"),
    ("http://100.64.0.1/", "url_host"),
    ("http://169.254.1.1/", "url_host"),
    ("http://198.18.0.1/", "url_host"),
    ("http://192.0.2.1/", "url_host"),
    ("http://224.0.0.251/", "url_host"),
    ("http://255.255.255.255/", "url_host"),
    ("http://240.0.0.1/", "url_host"),
    ("http://[fc00::1]/", "url_host"),
    ("http://[fd12:3456::1]/", "url_host"),
    ("http://[fe80::1]/", "url_host"),
    ("http://[fec0::1]/", "url_host"),
    ("http://[ff02::1]/", "url_host"),
    ("http://[2001:db8::1]/", "url_host"),
    // Where clouds keep secrets.
    ("http://169.254.169.254/latest/meta-data/", "url_host"),
    ("http://[::ffff:169.254.169.254]/", "url_host"),
    ("http://0xa9fea9fe/", "url_host"),
    ("http://2852039166/", "url_host"),
    ("http://[fd00:ec2::254]/", "url_host"),
    ("http://100.100.100.200/", "url_host"),
    ("http://192.0.0.192/", "url_host"),
    ("http://168.63.129.16/", "url_host"),
    ("http://metadata.google.internal/", "url_host"),
    // Names that nobody has in public.
    ("http://localhost:{p}/", "url_host"),
    ("http://LOCALHOST:{p}/", "url_host"),
    ("http://localhost.:{p}/", "url_host"),
    ("http://a.localhost:{p}/", "url_host"),
    ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{p}/", "url_host"),
    ("http://nas:{p}/", "url_host"),
    ("http://nas.local:{p}/", "url_host"),
    ("http://wiki.internal:{p}/", "url_host"),
    ("http://nas.home.arpa:{p}/", "url_host"),
    ("http://a.onion:{p}/", "url_host"),
    ("http://.:{p}/", "url_host"),
    // Names that lead here.
    ("http://example.org:{p}/", "host_not_public"),
    ("http://127.0.0.1.nip.example:{p}/", "host_not_public"),
    ("http://example.org.:{p}/", "host_not_public"),
    // Other schemes.
    ("file:///etc/passwd", "url_scheme"),
    ("file://127.0.0.1/etc/passwd", "url_scheme"),
    ("ftp://example.org/a.wav", "url_scheme"),
    ("gopher://127.0.0.1:{p}/_GET", "url_scheme"),
    ("dict://127.0.0.1:{p}/", "url_scheme"),
    ("ldap://127.0.0.1:{p}/", "url_scheme"),
    ("ws://example.org:{p}/", "url_scheme"),
    ("data:audio/wav;base64,AAAA", "url_scheme"),
    ("javascript:alert(1)", "url_scheme"),
    ("blob:http://example.org/1", "url_scheme"),
    // Who else is meant.
    ("http://example.org@127.0.0.1:{p}/", "url_credentials"),
    ("http://a:b@example.org:{p}/", "url_credentials"),
    ("http://@example.org:{p}/", "url_credentials"),
    ("http://example.org\\@127.0.0.1:{p}/", "url_malformed"),
    ("http://127.0.0.1\t:{p}/", "url_malformed"),
    ("http://example.org:{p}/\r\nHost: 127.0.0.1", "url_malformed"),
    ("//127.0.0.1:{p}/", "url_malformed"),
    ("http://127.0.0.256:{p}/", "url_malformed"),
];

/// Settings that leave nothing but the address itself to refuse.
fn config(port: u16) -> Config {
    Config { enabled: true, allow_http: true, ports: vec![80, 443, port], ..Config::default() }
}

#[tokio::test]
async fn ninety_forms_are_refused_and_nobody_is_connected_to() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = Client::new(&config(port), here());
    for (form, code) in FORMS {
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
