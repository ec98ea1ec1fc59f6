import { describe, expect, it } from "vitest";
import { JobBook, type JobPage } from "../../../../src/check/linear/node/job-book.ts";

describe("a node's book of jobs", () => {
  it("knows at each page which jobs had a place then", () => {
    const book = new JobBook();
    const pages = [book.page()];
    for (const write of [() => book.take("a"), () => book.take("b"), () => book.give("a"), () => book.giveAll()]) {
      book.next();
      write();
      pages.push(book.page());
    }
    expect(pages.map((page) => page.names())).toEqual([[], ["a"], ["a", "b"], ["b"], []]);
    expect(pages.map(({ size }) => size)).toEqual([0, 1, 2, 1, 0]);
    expect(pages.map((page) => page.has("a"))).toEqual([false, true, true, false, false]);
  });

  it("remembers what was completed, doubts it in the next epoch, and forgets it with the node", () => {
    const book = new JobBook();
    const seen: string[] = [];
    const pages: JobPage[] = [];
    const look = () => pages.push(book.page());
    book.next();
    book.take("a");
    look();
    book.next();
    book.give("a");
    book.complete("a");
    look();
    book.beginEpoch(["b"]);
    look();
    book.next();
    book.complete("a");
    look();
    book.next();
    book.forget();
    look();
    for (const page of pages) seen.push(page.completion("a"));
    expect(seen).toEqual(["no", "yes", "perhaps", "yes", "no"]);
    expect(pages.map((page) => page.has("b"))).toEqual([false, false, true, true, false]);
  });
});
