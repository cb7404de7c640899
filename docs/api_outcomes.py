"""What each operation of the API answers with, and what an authorization server makes of it.

Of the SDK's table of actions, the table of result codes, and what the cases of the engine come to.
"""

import re

ACTIONS = "crates/sdk/src/decision/actions.rs"
OUTCOMES = "crates/engine/tests/outcomes.txt"
CODES = "docs/result-codes.md"

# What refuses a call before an operation is asked, or between the operation and its store.
BEFORE = ["crates/server/src/api.rs", "crates/server/src/http.rs", "crates/server/src/mount.rs", "crates/server/src/rates.rs",
          "crates/api/src/access.rs", "crates/api/src/call.rs", "crates/engine/src/access.rs", "crates/engine/src/fault.rs"]

DECISION = re.compile(r"    \w+: (\w+) by \w+, with \[([\w, ]*)\] \{\n(.*?)\n    \}", re.DOTALL)
VARIANT = re.compile(r"((?:        ///[^\n]*\n)+)        (\w+) => (\w+);")
CODE = re.compile(r'^\| <a id="\w+"></a>(\w+) \| (\w+) \| (.*?) \| (.*) \|$', re.MULTILINE)

# What answers may have beside their content, and the header that it goes into.
HEADERS = {"dpop_nonce": ("dpopNonce", "DPoP-Nonce"),
           "attestation_challenge": ("attestationChallenge", "OAuth-Client-Attestation-Challenge")}


def wire(variant):
    """The name of an action, as answers have it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", variant).upper()


class Outcomes:
    def __init__(self, root):
        table = CODE.findall((root / CODES).read_text())
        self.codes = {code: (name, outcome, message) for code, name, outcome, message in table}
        self.decisions = dict(decisions((root / ACTIONS).read_text()))
        self.answers = {}
        for line in (root / OUTCOMES).read_text().splitlines():
            operation, answer, *codes = line.split()
            self.answers.setdefault(operation, {})[answer] = codes
        self.before = self.of_any_call(root)

    def of_any_call(self, root):
        """The codes that any call may be refused with."""
        named = {name for path in BEFORE for name in re.findall(r"Reason::(\w+)", shipped((root / path).read_text()))}
        return [code for code, (name, outcome, _) in self.codes.items() if name in named and outcome.startswith("HTTP")]

    def of(self, operation, response, actions):
        """What an operation answers with, as a part of its page; nothing where it answers with documents alone."""
        answers = self.answers.get(operation, {})
        text = self.actions(response, actions) if actions else ""
        return text + self.table(answers)

    def actions(self, response, actions):
        headers, meanings = self.decisions[response]
        if set(meanings) != set(actions):
            raise SystemExit(f"{ACTIONS}: {response} has other actions than the OpenAPI document")
        text = "\nWhat to do, by `action`; the content is `responseContent`:\n\n| `action` | HTTP | what to do |\n|---|---|---|\n"
        for action, meaning in meanings.items():
            text += f"| `{action}` | {status(meaning)} | {cell(meaning)} |\n"
        for member, header in (HEADERS[one] for one in headers if one in HEADERS):
            text += f"\n`{member}` goes into a header `{header}` of the response, where the answer has it.\n"
        return text

    def table(self, answers):
        """The codes of an operation, each with what it comes with."""
        rows = [(code, answer) for answer, codes in answers.items() for code in codes if code not in self.before]
        if not rows:
            return ""
        by_code = {}
        for code, answer in sorted(rows):
            by_code.setdefault(code, []).append(f"HTTP {answer}" if answer.isdigit() else f"`{answer}`")
        text = f"\n<details><summary>Result codes: {len(by_code)}</summary>\n\n| code | with | message |\n|---|---|---|\n"
        for code, answered in by_code.items():
            text += f"| {self.link(code)} | {', '.join(answered)} | {self.codes[code][2]} |\n"
        return text + "\n</details>\n"

    def of_all(self):
        """The codes that any call may be refused with, as a table."""
        text = "| code | HTTP | message |\n|---|---|---|\n"
        for code in self.before:
            _, outcome, message = self.codes[code]
            text += f"| {self.link(code)} | {outcome.removeprefix('HTTP ')} | {message} |\n"
        return text

    def link(self, code):
        return f"[{code}](../result-codes.md#{code})"


def decisions(source):
    """The table of actions: of each response, what goes into headers, and what its actions mean."""
    for response, beside, body in DECISION.findall(source):
        meanings = {}
        for comment, variant, _ in VARIANT.findall(body + "\n"):
            lines = [line.strip().removeprefix("///").strip() for line in comment.splitlines()]
            meanings[wire(variant)] = " ".join(lines)
        yield response, ([one.strip() for one in beside.split(",") if one.strip()], meanings)


def shipped(source):
    """A source without its comments and tests."""
    return re.sub(r"//[^\n]*", "", source.split("\n#[cfg(test)]\n")[0])


def status(meaning):
    found = re.search(r"HTTP (\d{3})", meaning)
    return found[1] if found else "–"


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")
