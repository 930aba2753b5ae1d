# SPDX-License-Identifier: ISC
"""The DNS part of Hetzner's Cloud API, after https://docs.hetzner.cloud/reference/cloud#dns: zones, RRsets and
their actions, which run on after the answer."""
import ipaddress
import re

from .fake import Fake, Refused

TOKEN = "A" * 64
READ_ONLY = "R" * 64


def error(status, code, message):
    return Refused(status, {"error": {"code": code, "message": message, "details": None}})


class Hetzner(Fake):
    def __init__(self, zones=("example.com",), mode="primary", polls=1):
        self.zones = {name: number for number, name in enumerate(zones, 42)}
        self.mode, self.polls = mode, polls
        self.sets = {}  # (zone, name, type): {"ttl", "records": [{"value", "comment"}]}
        self.actions = {}  # id: polls left until it is done
        self.locked = 0
        super().__init__()

    def put(self, name, type, *values, ttl=None, zone=42, comment=""):
        self.sets[zone, name, type] = {"ttl": ttl, "records": [{"value": v, "comment": comment} for v in values]}

    def values(self, name, type, zone=42):
        return sorted(r["value"] for r in self.sets.get((zone, name, type), {"records": []})["records"])

    def action(self, command):
        id = 1000 + len(self.actions)
        self.actions[id] = self.polls
        return {"id": id, "command": command, "status": "running", "progress": 0, "started": "2026-11-26T00:00:00+00:00",
                "finished": None, "resources": [{"id": 42, "type": "zone"}], "error": None}

    def rrset(self, key):
        zone, name, type = key
        one = self.sets[key]
        return {"id": f"{name}/{type}", "name": name, "type": type, "ttl": one["ttl"], "labels": {},
                "protection": {"change": False}, "records": one["records"], "zone": zone}

    def check_records(self, type, records):
        if not isinstance(records, list) or not records:
            raise error(422, "invalid_input", "invalid input in field 'records'")
        kind = ipaddress.IPv4Address if type == "A" else ipaddress.IPv6Address
        for r in records:
            try:
                kind(r["value"])
            except (ValueError, KeyError, TypeError):
                raise error(422, "invalid_input", "invalid input in field 'records'")
            if set(r) - {"value", "comment"}:
                raise error(422, "invalid_input", "unknown field in 'records'")
        if len({r["value"] for r in records}) != len(records):
            raise error(422, "invalid_input", "records must be unique")
        return [{"value": r["value"], "comment": r.get("comment", "")} for r in records]

    def zone(self, word):
        for name, id in self.zones.items():
            if word in (name, str(id)):
                return name, id
        raise error(404, "not_found", "zone not found")

    def answer(self, call):
        token = call.headers.get("Authorization", "")
        if token not in ("Bearer " + TOKEN, "Bearer " + READ_ONLY):
            raise error(401, "unauthorized", "unable to authenticate")
        if call.method != "GET" and token == "Bearer " + READ_ONLY:
            raise error(403, "token_readonly", "token is only allowed to perform GET requests")
        if call.segments[0] != "v1":
            raise error(404, "not_found", "not found")
        rest = call.segments[1:]
        if rest[0] == "actions" and len(rest) == 2 and call.method == "GET":
            return 200, {"action": self.poll(int(rest[1]))}
        if rest[0] != "zones" or len(rest) < 2:
            raise error(404, "not_found", "not found")
        name, id = self.zone(rest[1])
        if len(rest) == 2 and call.method == "GET":
            return 200, {"zone": {"id": id, "name": name, "mode": self.mode, "ttl": 3600, "status": "ok", "labels": {},
                                  "protection": {"delete": False}, "record_count": len(self.sets)}}
        if rest[2] != "rrsets":
            raise error(404, "not_found", "not found")
        if call.method != "GET" and self.locked > 0:
            self.locked -= 1
            raise error(423, "locked", "zone is locked")
        return self.rrsets(call, id, rest[3:])

    def poll(self, id):
        if id not in self.actions:
            raise error(404, "not_found", "action not found")
        self.actions[id] -= 1
        done = self.actions[id] < 0
        return {"id": id, "status": "success" if done else "running", "progress": 100 if done else 50, "error": None}

    def rrsets(self, call, zone, rest):
        if not rest and call.method == "POST":
            sent = call.json()
            key = zone, sent.get("name"), sent.get("type")
            if not re.fullmatch(r"@|\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*", sent.get("name", "")):
                raise error(422, "invalid_input", "invalid input in field 'name'")
            if key in self.sets:
                raise error(409, "uniqueness_error", "RRset already exists")
            if sent.get("ttl") is not None and not 60 <= sent["ttl"] <= 2147483647:
                raise error(422, "invalid_input", "invalid input in field 'ttl'")
            self.sets[key] = {"ttl": sent.get("ttl"), "records": self.check_records(sent["type"], sent.get("records"))}
            return 201, {"rrset": self.rrset(key), "action": self.action("create_rrset")}
        if len(rest) < 2:
            raise error(404, "not_found", "not found")
        key = zone, rest[0], rest[1]
        what = rest[3] if len(rest) == 4 and rest[2] == "actions" else None
        if key not in self.sets and what != "add_records":
            raise error(404, "not_found", "rrset not found")
        if what is None and call.method == "GET":
            return 200, {"rrset": self.rrset(key)}
        if what is None and call.method == "DELETE":
            del self.sets[key]
            return 201, {"action": self.action("delete_rrset")}
        if call.method != "POST":
            raise error(405, "method_not_allowed", "method not allowed")
        return 201, {"action": self.change(key, what, call.json())}

    def change(self, key, what, sent):
        one = self.sets.setdefault(key, {"ttl": None, "records": []})
        if what == "change_ttl":
            if sent["ttl"] is not None and not 60 <= sent["ttl"] <= 2147483647:
                raise error(422, "invalid_input", "invalid input in field 'ttl'")
            one["ttl"] = sent["ttl"]
        elif what == "set_records":
            one["records"] = self.check_records(key[2], sent["records"])
        elif what == "add_records":
            one["records"] = self.check_records(key[2], one["records"] + sent["records"])
        elif what == "remove_records":
            gone = {r["value"] for r in sent["records"]}
            if not gone <= {r["value"] for r in one["records"]}:
                raise error(404, "not_found", "record not found")
            one["records"] = [r for r in one["records"] if r["value"] not in gone]
            if not one["records"]:
                del self.sets[key]
        else:
            raise error(404, "not_found", "not found")
        return self.action(what)
