"""Pages of the API, one for each group of its operations: made of the OpenAPI document when the site is built."""

import json
import pathlib
import re

import api_outcomes

HEAD = """# The API

Its operations, by what they are about. A call that is refused has an HTTP status, and a result code; one whose answer has an
`action` says by it what to do next. The page of each operation says what that is, and which result codes it gives: all that it
has given in the [cases](../writing-cases.md) of the engine, where every result code comes up.

"""

BEFORE = """
## What any call may be refused with

By the server, before the operation is asked, or because it cannot be. Every answer has the code as `resultCode`, and a sentence as `resultMessage`.

"""

METHODS = ("get", "post", "put", "patch", "delete")


def slug(tag):
    return re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-")


def cell(text):
    """A text for a cell of a table. What stands in pointed brackets is no HTML."""
    return " ".join(str(text).replace("|", "\\|").replace("<", "&lt;").split())


def name_of(schema):
    return schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else None


def values(schema):
    """The values of an enumeration, whether they are described one by one or not."""
    return [value for one in [schema, *schema.get("oneOf", [])] for value in one.get("enum", [])]


class Reference:
    def __init__(self, document, outcomes):
        self.outcomes = outcomes
        self.paths, self.schemas = document["paths"], document["components"]["schemas"]

    def tags(self):
        """The groups, in the order of the table, each with its operations."""
        found = {}
        for path, item in self.paths.items():
            for method in METHODS:
                if method in item:
                    tag = item[method].get("tags", ["Other"])[0]
                    found.setdefault(tag, []).append((method, path, item[method]))
        return found

    def kind(self, schema):
        """What a member holds, and the values that it may have."""
        if "allOf" in schema and len(schema["allOf"]) == 1:
            schema = schema["allOf"][0]
        if name := name_of(schema):
            target = self.schemas.get(name, {})
            if "enum" in target:
                return "one of " + ", ".join(f"`{value}`" for value in target["enum"])
            return f"`{name}`" if target.get("type") == "object" else target.get("type", f"`{name}`")
        if schema.get("type") == "array":
            return f"array: {self.kind(schema.get('items', {}))}"
        if "enum" in schema:
            return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
        default = f"; default `{json.dumps(schema['default'])}`" if "default" in schema else ""
        return f"{schema.get('type', 'any')}{default}"

    def members(self, schema):
        """The members of an object as a table; of what is no object, its kind."""
        properties = self.schemas.get(name_of(schema) or "", schema).get("properties")
        if not properties:
            return f"{self.kind(schema)}\n"
        rows = [f"| `{name}` | {cell(self.kind(member))} | {cell(member.get('description', ''))} |"
                for name, member in properties.items()]
        return "\n".join(["| member | holds | meaning |", "|---|---|---|", *rows]) + "\n"

    def operation(self, method, path, operation):
        text = f"## {cell(operation['summary'].rstrip('.'))}\n\n"
        text += f"`{method.upper()} {path}` – `{operation['operationId']}`\n\n"
        if operation.get("description"):
            text += operation["description"].replace("<", "&lt;") + "\n\n"
        for one in operation.get("parameters", []):
            text += f"- `{one['name']}` ({one['in']}): {cell(one.get('description', ''))}\n"
        if body := operation.get("requestBody"):
            kinds = " or ".join(f"`{kind}`" for kind in body["content"])
            schema = next(iter(body["content"].values()))["schema"]
            text += f"\nA body of {kinds}:\n\n{self.members(schema)}"
        for status, answer in operation["responses"].items():
            if status != "default":
                text += f"\nHTTP {status}: {cell(answer.get('description', ''))}\n"
                for content in answer.get("content", {}).values():
                    text += f"\n{self.members(content['schema'])}"
        return text + self.answers(operation) + "\n"

    def answers(self, operation):
        """What the operation answers with, and what to do then."""
        contents = [one for answer in operation["responses"].values() for one in answer.get("content", {}).values()]
        response = next((name for one in contents if (name := name_of(one["schema"]))), "")
        action = self.schemas.get(response, {}).get("properties", {}).get("action", {})
        named = next((name for one in action.get("anyOf", []) if (name := name_of(one))), None)
        actions = values(self.schemas[named]) if named else []
        return self.outcomes.of(operation["operationId"], response, actions)

    def page(self, tag, operations):
        head = f"# {tag}\n\nMade of the [OpenAPI document](../../openapi/openapi.json); [result codes](../result-codes.md) say what each outcome is.\n\n"
        return head + "".join(self.operation(*one) for one in operations)


def write(root, src):
    """Writes the pages below `src`; their lines for the table of contents, and their places."""
    outcomes = api_outcomes.Outcomes(root)
    reference = Reference(json.loads((root / "openapi/openapi.json").read_text()), outcomes)
    folder = pathlib.Path("docs/reference")
    (src / folder).mkdir(parents=True)
    pages = {tag: folder / f"{slug(tag)}.md" for tag in reference.tags()}
    (src / "openapi").mkdir(exist_ok=True)
    (src / "openapi/openapi.json").write_bytes((root / "openapi/openapi.json").read_bytes())
    for tag, operations in reference.tags().items():
        (src / pages[tag]).write_text(reference.page(tag, operations))
    index = folder / "api.md"
    list_of = "".join(f"- [{tag}]({page.name}): {len(reference.tags()[tag])}\n" for tag, page in pages.items())
    (src / index).write_text(HEAD + list_of + BEFORE + outcomes.of_all())
    lines = f"- [The API]({index})\n" + "".join(f"  - [{tag}]({page})\n" for tag, page in pages.items())
    return lines, [index, *pages.values()]
