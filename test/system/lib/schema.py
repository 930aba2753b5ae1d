# SPDX-License-Identifier: ISC
"""Values drawn from the JSON schemas of the served OpenAPI file, good ones and broken ones."""
import string

from hypothesis import strategies as st

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2**60, 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=8)


class Schemas:
    """special: name of a component to a strategy that draws it, where plain values would lead nowhere."""

    def __init__(self, document, special=None):
        self.document, self.special = document, special or {}

    def resolve(self, schema):
        while "$ref" in schema:
            part = self.document
            for word in schema["$ref"].lstrip("#/").split("/"):
                part = part[word]
            schema = part
        return schema

    def good(self, schema):
        name = schema.get("$ref", "").rsplit("/", 1)[-1]
        if name in self.special:
            return self.special[name]
        schema = self.resolve(schema)
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "anyOf" in schema:
            return st.one_of([self.good(s) for s in schema["anyOf"]])
        return getattr(self, "_" + schema.get("type", "any"))(schema)

    def _any(self, schema):
        return JUNK

    def _null(self, schema):
        return st.none()

    def _boolean(self, schema):
        return st.booleans()

    def _integer(self, schema):
        return st.integers(schema.get("minimum", -2**53), schema.get("maximum", 2**53))

    def _string(self, schema):
        if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True).filter(
                lambda s: schema.get("minLength", 0) <= len(s) <= schema.get("maxLength", 60) and "\n" not in s)
        letters = st.text(string.ascii_letters + string.digits + " .-_@/'\"#,=\\\u00fc\u6f22", min_size=schema.get("minLength", 0),
                          max_size=min(schema.get("maxLength", 60), 80))
        return letters

    def _array(self, schema):
        return st.lists(self.good(schema.get("items", {})), max_size=4)

    def _object(self, schema):
        properties, required = schema.get("properties", {}), set(schema.get("required", ()))
        more = schema.get("additionalProperties", False)
        base = st.fixed_dictionaries({k: self.good(v) for k, v in properties.items() if k in required},
                                     optional={k: self.good(v) for k, v in properties.items() if k not in required})
        if isinstance(more, dict):
            extra = st.dictionaries(st.text(string.ascii_lowercase + "-", min_size=1, max_size=12), self.good(more), max_size=4)
            return st.builds(lambda a, b: {**b, **a}, base, extra)
        return base

    def broken(self, schema):
        """Mostly not of the schema: whoever gets it must refuse, or find it harmless."""
        resolved = self.resolve(schema)
        kinds = [JUNK]
        if resolved.get("type") == "object" and resolved.get("properties"):
            names = sorted(resolved["properties"])
            kinds.append(st.builds(lambda good, name, junk: {**good, name: junk}, self.good(schema), st.sampled_from(names), JUNK))
            kinds.append(st.builds(lambda good, name: {k: v for k, v in good.items() if k != name}, self.good(schema), st.sampled_from(names)))
            kinds.append(st.builds(lambda good, name, junk: {**good, name: junk}, self.good(schema), st.text(min_size=1, max_size=8), JUNK))
        return st.one_of(kinds)
