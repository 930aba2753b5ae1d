# SPDX-License-Identifier: ISC
"""What the documents say: their commands run, their configurations are right, their links lead somewhere, and the manual
names what the program has."""
import json
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
README, QUICK_START = TOP / "README.md", TOP / "doc" / "quick-start.md"
DOCUMENTS = [*TOP.glob("*.md"), *(TOP / "doc").glob("*.md")]
# Whose configuration "homing import FILE" shows, and the sample that stands for it.
SAMPLES = {"ddclient.conf": "ddclient", "ddclient.cache": "ddclient-cache", "inadyn.conf": "inadyn", "config.json": "ddns-updater",
           ".ddns_go_config.yaml": "ddns-go", "ddns": "openwrt"}


def blocks(path):
    """The indented blocks of a document, lines that end in a backslash joined."""
    text = path.read_text().replace("\\\n", " ")
    return [re.sub(r"^    ", "", block, flags=re.M) for block in re.findall(r"(?:^    .*\n?)+", text, re.M)]


def commands(path):
    """(command, words) of each line that calls homing; what stands far to the right explains it."""
    for block in blocks(path):
        for line in block.splitlines():
            line = re.split(r"\s{3,}", line.strip())[0]
            found = re.fullmatch(r"(?:sudo )?(?:build/)?homing (\w+)(.*)", line)
            if found:
                yield found.group(1), shlex.split(found.group(2))


@pytest.fixture(scope="module")
def pages(program):
    """What "homing help COMMAND" says, by command."""
    text = subprocess.run([program, "help"], capture_output=True, text=True, timeout=10).stdout
    return {name: subprocess.run([program, "help", name], capture_output=True, text=True, timeout=10).stdout
            for name in re.findall(r"^  ([a-z]+) ", text, re.M)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_documents_exist(path, pages):
    inline = [(name, words.split()) for name, words in
              re.findall(r"`(?:sudo )?(?:build/)?homing ([a-z]+)([^`]*)`", path.read_text().replace("\n", " "))]
    for name, words in [*commands(path), *inline]:
        assert name in pages, f"{path.name}: homing {name}"
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"^  {option}\b", pages[name], re.M), f"{path.name}: homing {name} {option}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_of_the_documents_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def test_the_quick_start_runs_as_it_stands(program, tmp_path):
    """Each chapter's commands in their order, on a configuration of its own."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in re.findall(r"/etc/homing/secrets/([a-z]+)", QUICK_START.read_text()):
        (secrets / name).write_text("a secret\n")
        (secrets / name).chmod(0o600)
    conf = tmp_path / "homing.conf"
    ran = []
    for name, words in commands(QUICK_START):
        if name in ("passwd", "providers"):
            continue  # the one on a terminal alone; the other stands below
        if words and words[-1].startswith("/") or words and words[-1].startswith("~"):
            sample = SAMPLES[pathlib.Path(words[-1]).name]
            words[-1] = str(tmp_path / sample)
            shutil.copy(TOP / "test" / "unit" / "import" / f"{sample}.in", words[-1])
            os.chmod(words[-1], 0o600)
        words = [word.replace("/etc/homing/secrets", str(secrets)) for word in words]
        if name == "plan":
            words.append("--offline")
        done = subprocess.run([program, name, "--config", conf, "--state-dir", tmp_path / "state", "--socket", "no", *words],
                              capture_output=True, text=True, timeout=60)
        ran.append((name, words, done.returncode, done.stdout + done.stderr))
        # A sample of an import has lines that can not be taken over; this machine may have no address.
        assert done.returncode in {"import": (0, 1), "plan": (0, 1, 4), "status": (0, 1, 4), "why": (0, 1, 4)}.get(name, (0,)), ran[-1]
    assert {"add", "devices", "import", "undo", "plan", "status", "why"} <= {name for name, *_ in ran}


@pytest.mark.parametrize("path", [README, QUICK_START, TOP / "dist" / "homing.conf.example"], ids=lambda path: path.name)
def test_configurations_of_the_documents_are_right(program, tmp_path, path):
    texts = blocks(path) if path.suffix == ".md" else [re.sub(r"^#(?=(provider|protocol)=)", "", path.read_text(), flags=re.M)]
    texts = [text for text in texts if re.search(r"^(define|usev4|listen\S*)=", text, re.M)]
    assert texts
    (tmp_path / "secret").write_text("a secret\n")
    (tmp_path / "secret").chmod(0o600)
    for text in texts:
        conf = tmp_path / "homing.conf"
        conf.write_text(re.sub(r"/etc/homing/secrets/\w+", str(tmp_path / "secret"), text))
        conf.chmod(0o600)
        done = subprocess.run([program, "check", "--json", conf], capture_output=True, text=True, timeout=10)
        assert json.loads(done.stdout)["problems"] == [], text


def test_the_manual_names_all_there_is(program, pages):
    """The pages of the build: made by scdoc where it is installed."""
    folder = pathlib.Path(program).parent / "doc" / "man"
    if not (folder / "homing.1").exists():
        pytest.skip("the manual pages are not built: scdoc is missing")
    for page in folder.glob("homing*.[1-8]"):  # man runs what the first line names
        assert (re.search(r"^\.TS", page.read_text(), re.M) is not None) == page.read_text().startswith("'\\\" t\n"), page.name
    text = {page.name: re.sub(r"\\&|\\", "", page.read_text()) for page in folder.glob("homing*.[1-8]")}
    assert len(text) == len(list((TOP / "doc" / "man").glob("*.scd.in")))
    for name, page in text.items():
        assert not re.search(r"^@\w+@$", page, re.M), name
    for name in pages:
        assert f"fBhoming {name}" in text["homing.1"]
    settings = re.findall(r'^    \{\.name = "([^"]+)"', (TOP / "src" / "conf" / "settings_table.c").read_text(), re.M)
    assert len(settings) > 100
    for name in settings:
        assert f"fB{name}fR=" in text["homing.conf.5"], name
    listed = json.loads(subprocess.run([program, "providers", "--json"], capture_output=True, text=True, timeout=10).stdout)
    ids = [item["id"] for item in listed.get("items", listed.get("providers", []))]
    assert len(ids) > 150
    for name in ids:
        assert f"fB{name}fR" in text["homing-providers.7"], name
    for path in json.loads((TOP / "src" / "web" / "openapi.json").read_text())["paths"]:
        assert path in text["homing-api.7"], path


def test_the_manual_fits_a_terminal(program):
    """80 columns wide, and no word of it is broken: it might be a setting's name."""
    folder = pathlib.Path(program).parent / "doc" / "man"
    if shutil.which("man") is None or not (folder / "homing.1").exists():
        pytest.skip("there is no man here, or no scdoc for its pages")
    for page in folder.glob("homing*.[1-8]"):
        shown = subprocess.run(["man", "-l", page], env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=60)
        lines = re.sub(".\b", "", shown.stdout).splitlines()
        assert len(lines) > 40 and not [line for line in lines if line.endswith("\u2010") or len(line) > 80 and " " in line.strip()], page.name


