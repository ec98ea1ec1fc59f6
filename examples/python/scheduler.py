"""A lock-free scheduler behind Lockproof's line protocol (docs/sut-protocol.md), with keys and a script of its own: operations.lua.

Writes are one call of the script each. Reads and selections are answered from a view in memory. News of changes moves it; a tick every few
milliseconds finds what was missed, and whether Redis still answers. `--flaw NAME` makes it wrong in one of the ways of docs/sut-matrix.md.
"""

import asyncio
import json
import random
import sys
import time
from pathlib import Path

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, NoScriptError, RedisError, ResponseError, TimeoutError

from protocol import Refused, Server

FLAW = sys.argv[sys.argv.index("--flaw") + 1] if "--flaw" in sys.argv else ""
SOURCE = Path(__file__).with_name("operations.lua").read_text("utf-8")
# The documented defaults (docs/settings.md) of the settings that are heeded, in ms. A write waits for longer than theirs: it is a network call.
DEFAULTS = {
    "heartbeatTtl": 15_000, "ttlSpread": 0.2, "lease": 60_000, "retention": 3_600_000, "doneFor": 600_000, "doneMax": 1_000,
    "sweepInterval": 1_000, "pulseInterval": 15, "probeInterval": 100, "probesInARow": 3, "localOnlyAfter": 10_000, "l2Ttl": 30_000,
    "calmAfter": 5_000, "dwell": 250, "dwellMax": 2_000, "writeDeadline": 150,
}
WEIGHTS = {"cpu": (1, 0.25), "gpu": (1, 0.2), "memory": (1, 0.15), "load": (4, 0.15), "latency_ms": (1000, 0.1), "error_rate": (1, 0.15)}
# The first word of an error of Redis, where it says that the script has not run.
REFUSALS = {"READONLY": "readonly", "LOADING": "loading", "BUSY": "busy", "OOM": "out_of_memory", "NOPERM": "denied", "MISCONF": "readonly"}
# Errors that say nothing about the next call: neither the mode nor the writes of others depend on them (docs/modes.md).
OF_ONE_CALL = {"readonly", "out_of_memory", "denied"}
SLICE = 0.005
TICK_SLICES = 5  # with a pause of 15 ms before it, a tick without an answer ends the mode `normal` within 50 ms


def client(url, connections):
    pool = BlockingConnectionPool.from_url(
        url, max_connections=connections, timeout=None, decode_responses=True, retry=Retry(NoBackoff(), 0), socket_timeout=None
    )
    return Redis(connection_pool=pool)


def now():
    return time.monotonic() * 1000


