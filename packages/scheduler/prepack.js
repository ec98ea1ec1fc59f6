// Brings what the compiler does not: the scripts, the licence, and the pages that messages name.
import { cpSync, rmSync } from "node:fs";

const pages = ["acl", "embedding", "instance", "metrics", "modes", "moving-over", "protocol", "settings"];

for (const made of ["dist", "docs", "lua"]) rmSync(made, { recursive: true, force: true });
cpSync("../../lua", "lua", { recursive: true });
cpSync("../../LICENSE", "LICENSE");
for (const page of pages) cpSync(`../../docs/${page}.md`, `docs/${page}.md`);
