//! Logs and traces.
//!
//! Messages are fixed sentences; what a person or another system wrote stands in fields, so that
//! nobody can write a log line. One event is one line, whatever is in it.

use std::io::{self, Write};

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tokio::runtime::{Handle, RuntimeFlavor};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt::MakeWriter, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    outgoing::Collector,
    web::{WebSettings, settings::LogFormat},
};

/// Keeps the exporter running; spans not sent yet are sent when it is dropped.
#[derive(Debug)]
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        let Some(spans) = &self.spans else { return };
        // Waits for the exporter, which needs this runtime: its other work must go on meanwhile.
        let in_runtime = Handle::try_current()
            .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        let done = if in_runtime {
            tokio::task::block_in_place(|| spans.shutdown())
        } else {
            spans.shutdown()
        };
        if let Err(error) = done {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// Starts logging to stderr, and traces when a collector is configured. Once, inside the runtime.
pub fn start(settings: &WebSettings) -> anyhow::Result<Telemetry> {
    let spans = settings
        .otlp
        .as_ref()
        .map(|collector| exporter(collector.as_str()))
        .transpose()?;
    let traces = spans
        .as_ref()
        .map(|spans| tracing_opentelemetry::layer().with_tracer(spans.tracer("groundcrew")));
    let filter = filter(&settings.log).context("--log (GROUNDCREW_LOG)")?;
    tracing_subscriber::registry()
        .with(lines(settings.log_format, || OneLine(io::stderr())))
        .with(traces)
        .with(filter)
        .try_init()?;
    std::panic::set_hook(Box::new(say_panic));
    Ok(Telemetry { spans })
}

/// Starts logging to stderr, for a command that serves nobody. Once.
pub fn plain(log: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = filter(log).context("--log (GROUNDCREW_LOG)")?;
    tracing_subscriber::registry()
        .with(lines(format, || OneLine(io::stderr())))
        .with(filter)
        .try_init()?;
    std::panic::set_hook(Box::new(say_panic));
    Ok(())
}

/// What is logged. The libraries that send spans never trace themselves.
pub fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    let mut filter = EnvFilter::try_new(text)?;
    for quiet in [
        "hyper=warn",
        "h2=warn",
        "reqwest=warn",
        "opentelemetry=warn",
    ] {
        filter = filter.add_directive(quiet.parse()?);
    }
    Ok(filter)
}

/// The cause of a panic, in the span of the request it belongs to.
fn say_panic(info: &std::panic::PanicHookInfo<'_>) {
    let payload = info.payload();
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    let place = info.location().map(ToString::to_string);
    tracing::error!(panic = text, place, "panicked");
}

fn exporter(endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new()?)
        .with_endpoint(endpoint)
        .build()
        .context("--otlp (GROUNDCREW_OTLP)")?;
    let resource = Resource::builder().with_service_name("groundcrew").build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

/// The layer that writes lines.
pub fn lines<W>(format: LogFormat, writer: W) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    match format {
        LogFormat::Human => layer.compact().with_target(false).boxed(),
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    }
}

/// Writes each event as one line: what could end a line, move the cursor or turn the text around is
/// written as `\uXXXX`, which in JSON means the same.
#[derive(Debug)]
pub struct OneLine<W>(pub W);

impl<W: Write> Write for OneLine<W> {
    /// The formatter hands over one whole event.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut line = String::with_capacity(text.len() + 1);
        for c in text.chars() {
            if is_safe(c) {
                line.push(c);
            } else {
                line.extend(format!("\\u{:04x}", u32::from(c)).chars());
            }
        }
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn is_safe(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