class Scheduler:
    def __init__(self, ask):
        self.settings = {**DEFAULTS, **ask["settings"]}
        self.namespace = ask["namespace"]
        self.channel = self.namespace + "news"
        self.writer, self.watcher = client(ask["redis"], 32), client(ask["redis"], 2)
        self.listener = client(ask.get("redis_feed", ask["redis"]), 1)
        self.sha = None
        self.view, self.epoch, self.seq, self.past = {}, "", 0, set()
        self.mode, self.connected = "local_only", False
        self.sends_writes, self.has_missed, self.misses = True, False, 0
        self.confirmed_at, self.answered_at, self.came_at, self.relapses = float("-inf"), now(), float("-inf"), 0
        self.left_at = now()
        self.reloading = asyncio.Lock()  # of one coroutine among those of this process; nothing in Redis is locked
        self.heard = {}
        self.tasks = []

    async def start(self):
        self.tasks = [asyncio.create_task(work()) for work in (self.listen, self.watch, self.sweep)]
        while self.mode != "normal":
            await asyncio.sleep(SLICE)

    # Calls of the script

    async def script(self, redis, op, node, *args):
        keys = [self.namespace + name for name in ("clock", "fleet", "due", f"places:{node}", f"finished:{node}")]
        values = [op, FLAW, self.channel, node, *args]
        if self.sha is None:
            self.sha = await redis.script_load(SOURCE)
        try:
            return await redis.evalsha(self.sha, len(keys), *keys, *values)
        except NoScriptError:
            return await redis.eval(SOURCE, len(keys), *keys, *values)

    async def in_slices(self, work, slices=TICK_SLICES):
        """Waits in slices, so that a pause of this process is not taken for one of Redis: what arrived meanwhile is read in the next slice."""
        task = asyncio.ensure_future(work)
        for _ in range(slices):
            await asyncio.wait([task], timeout=SLICE)
            if task.done():
                return task.result()
        task.cancel()
        raise TimeoutError("no answer in time")

    async def write(self, op, node, *args):
        """Fails at once where Redis is known to be away. A call that was sent and not answered may have happened."""
        if not self.sends_writes and FLAW != "writes-on":
            raise Refused("disconnected", "not sent: Redis is away")
        try:
            async with asyncio.timeout(self.settings["writeDeadline"] / 1000):
                reply = await self.script(self.writer, op, node, *args)
        except ResponseError as error:
            word = str(error).split(" ")[0]
            code = REFUSALS.get(word, "internal")
            if code not in OF_ONE_CALL:
                self.missed(is_late_read=False)
            raise Refused(code, str(error), word in REFUSALS) from error
        except (asyncio.TimeoutError, TimeoutError, ConnectionError, OSError) as error:
            self.missed(is_late_read=False)
            raise Refused("deadline", f"no answer: {error!r}", False) from error
        self.answered()
        return reply

    # The view

    def took(self, news):
        """Whether the next change in order was taken."""
        if news["epoch"] != self.epoch or news["seq"] > self.seq + 1:
            return False
        if news["seq"] == self.seq + 1:
            self.seq = news["seq"]
            self.put(news["node"], news["record"])
        return True

    def put(self, node, record):
        if record["status"] == "offline" and FLAW == "goodbye-unheard":
            return
        if record["status"] == "removed":
            self.view.pop(node, None)
        else:
            offer = json.loads(record["offer"])
            self.view[node] = {
                "node": node, "status": record["status"], "incarnation": record["incarnation"], "max_jobs": record["capacity"],
                "current_jobs": record["jobs"], "health_milli": record["health"], **offer,
                "version": {"epoch": record["epoch"], "sequence": record["seq"]},
            }

    async def reload(self):
        """Reads all nodes. A reply of an epoch that was left, or older than the view, changes nothing."""
        async with self.reloading:
            asked = now()
            _, epoch, seq, flat = await self.script(self.watcher, "all", "")
            if epoch in self.past or (epoch == self.epoch and seq < self.seq):
                return
            if self.epoch not in ("", epoch):
                self.past.add(self.epoch)
            if FLAW != "goodbye-unheard" or epoch != self.epoch:
                self.view = {}
            self.epoch, self.seq, self.confirmed_at = epoch, seq, asked
            for node, record in zip(flat[::2], flat[1::2]):
                self.put(node, json.loads(record))

    async def listen(self):
        while True:
            try:
                async with self.listener.pubsub() as subscription:
                    await subscription.subscribe(self.channel)
                    async for message in subscription.listen():
                        self.connected = True
                        if message["type"] == "message":
                            self.took(json.loads(message["data"]))  # a gap is found by the next tick
            except (RedisError, OSError):
                pass
            self.connected = False
            await asyncio.sleep(0.02)

    # The mode

    async def watch(self):
        while True:
            await (self.pulse() if self.mode == "normal" else self.probe())

    async def pulse(self):
        behind = self.seq
        await asyncio.sleep(self.settings["pulseInterval"] / 1000)
        try:
            asked = now()
            _, epoch, seq, *_ = await self.in_slices(self.script(self.watcher, "tick", ""))
            self.answered()
            if epoch == self.epoch and self.seq >= seq:
                self.confirmed_at = asked
            elif epoch != self.epoch or self.seq == behind:
                await self.in_slices(self.reload())  # nothing was heard since the last tick
        except (RedisError, OSError) as error:
            self.missed(isinstance(error, TimeoutError))

    def answered(self):
        self.answered_at, self.has_missed = now(), False

    def missed(self, is_late_read):
        """Ends the mode `normal`. One late read stops no write; a second miss in a row does, and any other failure."""
        if FLAW == "never-degrades":
            return
        if self.mode == "normal":
            self.relapses = self.relapses + 1 if now() - self.came_at < self.settings["calmAfter"] else 0
            self.mode, self.left_at = "l2_only", now()
        if self.has_missed or not is_late_read:
            self.sends_writes = False
        self.has_missed, self.misses = True, self.misses + 1

    async def probe(self):
        """Back in `normal` once some probes in a row were answered, with no miss between, and all nodes were read."""
        settings, misses = self.settings, self.misses
        try:
            for _ in range(settings["probesInARow"] if self.epoch else 1):
                await asyncio.sleep(settings["probeInterval"] / 1000 if self.epoch else 0.02)
                _, epoch, seq, *_ = await self.in_slices(self.script(self.watcher, "tick", ""))
                self.answered()
                self.sends_writes = epoch == self.epoch and seq >= self.seq
            if self.relapses > 0 and self.epoch:
                dwell = min(settings["dwell"] * 2 ** (self.relapses - 1), settings["dwellMax"])
                await asyncio.sleep(max(0, self.left_at + dwell - now()) / 1000)
            await self.in_slices(self.reload(), 10 * TICK_SLICES)
            self.answered()
            if self.misses > misses:
                return
            self.mode, self.came_at, self.sends_writes = "normal", now(), True
        except (RedisError, OSError) as error:
            self.missed(isinstance(error, TimeoutError))
            if now() - max(self.left_at, self.answered_at) > settings["localOnlyAfter"] or now() - self.confirmed_at > settings["l2Ttl"]:
                self.mode = "local_only"

    # The sweep

    async def sweep(self):
        """Any instance may do it at any time: the script decides by the clock of Redis what is due."""
        settings = self.settings
        every = settings["sweepInterval"]
        while True:
            await asyncio.sleep(every / 1000 * random.uniform(1 - settings["ttlSpread"], 1))
            try:
                _, _, _, nodes = await self.write("due", "", int(max(5 * every, settings["heartbeatTtl"] / 2)), int(settings["heartbeatTtl"]))
                for node in nodes:
                    await self.write("reap", node, int(settings["retention"]), "")
                if FLAW == "own-clock":
                    for node, at in self.heard.items():
                        if now() - at > settings["heartbeatTtl"] / 2:
                            await self.write("reap", node, int(settings["retention"]), "forced")
            except Refused:
                pass

    # Operations

    def ttl(self):
        spread = self.settings["ttlSpread"]
        return int(self.settings["heartbeatTtl"] * random.uniform(1 - spread, 1 + spread))

    def said(self, reply, **more):
        outcome, epoch, seq, *_ = reply
        return {"outcome": outcome, "version": {"epoch": epoch, "sequence": seq}, **more}

    async def register_node(self, ask):
        node, known = ask["node"], self.view.get(ask["node"])
        expected = ask["expected"] if "expected" in ask else known and known["incarnation"]
        offer = json.dumps({name: ask[name] for name in ("pools", "languages", "services")})
        token = ask.get("registration") or f"{random.getrandbits(64):x}"
        reply = await self.write("register", node, token, expected or "", ask["max_jobs"], self.ttl(), offer)
        return self.said(reply, incarnation=reply[3] if len(reply) > 3 else None)

    async def heartbeat(self, ask):
        self.heard[ask["node"]] = now()
        lease, health = int(self.settings["lease"]), health_of(ask["metrics"])
        return self.said(await self.write("heartbeat", ask["node"], ask["incarnation"], ask["seq"], self.ttl(), lease, health, *ask["running"]))

    async def offline_node(self, ask):
        return self.said(await self.write("offline", ask["node"], ask.get("incarnation") or "", int(self.settings["retention"])))

    async def reserve_job(self, ask):
        node, job, lease = ask["node"], ask["job"], int(ask.get("lease_ms") or self.settings["lease"])
        known = self.view.get(node)
        if FLAW == "capacity-from-cache" and known and known["current_jobs"] >= known["max_jobs"]:
            return {"outcome": "full"}
        if FLAW == "check-then-act" and known:
            if await self.writer.zcard(f"{self.namespace}places:{node}") >= known["max_jobs"]:
                return {"outcome": "full"}
        try:
            return self.said(await self.write("reserve", node, job, lease))
        except Refused as error:
            if FLAW == "full-on-timeout":
                return {"outcome": "full"}
            if FLAW == "assume-reserved":
                return {"outcome": "reserved"}
            if FLAW == "retry-new-id" and not error.definite:
                return self.said(await self.script(self.writer, "reserve", node, job + "-again", lease))
            raise

    async def complete_job(self, ask):
        memory = int(self.settings["doneFor"]), int(self.settings["doneMax"])
        return self.said(await self.write("complete", ask["node"], ask["job"], *memory))

    async def release_job(self, ask):
        return self.said(await self.write("release", ask["node"], ask["job"]))

    async def get_node(self, ask):
        content = self.view.get(ask["node"])
        age = None if self.confirmed_at == float("-inf") else now() - self.confirmed_at
        answer = {"found": content is not None, "source": "l2", "age_ms": age, "stale": self.mode != "normal", "mode": self.shown_mode()}
        shown = ("status", "version", "current_jobs", "max_jobs")
        return answer if content is None else {**answer, "content": content, **{name: content[name] for name in shown}}

    async def select_nodes(self, ask):
        pair = {"source": ask["source"], "target": ask["target"]}
        suited = [
            node for node in self.view.values()
            if node["status"] == "online" and node["current_jobs"] < node["max_jobs"] and pair in node["languages"]
            and ("pool" not in ask or ask["pool"] in node["pools"]) and all(one in node["services"] for one in ask["services"])
        ]
        random.shuffle(suited)  # equals come in a random order, so that instances do not herd
        suited.sort(key=lambda node: node["current_jobs"] / node["max_jobs"] - node["health_milli"] / 1000)
        best = suited[: ask["count"]]
        return {"nodes": [node["node"] for node in best], "mode": self.shown_mode(), "contents": best}

    def shown_mode(self):
        return "normal" if FLAW == "always-normal" else self.mode

    async def status(self, ask):
        view = {"0": {"epoch": self.epoch, "sequence": self.seq}} if self.epoch else {}
        contents = {"contents": list(self.view.values())} if ask.get("contents") else {}
        return {"mode": self.mode, "connected": self.connected, "view": view, **contents}


def health_of(metrics):
    known = {name: value for name, value in metrics.items() if name in WEIGHTS and isinstance(value, int | float) and 0 <= value <= 1e9}
    total = sum(WEIGHTS[name][1] for name in known)
    strain = sum(min(value / WEIGHTS[name][0], 1) * WEIGHTS[name][1] for name, value in known.items())
    return 500 if total == 0 else round(1000 * (1 - strain / total))


CLAIMS = ["J2", "J3", "J4", "N1", "N2", "N3", "N4", "D1", "D2", "D3", "D4", "D5", "D6", "V1", "V2", "S1", "B2"]

if __name__ == "__main__":
    asyncio.run(Server(Scheduler, "python example", FLAW or "1", CLAIMS).serve())
