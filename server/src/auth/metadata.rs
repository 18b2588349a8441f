//! What a provider says of itself, and what of it we accept.

use openidconnect::{
    AdditionalProviderMetadata, ClientId, IssuerUrl, ProviderMetadata, TokenUrl, UserInfoUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    issuers::{IssuerSettings, speaks},
    oidc::StartError,
    types::Http,
};

/// Metadata the library does not know.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Extra {
    /// Where a browser signs out (RP-initiated logout).
    pub(super) end_session_endpoint: Option<Url>,
    /// PKCE methods; not listed means not said.
    pub(super) code_challenge_methods_supported: Option<Vec<String>>,
    /// Promises `iss` in the answer (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

/// Metadata as the library reads it, with ours.
pub(super) type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Fetches and judges the metadata. The library compares the issuer byte for byte.
pub(super) async fn discover(
    settings: &IssuerSettings,
    http: &Http,
    development: bool,
) -> Result<Metadata, StartError> {
    let refused = |why: String| StartError::Refused {
        issuer: settings.id.clone(),
        why,
    };
    let url =
        IssuerUrl::new(settings.issuer.clone()).map_err(|error| refused(error.to_string()))?;
    let metadata = Metadata::discover_async(url, http)
        .await
        .map_err(|error| match error {
            openidconnect::DiscoveryError::Validation(why) => refused(why),
            openidconnect::DiscoveryError::Parse(why) => refused(why.to_string()),
            other => StartError::Unreachable {
                issuer: settings.id.clone(),
                why: other.to_string(),
            },
        })?;
    judge(&metadata, development).map_err(refused)?;
    Ok(metadata)
}

fn judge(metadata: &Metadata, development: bool) -> Result<(), String> {
    let extra = metadata.additional_metadata();
    let methods = extra.code_challenge_methods_supported.as_ref();
    if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        return Err("it lists PKCE methods without S256, and the portal uses no other".to_owned());
    }
    let endpoints = [
        (
            "authorization_endpoint",
            Some(metadata.authorization_endpoint().url()),
        ),
        (
            "token_endpoint",
            metadata.token_endpoint().map(TokenUrl::url),
        ),
        (
            "userinfo_endpoint",
            metadata.userinfo_endpoint().map(UserInfoUrl::url),
        ),
        ("jwks_uri", Some(metadata.jwks_uri().url())),
        ("end_session_endpoint", extra.end_session_endpoint.as_ref()),
    ];
    if metadata.token_endpoint().is_none() {
        return Err("it names no token_endpoint".to_owned());
    }
    match endpoints
        .iter()
        .find(|(_, url)| url.is_some_and(|url| !speaks(url, development)))
    {
        Some((name, _)) => Err(format!("its {name} is not https")),
        None => Ok(()),
    }
}

/// The portal's name there, in the library's type.
pub(super) fn client_id(settings: &IssuerSettings) -> ClientId {
    ClientId::new(settings.client_id.clone())
}
