//! Settings of the web layer and of what leaves it.

use ipnet::IpNet;
use url::Url;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading in a terminal.
    #[default]
    Human,
}

/// Settings of the web layer, telemetry and outgoing calls.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct WebSettings {
    /// Networks of proxies whose X-Forwarded-For is believed (CIDR, repeat or separate by commas).
    #[arg(
        long = "trusted-proxy",
        env = "GROUNDCREW_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Internal networks the portal may call (CIDR); all other internal addresses are refused.
    #[arg(
        long = "allow-internal",
        env = "GROUNDCREW_ALLOW_INTERNAL",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub allow_internal: Vec<IpNet>,
    /// Ports the portal may call by https.
    #[arg(
        long = "outgoing-port",
        env = "GROUNDCREW_OUTGOING_PORTS",
        value_name = "PORT",
        value_delimiter = ',',
        default_value = "443"
    )]
    pub outgoing_ports: Vec<u16>,
    /// Proxy for outgoing calls; proxies named by the environment are not used.
    #[arg(
        long,
        env = "GROUNDCREW_OUTGOING_PROXY",
        value_name = "URL",
        hide_env_values = true
    )]
    pub outgoing_proxy: Option<Url>,
    /// How log lines look.
    #[arg(
        long,
        env = "GROUNDCREW_LOG_FORMAT",
        value_enum,
        default_value = "human"
    )]
    pub log_format: LogFormat,
    /// What is logged: a level, or levels by module (tracing's filter syntax).
    #[arg(long, env = "GROUNDCREW_LOG", default_value = "info")]
    pub log: String,
    /// OpenTelemetry collector for traces (OTLP over http/protobuf), as
    /// `http://127.0.0.1:4318/v1/traces`; off when left out.
    #[arg(long, env = "GROUNDCREW_OTLP", value_name = "URL")]
    pub otlp: Option<Url>,
}
