# SPDX-License-Identifier: ISC
"""deSEC's RRset API, after https://desec.readthedocs.io/en/latest/dns/rrsets.html and .../dns/domains.html: bulk
writes that are taken whole or not at all, the zone that owns a name, throttling."""
import ipaddress

from .fake import Fake, Refused

TOKEN = "mu4W4MHuSc0HyrGD1h_dnKuZBond"


class Desec(Fake):
    def __init__(self, zones=("example.com",), minimum_ttl=3600):
        self.zones, self.minimum_ttl = list(zones), minimum_ttl
        self.sets = {}  # (zone, subname, type): {"ttl", "records"}
        self.throttle = 0
        super().__init__()

    def put(self, subname, type, *values, ttl=3600, zone="example.com"):
        self.sets[zone, subname, type] = {"ttl": ttl, "records": list(values)}

    def values(self, subname, type, zone="example.com"):
        return sorted(self.sets.get((zone, subname, type), {"records": []})["records"])

    def answer(self, call):
        if call.headers.get("Authorization") != "Token " + TOKEN:
            raise Refused(401, {"detail": "Invalid token."}, {"WWW-Authenticate": "Token"})
        if call.segments[:3] != ["api", "v1", "domains"] or not call.path.endswith("/"):
            raise Refused(404, {"detail": "Not found."})
        rest = call.segments[3:]
        if not rest and call.method == "GET":
            name = call.query.get("owns_qname", "")
            owner = [z for z in self.zones if name == z or name.endswith("." + z)]
            found = [max(owner, key=len)] if owner else []
            return 200, [{"name": z, "minimum_ttl": self.minimum_ttl, "created": "2026-01-01T00:00:00Z",
                          "published": "2026-01-01T00:00:00Z", "touched": "2026-01-01T00:00:00Z"} for z in found]
        if len(rest) < 2 or rest[0] not in self.zones or rest[1] != "rrsets":
            raise Refused(404, {"detail": "Not found."})
        if len(rest) == 2 and call.method == "GET":
            return 200, [self.rrset(k) for k in self.sets if k[0] == rest[0] and
                         call.query.get("subname", k[1]) == k[1] and call.query.get("type", k[2]) == k[2]]
        if len(rest) == 2 and call.method in ("PATCH", "PUT"):
            return 200, self.bulk(rest[0], call)
        raise Refused(405, {"detail": 'Method "%s" not allowed.' % call.method})

    def rrset(self, key):
        zone, subname, type = key
        name = (subname + "." if subname else "") + zone + "."
        return {"domain": zone, "subname": subname, "name": name, "type": type, **self.sets[key],
                "created": "2026-01-01T00:00:00Z", "touched": "2026-01-01T00:00:00Z"}

    def bulk(self, zone, call):
        if self.throttle > 0:
            self.throttle -= 1
            raise Refused(429, {"detail": "Request was throttled. Expected available in 12 seconds."}, {"Retry-After": "12"})
        sent = call.json()
        if not isinstance(sent, list):
            raise Refused(400, {"non_field_errors": ["Invalid input, expected a list of items."]})
        faults = [self.fault(zone, one) for one in sent]
        if any(faults):
            raise Refused(400, faults)
        seen = {(one["subname"], one["type"]) for one in sent}
        if len(seen) != len(sent):
            raise Refused(400, {"non_field_errors": ["Same subname and type."]})
        for one in sent:
            key = zone, one["subname"], one["type"]
            if one["records"]:
                self.sets[key] = {"ttl": one.get("ttl", self.sets.get(key, {}).get("ttl")), "records": one["records"]}
            else:
                self.sets.pop(key, None)
        return [self.rrset((zone, o["subname"], o["type"])) for o in sent if o["records"]]

    def fault(self, zone, one):
        if not isinstance(one.get("subname"), str) or one["subname"] == "@":
            return {"subname": ["Subname can only use (lowercase) a-z, 0-9, ., -, and _, may start with a '*.', or just be '*'."]}
        if (zone, one["subname"], one.get("type")) not in self.sets and "ttl" not in one and one.get("records"):
            return {"ttl": ["This field is required."]}
        if "ttl" in one and not (isinstance(one["ttl"], int) and self.minimum_ttl <= one["ttl"] <= 86400):
            return {"ttl": ["Ensure this value is greater than or equal to %d." % self.minimum_ttl]}
        kind = ipaddress.IPv4Address if one["type"] == "A" else ipaddress.IPv6Address
        for value in one.get("records", []):
            try:
                if str(kind(value)) != value:
                    return {"records": ["Record content must be in canonical form."]}
            except ValueError:
                return {"records": ["Record content malformed."]}
        return {}
