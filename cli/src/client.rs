//! The service's own HTTP API, as the demo uses it.

use std::path::Path;

use anyhow::{Context, Result, bail};
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A server and a token for it.
pub(crate) struct Client {
    base: String,
    token: SecretString,
    http: reqwest::Client,
}

/// What an upload led to.
pub(crate) enum Uploaded {
    /// The track's id.
    Track(String),
    /// The recording was refused: code and detail.
    Refused { code: String, detail: String },
}

impl Client {
    pub(crate) fn new(base: String, token: SecretString) -> Result<Self> {
        // The server is this process: a proxy of the environment has no part in it.
        let http =
            reqwest::Client::builder().no_proxy().build().context("cannot make an HTTP client")?;
        Ok(Self { base, token, http })
    }

    /// Streams a file to `POST /v1/tracks`.
    pub(crate) async fn upload(&self, path: &Path) -> Result<Uploaded> {
        self.upload_with(path, Form::new()).await
    }

    /// [`Self::upload`], and others may be told of the track.
    pub(crate) async fn upload_listed(&self, path: &Path) -> Result<Uploaded> {
        self.upload_with(path, Form::new().text("visibility", "listed")).await
    }

    async fn upload_with(&self, path: &Path, form: Form) -> Result<Uploaded> {
        let part =
            Part::file(path).await.with_context(|| format!("cannot read {}", path.display()))?;
        let request =
            self.http.post(format!("{}/v1/tracks", self.base)).multipart(form.part("file", part));
        let response = request.bearer_auth(self.token.expose_secret()).send().await?;
        if response.status().is_success() {
            let body: Value = response.json().await?;
            let id =
                body["track"]["id"].as_str().context("the answer to an upload has no track.id")?;
            return Ok(Uploaded::Track(id.to_owned()));
        }
        let status = response.status();
        let problem: Value = response.json().await.unwrap_or_default();
        match (problem["code"].as_str(), problem["detail"].as_str()) {
            (Some(code), detail)
                if status.is_client_error() && status != StatusCode::UNAUTHORIZED =>
            {
                Ok(Uploaded::Refused {
                    code: code.to_owned(),
                    detail: detail.unwrap_or_default().to_owned(),
                })
            }
            _ => bail!("the upload of {} was answered with {status}", path.display()),
        }
    }

    /// `PUT path` with a JSON body; the answer is of no interest.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<()> {
        let request = self.http.put(format!("{}{path}", self.base)).json(body);
        let response = request.bearer_auth(self.token.expose_secret()).send().await?;
        let status = response.status();
        if !status.is_success() {
            bail!("PUT {path} was answered with {status}: {}", response.text().await?);
        }
        Ok(())
    }

    /// `GET path` as JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        Ok(self.open(path, None).await?.json().await?)
    }

    /// `GET path`, the answer's body still to be read.
    pub(crate) async fn open(&self, path: &str, last_event: Option<&str>) -> Result<Response> {
        let mut request =
            self.http.get(format!("{}{path}", self.base)).bearer_auth(self.token.expose_secret());
        if let Some(id) = last_event {
            request = request.header("last-event-id", id);
        }
        let response =
            request.send().await.with_context(|| format!("cannot reach {}", self.base))?;
        let status = response.status();
        if !status.is_success() {
            bail!(
                "GET {path} was answered with {status}: {}",
                response.text().await.unwrap_or_default()
            );
        }
        Ok(response)
    }
}
