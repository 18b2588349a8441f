// The settings of npm oidc-provider: code with PKCE, groups, both kinds of logout.
import Provider, { interactionPolicy } from "oidc-provider";
import { errorPage, logoutPage, signedOutPage } from "./pages.js";

export const FIRST_FACTOR = "urn:groundcrew:single";
export const SECOND_FACTOR = "urn:groundcrew:mfa";
const SCOPES = ["openid", "profile", "email", "groups"];
const HOUR = 3600;

/** One incarnation of the provider with these keys; sessions live in `store`. */
export function buildProvider({ options, keys, people, store }) {
  const provider = new Provider(options.issuer, {
    adapter: store.adapter,
    jwks: keys.jwks,
    cookies: {
      keys: [keys.cookieSecret],
      // Cookies ignore ports: two providers on one machine must not share names.
      names: {
        session: `demo-idp-${options.port}-session`,
        interaction: `demo-idp-${options.port}-interaction`,
        resume: `demo-idp-${options.port}-resume`,
      },
    },
    clients: [client(options)],
    clientAuthMethods: ["client_secret_basic"],
    responseTypes: ["code"],
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    acrValues: [FIRST_FACTOR, SECOND_FACTOR],
    scopes: SCOPES,
    claims: {
      openid: ["sub", "acr", "amr", "auth_time", options.groupsClaim, "hasgroups"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
      groups: [options.groupsClaim, "hasgroups"],
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => logoutPage(ctx, form, people.find(ctx.oidc.session.accountId)),
        postLogoutSuccessSource: signedOutPage,
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}`, policy: policy() },
    findAccount: async (_ctx, sub) => {
      if (!people.find(sub)) return undefined;
      return { accountId: sub, claims: async () => people.claims(sub) };
    },
    loadExistingGrant: grantEverything,
    renderError: (ctx, out) => errorPage(ctx, out),
    // The library refuses loopback targets; ours are loopback only (see options.js).
    fetch: (url, { dispatcher: _guard, ...request }) => fetch(url, request),
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 60,
      Grant: 14 * 24 * HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: 14 * 24 * HOUR,
    },
  });
  provider.on("server_error", (_ctx, error) => console.error("server_error", error));
  provider.on("backchannel.error", (_ctx, error) => console.error("back-channel logout failed:", error.message));
  return provider;
}

function client(options) {
  return {
    client_id: options.clientId,
    client_secret: options.clientSecret,
    client_name: "Groundcrew",
    redirect_uris: options.redirectUris,
    post_logout_redirect_uris: options.postLogoutUris,
    response_types: ["code"],
    response_modes: ["query"],
    grant_types: ["authorization_code"],
    token_endpoint_auth_method: "client_secret_basic",
    id_token_signed_response_alg: options.alg,
    require_auth_time: true,
    ...(options.backchannelUri && {
      backchannel_logout_uri: options.backchannelUri,
      backchannel_logout_session_required: true,
    }),
  };
}

/** The library's own rules, no consent page, and a fresh sign-in where the portal asks for one. */
function policy() {
  const { Check, base } = interactionPolicy;
  const rules = base();
  rules.remove("consent");
  const { checks } = rules.get("login");
  const alreadyAnswered = (ctx) => Boolean(ctx.oidc.result?.login);
  checks.add(
    new Check("max_age_zero", "a fresh sign-in was asked for", (ctx) =>
      Number(ctx.oidc.params.max_age) === 0 && ctx.oidc.params.max_age !== undefined && !alreadyAnswered(ctx)),
  );
  checks.add(
    new Check("acr_values", "a stronger sign-in was asked for", (ctx) => {
      const wanted = ctx.oidc.params.acr_values?.split(" ") ?? [];
      return wanted.length > 0 && !wanted.includes(ctx.oidc.acr) && !alreadyAnswered(ctx);
    }),
  );
  return rules;
}

async function grantEverything(ctx) {
  const grant = new ctx.oidc.provider.Grant({
    clientId: ctx.oidc.client.clientId,
    accountId: ctx.oidc.session.accountId,
  });
  grant.addOIDCScope(SCOPES.join(" "));
  await grant.save();
  return grant;
}
