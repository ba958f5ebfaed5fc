import { expect, type Locator, type Page } from '@playwright/test';

/** The panel of what is stored, and its forms. */
export class DataPanel {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get root(): Locator {
    return this.#page.getByTestId('data-panel');
  }

  /** Imports and exports as they are shown, newest first. */
  get jobs(): Locator {
    return this.root.getByTestId('data-job');
  }

  /** Of a source: `sim`, `import`. */
  row(source: string, symbol = 'BTCUSDT'): Locator {
    return this.root.locator(`[data-testid="data-row"][data-source="${source}"][data-symbol="${symbol}"]`);
  }

  /** By its key alone. */
  async open(): Promise<void> {
    await this.#page.keyboard.press('Shift+D');
    await expect(this.root).toBeVisible();
  }

  async rows(source: string): Promise<number> {
    return Number(await this.row(source).getAttribute('data-rows'));
  }

  /** Asks for the files as one recording. Resolves when the newest line is about it. */
  async startImport(files: readonly string[]): Promise<Locator> {
    const before = await this.jobs.count();
    await this.root.getByTestId('data-import').click();
    await this.root.getByTestId('data-import-paths').fill(files.join(','));
    await this.root.getByTestId('data-import-start').click();
    await expect(this.jobs).toHaveCount(before + 1);
    return this.jobs.first();
  }

  /** Trades of a source with market time in [from, to), UTC. Resolves when the newest line is about it. */
  async startExport(source: string, from: string, to: string): Promise<Locator> {
    const before = await this.jobs.count();
    await this.row(source).getByTestId('data-export').click();
    const form = this.root.getByTestId('data-export-form');
    await form.getByTestId('data-export-from').fill(from);
    await form.getByTestId('data-export-to').fill(to);
    await form.getByTestId('data-export-start').click();
    await expect(this.jobs).toHaveCount(before + 1);
    return this.jobs.first();
  }
}
