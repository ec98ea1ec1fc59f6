/** Durations in a declaration: milliseconds, written with their unit. */
import { z } from "zod";

export const duration = z.number().nonnegative().max(3_600_000);

export const ms = (count: number): number => count;
export const seconds = (count: number): number => count * 1_000;
