#!/usr/bin/env python3
"""customers.py - a million invented customers in a running server: how long a search takes.

    bench/customers.py file COUNT > people.csv       invented people (always the same ones)
    bench/customers.py load URL TENANT USER PASSWORD people.csv   imports them, says how long
    bench/customers.py ask URL TENANT USER PASSWORD COUNT         times of searches and matches

Times are those of a client on the same machine over one kept connection, JSON read whole.
"""
import http.client
import json
import pathlib
import random
import sys
import time
import urllib.parse

GIVEN = """Anna Jan Zofia Piotr Maria Krzysztof Katarzyna Andrzej Małgorzata Tomasz Agnieszka Paweł Barbara Michał Ewa
Marcin Krystyna Stanisław Elżbieta Jakub Łucja Świętosława Żaneta Иван Пётр Анна Ольга Алёна Сергей Jiří Dvora Jürgen Björn
Zuzanna Filip Hanna Oskar Natalia Wiktor Oliwia Igor Bogusława Łukasz""".split()
STEMS = """Now Kowal Wiśniew Wójc Kamiń Lewandow Zieliń Szymań Woźnia Dąbrow Kozłow Mazur Jankow Kwiatkow Krawcz Piotrow
Grabow Pawłow Michal Zając Król Jabłoń Wieczor Adam Dudek Nowic Stępień Malinow Żół Ćwik Łos Ёлк Щук Петр Иван Novák Svobod
Müll Schneid Groß Bąk Sikor Walcz Rutkow Ostrow Tomaszew Zalew Wróblew Jasiń Sadow Bielec Urban Czerwiń""".split()
ENDS = "ski ska czyk ak ek owicz ewicz ek ik in ina ов ова er mann á a".split()
CITIES = "Warszawa Kraków Łódź Wrocław Poznań Gdańsk Szczecin Bydgoszcz Lublin Białystok Тверь Brno Dresden".split()
STREETS = "Polna Leśna Słoneczna Krótka Szkolna Ogrodowa Lipowa Brzozowa Łąkowa Kwiatowa Długa Piękna".split()


def person(i):
    dice = random.Random(i)
    given = dice.choice(GIVEN)
    family = dice.choice(STEMS) + dice.choice("bcdfghklmnprstwz") * (dice.random() < .3) + dice.choice(ENDS)
    return (f"X{i:07}", given, family, f"+48{600000000 + i * 7 % 299999999}",
            f"k{i}@example{dice.randrange(50)}.com" if dice.random() < .6 else "",
            f"{dice.choice(STREETS)} {dice.randrange(1, 200)}", dice.choice(CITIES))


def write(count):
    print("external_id;given_name;family_name;number;email;street;city")
    for i in range(count):
        print(";".join(person(i)))


class Client:
    def __init__(self, url, tenant, user, password):
        self.c = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=600)
        self.base, self.token = f"/api/v1/tenants/{tenant}/", None
        self.token = self.ask("POST", "/api/v1/login", {"tenant": tenant, "user": user, "password": password})["token"]

    def ask(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body)
        self.c.request(method, path if path[0] == "/" else self.base + path, data, headers)
        answer = self.c.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text)


def load(client, path):
    data = pathlib.Path(path).read_bytes()
    step = 8 << 20
    one = client.ask("POST", "customers/imports", data[:step])
    at = f"customers/imports/{one['id']}"
    for i in range(step, len(data), step):
        client.ask("PUT", f"{at}/file?offset={i}", data[i:i + step])
    since = time.monotonic()
    client.ask("POST", f"{at}/start", {"duplicates": "skip"})
    while True:
        state = client.ask("GET", at)
        print(f"{time.monotonic() - since:7.1f} s {state['state']} {state['progress']}", flush=True)
        if state["state"] != "running":
            return
        time.sleep(10)


def ask(client, count):
    dice = random.Random(7)
    kinds = {"name": lambda p: p[2], "given and family name": lambda p: f"{p[1]} {p[2]}",
             "beginnings": lambda p: f"{p[2][:3]} {p[1][:2]}", "three letters": lambda p: p[2][:3],
             "one letter": lambda p: p[2][:1], "number": lambda p: p[3], "six digits": lambda p: p[3][-6:],
             "four digits": lambda p: p[3][4:8], "e-mail": lambda p: p[4] or "example7.com",
             "external id": lambda p: p[0], "name and city": lambda p: f"{p[2]} {p[6][:3]}",
             "nobody": lambda p: "qqqqzzzz xyzzy"}
    for name, make in kinds.items():
        times, hits = [], 0
        for _ in range(60):
            q = make(person(dice.randrange(count)))
            since = time.monotonic()
            got = client.ask("GET", "customers?limit=20&" + urllib.parse.urlencode({"q": q}))["items"]
            times.append((time.monotonic() - since) * 1000)
            hits += bool(got)
        times.sort()
        print(f"{name:24} median {times[30]:6.1f} ms  95 % {times[57]:6.1f} ms  most {times[-1]:6.1f} ms  found {hits}/60")
    times = []
    for _ in range(200):
        number = urllib.parse.quote(person(dice.randrange(count))[3])
        since = time.monotonic()
        assert client.ask("GET", f"customers/match?number={number}")["items"]
        times.append((time.monotonic() - since) * 1000)
    times.sort()
    print(f"{'match':24} median {times[100]:6.1f} ms  95 % {times[190]:6.1f} ms  most {times[-1]:6.1f} ms")


if __name__ == "__main__":
    if sys.argv[1] == "file":
        write(int(sys.argv[2]))
    elif sys.argv[1] == "load":
        load(Client(*sys.argv[2:6]), sys.argv[6])
    else:
        ask(Client(*sys.argv[2:6]), int(sys.argv[6]))
