# SPDX-License-Identifier: ISC
"""A gateway device by UPnP that is out to harm: python3 -m lib.crooked_igd ADDRESS MODE SEED TRAP...

MODE mutate: searches get many mangled answers and a sound one, descriptions and addresses are mangled; "sound" on standard
input ends that. slow: a description that comes byte by byte. liar: all is sound, the address is 9.9.9.66. A trap is an
address and port that nobody may be led to: who comes there is printed.
"""
import random
import socket
import struct
import sys
import threading
import time

GROUP = "239.255.255.250"
SEARCH = "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: {st}\r\nUSN: uuid:1::x\r\nEXT:\r\nSERVER: crooked\r\nLOCATION: {location}\r\n\r\n"
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
DESCRIPTION = ('<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">{base}<device><deviceType>urn:schemas-upnp-org:device:'
               "InternetGatewayDevice:1</deviceType><deviceList><device><serviceList><service><serviceType>" + SERVICE +
               "</serviceType><controlURL>{control}</controlURL><eventSubURL>/e</eventSubURL><SCPDURL>/s</SCPDURL></service></serviceList>"
               "</device></deviceList></device></root>")
ANSWER = ('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:GetExternalIPAddressResponse '
          'xmlns:u="' + SERVICE + '"><NewExternalIPAddress>{address}</NewExternalIPAddress></u:GetExternalIPAddressResponse></s:Body></s:Envelope>')


def mangled(text, rng):
    data = bytearray(text.encode())
    for _ in range(rng.choice((0, 1, 2, 8, 40))):
        at = rng.randrange(len(data) + 1)
        what = rng.randrange(5)
        if what == 0:
            data[at:at + rng.randrange(1, 20)] = b""
        elif what == 1:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
        elif what == 2:
            data[at:at] = rng.choice((b"<", b">", b"</", b"&", b'"', b"<![CDATA[", b"<!--", b"\x00", b"\r\n\r\n", b"%s%n")) * rng.choice((1, 1, 900))
        elif what == 3:
            data[at:at] = data[max(0, at - 200):at] * rng.choice((1, 30))
        elif data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
    return bytes(data)


class Device:
    def __init__(self, address, mode, seed, traps):
        self.address, self.mode, self.rng, self.traps = address, mode, random.Random(seed), traps
        self.base = f"http://{address}:5000"

    def locations(self):
        for trap in self.traps:
            yield from (f"http://{trap}/", f"http://{self.address}@{trap}/", f"http://{self.address}:5000@{trap}/x")

    def answers(self, st):
        if self.mode != "mutate":
            return [SEARCH.format(st=st, location=self.base + "/d.xml").encode()]
        told = [SEARCH.format(st=st, location=x).encode() for x in self.locations()]
        told += [mangled(SEARCH.format(st=st, location=self.base + "/d.xml"), self.rng)[:1900] for _ in range(20)]
        return [*told, SEARCH.format(st=st, location=self.base + "/d.xml").encode()]

    def search(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", 1900))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton("192.168.1.1")))
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        out.bind((self.address, 0))
        print("listens", flush=True)
        while True:
            data, peer = s.recvfrom(2000)
            st = next((x[3:].strip() for x in data.decode("latin-1").split("\r\n") if x.upper().startswith("ST:")), "")
            for datagram in self.answers(st):
                out.sendto(datagram, peer)

    def body(self, post):
        address = "9.9.9.66" if self.mode == "liar" else "9.9.9.10"
        control, base = "/ctl", ""
        if self.mode == "mutate" and self.rng.random() < 0.3:
            control = self.rng.choice([*self.locations(), "//" + self.traps[0] + "/c", "ctl", "x" * 400, "\\\\a\\b", "http://" + "9" * 3000])
        elif self.mode == "mutate" and self.rng.random() < 0.3:
            base = f"<URLBase>{self.rng.choice(list(self.locations()))}</URLBase>"
        text = ANSWER.format(address=address) if post else DESCRIPTION.format(control=control, base=base)
        return mangled(text, self.rng) if self.mode == "mutate" and self.rng.random() < 0.6 else text.encode()

    def serve(self, c):
        request = c.recv(5000)
        body = self.body(request.startswith(b"POST"))
        if self.mode == "slow":
            c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for byte in body:
                c.sendall(bytes([byte]))
                time.sleep(0.2)
        if self.mode == "mutate" and self.rng.random() < 0.05:
            c.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body * 500)
            while True:
                c.sendall(b"<a>" * 5000)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        if self.mode == "mutate" and self.rng.random() < 0.2:
            head = mangled(head.decode(), self.rng)
        c.sendall(head + body)

    def quietly(self, c):
        try:
            with c:
                self.serve(c)
        except OSError:
            pass

    def listen(self):
        with socket.create_server((self.address, 5000), backlog=100) as s:
            while True:
                threading.Thread(target=self.quietly, args=(s.accept()[0],), daemon=True).start()

    def trap(self, where):
        host, port = where.rsplit(":", 1)
        with socket.create_server((host, int(port))) as s:
            while True:
                s.accept()[0].close()
                print("trapped at", where, flush=True)


if __name__ == "__main__":
    device = Device(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    for run in (device.search, device.listen, *[lambda t=t: device.trap(t) for t in device.traps]):
        threading.Thread(target=run, daemon=True).start()
    for line in sys.stdin:
        device.mode = line.strip()
        print(device.mode, flush=True)
    while True:
        time.sleep(60)
