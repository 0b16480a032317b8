"""schema.py - is an answer what the interface says? A body against its JSON schema (OpenAPI 3.1), more strictly than the
standard: a member that nobody declared is a mistake too, unless the schema says that others may come."""

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_of(value, kind):
    if kind in ("integer", "number"):
        return isinstance(value, int if kind == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, KINDS[kind])


class Interface:
    def __init__(self, openapi):
        self.openapi = openapi

    def follow(self, schema):
        while "$ref" in schema:
            found = self.openapi
            for word in schema["$ref"].removeprefix("#/").split("/"):
                found = found[word]
            schema = found
        return schema

    def answer(self, path, method="get", status="200"):
        """The schema of its JSON; None: it answers with something else."""
        said = self.follow(self.openapi["paths"][path].get(method, {}).get("responses", {}).get(status, {}))
        return said.get("content", {}).get("application/json", {}).get("schema")

    def template(self, path):
        """Under which address the interface has this one: the most literal that fits."""
        words = path.split("?")[0].split("/")
        fits = [p for p in self.openapi["paths"] if self.fits(p.split("/"), words)]
        return min(fits, key=lambda p: p.count("{"), default=None)

    @staticmethod
    def fits(template, words):
        def fits(t, w):
            return t == w or (t.startswith("{") and w.endswith(t.rsplit("}", 1)[1]) and w)
        return len(template) == len(words) and all(map(fits, template, words))

    def mistakes(self, value, schema, at="$"):
        schema = self.follow(schema)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(is_of(value, k) for k in kinds):
            return [f"{at}: {str(value)[:60]!r} is no {' or '.join(kinds)}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{at}: {value!r} is none of {schema['enum']}")
        if "const" in schema and value != schema["const"]:
            found.append(f"{at}: {value!r} is not {schema['const']!r}")
        for word in ("oneOf", "anyOf"):
            ways = [self.mistakes(value, s, at) for s in schema.get(word, [])]
            if ways and all(ways):
                found += min(ways, key=len)
        if isinstance(value, list) and "items" in schema:
            for one in value:
                found += self.mistakes(one, schema["items"], f"{at}[]")
        if isinstance(value, dict):
            found += self.of_members(value, schema, at)
        return found

    def of_members(self, value, schema, at):
        known, must, others = schema.get("properties", {}), schema.get("required", []), schema.get("additionalProperties")
        found = [f"{at}: {name} is missing" for name in must if name not in value]
        for name, one in value.items():
            if name in known:
                found += self.mistakes(one, known[name], f"{at}.{name}")
            elif isinstance(others, dict):
                found += self.mistakes(one, others, f"{at}.{name}")
            elif known and others is not True and not schema.get("oneOf") and not schema.get("anyOf"):
                found.append(f"{at}: {name} is declared nowhere")
        return found
