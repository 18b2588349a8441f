//! A scripted identity provider on loopback: well-behaved until a test tells it to lie.

pub(crate) mod jwt;
mod serve;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};

pub(crate) use jwt::{Key, Signer};

/// The portal's name at every scripted provider.
pub(crate) const CLIENT: &str = "groundcrew";
/// The portal's secret at every scripted provider.
pub(crate) const SECRET: &str = "a client secret of forty characters or so";

/// What the provider remembers of an authorization request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Everything in the query.
    pub(crate) query: HashMap<String, String>,
}

/// What the provider does. Everything can be changed between two steps of a test.
pub(crate) struct Script {
    /// Merged over the metadata; null removes.
    pub(crate) metadata: Value,
    /// Keys it publishes.
    pub(crate) jwks: Vec<Value>,
    /// `/jwks` answers 500.
    pub(crate) jwks_down: bool,
    /// Everything answers 503.
    pub(crate) down: bool,
    /// Signs ID tokens and logout tokens.
    pub(crate) signer: Signer,
    /// Claims of whoever signs in, merged over the protocol's; null removes.
    pub(crate) claims: Value,
    /// Merged over the ID token's header; null removes.
    pub(crate) header: Value,
    /// Answer of userinfo, merged over `sub`; the endpoint is absent from metadata when null.
    pub(crate) userinfo: Value,
    /// The ID token, whatever the script says else.
    pub(crate) id_token: Option<String>,
    /// Access token it hands out.
    pub(crate) access_token: String,
    /// The PKCE verifier is not compared.
    pub(crate) ignores_pkce: bool,
    /// Open codes.
    pub(crate) codes: HashMap<String, Asked>,
    /// Requests by path.
    pub(crate) hits: BTreeMap<String, usize>,
    /// The last token request's form.
    pub(crate) token_form: HashMap<String, String>,
}

/// A running provider; stops when dropped.
pub(crate) struct Idp {
    /// Issuer URL.
    pub(crate) issuer: String,
    script: Arc<Mutex<Script>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Idp {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        let key = Key::rsa_a();
        let script = Arc::new(Mutex::new(Script {
            metadata: json!({}),
            jwks: vec![key.public("key-1")],
            jwks_down: false,
            down: false,
            signer: Signer::Key(key),
            claims: json!({"sub": "dana", "name": "Dana Developer", "email": "dana@example.com", "groups": ["payments-developers"]}),
            header: json!({"kid": "key-1"}),
            userinfo: json!({}),
            id_token: None,
            access_token: "access-token-canary-7f3a".to_owned(),
            ignores_pkce: false,
            codes: HashMap::new(),
            hits: BTreeMap::new(),
            token_form: HashMap::new(),
        }));
        let (issuer, server) = serve::start(Arc::clone(&script)).await;
        Self {
            issuer,
            script,
            server,
        }
    }

    /// The script, to read or change.
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script
            .lock()
            .expect("no test panicked while it held the script")
    }

    /// Changes claims of whoever signs in next; null leaves one out.
    pub(crate) fn claim(&self, claims: Value) {
        let (Value::Object(all), Value::Object(claims)) = (&mut self.script().claims, claims)
        else {
            panic!("claims are objects")
        };
        all.extend(claims);
    }

    /// Somebody signs in at the address the browser was sent to: the query they come back with.
    pub(crate) fn authorize(&self, location: &str) -> HashMap<String, String> {
        let url = url::Url::parse(location).expect("an absolute address");
        assert!(
            location.starts_with(&self.issuer),
            "sent to {location}, not to {}",
            self.issuer
        );
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let code = platform::secrets::token();
        let mut back = HashMap::from([("code".to_owned(), code.clone())]);
        if let Some(state) = query.get("state") {
            back.insert("state".to_owned(), state.clone());
        }
        self.script().codes.insert(code, Asked { query });
        back
    }

    /// Requests seen under a path.
    pub(crate) fn hits(&self, path: &str) -> usize {
        self.script().hits.get(path).copied().unwrap_or(0)
    }

    /// A logout token for these claims, merged over well-formed ones.
    pub(crate) fn logout_token(&self, header: Value, claims: Value) -> String {
        let now = jiff::Timestamp::now().as_second();
        let mut all = json!({
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": platform::secrets::token(),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        merge(&mut all, claims);
        let mut head = json!({"alg": "RS256", "typ": "logout+jwt", "kid": "key-1"});
        merge(&mut head, header);
        self.script().signer.sign(&head, &all)
    }
}

/// Merges objects; null removes.
pub(crate) fn merge(into: &mut Value, patch: Value) {
    let (Value::Object(into), Value::Object(patch)) = (into, patch) else {
        panic!("only objects are merged")
    };
    for (key, value) in patch {
        if value.is_null() {
            into.remove(&key);
        } else {
            into.insert(key, value);
        }
    }
}
