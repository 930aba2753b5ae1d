# SPDX-License-Identifier: ISC
"""Cloudflare's DNS records API, after https://developers.cloudflare.com/api/resources/dns/subresources/records/
and .../resources/zones/: envelope, error codes, paging, what may be written."""
import ipaddress
import pathlib
import re
import uuid

from .fake import Fake, Refused

TOP = pathlib.Path(__file__).resolve().parents[3]
TOKEN = "v1-token-of-the-fake-40-characters-long"


def envelope(result, **info):
    out = {"success": True, "errors": [], "messages": [], "result": result}
    if info:
        out["result_info"] = info
    return out


def error(status, code, message, chain=None):
    one = {"code": code, "message": message}
    if chain:
        one["error_chain"] = [{"code": chain[0], "message": chain[1]}]
    return Refused(status, {"success": False, "errors": [one], "messages": [], "result": None})


class Cloudflare(Fake):
    def __init__(self, zones=("example.com",), per_page_limit=100):
        self.zones = {name: uuid.uuid5(uuid.NAMESPACE_DNS, name).hex for name in zones}
        self.records = {}  # id: record
        self.per_page_limit = per_page_limit
        super().__init__()

    def replace_in(self, folder):
        """The provider file of a service: the built-in one with this address."""
        providers = folder / "providers.d"
        providers.mkdir()
        text = (TOP / "providers" / "cloudflare.json").read_text().replace("https://api.cloudflare.com", self.url)
        (providers / "cloudflare.json").write_text(text)

    def add(self, name, type, content, **more):
        zone = max((z for z in self.zones if name == z or name.endswith("." + z)), key=len)
        id = uuid.uuid4().hex
        self.records[id] = {"id": id, "zone_id": self.zones[zone], "name": name, "type": type, "content": content,
                            "proxied": False, "proxiable": True, "ttl": 1, "comment": None, "tags": [],
                            "settings": {}, **more}
        return id

    def contents(self, name, type):
        return sorted(r["content"] for r in self.records.values() if (r["name"], r["type"]) == (name, type))

    def page(self, call, items):
        page = int(call.query.get("page", "1"))
        size = min(int(call.query.get("per_page", "20")), self.per_page_limit)
        if size < 5 or page < 1:
            raise error(400, 1004, "Invalid page or per_page")
        part = items[(page - 1) * size:page * size]
        return envelope(part, page=page, per_page=size, count=len(part), total_count=len(items),
                        total_pages=-(-len(items) // size))

    def check(self, record, own_id=None):
        kind = ipaddress.IPv4Address if record["type"] == "A" else ipaddress.IPv6Address
        try:
            kind(record["content"])
        except ValueError:
            raise error(400, 9005, "Content for %s record must be a valid address." % record["type"])
        if record["ttl"] != 1 and not 60 <= record["ttl"] <= 86400:
            raise error(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        if not isinstance(record["proxied"], bool) or not isinstance(record["ttl"], int):
            raise error(400, 9207, "Request body is invalid.")
        for other in self.records.values():
            if other["id"] == own_id or other["name"] != record["name"]:
                continue
            if other["type"] == "CNAME":
                raise error(400, 81053, "An A, AAAA, or CNAME record with that host already exists.")
            if (other["type"], other["content"]) == (record["type"], record["content"]):
                raise error(400, 81058, "An identical record already exists.")

    def answer(self, call):
        auth = call.headers.get("Authorization", "")
        if not re.fullmatch(r"Bearer [A-Za-z0-9_-]{20,}", auth):
            raise error(400, 6003, "Invalid request headers", (6111, "Invalid format for Authorization header"))
        if auth != "Bearer " + TOKEN:
            raise error(403, 9109, "Invalid access token")
        if call.segments[:2] != ["client", "v4"]:
            raise error(404, 7000, "No route for that URI")
        rest = call.segments[2:]
        if rest == ["zones"] and call.method == "GET":
            found = [{"id": id, "name": name, "status": "active", "type": "full"} for name, id in self.zones.items()
                     if call.query.get("name", name) == name]
            return 200, self.page(call, found)
        if len(rest) < 3 or rest[0] != "zones" or rest[2] != "dns_records":
            raise error(404, 7000, "No route for that URI")
        if rest[1] not in self.zones.values():
            raise error(403, 7003, "Could not route to /zones/%s, perhaps your object identifier is invalid?" % rest[1])
        return self.dns_records(call, rest[1], rest[3:])

    def dns_records(self, call, zone, rest):
        if not rest and call.method == "GET":
            found = [r for r in self.records.values() if r["zone_id"] == zone and
                     all(r[k] == call.query[k] for k in ("name", "type", "content") if k in call.query)]
            return 200, self.page(call, found)
        if not rest and call.method == "POST":
            sent = call.json()
            unknown = set(sent) - {"type", "name", "content", "ttl", "proxied", "comment", "tags", "settings"}
            if unknown or not {"type", "name", "content", "ttl"} <= set(sent):
                raise error(400, 9207, "Request body is invalid.")
            record = {"proxied": False, "comment": None, "tags": [], "settings": {}, **sent}
            self.check(record)
            id = self.add(record.pop("name"), record.pop("type"), record.pop("content"), **record)
            return 200, envelope(self.records[id])
        if len(rest) != 1 or rest[0] not in self.records:
            raise error(404, 81044, "Record does not exist.")
        record = self.records[rest[0]]
        if call.method == "PATCH":
            changed = {**record, **call.json()}
            self.check(changed, record["id"])
            self.records[rest[0]] = changed
            return 200, envelope(changed)
        if call.method == "DELETE":
            del self.records[rest[0]]
            return 200, envelope({"id": rest[0]})
        raise error(405, 10405, "Method not allowed")
