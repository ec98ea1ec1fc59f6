"""Lockproof's line protocol (docs/sut-protocol.md): one JSON request a line on stdin, one reply a line on stdout."""

import asyncio
import json
import sys


class Refused(Exception):
    """An error of the line protocol. `definite`: the operation did not happen, and never will."""

    def __init__(self, code, message, definite=True):
        super().__init__(message)
        self.code, self.definite = code, definite


def is_id(value):
    return isinstance(value, str) and 1 <= len(value.encode()) <= 256


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15


def is_texts(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def is_pairs(value):
    return isinstance(value, list) and all(isinstance(one, dict) and set(one) == {"source", "target"} for one in value)


JOB = {"node": is_id, "job": is_id}
FIELDS = {
    "register_node": {"node": is_id, "max_jobs": is_count, "pools": is_texts, "services": is_texts, "languages": is_pairs},
    "heartbeat": {"node": is_id, "incarnation": is_id, "seq": is_count, "running": is_texts, "metrics": lambda value: isinstance(value, dict)},
    "offline_node": {"node": is_id}, "reserve_job": JOB, "complete_job": JOB, "release_job": JOB, "get_node": {"node": lambda value: isinstance(value, str)},
    "select_nodes": {"source": is_id, "target": is_id, "services": is_texts, "count": is_count}, "status": {},
}


class Server:
    def __init__(self, make_scheduler, name, version, claims):
        """`make_scheduler` takes the request `init` and returns an object with a method for each operation of FIELDS, and `start`."""
        self.make_scheduler, self.name, self.version, self.claims = make_scheduler, name, version, claims
        self.scheduler, self.is_ready, self.calls, self.over = None, False, set(), asyncio.Event()

    async def perform(self, ask):
        op = ask.get("op")
        if op == "init":
            if self.scheduler is not None:
                raise Refused("invalid", "init comes once")
            self.scheduler = self.make_scheduler(ask)
            await self.scheduler.start()
            self.is_ready = True
            return {"name": self.name, "version": self.version, "capabilities": {"ops": list(FIELDS), "properties": self.claims}}
        if op == "shutdown":
            return {}
        if op not in FIELDS:
            raise Refused("unsupported", f"no operation {op}")
        if not self.is_ready:
            raise Refused("not_ready", "before init was answered")
        for name, is_right in FIELDS[op].items():
            if not is_right(ask.get(name)):
                raise Refused("invalid", f"{name} is missing or wrong")
        return await getattr(self.scheduler, op)(ask)

    async def answer(self, line):
        try:
            ask = json.loads(line)
            number = ask["id"]
        except (ValueError, KeyError, TypeError):
            return say({"id": None, "error": {"code": "invalid", "message": "no request", "definite": True}})
        try:
            say({"id": number, "ok": True, **(await self.perform(ask))})
        except Refused as error:
            say({"id": number, "error": {"code": error.code, "message": str(error), "definite": error.definite}})
        except UnicodeEncodeError:
            say({"id": number, "error": {"code": "invalid", "message": "text that is not well-formed", "definite": True}})
        except Exception as error:  # a mistake in this program: what became of the operation is not known
            say({"id": number, "error": {"code": "internal", "message": repr(error), "definite": False}})
        if ask.get("op") == "shutdown":
            self.over.set()

    async def serve(self):
        reader = asyncio.StreamReader(limit=4_200_000)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        reading = asyncio.create_task(self.read(reader))
        await self.over.wait()
        reading.cancel()

    async def read(self, reader):
        while line := await reader.readline():
            if not line.strip():
                continue
            task = asyncio.create_task(self.answer(line))
            self.calls.add(task)
            task.add_done_callback(self.calls.discard)
        self.over.set()


def say(reply):
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
