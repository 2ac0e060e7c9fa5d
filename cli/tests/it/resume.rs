//! An upload whose server is killed in the middle goes on at another one.

use futures::{StreamExt, stream};
use reqwest::{Body, Method, RequestBuilder, Response};
use store::Sha256;
use tokio::time::timeout;

use crate::service::{DEADLINE, Service, Shape};

const MIB: usize = 1 << 20;
/// What a killed process may lose of a request at most: its last piece.
const PIECE: usize = 32 * MIB;

fn tus(service: &Service, method: Method, path: &str) -> RequestBuilder {
    let request = service.http.request(method, format!("{}{path}", service.base));
    request.bearer_auth(&service.token).header("tus-resumable", "1.0.0")
}

fn patch(service: &Service, path: &str, offset: usize) -> RequestBuilder {
    tus(service, Method::PATCH, path)
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset)
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn offset(service: &Service, path: &str) -> usize {
    let answer = tus(service, Method::HEAD, path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    header(&answer, "upload-offset").parse().unwrap()
}

#[tokio::test]
async fn an_upload_survives_its_server() {
    for shape in [Shape::embedded(), Shape::production().await] {
        let mut first = Service::start(&shape, &["--no-worker"]).await;
        let second = Service::start(&shape, &["--no-worker"]).await;
        let song: Vec<u8> = (0..=u8::MAX).cycle().take(PIECE + 3 * MIB).collect();
        let begun = tus(&first, Method::POST, "/v1/uploads/tus")
            .header("upload-length", song.len())
            .send()
            .await
            .unwrap();
        assert_eq!(begun.status(), 201);
        let path = header(&begun, "location").to_owned();

        // All but the end comes, and then nothing more.
        let chunks: Vec<_> = song[..PIECE + MIB]
            .chunks(MIB)
            .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
            .collect();
        let body = Body::wrap_stream(stream::iter(chunks).chain(stream::pending()));
        let sending = tokio::spawn(patch(&first, &path, 0).body(body).send());
        timeout(DEADLINE, async { while offset(&second, &path).await < PIECE {} })
            .await
            .expect("a whole piece counts while its request still runs");
        first.process.kill().await.unwrap();
        assert!(sending.await.unwrap().is_err());

        assert_eq!(offset(&second, &path).await, PIECE);
        let rest = patch(&second, &path, PIECE).body(song[PIECE..].to_vec());
        let answer = rest.send().await.unwrap();
        assert_eq!(answer.status(), 204);
        let track = second.json(header(&answer, "track-location")).await;
        assert_eq!(track["sha256"], Sha256::of(&song).to_string());
    }
}