class Shell:
    def __init__(self, program, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        os.symlink(program, folder / "bin" / "homing")
        (folder / "homing.conf").write_text("usev4=ipv4, ipv4=9.9.9.9\nprotocol=dyndns2, login=a, password=b\n"
                                            "attic.example.com\ncellar.example.com\n")
        (folder / "homing.conf").chmod(0o600)
        self.env = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder),
                    "HOMING_CONFIG": str(folder / "homing.conf"), "XDG_STATE_HOME": str(folder)}

    def script(self, program, shell):
        path = self.folder / shell
        path.write_text(subprocess.run([program, "help", "--completion", shell], capture_output=True, text=True, check=True).stdout)
        return path

    def run(self, *words):
        return subprocess.run(words, env=self.env, capture_output=True, text=True, timeout=30, cwd=self.folder)


OFFERED = [("sta", {"status"}), ("update --fo", {"--force"}), ("why at", {"attic.example.com"}),
           ("why ", {"attic.example.com", "cellar.example.com"}), ("set attic.example.com provi", {"provider="}), ("help upd", {"update"})]


def bash_offers(shell, script, line):
    words = " ".join(f"'{word}'" for word in ["homing", *line.split(" ")])
    return shell.run("bash", "-c", f". {script}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _homing; "
                                   "printf '%s\\n' \"${COMPREPLY[@]}\"")


def fish_offers(shell, script, line):
    return shell.run("fish", "-c", f"source {script}; complete -C 'homing {line}'")


# What the shell is given to offer is written down, as far as it matches.
ZSHRC = r"""PROMPT='ready> '
fpath=($ZDOTDIR/functions $fpath)
autoload -Uz compinit && compinit -u -d $ZDOTDIR/dump
compadd() {
    local -a offered
    if (( ! ${@[(I)-[OAD]]} )); then
        builtin compadd -O offered "$@"
        print -rl -- $offered >>$ZDOTDIR/offered
    fi
    builtin compadd "$@"
}
"""


def zsh_offers(shell, script, line):
    """Its completion works in its line editor alone: keys are typed at a terminal."""
    place = shell.folder / "zsh-home"
    (place / "functions").mkdir(parents=True, exist_ok=True)
    shutil.copy(script, place / "functions" / "_homing")
    (place / ".zshrc").write_text(ZSHRC)
    (place / "offered").write_text("")
    ours, its = pty.openpty()
    with subprocess.Popen(["zsh", "-d", "-i"], stdin=its, stdout=its, stderr=its, start_new_session=True, cwd=shell.folder,
                          env={**shell.env, "ZDOTDIR": str(place), "TERM": "xterm"}) as zsh:
        os.close(its)
        screen = read_until(ours, "ready> ")
        os.write(ours, f"homing {line}\t\x15exit\r".encode())
        screen += read_until(ours, None)
        os.close(ours)
        zsh.wait(20)
    wrong = [text for text in screen.splitlines() if re.search("zsh:|_homing|compinit", text)]
    return subprocess.CompletedProcess(zsh.args, zsh.returncode, (place / "offered").read_text(), "\n".join(wrong))


def read_until(terminal, text):
    """What comes until the text does, or until the other end is closed."""
    seen = ""
    while text is None or text not in seen:
        ready, _, _ = select.select([terminal], [], [], 20)
        assert ready, f"the shell says nothing more: {seen[-500:]}"
        try:
            seen += os.read(terminal, 65536).decode(errors="replace")
        except OSError: # closed
            return seen
    return seen


@pytest.mark.parametrize("name, offers", [("bash", bash_offers), ("zsh", zsh_offers), ("fish", fish_offers)])
def test_completion_in_the_shell_itself(program, tmp_path, name, offers):
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    shell = Shell(program, tmp_path)
    script = shell.script(program, name)
    for line, expected in OFFERED:
        done = offers(shell, script, line)
        assert done.stderr == "" and {word.split("\t")[0] for word in done.stdout.split("\n")} - {""} == expected, (line, done)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_completion_script_is_one_for_its_shell(program, tmp_path, name):
    script = Shell(program, tmp_path).script(program, name)
    # Each quote has its other: what a sentence with an apostrophe would break.
    text = script.read_text().replace("'\\''", "").replace("\\'", "")
    assert all(line.count("'") % 2 == 0 for line in text.splitlines())
    if shutil.which(name):
        done = subprocess.run([name, "-n", script], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and done.stderr == ""
