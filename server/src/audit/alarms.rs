//! What is red about the chain: in the log, in the metrics, and for health and banners.

use metrics::gauge;
use platform::{
    Cx,
    audit::{
        ops,
        view::{Alarm, Standing},
    },
};

use crate::readiness::Readiness;

/// Looks once. What cannot be looked at stays as it was last seen: the database's own alarm is red.
pub(super) async fn look(cx: &Cx, readiness: &Readiness) {
    let standing = match ops::health(cx).await {
        Ok(standing) => standing,
        Err(error) => {
            tracing::warn!(%error, "how the audit chain stands is not known");
            return;
        }
    };
    let alarms = standing.alarms();
    measure(&standing, &alarms);
    let before = readiness.alarms();
    for alarm in &alarms {
        // Minutes and seconds pass; the alarm is told once.
        let known = |other: &Alarm| std::mem::discriminant(other) == std::mem::discriminant(alarm);
        if !before.iter().any(known) {
            tracing::error!("audit: {}", alarm.words());
        }
    }
    if alarms.is_empty() && !before.is_empty() {
        tracing::info!("audit: nothing is red any more");
    }
    readiness.set_alarms(alarms);
}

fn measure(standing: &Standing, alarms: &[Alarm]) {
    let broken = |alarm: &Alarm| matches!(alarm, Alarm::NotSound { .. });
    let sound = if alarms.iter().any(broken) { 0.0 } else { 1.0 };
    let seconds = |seconds: Option<i64>| {
        let seconds = seconds.map_or(0, |s| s.clamp(0, i64::from(u32::MAX)));
        f64::from(u32::try_from(seconds).unwrap_or_default())
    };
    gauge!("groundcrew_audit_chain_sound").set(sound);
    gauge!("groundcrew_audit_alarms")
        .set(f64::from(u32::try_from(alarms.len()).unwrap_or(u32::MAX)));
    gauge!("groundcrew_audit_checkpoint_age_seconds").set(seconds(standing.checkpoint_age_s()));
    gauge!("groundcrew_audit_waiting_seconds").set(seconds(standing.waiting_s));
}
