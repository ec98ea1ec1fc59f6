import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identify } from "../../../src/lab/process/process.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { type ServerBinary, toxiproxyServer } from "../../../src/lab/provide/binary.ts";
import { findOrProvide } from "../../../src/lab/provide/find.ts";
import { type GoModule, goProvider } from "../../../src/lab/provide/go.ts";
import { fakeGo, tempFolder, writeProgram } from "../process/temp-folder.ts";

const known: GoModule = { path: "example.org/toxiproxy", version: "2.12.0", sum: "h1:known=" };

interface Place {
  readonly bin: string;
  readonly cache: string;
}

async function place(): Promise<Place> {
  return { bin: await tempFolder(), cache: await tempFolder() };
}

function provide({ bin, cache }: Place, signal?: AbortSignal): Promise<ServerBinary> {
  const env = { PATH: bin, LOCKPROOF_CACHE: cache };
  return findOrProvide(toxiproxyServer, { env, signal }, [goProvider(known), goProvider(known)]);
}

describe("a toxiproxy-server that go builds", () => {
  it("is kept when the module has the known sum, and nothing else is", async () => {
    const here = await place();
    await fakeGo(join(here.bin, "go"), known.sum);
    const { path, how, version } = await provide(here);
    expect({ how, version }).toEqual({ how: "go", version: "2.12.0" });
    await expect(readdir(join(path, ".."))).resolves.toEqual(["toxiproxy-server"]);
  });

  it("is refused with both sums when the module has another, before anything is built", async () => {
    const here = await place();
    await fakeGo(join(here.bin, "go"), "h1:other=", `[ "$1" != build ] || /bin/touch ${here.bin}/built`);
    await expect(provide(here)).rejects.toThrow(
      "example.org/toxiproxy@v2.12.0 is not the known one: found sum h1:other=, allowed h1:known=",
    );
    await expect(readdir(here.bin)).resolves.toEqual(["go"]);
    await expect(readdir(join(here.cache, "toxiproxy-server"))).resolves.toEqual([]);
  });

  it("is given up on a signal, with all that it runs, and no other way is tried", async () => {
    const here = await place();
    const stop = new AbortController();
    await writeProgram(join(here.bin, "go"), `echo $$ >> ${here.bin}/begun; /bin/sleep 60 & /bin/sleep 60`);
    const given = expect(provide(here, stop.signal)).rejects.toThrow("ended by SIGINT");
    const begun = () => readFile(join(here.bin, "begun"), "utf8").catch(() => undefined);
    const pid = Number(await waitFor(begun, { timeout: 10_000, interval: 10 }));
    stop.abort(new Error("ended by SIGINT"));
    const start = performance.now();
    await given;
    expect(performance.now() - start).toBeLessThan(30_000); // what it runs takes a minute
    expect(identify(pid)).toBeUndefined();
    expect(await begun()).toBe(`${pid}\n`);
  });

  it.each([
    ["{}", /found sum none, allowed h1:known=/],
    ['{"Error": "no such host"}', /no such host/],
  ])("is refused when the download answers %s", async (answer, message) => {
    const here = await place();
    const code = answer === "{}" ? 0 : 1;
    await writeProgram(join(here.bin, "go"), `[ "$1" = env ] || { echo '${answer}'; exit ${code}; }`);
    await expect(provide(here)).rejects.toThrow(message);
  });

  it("is built from modules of its own, accepted by their sums alone", async () => {
    const here = await place();
    const settings = '"$GOSUMDB $GOTOOLCHAIN $GOFLAGS $GOPROXY $GOMODCACHE"';
    await writeProgram(
      join(here.bin, "go"),
      `[ "$1" != env ] || { echo /home/me/mod; echo https://proxy.example; exit; }`,
      `echo ${settings} >&2; exit 1`,
    );
    await expect(provide(here)).rejects.toThrow(
      /off local -modcacherw -buildvcs=false file:\/\/\/home\/me\/mod\/cache\/download,https:\/\/proxy\.example \S+draft\S+\/modules/,
    );
  });
});
