# SPDX-License-Identifier: ISC
"""How coturn is started as a STUN server and nothing else."""


def write_conf(folder, port, *addresses):
    """Its configuration; the path."""
    path = folder / "turn.conf"
    words = ["stun-only", "no-tls", "no-dtls", "no-cli", "no-rfc5780", "log-file=stdout", "simple-log"]
    path.write_text("\n".join([*(f"listening-ip={address}" for address in addresses), f"listening-port={port}", *words,
                               f"pidfile={folder}/turn.pid", f"userdb={folder}/turndb", ""]))
    return path
