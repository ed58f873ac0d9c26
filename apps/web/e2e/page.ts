// A person at the page, as the server hands it out: they see words and press buttons.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext, Page } from 'playwright-core';
import { PATIENCE_MS, type World } from './fixture';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export class Person {
  readonly page: Page;
  /** What the browser complained about, and breaches of the page's policy. */
  readonly complaints: string[] = [];

  /** Opens the page, at a path or a `#code`. */
  static async at(world: World, browser: BrowserContext, path = '/'): Promise<Person> {
    const person = new Person(await browser.newPage());
    await person.#watchPolicy();
    // What fades in has other colours meanwhile.
    await person.page.emulateMedia({ reducedMotion: 'reduce' });
    await person.page.goto(world.server + path);
    await person.page.getByRole('heading', { level: 1 }).waitFor();
    return person;
  }

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('dialog', (dialog) => void dialog.accept());
  }

  async #watchPolicy(): Promise<void> {
    await this.page.exposeFunction('breach', (what: string) => this.complaints.push(what));
    await this.page.addInitScript(() =>
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        window.breach(`${violatedDirective}: ${blockedURI}`),
      ),
    );
  }

  /** Opens a room and gives its code. */
  async opens(name: string): Promise<string> {
    await this.page.getByLabel('Your name').fill(name);
    await this.press('Open a room');
    await this.inRoom();
    const code = await this.page.locator('.alone .code').textContent();
    return code!.replace(/\s/g, '');
  }

  async comesIn(name: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name);
    await this.press('Come in');
    await this.inRoom();
  }

  async says(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** A file by its path, or bytes; the browser's debugger takes no more than 50 MB of those. */
  async offers(files: string | Picked | Picked[]): Promise<void> {
    await this.page.locator('input[type=file]').first().setInputFiles(files);
  }

  async press(name: string): Promise<void> {
    // A page behind another draws nothing, so nothing in it comes to rest.
    await this.page.bringToFront();
    await this.page.getByRole('button', { name, exact: true }).last().click();
  }

  sees(text: string | RegExp): Promise<void> {
    return this.page.getByText(text).first().waitFor();
  }

  /** Has the browser save where the test finds it, and nobody has to answer a dialog. */
  async savesAside(): Promise<void> {
    await this.page.evaluate(() => {
      Object.assign(window, {
        showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
          (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true }),
      });
    });
  }

  /** Takes away what only some browsers have: to be asked where to save. */
  async savesByDownload(): Promise<void> {
    await this.page.evaluate(() =>
      Object.assign(window, { showSaveFilePicker: undefined, showDirectoryPicker: undefined }),
    );
  }

  /** What this browser keeps for the page: files with their sizes, below their folders. */
  stored(): Promise<Record<string, number>> {
    return this.page.evaluate(async () => {
      const found: Record<string, number> = {};
      const walk = async (folder: FileSystemDirectoryHandle, above: string): Promise<void> => {
        for await (const [name, it] of folder.entries()) {
          if (it.kind === 'directory') await walk(it as FileSystemDirectoryHandle, `${above}${name}/`);
          else found[above + name] = (await (it as FileSystemFileHandle).getFile()).size;
        }
      };
      await walk(await navigator.storage.getDirectory(), '');
      return found;
    });
  }

  /** Until the service worker answers for this page. */
  async served(): Promise<void> {
    await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  }

  inRoom(): Promise<void> {
    return this.page.getByRole('textbox', { name: 'Message' }).waitFor();
  }

  /** Until nothing moves: a colour on its way to another is neither of them. */
  async settles(): Promise<void> {
    await this.page.bringToFront();
    await this.page.waitForFunction(async () => {
      // What has just changed starts to move with the next frame.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      return document
        .getAnimations()
        .every(({ effect }) => effect?.getComputedTiming().endTime === Infinity);
    });
  }

  /** What stands in the way of somebody who cannot see, hear or point, and is serious. */
  async barriers(): Promise<string[]> {
    // The policy of the page forbids to add a script element; the debugger may evaluate all the same.
    await this.page.evaluate(axe);
    await this.settles();
    return this.page.evaluate(async () => {
      const { violations } = await window.axe.run();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      return serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    });
  }
}

/** A file as a picker gives it. */
export interface Picked {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** Two people in a room, who see each other. */
export async function pair(
  world: World,
  browser: BrowserContext,
  name = 'Ben',
): Promise<{ ann: Person; ben: Person; code: string }> {
  const ann = await Person.at(world, browser);
  const code = await ann.opens('Ann');
  const ben = await Person.at(world, browser, `/#${code}`);
  await ben.comesIn(name);
  await ann.sees('2 people');
  await ann.sees('Verified');
  return { ann, ben, code };
}

declare global {
  interface Window {
    axe: typeof import('axe-core');
    breach: (what: string) => void;
    /** What hostile texts try to set. */
    hacked?: boolean;
  }
}
