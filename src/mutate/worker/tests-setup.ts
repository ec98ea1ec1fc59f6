/** Loaded by the tests of an instrumented copy: each file of tests reports which mutants' places it has reached. */
import { afterAll } from "vitest";
import { reportReached } from "./switch.ts";

afterAll(reportReached);
