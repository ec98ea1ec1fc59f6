/** Chromium of the machine, for tests that look at the page as a reader does. Nothing is downloaded. */
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** @throws Error that names the package where there is none */
function findChromium(path = process.env["PATH"] ?? ""): string {
  for (const folder of path.split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not here: look further.
      }
    }
  }
  throw new Error(
    `found no browser (${names.join(", ")}) on PATH, which the tests of the page need: install Debian's package chromium, with fonts-noto-cjk for Chinese (apt-get install chromium fonts-noto-cjk)`,
  );
}

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, and messages of the console: a page has none. */
  readonly faults: readonly string[];
}

export class PageBrowser implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #folder: string;
  #files = 0;

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  static async launch(): Promise<PageBrowser> {
    // Chromium refuses to run its sandbox as root, as CI does; it opens only files that these tests wrote.
    const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
    return new PageBrowser(browser, await mkdtemp(join(tmpdir(), "lockproof-page-")));
  }

  /** @param hash with its `#` */
  async open(content: string, options: BrowserContextOptions = {}, hash = ""): Promise<Opened> {
    this.#files += 1;
    const file = join(this.#folder, `page-${this.#files}.html`);
    await writeFile(file, content);
    return await this.openFile(file, options, hash);
  }

  /** Opens a page in its folder; what it links is opened as a reader would. */
  async openFile(file: string, options: BrowserContextOptions = {}, hash = ""): Promise<Opened> {
    const context = await this.#browser.newContext({
      locale: "en-GB",
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("pageerror", ({ message }) => faults.push(message));
    page.on("console", (message) => faults.push(message.text()));
    page.on("dialog", (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (request.url() !== `${pathToFileURL(file).href}${hash}` && !request.url().startsWith(pathToFileURL(file).href))
        faults.push(`request: ${request.url()}`);
    });
    await page.goto(`${pathToFileURL(file).href}${hash}`);
    return { page, faults, [Symbol.asyncDispose]: () => context.close() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await rm(this.#folder, { recursive: true });
  }
}
