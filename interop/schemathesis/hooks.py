"""What openapi.json leaves to prose, said in schemas, so that schemathesis takes for wrong what is wrong.

The document speaks of what a request has, and says once for all: a member that is null or empty is one that is not there, and
a form has the same members as texts. Code that is made from it is the simpler for that; a tester has to know.
"""

import copy
import schemathesis

FORM = "application/x-www-form-urlencoded"
COMPONENT = "#/components/schemas/"


@schemathesis.hook
def before_load_schema(context, raw_schema):
    of_requests = Requests(raw_schema["components"]["schemas"])
    for path in raw_schema["paths"].values():
        for operation in path.values():
            if not isinstance(operation, dict):
                continue
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    parameter["schema"] = empty_or(parameter["schema"])
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                read = of_requests.form if media_type == FORM else of_requests.json
                content["schema"] = read(content["schema"])


class Requests:
    """The schemas of the document, as requests are read by them."""

    def __init__(self, schemas):
        self.schemas = schemas
        self.published = copy.deepcopy(schemas)

    def json(self, schema):
        """What may be null wherever it may be absent."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(COMPONENT)
            known = f"{name}OfRequest"
            if known not in self.schemas:
                self.schemas[known] = {}
                self.schemas[known] = self.json(copy.deepcopy(self.published[name]))
            return {"$ref": COMPONENT + known}
        for name, member in schema.get("properties", {}).items():
            schema["properties"][name] = {"nullable": True, "anyOf": [self.json(member)]}
        if "items" in schema:
            schema["items"] = self.json(schema["items"])
        for several in ("anyOf", "allOf", "oneOf"):
            if several in schema:
                schema[several] = [self.json(one) for one in schema[several]]
        return schema

    def form(self, schema):
        """Members of numbers and truths are these; everything else is a text, which says the rest."""
        name = schema["$ref"].removeprefix(COMPONENT)
        members = self.published[name].get("properties", {})
        return {"type": "object", "properties": {name: empty_or(self.plain(member)) for name, member in members.items()}}

    @staticmethod
    def plain(schema):
        plain = {"integer", "number", "boolean"}
        return schema if schema.get("type") in plain else {"type": "string"}


def empty_or(schema):
    """In queries and forms nothing behind the equals sign is nothing at all."""
    return {"anyOf": [schema, {"type": "string", "maxLength": 0}]}
