/** docs/ci.md and action.yml as a reader uses them: the commands of each, in order, with the variables that the CI server sets for them. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

const steps = z.array(
  z.object({
    uses: z.string().exactOptional(),
    run: z.string().exactOptional(),
    if: z.string().exactOptional(),
    shell: z.string().exactOptional(),
    env: z.record(z.string(), z.string()).exactOptional(),
    with: z.record(z.string(), z.unknown()).exactOptional(),
  }),
);

const actionSchema = z.object({
  name: z.string(),
  description: z.string(),
  inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
  outputs: z.record(z.string(), z.object({ value: z.string() })),
  runs: z.object({ using: z.literal("composite"), steps }),
});
const workflowSchema = z.object({ on: z.unknown(), jobs: z.record(z.string(), z.object({ steps })) });
const gitlabSchema = z.record(z.string(), z.object({ script: z.array(z.string()), parallel: z.int().exactOptional() }));
const jobSchema = z.object({
  kind: z.literal("Job"),
  spec: z.object({
    completionMode: z.literal("Indexed"),
    completions: z.int(),
    template: z.object({
      spec: z.object({
        restartPolicy: z.literal("Never"),
        containers: z.tuple([
          z.object({
            command: z.tuple([z.literal("bash"), z.literal("-ec")]),
            args: z.tuple([z.string()]),
            env: z.array(z.object({ name: z.string(), value: z.string() })),
          }),
        ]),
      }),
    }),
  }),
});

export const action = actionSchema.parse(parse(read("action.yml")));

/** The fenced blocks of the page by language, in order. */
const blocks = [...read("docs/ci.md").matchAll(/^```(?<language>\w+)\n(?<text>.*?)^```$/gmsu)].map(({ groups }) => ({
  language: groups?.["language"] ?? "",
  text: groups?.["text"] ?? "",
}));
const textsOf = (language: string): readonly string[] =>
  blocks.filter((block) => block.language === language).map(({ text }) => text);

export const languages: readonly string[] = [...new Set(blocks.map(({ language }) => language))];
export const [onYourMachine = "", mergeOfPods = "", whenRed = "", ...otherCommands] = textsOf("sh");
const [withAction, plain, gitlabText, jobText, ...others] = textsOf("yaml").map((text) => parse(text) as unknown);
export const otherYaml: readonly unknown[] = others;

export const workflows = { withAction: workflowSchema.parse(withAction), plain: workflowSchema.parse(plain) };
export const gitlab = gitlabSchema.parse(gitlabText);
export const podJob = jobSchema.parse(jobText);

/** The commands of a job's steps. */
export function runsOf(jobSteps: z.infer<typeof steps>): readonly string[] {
  return jobSteps.flatMap(({ run }) => (run === undefined ? [] : [run]));
}
