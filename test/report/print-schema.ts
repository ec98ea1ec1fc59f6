/** `npm run schema`: writes the published JSON schema of `report.json` from the zod schema in the code. */
import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { reportSchema } from "../../src/report/schema.ts";

await writeFile(
  new URL("../../src/report/report.schema.json", import.meta.url),
  `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`,
);
