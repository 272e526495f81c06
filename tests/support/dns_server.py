"""A DNS server on this machine that answers from a table."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

#: For a name and a type such as `TXT`, the values as a zone file has them.
Zone = Mapping[tuple[str, str], tuple[str, ...]]


@contextmanager
def dns_server(zone: Zone) -> Iterator[str]:
    """Answer questions until the block ends; the value is the address, such as `127.0.0.1:5353`.

    A name that is not in the zone does not exist.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(server, zone), daemon=True)
        thread.start()
        host, port = server.getsockname()
        yield f"{host}:{port}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (host, port))
        thread.join(5)


def _serve(server: socket.socket, zone: Zone) -> None:
    names = {name for name, _ in zone}
    while True:
        asked, peer = server.recvfrom(4096)
        if not asked:
            return
        question = dns.message.from_wire(asked)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        about = question.question[0]
        name = about.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(about.rdtype)
        if values := zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(about.name, 60, "IN", kind, *values))
        elif name not in names:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        server.sendto(answer.to_wire(), peer)
