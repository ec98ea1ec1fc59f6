"""A scheduler behind the line protocol of Lockproof, level 0. Its keys and its script are its own."""
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_S = 0.2  # of one call of Redis: a caller must not wait for a Redis that is gone
ABOUT = {
    "name": "my-scheduler",
    "version": "0.1.0",
    "capabilities": {"ops": ["register_node", "reserve_job", "complete_job"], "properties": ["J2", "J3", "J4", "D4"]},
}


class Refused(Exception):
    """Nothing was sent to Redis, so nothing happened."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Scheduler:
    def __init__(self, asked):
        # No retries: a call that failed may have happened, and the caller decides what comes next.
        once = Retry(NoBackoff(), 0)
        timeouts = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S}
        self.redis = redis.Redis.from_url(asked["redis"], retry=once, decode_responses=True, **timeouts)
        self.redis.ping()
        self.script = self.redis.register_script(Path(__file__).with_name("scheduler.lua").read_text())
        self.namespace = asked["namespace"]
        self.lease_ms = asked["settings"].get("lease", 60_000)

    def run(self, node, *args):
        keys = [f"{self.namespace}{kind}:{node}" for kind in ("node", "held", "finished")]
        return self.script(keys=keys, args=args)

    def register_node(self, asked):
        token, expected = asked.get("registration", ""), asked.get("expected", "*")
        capacity = whole(asked, "max_jobs", 0, 100_000)
        outcome, incarnation = self.run(text(asked, "node"), "register", token, capacity, expected or "")
        return {"outcome": outcome, "incarnation": incarnation or None}

    def reserve_job(self, asked):
        lease = whole({"lease_ms": self.lease_ms, **asked}, "lease_ms", 1, 86_400_000)
        return {"outcome": self.run(text(asked, "node"), "reserve", text(asked, "job"), lease)[0]}

    def complete_job(self, asked):
        return {"outcome": self.run(text(asked, "node"), "complete", text(asked, "job"))[0]}


def text(asked, field):
    value = asked.get(field)
    if isinstance(value, str) and 1 <= len(value.encode(errors="replace")) <= 256:
        return value
    raise Refused("invalid", f"{field}: found {value!r}; allowed: 1 to 256 bytes of text")


def whole(asked, field, least, most):
    value = asked.get(field)
    if type(value) is int and least <= value <= most:
        return value
    raise Refused("invalid", f"{field}: found {value!r}; allowed: {least} to {most}")


scheduler = None
writing = threading.Lock()


def perform(asked):
    global scheduler
    op = asked["op"]
    if op == "init":
        scheduler = Scheduler(asked)
        return ABOUT
    if op == "shutdown":
        return {}
    if op not in ABOUT["capabilities"]["ops"]:
        raise Refused("unsupported", f"no operation {op!r}")
    if scheduler is None:
        raise Refused("not_ready", "init comes first")
    return getattr(scheduler, op)(asked)


def answer(asked):
    try:
        said = {"ok": True, **perform(asked)}
    except Refused as error:
        said = {"error": {"code": error.code, "message": str(error), "definite": True}}
    except redis.RedisError as error:  # it may have happened
        code = "deadline" if isinstance(error, redis.TimeoutError) else "disconnected"
        said = {"error": {"code": code, "message": str(error), "definite": False}}
    except Exception as error:
        said = {"error": {"code": "internal", "message": repr(error), "definite": False}}
    with writing:
        print(json.dumps({"id": asked["id"], **said}), flush=True)


def main():
    pool = ThreadPoolExecutor(32)
    for line in sys.stdin.buffer:
        try:
            asked = json.loads(line)
            op, _ = asked["op"], asked["id"]
        except (ValueError, KeyError, TypeError):
            print(f"no request: {line[:80]!r}", file=sys.stderr)
            continue
        if op in ("init", "shutdown"):
            answer(asked)
        else:
            pool.submit(answer, asked)
        if op == "shutdown":
            break
    os._exit(0)  # calls in flight are given up


main()
