"""What a playbook does, one JSON object per line on standard output.

Groundcrew's half is events.rs. Results of tasks with no_log say only that they are hidden.
"""

from __future__ import annotations

import json
import sys

from ansible.plugins.callback import CallbackBase
from ansible.release import __version__

DOCUMENTATION = """
    name: groundcrew
    type: stdout
    short_description: one JSON object per event
    description:
        - Says what each task does, with the differences, for the runner of Groundcrew.
"""

LONGEST = 1024 * 1024


def of(result, name):
    """Old releases have an underscore before these names."""
    return getattr(result, name, None) or getattr(result, "_" + name)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "groundcrew"

    def say(self, event, **more):
        line = json.dumps({"event": event, **more}, default=str, ensure_ascii=True)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def v2_playbook_on_start(self, playbook):
        self.say("playbook", version=__version__)

    def v2_playbook_on_play_start(self, play):
        self.say("play", name=play.get_name().strip())

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.say("task", name=task.get_name().strip())

    def v2_playbook_on_handler_task_start(self, task):
        self.say("task", name=task.get_name().strip())

    def v2_playbook_on_no_hosts_matched(self):
        self.say("note", text="no hosts matched")

    def v2_runner_on_start(self, host, task):
        self.say("start", host=host.get_name(), **self.about(task))

    def v2_runner_on_ok(self, result):
        self.result("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_unreachable(self, result):
        self.result("unreachable", result)

    def v2_runner_on_skipped(self, result):
        self.result("skipped", result)

    def v2_runner_retry(self, result):
        self.result("retry", result)

    def v2_playbook_on_stats(self, stats):
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self.say("stats", hosts=hosts)

    def about(self, task):
        action = getattr(task, "resolved_action", None) or task.action
        return {"task": task.get_name().strip(), "action": action}

    def result(self, event, result):
        said, task = of(result, "result"), of(result, "task")
        hidden = bool(getattr(task, "no_log", False) is True or said.get("_ansible_no_log"))
        items = said.get("results") if isinstance(said.get("results"), list) else [said]
        self.say(
            event,
            host=of(result, "host").get_name(),
            hidden=hidden,
            changed=bool(said.get("changed")),
            parts=[self.part(event, one, hidden, "results" in said) for one in items],
            **self.about(task),
        )

    def part(self, event, said, hidden, is_item):
        if not isinstance(said, dict):
            return {"changed": False}
        skipped = event == "skipped" or said.get("skipped")
        # Skipped because this is a check, not because of a condition of its own.
        blind = bool(skipped and not said.get("skip_reason") and "false_condition" not in said)
        part = {"changed": bool(said.get("changed")), "blind": blind}
        if hidden or said.get("_ansible_no_log"):
            return part
        if is_item:
            label = said.get("_ansible_item_label", said.get("item"))
            part["item"] = label if isinstance(label, str) else json.dumps(label, sort_keys=True, default=str)
        for name in ("msg", "reason", "stderr", "stdout"):
            if said.get(name):
                part[name] = str(said[name])[-4000:]
        diffs = said.get("diff") or []
        part["diffs"] = [self.diff(one) for one in (diffs if isinstance(diffs, list) else [diffs]) if one]
        return part

    def diff(self, one):
        if not isinstance(one, dict):
            return {"after": str(one)[:LONGEST]}
        if "prepared" in one:
            return {"after": str(one["prepared"])[:LONGEST]}
        return {
            "new": one.get("before") in ("", None) and not one.get("before_header"),
            "before": self.value(one.get("before")),
            "after": self.value(one.get("after")),
        }

    def value(self, value):
        if isinstance(value, dict):
            # They change by being looked at.
            return {key: one for key, one in value.items() if key not in ("atime", "mtime", "ctime")}
        return value[:LONGEST] if isinstance(value, str) else value
