//! One provider, spoken to through the library: where to send a browser, what a code is worth.

#![expect(
    clippy::disallowed_methods,
    reason = "the secret is opened where it goes to the provider"
)]

use std::sync::Arc;

use jiff::Timestamp;
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, ClientSecret,
    CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    core::CoreResponseType,
};
use platform::sessions::SignInProblem;
use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    client_auth,
    issuers::{Credential, IssuerSettings},
    jwks::Cache,
    metadata::{self, Metadata},
    types::{Http, OidcClient, Tokens},
};
use crate::outgoing::Outgoing;

/// Why a provider cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StartError {
    /// It does not answer, or not now.
    #[error("identity provider {issuer}: {why}")]
    Unreachable {
        /// Name in the settings.
        issuer: String,
        /// What happened.
        why: String,
    },
    /// It says of itself what we do not accept.
    #[error("identity provider {issuer} is refused: {why}")]
    Refused {
        /// Name in the settings.
        issuer: String,
        /// What we do not accept.
        why: String,
    },
}

impl StartError {
    /// Trying again later may help.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// Why a sign-in ends here: our word for the person, the rule for the auditor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) problem: SignInProblem,
    pub(super) rule: &'static str,
}

impl Refusal {
    pub(super) const fn new(problem: SignInProblem, rule: &'static str) -> Self {
        Self { problem, rule }
    }

    /// What the provider sent does not hold.
    pub(super) const fn token(rule: &'static str) -> Self {
        Self::new(SignInProblem::TokenRefused, rule)
    }
}

/// What discovery leaves.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) metadata: Metadata,
    pub(super) keys: Cache,
    pub(super) client: OidcClient,
}

/// One configured identity provider.
#[derive(Debug)]
pub struct Issuer {
    /// Its settings.
    pub settings: IssuerSettings,
    pub(super) http: Http,
    redirect: RedirectUrl,
    development: bool,
    known: OnceCell<Arc<Known>>,
}

/// Secrets of one flow and the address its browser is sent to.
pub(super) struct Begun {
    pub(super) url: Url,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) pkce_verifier: String,
}

impl Issuer {
    /// Makes it ready; asks nobody yet.
    pub(super) fn new(settings: IssuerSettings, public_url: &Url, outgoing: Outgoing) -> Self {
        let path = format!("/auth/callback/{}", settings.id);
        let redirect = public_url.join(&path).expect("an id is a path segment");
        Self {
            settings,
            http: Http(outgoing),
            redirect: RedirectUrl::from_url(redirect),
            development: crate::config::is_development(public_url),
            known: OnceCell::new(),
        }
    }

    /// Metadata and keys: fetched once, at start or when first needed.
    pub(super) async fn metadata(&self) -> Result<Arc<Known>, StartError> {
        self.known
            .get_or_try_init(|| async {
                let metadata =
                    metadata::discover(&self.settings, &self.http, self.development).await?;
                let keys = Cache::new(metadata.jwks_uri().clone(), metadata.jwks().clone());
                let client = self.client(&metadata);
                Ok(Arc::new(Known {
                    metadata,
                    keys,
                    client,
                }))
            })
            .await
            .cloned()
    }

    /// The same, as a sign-in needs it.
    pub(super) async fn known(&self) -> Result<Arc<Known>, Refusal> {
        self.metadata().await.map_err(|error| {
            tracing::warn!(issuer = self.settings.id, %error, "identity provider cannot be used");
            Refusal::new(SignInProblem::ProviderUnreachable, "discovery")
        })
    }

    /// Where a browser is sent to sign in and out.
    pub(super) fn browser_endpoints(&self) -> Vec<Url> {
        // Before the provider has answered, its own address is where a sign-in will lead.
        let Some(known) = self.known.get() else {
            return Url::parse(&self.settings.issuer).into_iter().collect();
        };
        let end = known
            .metadata
            .additional_metadata()
            .end_session_endpoint
            .clone();
        [known.metadata.authorization_endpoint().url().clone()]
            .into_iter()
            .chain(end)
            .collect()
    }

