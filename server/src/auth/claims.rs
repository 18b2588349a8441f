//! What an ID token says, judged: the library's checks, and those it leaves to us.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use jiff::Timestamp;
use openidconnect::{
    AccessTokenHash, AdditionalClaims, ClaimsVerificationError, IdTokenClaims, IdTokenVerifier,
    Nonce, OAuth2TokenResponse as _, SignatureVerificationError, TokenResponse as _,
    UserInfoClaims,
    core::{CoreGenderClaim, CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use platform::{
    people::{Authentication, GroupsClaim},
    sessions::SignInProblem,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    described::{display, groups, text},
    issuers::{Algorithm, IssuerSettings},
    jwks::Keys,
    metadata,
    oidc::{Issuer, Known, Refusal, cut},
    types::Tokens,
};

/// Seconds a clock may be wrong.
pub(super) const SKEW: i64 = 30;
/// Seconds an ID token may be issued in the future.
const AHEAD: i64 = 60;
/// Seconds an ID token may be old.
const OLDEST: i64 = 600;

/// Claims beside the standard ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Extra {
    #[serde(flatten)]
    pub(super) all: BTreeMap<String, Value>,
}

impl AdditionalClaims for Extra {}

pub(super) type Claims = IdTokenClaims<Extra, CoreGenderClaim>;

/// What a fresh sign-in must show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    /// When the flow began, seconds since 1970.
    pub(super) since: i64,
}

/// A verified identity.
pub(super) struct Identity {
    pub(super) sub: String,
    pub(super) sid: Option<String>,
    pub(super) authentication: Authentication,
    pub(super) issued_at: i64,
    pub(super) id_token: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) groups: BTreeSet<String>,
    pub(super) groups_claim: GroupsClaim,
}

/// Judges the tokens of one flow and asks userinfo once.
pub(super) async fn identify(
    issuer: &Issuer,
    tokens: Tokens,
    nonce: &str,
    fresh: Option<Fresh>,
    now: Timestamp,
) -> Result<Identity, Refusal> {
    let known = issuer.known().await?;
    let settings = &issuer.settings;
    let id_token = tokens
        .id_token()
        .ok_or(Refusal::token("id_token_missing"))?;
    let nonce = Nonce::new(nonce.to_owned());
    let mut keys = known.keys.current().await;
    let mut outcome = id_token.claims(&verifier(settings, &keys, now)?, &nonce);
    if outcome.as_ref().is_err_and(wants_newer_keys)
        && let Some(newer) = known.keys.newer(&keys, &issuer.http).await
    {
        keys = newer;
        outcome = id_token.claims(&verifier(settings, &keys, now)?, &nonce);
    }
    let claims = outcome.map_err(|error| {
        tracing::warn!(
            issuer = settings.id,
            error = cut(&error.to_string()),
            "ID token refused"
        );
        Refusal::token(rule(&error))
    })?;
    further(settings, claims, now)?;
    if let Some(expected) = claims.access_token_hash() {
        let verifier = verifier(settings, &keys, now)?;
        let bad = |_| Refusal::token("at_hash");
        let key = id_token.signing_key(&verifier).map_err(bad)?;
        let alg = id_token.signing_alg().map_err(bad)?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key)
            .map_err(|_| Refusal::token("at_hash"))?;
        if actual != *expected {
            return Err(Refusal::token("at_hash"));
        }
    }
    let authentication = authentication(settings, claims, fresh)?;
    let more = userinfo(issuer, &known, &tokens, claims).await?;
    let display = display(claims, more.as_ref());
    let (groups, groups_claim) = groups(settings, claims.additional_claims(), more.as_ref());
    Ok(Identity {
        sub: text(claims.subject().as_str(), 255).ok_or(Refusal::token("sub"))?,
        sid: match claims.additional_claims().all.get("sid") {
            None => None,
            Some(Value::String(sid)) => Some(text(sid, 255).ok_or(Refusal::token("sid"))?),
            Some(_) => return Err(Refusal::token("sid")),
        },
        authentication,
        issued_at: claims.issue_time().timestamp(),
        id_token: id_token.to_string(),
        name: display.0,
        email: display.1,
        groups,
        groups_claim,
    })
}

fn moment(at: Timestamp) -> Result<DateTime<Utc>, Refusal> {
    DateTime::from_timestamp(at.as_second(), at.subsec_nanosecond().unsigned_abs())
        .ok_or(Refusal::token("clock"))
}

