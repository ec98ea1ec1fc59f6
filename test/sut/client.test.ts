import { describe, expect, it } from "vitest";
import { SutError } from "../../src/sut/errors.ts";
import { longestLine } from "../../src/sut/protocol.ts";
import { readyTalk, settled, talk } from "./talk.ts";

const reserve = { op: "reserve_job", node: "n1", job: "j1" } as const;

describe("the client of the line protocol", () => {
  it("gives each caller its own answer, whatever their order", async () => {
    const { client, requests, say } = await readyTalk();
    const first = client.call(reserve, 1_000);
    const second = client.call({ ...reserve, job: "j2" }, 1_000);
    await settled();
    const [one, two] = requests.slice(-2).map(({ id }) => id);
    await say(JSON.stringify({ id: two, ok: true, outcome: "full" }));
    await say(
      JSON.stringify({ id: one, ok: true, outcome: "reserved", version: { epoch: "e", sequence: 4 }, more: 1 }),
    );
    expect(await first).toEqual({
      kind: "answered",
      reply: { outcome: "reserved", version: { epoch: "e", sequence: 4 } },
    });
    expect(await second).toEqual({ kind: "answered", reply: { outcome: "full" } });
  });

  it("reads lines that come in pieces, and several at once", async () => {
    const { client, requests, say } = await readyTalk();
    const calls = [client.call(reserve, 1_000), client.call(reserve, 1_000)];
    await settled();
    const lines = requests.slice(-2).map(({ id }) => JSON.stringify({ id, ok: true, outcome: "full" }));
    await say(`${lines.join("\n")}\n`);
    expect((await Promise.all(calls)).map(({ kind }) => kind)).toEqual(["answered", "answered"]);
  });

  it("knows of a definite error that it did not happen, of an indefinite one that it may have, and of an unknown code nothing", async () => {
    const { client, reply } = await readyTalk();
    const failing = async (code: string, definite: boolean) => {
      const call = client.call(reserve, 1_000);
      await settled();
      await reply({ error: { code, message: "m", definite } });
      return await call;
    };
    expect(await failing("readonly", true)).toMatchObject({ code: "readonly", definite: true });
    expect(await failing("deadline", false)).toMatchObject({ code: "deadline", definite: false });
    expect(await failing("E_WHATEVER", true)).toMatchObject({ code: "unknown_code", definite: false });
  });

  it("gives up at the deadline, and drops the answer that comes after it", async () => {
    const { client, pass, reply } = await readyTalk();
    const call = client.call(reserve, 50);
    await settled();
    await pass(49);
    await pass(1);
    expect(await call).toMatchObject({ kind: "failed", code: "deadline", definite: false, after: 50 });
    await reply({ ok: true, outcome: "reserved" });
    const next = client.call(reserve, 50);
    await settled();
    await reply({ ok: true, outcome: "already" });
    expect(await next).toMatchObject({ kind: "answered" });
  });

  it("takes calls in flight when the process ended for unknown, and later ones for not done", async () => {
    const { client, end } = await readyTalk();
    const call = client.call(reserve, 1_000);
    await settled();
    await end("SIGKILL");
    expect(await call).toMatchObject({ code: "gone", definite: false, message: expect.stringContaining("SIGKILL") });
    expect(await client.call(reserve, 1_000)).toMatchObject({ code: "gone", definite: true });
  });

  it("does not send what the system does not claim", async () => {
    const { client, requests } = await readyTalk();
    const sent = requests.length;
    expect(await client.call({ op: "complete_job", node: "n", job: "j" }, 1)).toMatchObject({
      code: "unsupported",
      definite: true,
    });
    expect(requests).toHaveLength(sent);
  });

  it.each([
    ["what is not JSON", "hello"],
    ["JSON that is no reply", '{"id":1}'],
    ["an error without an id", '{"id":null,"error":{"code":"invalid","message":"m","definite":true}}'],
    ["a reply to no request", '{"id":999,"ok":true}'],
    ["an endless line", "x".repeat(longestLine + 1)],
  ])("is done with a process that prints %s", async (_, line) => {
    const { client, say } = await readyTalk();
    const call = client.call(reserve, 1_000);
    await settled();
    await say(line);
    expect(await call).toMatchObject({ code: "protocol", definite: false });
    expect(await client.faulty).toBeInstanceOf(SutError);
    expect(await client.call(reserve, 1_000)).toMatchObject({ code: "protocol", definite: true });
  });

  it("rejects a process after a reply that lacks a field of the operation, and names the field", async () => {
    const { client, reply } = await readyTalk();
    const call = client.call(reserve, 1_000);
    await settled();
    await reply({ ok: true, outcome: "maybe" });
    expect(await call).toMatchObject({ code: "protocol", definite: false });
    expect((await client.faulty).message).toContain("a reply to reserve_job that lacks something");
    expect((await client.faulty).message).toContain("outcome");
  });

  it("is done with a process that answers one request twice", async () => {
    const { client, reply } = await readyTalk();
    const call = client.call(reserve, 1_000);
    await settled();
    await reply({ ok: true, outcome: "reserved" });
    await reply({ ok: true, outcome: "reserved" });
    expect(await call).toMatchObject({ kind: "answered" });
    expect((await client.faulty).message).toContain("one reply a request");
  });
});

describe("a system that does not get ready", () => {
  const asked = { instance: 0, redis: "redis://h:1", namespace: "lp:", settings: {} };

  it("is refused with the end of its log when it ends", async () => {
    const { client, end } = talk();
    const begun = client.init(asked, 1_000);
    await settled();
    await Promise.all([expect(begun).rejects.toThrow(/exit code 3.*the end of its log/su), end("exit code 3")]);
  });

  it("is refused when it says nothing, when it says no, and when it says something else", async () => {
    const silent = talk();
    const first = silent.client.init(asked, 1_000);
    await settled();
    await Promise.all([expect(first).rejects.toThrow("no answer within 1000 ms"), silent.pass(1_000)]);
    const refusing = talk();
    const second = refusing.client.init(asked, 1_000);
    await settled();
    const error = { code: "invalid", message: "no such setting", definite: true };
    await Promise.all([expect(second).rejects.toThrow("no such setting"), refusing.reply({ error })]);
    const other = talk();
    const third = other.client.init(asked, 1_000);
    await settled();
    await Promise.all([expect(third).rejects.toThrow(SutError), other.say("listening on port 80")]);
  });
});
