# SPDX-License-Identifier: ISC
"""The catalogues of the page: each complete, each with the forms of its language, none with a text that nobody shows."""
import gzip
import pathlib
import re

import pytest
from page_of import Page

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGE = TOP / "page"
COMPRESSED = 150_000

READ = """
const done = arguments[0];
(async () => {
  const { LANGUAGES } = await import('/app.js');
  const all = {};
  for (const l of Object.keys(LANGUAGES)) {
    const forms = new Set();
    const rules = new Intl.PluralRules(l);
    for (let n = 0; n <= 200; n++) forms.add(rules.select(n));
    all[l] = { texts: (await import(`/text-${l}.js`)).default, forms: [...forms], one: new Set([1, 21, 101].map((n) => rules.select(n))).size === 1 };
  }
  done(all);
})().catch((e) => done(String(e)));
"""


@pytest.fixture(scope="module")
def sources():
    return "\n".join(p.read_text() for p in sorted(PAGE.glob("*.js")) if not p.name.startswith("text-"))


@pytest.fixture
def catalogues(browser, homing):
    browser.open(Page(homing, "usev4=ipv4, ipv4=9.9.9.9\n"))
    all_of_them = browser.driver.execute_async_script(READ)
    assert isinstance(all_of_them, dict), all_of_them
    return all_of_them


def forms(text):
    return text if isinstance(text, dict) else {"other": text}


def names(text):
    """{name} and {name|format} of all forms together."""
    return {n for k, form in forms(text).items() if k != "by" for n in re.findall(r"\{([^}]+)\}", form)}


def test_every_file_is_a_language_and_every_language_a_file(catalogues):
    assert {p.stem.removeprefix("text-") for p in PAGE.glob("text-*.js")} == set(catalogues)
    listed = (TOP / "src" / "web" / "meson.build").read_text()
    assert all(f"text-{language}.js" in listed for language in catalogues)


def test_each_catalogue_is_complete(catalogues):
    # Refusals (e.), labels of provider files (f.) and the sentences of settings come with their English sentence, and are in every other catalogue.
    refusals = {k: v for k, v in catalogues["de"]["texts"].items() if k.startswith(("e.", "f.", "set.help."))}
    faults = []
    for language, catalogue in catalogues.items():
        texts = catalogue["texts"]
        english = catalogues["en"]["texts"] | (refusals if language != "en" else {})
        faults += [f"{language}: {key} is missing" for key in english.keys() - texts.keys()]
        faults += [f"{language}: {key} is not in the English one" for key in texts.keys() - english.keys()]
        for key in english.keys() & texts.keys():
            if names(texts[key]) != names(english[key]):
                faults.append(f"{language}: {key} has other values: {names(texts[key]) ^ names(english[key])}")
            if not all(form.strip() for form in forms(texts[key]).values()):
                faults.append(f"{language}: {key} is empty")
    assert not faults, "\n".join(faults)


def test_each_text_with_a_number_has_the_forms_of_its_language(catalogues):
    faults = []
    for language, catalogue in catalogues.items():
        for key, text in catalogue["texts"].items():
            if not isinstance(text, dict):
                continue
            given = set(text) - {"by", "=1"}
            if not set(catalogue["forms"]) <= given | {"other"}:
                faults.append(f"{language}: {key} lacks {set(catalogue['forms']) - given}")
            if given - set(catalogue["forms"]) - {"other", "many"}:
                faults.append(f"{language}: {key} has forms that {language} has not: {given - set(catalogue['forms'])}")
            # A sentence about the one hostname, in a language where 21 is "one" too.
            by = text.get("by", "count")
            if catalogue["one"] and "=1" not in text and "one" in text and by not in {n.split("|")[0] for n in names(text["one"])}:
                faults.append(f"{language}: {key} says nothing of the number in \"one\", which is for 21 too")
    assert not faults, "\n".join(faults)


def test_every_text_is_shown_somewhere(catalogues, sources):
    """A key stands in the page's sources as it is, or as a template such as `state.${...}`; m. and e. are the daemon's codes."""
    literal = set(re.findall(r"'([a-z][^'\n]*)'", sources)) | set(re.findall(r"`([a-z][^`$\n]*)`", sources))
    templates = {t for t in re.findall(r"`([a-z]+(?:\.[a-z.]+)?\.)\$\{", sources)}
    unused = [key for key in catalogues["en"]["texts"]
              if not key.startswith(("m.", "e.")) and key not in literal and not any(key.startswith(t) for t in templates)]
    daemon = "\n".join(p.read_text() for room in ("engine", "web", "command", "conf", "keeper", "base", "sense") for p in (TOP / "src" / room).glob("*.[ch]"))
    unused += [key for key in catalogues["de"]["texts"]
               if key.startswith(("m.", "e.")) and f'"{key[2:]}"' not in daemon and key[2:] not in literal]
    assert not unused, unused


def test_messages_of_the_daemon_are_known(catalogues):
    source = (TOP / "src" / "engine" / "messages.c").read_text()
    table = source[source.index("} rows[] = {"):source.index("const char *message_code")]
    wanted = {"m." + c for c in re.findall(r'^    \{"([^"]+)",', table, re.M)}
    assert wanted and wanted <= set(catalogues["en"]["texts"]), wanted - set(catalogues["en"]["texts"])


