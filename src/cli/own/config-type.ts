/** `lockproof/config`: what `lockproof.config.ts` exports. Types only. */

/** The default export of `lockproof.config.ts`. Paths are relative to its folder, in which every command has to run. */
export interface Config {
  /** For editors: the schema of this object. */
  readonly $schema?: string;
  /** The command of the scheduler that is verified, quoted as for a shell. Absent: the reference scheduler. */
  readonly sut?: string;
  /** The folder of scenarios of your own. */
  readonly scenarios?: string;
  /** How much `verify` runs; quick by default. */
  readonly profile?: "quick" | "full" | "soak";
  /** The most time of `verify`, such as 90s or 2h; by default the profile's. */
  readonly budget?: string;
  /** Where reports go; `reports` by default. */
  readonly reports?: string;
  /** Runs that stay there, 1 to 1,000,000; 10 by default. */
  readonly keep?: number;
  /** The language of checklist.md; by default all. */
  readonly lang?: "en" | "zh";
  /** The programs to use, where those that are found are not the right ones. */
  readonly redisServer?: string;
  readonly toxiproxyServer?: string;
}