    /// Where a browser signs out there, once known.
    pub(super) fn end_session_endpoint(&self) -> Option<Url> {
        self.known
            .get()?
            .metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()
    }

    fn client(&self, metadata: &Metadata) -> OidcClient {
        let secret = match &self.settings.credential {
            Credential::Secret(secret) => {
                Some(ClientSecret::new(secret.expose_secret().to_owned()))
            }
            Credential::PrivateKey(_) | Credential::Public => None,
        };
        let by_post = metadata
            .token_endpoint_auth_methods_supported()
            .is_some_and(|methods| {
                use openidconnect::core::CoreClientAuthMethod as Method;
                methods.contains(&Method::ClientSecretPost)
                    && !methods.contains(&Method::ClientSecretBasic)
            });
        let client = OidcClient::from_provider_metadata(
            metadata.clone(),
            metadata::client_id(&self.settings),
            secret,
        )
        .set_redirect_uri(self.redirect.clone());
        if by_post {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        }
    }

    /// The address a browser is sent to, with a fresh state, nonce and PKCE challenge.
    /// `step_up` asks the provider to see the person again.
    pub(super) async fn begin(&self, step_up: bool) -> Result<Begun, Refusal> {
        let known = self.known().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce) = (platform::secrets::token(), platform::secrets::token());
        let (sent_state, sent_nonce) = (state.clone(), nonce.clone());
        let classes = if step_up {
            &self.settings.acr_values
        } else {
            &self.settings.minimum_acr
        };
        let mut request = known
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(sent_state),
                move || Nonce::new(sent_nonce),
            )
            .set_pkce_challenge(challenge)
            .add_extra_param("response_mode", "query")
            .add_scopes(
                ["profile", "email"]
                    .into_iter()
                    .map(|scope| Scope::new(scope.to_owned())),
            )
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new));
        for class in classes {
            request =
                request.add_auth_context_value(AuthenticationContextClass::new(class.clone()));
        }
        if step_up {
            request = request.set_max_age(std::time::Duration::ZERO);
        }
        let (url, _, _) = request.url();
        Ok(Begun {
            url,
            state,
            nonce,
            pkce_verifier: verifier.secret().clone(),
        })
    }

    /// What the code is worth at the token endpoint.
    pub(super) async fn exchange(
        &self,
        code: &str,
        pkce_verifier: String,
        now: Timestamp,
    ) -> Result<Tokens, Refusal> {
        use openidconnect::RequestTokenError as Error;
        let known = self.known().await?;
        let failed = Refusal::new(SignInProblem::ProviderUnreachable, "token_endpoint");
        let mut request = known
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| failed)?
            .set_pkce_verifier(PkceCodeVerifier::new(pkce_verifier));
        if let Credential::PrivateKey(key) = &self.settings.credential {
            let audience = known
                .metadata
                .token_endpoint()
                .map_or("", |endpoint| endpoint.as_str());
            let assertion = client_auth::assertion(key, &self.settings.client_id, audience, now)
                .ok_or(failed)?;
            request = request
                .add_extra_param("client_assertion_type", client_auth::ASSERTION_TYPE)
                .add_extra_param("client_assertion", assertion);
        }
        request.request_async(&self.http).await.map_err(|error| {
            let refusal = match &error {
                Error::ServerResponse(_) => Refusal::new(SignInProblem::ProviderRefused, "code"),
                Error::Request(_) => failed,
                _ => Refusal::token("token_response"),
            };
            tracing::warn!(
                issuer = self.settings.id,
                error = cut(&format!("{error:?}")),
                "code was not exchanged"
            );
            refusal
        })
    }
}

/// What others wrote, for the log: 500 characters at most; the log encoder escapes what is no text.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(500).collect()
}
