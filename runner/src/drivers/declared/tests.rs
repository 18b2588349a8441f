use platform::plans::Effect;

use super::diff;

const KUBECTL: &str = "\
diff -u -N /tmp/LIVE-1/apps.v1.Deployment.shop.web /tmp/MERGED-2/apps.v1.Deployment.shop.web
--- /tmp/LIVE-1/apps.v1.Deployment.shop.web\t2026-11-21 06:00:00 +0000
+++ /tmp/MERGED-2/apps.v1.Deployment.shop.web\t2026-11-21 06:00:00 +0000
@@ -6,7 +6,7 @@
 spec:
-  replicas: 2
+  replicas: 3
diff -u -N /tmp/LIVE-1/v1.ConfigMap.shop.settings /tmp/MERGED-2/v1.ConfigMap.shop.settings
--- /tmp/LIVE-1/v1.ConfigMap.shop.settings\t2026-11-21 06:00:00 +0000
+++ /tmp/MERGED-2/v1.ConfigMap.shop.settings\t2026-11-21 06:00:00 +0000
@@ -0,0 +1,2 @@
+apiVersion: v1
+kind: ConfigMap
";

#[test]
fn what_kubectl_diff_writes_becomes_a_plan() {
    let plan = diff::plan("/usr/bin/kubectl", KUBECTL);
    assert_eq!(plan.tool.name, "kubectl");
    let shown: Vec<(&str, Effect)> = plan
        .resources
        .iter()
        .map(|one| (&*one.address, one.action))
        .collect();
    assert_eq!(
        shown,
        [
            ("apps.v1.Deployment.shop.web", Effect::Change),
            ("v1.ConfigMap.shop.settings", Effect::Add),
        ]
    );
    assert_eq!(
        plan.resources[0].after,
        Some(serde_json::json!({"lines": "  replicas: 3"}))
    );
    platform::plans::digest(&plan).expect("a plan the server takes");
}

#[test]
fn an_empty_diff_changes_nothing() {
    assert!(!diff::plan("kubectl", "").has_effects());
}