def source(name):
    return (TOP / "src" / name).read_text()


def test_words_inside_of_sentences_are_known(catalogues):
    """What the daemon puts into its sentences (kinds of addresses, reasons) has a code each, and each code a text."""
    messages = source("engine/messages.c")
    table = messages[messages.index("} phrases[] = {"):messages.index("const char *message_phrase")]
    phrases = dict((text, code) for code, text in re.findall(r'\{"(\w+)",\s*"([^"]+)"\}', table))
    assert {"m." + code for code in phrases.values()} <= set(catalogues["en"]["texts"])
    said = []
    for name, function in (("base/addr.c", "addr_kind_name"), ("sense/choose.c", "choice_text"), ("decide/due.c", "due_why_name"), ("decide/due.c", "due_hold_name")):
        body = source(name).split(f"char *{function}(", 1)[1].split("\n}", 1)[0]
        said += [(function, text) for text in re.findall(r'\[\w+\] = "([^"]+)"', body)]
    said += [("source", text) for text in re.findall(r'[?:] +"((?:it is|the default|this machine)[^"]+)"', source("sense/real.c") + source("sense/survey.c"))]
    # Never inside of a sentence, or a word of the language of settings.
    plain = {"a public address", "this one is published", "it is on another interface", "not due", "max-interval", "nothing", "min-interval", "min-error-interval"}
    assert len(said) > 40
    missing = [entry for entry in said if entry[1] not in phrases and entry[1] not in plain]
    assert not missing, missing


def test_reasons_of_an_import_are_known(catalogues):
    table = source("command/import_why.c")
    codes = re.findall(r'^    \{"(import_\w+)",', table, re.M)
    assert codes and {"m." + code for code in codes} <= set(catalogues["en"]["texts"])
    table = re.sub(r'"\s*"', "", table)  # texts over several lines
    said = 0
    for file in (TOP / "src" / "command").glob("import*.c"):
        for call in re.findall(r"\bimport_note\((.*?)\);", file.read_text(), re.S):
            for text in re.findall(r'"((?:[^"\\]|\\.)+)"', re.sub(r'"\s*"', "", call)):
                if text.count(" ") >= 2 and re.search("[a-z]{3}", text):
                    said += 1
                    assert text in table, f"{file.name}: {text}"
    assert said > 20


# Refusals that only a program which builds its own requests can meet, and those whose English sentence names the value.
OWN_REQUESTS = {"json", "json-object", "level", "member", "method", "no-body", "path", "query-missing", "query-number", "query-word", "no-such-path",
                "not-acceptable", "unix-only", "hosts", "unknown-host", "no-accounts", "no-page", "content-type", "moved"}
QUOTED = {"denied", "not-valid", "out-of-range", "unsupported", "conflict", "too-big", "memory"}


def test_settings_and_labels_are_known(catalogues):
    """Each setting that the page shows has its sentence, and each label that is translated is one."""
    texts = catalogues["de"]["texts"]
    forms = source("command/forms.c")
    shown = re.findall(r'\{"([^"]+)", "\w+"\}', forms.split("} shown[] = {")[1].split("};")[0])
    assert len(shown) > 30 and not [n for n in shown if f"set.help.{n}" not in texts]
    names = re.findall(r'\{\.name = "([^"]+)"', source("conf/settings_table.c"))
    assert not [k for k in texts if k.startswith("set.help.") and k.removeprefix("set.help.") not in names]
    said = forms + "".join(f.read_text() for f in (TOP / "providers").glob("**/*.json"))
    assert not [k for k in texts if k.startswith("f.") and k[2:] not in said]


def test_refusals_are_known(catalogues):
    codes = set()
    for file in [f for room in ("web", "command") for f in (TOP / "src" / room).glob("*.c")]:
        text = file.read_text()
        codes |= set(re.findall(r'reply_error\(\s*rq,\s*\d+,\s*"([^"]+)"', text)) | set(re.findall(r'\.code = "([a-z-]+)"', text))
        codes |= set(re.findall(r'\[ERR_\w+\] = \{\d+, "([^"]+)"', text)) | set(re.findall(r'refuse\(fn, arg, ERR_\w+, "([^"]+)"', text))
    missing = [code for code in codes - OWN_REQUESTS - QUOTED if "e." + code not in catalogues["de"]["texts"]]
    assert len(codes) > 30 and not missing, missing
    assert "e.refused" in catalogues["de"]["texts"], "the frame for those that quote"


def test_the_whole_page_is_small_in_every_language():
    files = [f for f in PAGE.iterdir() if f.suffix in (".js", ".css", ".html")]
    sizes = {f.name: len(gzip.compress(f.read_bytes(), 9)) for f in files}
    largest = max(size for name, size in sizes.items() if name.startswith("text-"))
    whole = sum(size for name, size in sizes.items() if not name.startswith("text-")) + largest
    print(f"the whole page in its largest language: {whole} bytes compressed")
    assert whole < COMPRESSED