/// Never a confidential client: symmetric signatures are refused whatever the settings say.
fn verifier<'a>(
    settings: &'a IssuerSettings,
    keys: &Arc<Keys>,
    now: Timestamp,
) -> Result<IdTokenVerifier<'a, CoreJsonWebKey>, Refusal> {
    let now = moment(now)?;
    let url = openidconnect::IssuerUrl::new(settings.issuer.clone())
        .map_err(|_| Refusal::token("issuer"))?;
    let seconds = TimeDelta::seconds;
    let verifier =
        IdTokenVerifier::new_public_client(metadata::client_id(settings), url, Keys::clone(keys))
            .set_allowed_algs(settings.algorithms.iter().map(|algorithm| match algorithm {
                Algorithm::RS256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                Algorithm::PS256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                Algorithm::ES256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                Algorithm::EdDSA => CoreJwsSigningAlgorithm::EdDsa,
            }))
            .set_time_fn(move || now - seconds(SKEW))
            .set_issue_time_verifier_fn(move |issued| {
                if issued > now + seconds(AHEAD) {
                    Err("issued in the future".to_owned())
                } else if issued < now - seconds(OLDEST) {
                    Err("issued too long ago".to_owned())
                } else {
                    Ok(())
                }
            })
            .set_other_audience_verifier_fn(|audience| {
                settings
                    .audiences
                    .iter()
                    .any(|known| known == audience.as_str())
            });
    Ok(verifier)
}

fn wants_newer_keys(error: &ClaimsVerificationError) -> bool {
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_)
        )
    )
}

/// The rule that failed, as a machine word.
fn rule(error: &ClaimsVerificationError) -> &'static str {
    use ClaimsVerificationError as Claims;
    use SignatureVerificationError as Signature;
    match error {
        Claims::Expired(_) => "time",
        Claims::InvalidAudience(_) => "audience",
        Claims::InvalidIssuer(_) => "issuer",
        Claims::InvalidNonce(_) => "nonce",
        Claims::SignatureVerification(Signature::NoMatchingKey) => "no_matching_key",
        Claims::SignatureVerification(Signature::AmbiguousKeyId(_)) => "ambiguous_key",
        Claims::SignatureVerification(
            Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_),
        ) => "algorithm",
        Claims::SignatureVerification(_) => "signature",
        Claims::Unsupported(_) => "header",
        _ => "claims",
    }
}

/// What the library leaves out: `azp`, `nbf`.
fn further(settings: &IssuerSettings, claims: &Claims, now: Timestamp) -> Result<(), Refusal> {
    match claims.authorized_party() {
        Some(party) if **party != settings.client_id => return Err(Refusal::token("azp")),
        None if claims.audiences().len() > 1 => return Err(Refusal::token("azp")),
        _ => {}
    }
    match claims.additional_claims().all.get("nbf") {
        None => Ok(()),
        Some(nbf) => match nbf.as_f64() {
            #[expect(
                clippy::cast_precision_loss,
                reason = "seconds since 1970 are far below 2^52"
            )]
            Some(nbf) if nbf <= (now.as_second() + SKEW) as f64 => Ok(()),
            _ => Err(Refusal::token("nbf")),
        },
    }
}

/// How and when the provider saw the person, and whether that is enough here.
fn authentication(
    settings: &IssuerSettings,
    claims: &Claims,
    fresh: Option<Fresh>,
) -> Result<Authentication, Refusal> {
    let acr = match claims.auth_context_ref() {
        None => None,
        Some(class) => Some(text(class.as_str(), 255).ok_or(Refusal::token("acr"))?),
    };
    let auth_time = claims.auth_time().map(|at| at.timestamp());
    let one_of = |list: &[String]| acr.as_ref().is_some_and(|acr| list.contains(acr));
    let factors = |rule| Refusal::new(SignInProblem::FactorsMissing, rule);
    if !settings.minimum_acr.is_empty() && !one_of(&settings.minimum_acr) {
        return Err(factors("minimum_acr"));
    }
    if let Some(fresh) = fresh {
        if !one_of(&settings.acr_values) {
            return Err(factors("acr"));
        }
        if auth_time.is_none_or(|at| at < fresh.since - SKEW) {
            return Err(factors("auth_time"));
        }
    }
    let amr = claims.auth_method_refs().into_iter().flatten();
    Ok(Authentication {
        acr,
        amr: amr
            .filter_map(|method| text(method.as_str(), 64))
            .take(16)
            .collect(),
        auth_time,
    })
}

/// The access token is used here and nowhere else. The library compares the subject.
async fn userinfo(
    issuer: &Issuer,
    known: &Known,
    tokens: &Tokens,
    claims: &Claims,
) -> Result<Option<UserInfoClaims<Extra, CoreGenderClaim>>, Refusal> {
    let token = tokens.access_token();
    if known.client.user_info_url().is_none() {
        return Ok(None);
    }
    if !token.secret().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Refusal::token("access_token"));
    }
    let request = known
        .client
        .user_info(token.clone(), Some(claims.subject().clone()))
        .map_err(|_| Refusal::token("userinfo"))?;
    let more = request.request_async(&issuer.http).await.map_err(|error| {
        tracing::warn!(
            issuer = issuer.settings.id,
            error = cut(&format!("{error:?}")),
            "userinfo refused"
        );
        Refusal::token("userinfo")
    })?;
    Ok(Some(more))
}
